/** The daemon as a service of systemd: it says when it serves, reloads and stops, how it fares, and that it lives. */
import type { Clock, Timer } from '../clock.ts';
import type { Logger } from '../log.ts';
import { openNotifier, type NotifyChannels } from './notify.ts';
import { startWatchdog, watchdogMs } from './watchdog.ts';

/** The life of the daemon, as a service needs to know it. */
export interface Life {
  /** One line for `systemctl status`. */
  status(): string;
  /** For how long the schedule has been silent beyond its longest pause, in milliseconds; negative while all is well. */
  overdueMs(): number;
}

/** What the daemon tells the service manager. Without one, all of it does nothing. */
export interface Service {
  /** The daemon serves, for the first time or again after a reload. */
  ready(status: string): void;
  /** From now on the status line is kept up to date, and the watchdog fed. */
  watch(life: Life): void;
  /** A reload begins; `ready` ends it, whatever came of it. */
  reloading(): void;
  /** Replaces the status line. */
  status(text: string): void;
  /** The daemon ends. */
  stopping(): void;
}

/** What a service is made of. */
export interface ServiceParts {
  readonly clock: Clock;
  readonly environment: NodeJS.ProcessEnv;
  readonly log: Logger;
  readonly pid?: number;
  readonly channels?: NotifyChannels;
}

// How often the status line follows where no watchdog sets the pace.
const statusEveryMs = 30_000;

/** Opens the way to the service manager that started this process, if one did. */
export function openService({ clock, environment, log, pid = process.pid, channels }: ServiceParts): Service {
  const notifier = openNotifier(environment, (reason) => log.warn({ reason }, 'cannot tell systemd how we fare'), {
    pid,
    ...(channels === undefined ? {} : { channels }),
  });
  let watchdog: Timer | undefined;
  const tell = (message: Record<string, string>): void => notifier?.send(message);
  return {
    ready: (status) => tell({ READY: '1', STATUS: status }),
    watch(life) {
      if (notifier === undefined) return;
      watchdog?.cancel();
      const intervalMs = watchdogMs(environment, pid);
      watchdog = startWatchdog(clock, intervalMs ?? statusEveryMs, {
        overdueMs: () => (intervalMs === undefined ? 0 : life.overdueMs()),
        // One message for both, as each may cost a process.
        feed: () => tell({ ...(intervalMs === undefined ? {} : { WATCHDOG: '1' }), STATUS: life.status() }),
        starving(overdueMs) {
          log.error({ seconds: Math.round(overdueMs / 1000) }, 'the schedule stands still: the watchdog will end this');
          tell({ STATUS: 'the schedule stands still' });
        },
      });
    },
    reloading: () => tell({ RELOADING: '1', STATUS: 'reloading' }),
    status: (text) => tell({ STATUS: text }),
    stopping() {
      watchdog?.cancel();
      tell({ STOPPING: '1', STATUS: 'stopping' });
    },
  };
}
