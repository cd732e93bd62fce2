/** `vitald run`: serves until a signal ends it. */
import { loadConfig } from '../config/load.ts';
import { Daemon } from '../daemon.ts';
import { messageOf } from '../errors.ts';
import { openLog } from '../log.ts';
import { version } from '../version.ts';
import type { CommandContext } from './context.ts';

function signal(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    for (const name of ['SIGTERM', 'SIGINT'] as const) process.once(name, resolve);
  });
}

/** Runs the daemon; 0 after a signal, 1 where it cannot start. */
export async function runDaemon({ registry, input }: CommandContext): Promise<number> {
  const ended = signal();
  // No timer of the daemon keeps the process alive by itself, so that nothing can hold up its end; this does until then.
  const alive = setInterval(() => {}, 2 ** 30);
  const config = await loadConfig(input, registry);
  const log = await openLog(config.log);
  const daemon = new Daemon({ config, registry, log });
  try {
    await daemon.start();
  } catch (error) {
    log.error({ reason: messageOf(error) }, 'cannot start');
    await daemon.stop();
    return 1;
  }
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
  await daemon.stop();
  clearInterval(alive);
  return 0;
}
