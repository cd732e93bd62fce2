/**
 * Messages to systemd, by the protocol of sd_notify(3). Node.js has no datagram sockets of the Unix domain, so there are
 * two ways without a native module.
 *
 * From systemd 253 on, `OpenFile=/run/systemd/notify:notify` in the unit hands down a descriptor that is connected to
 * the socket: a message is one write. Elsewhere the program systemd-notify is run, never waited for, and one at a time,
 * as messages of two processes may overtake each other; what comes meanwhile goes out together.
 */
import { execFile } from 'node:child_process';
import { writeSync } from 'node:fs';
import { messageOf } from '../errors.ts';

/** The assignments of a message, such as `{ READY: '1', STATUS: 'serving' }`. */
export type Message = Readonly<Record<string, string>>;

/** A way to tell systemd something. */
export interface Notifier {
  send(message: Message): void;
}

/** What reaches out of the process, as arguments. */
export interface NotifyChannels {
  /** Writes to a descriptor; throws where that fails. */
  write(descriptor: number, text: string): void;
  /** Runs systemd-notify with assignments, and calls `done` at its end, with an error where it failed. */
  run(assignments: readonly string[], done: (error: Error | null) => void): void;
}

const systemChannels: NotifyChannels = {
  write: (descriptor, text) => void writeSync(descriptor, text),
  run: (assignments, done) => void execFile('systemd-notify', [...assignments], { timeout: 10_000 }, done),
};

const firstDescriptor = 3;

/** The descriptor that the unit's `OpenFile=` gave the name `notify`; undefined where there is none. */
export function notifyDescriptor(environment: NodeJS.ProcessEnv, pid: number): number | undefined {
  if (Number(environment['LISTEN_PID']) !== pid) return undefined;
  const index = (environment['LISTEN_FDNAMES'] ?? '').split(':').indexOf('notify');
  return index === -1 || index >= Number(environment['LISTEN_FDS']) ? undefined : firstDescriptor + index;
}

/** A value ends at the line's end. */
function assignmentsOf(message: Message): string[] {
  return Object.entries(message).map(([name, value]) => `${name}=${value.replaceAll(/[\r\n]+/g, ' ')}`);
}

/** Opens the way to systemd; undefined where this process was not started by it, or not as `Type=notify`. */
export function openNotifier(
  environment: NodeJS.ProcessEnv,
  failed: (reason: string) => void,
  { pid = process.pid, channels = systemChannels }: { pid?: number; channels?: NotifyChannels } = {},
): Notifier | undefined {
  if (environment['NOTIFY_SOCKET'] === undefined) return undefined;
  const byProgram = programNotifier(channels, failed);
  const descriptor = notifyDescriptor(environment, pid);
  if (descriptor === undefined) return byProgram;
  return {
    send(message) {
      try {
        channels.write(descriptor, assignmentsOf(message).join('\n'));
      } catch {
        // The queue is full, or the socket was made anew under the descriptor: the program finds it by its path.
        byProgram.send(message);
      }
    },
  };
}

function programNotifier(channels: NotifyChannels, failed: (reason: string) => void): Notifier {
  let running = false;
  let hasFailed = false;
  let waiting: Message[] = [];
  const next = (): void => {
    const [first] = waiting;
    if (first === undefined) return;
    // Later values of a name stand for the earlier ones, save that reloading and being ready again are two messages.
    const last = 'RELOADING' in first ? 0 : waiting.findIndex((each) => 'RELOADING' in each);
    const together = last === -1 ? waiting : waiting.slice(0, last + 1);
    waiting = waiting.slice(together.length);
    const message: Message = Object.assign({}, ...together);
    running = true;
    channels.run(assignmentsOf(message), (error) => {
      running = false;
      // systemd's SIGTERM reaches the whole control group, so that what says STOPPING=1 may be ended first.
      if (error !== null && !hasFailed && !('STOPPING' in message)) {
        hasFailed = true;
        failed(messageOf(error));
      }
      next();
    });
  };
  return {
    send(message) {
      waiting.push(message);
      if (!running) next();
    },
  };
}
