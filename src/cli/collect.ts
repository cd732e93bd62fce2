/** `vitald collect`: runs collectors once and prints the exposition. */
import { systemClock } from '../clock.ts';
import { collectorOf } from '../config/instances.ts';
import { loadConfig, loadRegistry } from '../config/load.ts';
import { messageOf } from '../errors.ts';
import { Encoder } from '../exposition/encode.ts';
import { Exposition } from '../exposition/exposition.ts';
import { type Logger, silentLogger } from '../log.ts';
import { startRun, type RunReport } from '../run.ts';
import { collectorSlot, type CollectorSlot } from '../slot.ts';
import { openSystem } from '../system/index.ts';
import type { CommandContext } from './context.ts';

function runOnce(slot: CollectorSlot): Promise<RunReport> {
  return new Promise((resolve) => {
    startRun(slot, systemClock, { report: resolve, settled() {} });
  });
}

/** What a collector warns of, as comments beside its samples; everything else that it logs is for a daemon. */
function commentsOf(name: string, err: (text: string) => void): Logger {
  const tell = (fields: object, message: string): void => err(`# ${name}: ${message} ${JSON.stringify(fields)}\n`);
  const log: Logger = { ...silentLogger, debug() {}, info() {}, warn: tell, error: tell, child: () => log };
  return log;
}

/** Prints the samples of the named collectors, of all that are on where none is named; 1 where one fails. */
export async function collectOnce({ registry, input, out, err }: CommandContext, ...names: string[]): Promise<number> {
  const { collectors, portable } = await loadRegistry(input, registry);
  const known = new Set([...collectors, ...portable].map(({ name }) => name));
  const unknown = names.filter((name) => !known.has(collectorOf(name)));
  if (unknown.length > 0) {
    err(`vitald collect: unknown collector ${unknown.join(', ')}\n`);
    return 1;
  }
  const args = [...(input.args ?? []), ...names.map((name) => `--collector.${collectorOf(name)}`)];
  const config = await loadConfig({ ...input, args }, registry);
  const wanted = config.collectors.filter(
    ({ name, definition }) => names.length === 0 || names.includes(name) || names.includes(definition.name),
  );
  const absent = names.filter((one) => !wanted.some(({ name, definition }) => name === one || definition.name === one));
  if (absent.length > 0) {
    err(`vitald collect: the configuration has no ${absent.join(', ')}\n`);
    return 1;
  }
  const system = openSystem(config.path);
  let status = 0;
  // Families that several of them have are joined as in a scrape.
  const exposition = new Exposition();
  // A one-shot command has no other work: its timers alone must keep it alive.
  const alive = setInterval(() => {}, 1_000);
  try {
    for (const { name, definition, options, ...timing } of wanted) {
      const collector = definition.create(options as never, { system, log: commentsOf(name, err) });
      const report = await runOnce(collectorSlot(name, collector, timing));
      if (report.dropped) err(`# ${name}: ${report.dropped} series left out, more than max_series\n`);
      if (report.blocks !== undefined) exposition.page(name).publish(name, report.blocks, Infinity);
      else err(`# ${name}: ${report.result}: ${messageOf(report.error)}\n`);
      const about = new Encoder().encode(collector.about?.() ?? []);
      exposition.page('runs').publish(name, about, Infinity);
      if (report.result !== 'success' && report.result !== 'no_data') status = 1;
      collector.close?.();
    }
    out(exposition.render(0).text.toString());
  } finally {
    clearInterval(alive);
    system.close();
  }
  return status;
}
