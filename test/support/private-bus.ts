/** A D-Bus of a test's own, with services that answer as the test says. */
import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Message, sessionBus, type MessageBus } from '@jellybrick/dbus-next';

/** Whether this machine can run one. */
export const canRunBus = existsSync('/usr/bin/dbus-daemon');

/** What a service is called for. */
export interface ServiceCall {
  readonly path: string;
  readonly interface: string;
  readonly member: string;
  readonly body: readonly unknown[];
}

/** A reply: its D-Bus types and its body; undefined refuses, `silent` never answers. */
export type ServiceReply = readonly [signature: string, ...body: unknown[]] | undefined | typeof silent;

/** The reply that never comes. */
export const silent = Symbol('silent');

/** A bus that runs until it is stopped. */
export interface PrivateBus {
  readonly address: string;
  /** Offers a service under a well-known name. */
  serve(name: string, answer: (call: ServiceCall) => ServiceReply): Promise<MessageBus>;
  /** Ends the bus, as a crash does. */
  stop(): Promise<void>;
}

function configFor(folder: string): string {
  return `<busconfig><type>system</type><listen>unix:path=${folder}/bus</listen><auth>EXTERNAL</auth>
    <policy context="default"><allow user="*"/><allow own="*"/><allow send_type="method_call"/>
    <allow send_requested_reply="true" send_type="*"/><allow receive_type="*"/></policy></busconfig>`;
}

function started(daemon: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    // It prints its address when it listens.
    daemon.stdout!.once('data', () => resolve());
    daemon.once('exit', (code) => reject(new Error(`dbus-daemon ended with ${code}`)));
    daemon.once('error', reject);
  });
}

/** Starts a bus. */
export async function startBus(): Promise<PrivateBus> {
  const folder = mkdtempSync(join(tmpdir(), 'vitald-bus-'));
  writeFileSync(join(folder, 'bus.conf'), configFor(folder));
  const daemon = spawn('dbus-daemon', [`--config-file=${folder}/bus.conf`, '--nofork', '--print-address'], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const ended = new Promise<void>((resolve) => {
    daemon.once('exit', () => resolve());
  });
  await started(daemon);
  const address = `unix:path=${folder}/bus`;
  const services: MessageBus[] = [];

  return {
    address,
    async serve(name, answer) {
      const bus = sessionBus({ busAddress: address });
      // The daemon may go before the service does.
      bus.on('error' as 'connect', () => {});
      services.push(bus);
      bus.addMethodHandler((message: Message) => {
        const reply = answer(message);
        if (reply === silent) return true;
        const [signature, ...body] = reply ?? [];
        bus.send(
          reply === undefined
            ? Message.newError(message, 'org.freedesktop.DBus.Error.UnknownProperty', `no ${message.member}`)
            : Message.newMethodReturn(message, signature, body),
        );
        return true;
      });
      await bus.requestName(name);
      return bus;
    },
    async stop() {
      daemon.kill();
      await ended;
      for (const bus of services) bus.disconnect();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
