/** `vitald run`: serves until a signal ends it. */
import { systemClock } from '../clock.ts';
import type { Config } from '../config/config.ts';
import { loadConfig } from '../config/load.ts';
import { Daemon } from '../daemon.ts';
import { ConfigError, messageOf } from '../errors.ts';
import { type Logger, openLog } from '../log.ts';
import { openService } from '../systemd/service.ts';
import { statusLine } from '../systemd/status-line.ts';
import { thrift } from '../thrift.ts';
import { version } from '../version.ts';
import type { CommandContext } from './context.ts';

function signal(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    for (const name of ['SIGTERM', 'SIGINT'] as const) process.once(name, resolve);
  });
}

/** What begins to hear the errors of plugins with the first config that names one. */
function onceForPlugins(log: Logger): (config: Config) => Promise<void> {
  let heard = false;
  return async ({ plugins }) => {
    if (heard || plugins.length === 0) return;
    heard = true;
    const { hearStrayErrors } = await import('../plugins/stray-errors.ts');
    hearStrayErrors(log);
  };
}

/** Runs the daemon; 0 after a signal, 1 where it cannot start. */
export async function runDaemon({ registry, input }: CommandContext): Promise<number> {
  const ended = signal();
  // Without a listener the signal would end the process; what comes before the start is in the config read then.
  let reload = (): void => {};
  process.on('SIGHUP', () => reload());
  // No timer of the daemon keeps the process alive by itself, so that nothing can hold up its end; this does until then.
  const alive = setInterval(() => {}, 2 ** 30);
  const config = await loadConfig(input, registry);
  thrift.expect(config.checks.length);
  const log = await openLog(config.log);
  const service = openService({ clock: systemClock, environment: process.env, log });
  const hearPlugins = onceForPlugins(log);
  await hearPlugins(config);
  const load = async (): Promise<Config> => {
    const next = await loadConfig(input, registry);
    thrift.expect(next.checks.length);
    await hearPlugins(next);
    return next;
  };
  const daemon = new Daemon({ config, log, load });
  try {
    await daemon.start();
  } catch (error) {
    // The web config is read when it is served by.
    if (error instanceof ConfigError) throw error;
    log.error({ reason: messageOf(error) }, 'cannot start');
    await daemon.stop();
    return 1;
  }
  const status = (): string => statusLine(daemon.slots);
  reload = () => {
    service.reloading();
    void daemon.reload('SIGHUP').finally(() => service.ready(status()));
  };
  service.ready(status());
  service.watch({ status, overdueMs: () => daemon.overdueMs() });
  const count = (kind: string): number => daemon.slots.filter((slot) => slot.kind === kind).length;
  log.info(
    {
      version,
      config: config.file ?? '(flags)',
      collectors: count('collector'),
      checks: count('check'),
      metrics: daemon.metricsUrl,
      page: `${daemon.addresses[0] ?? ''}/`,
    },
    'vitald is serving',
  );
  const name = await ended;
  log.info({ signal: name }, 'stopping');
  service.stopping();
  await daemon.stop();
  clearInterval(alive);
  return 0;
}
