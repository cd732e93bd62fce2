/** `vitald collect`: runs collectors once and prints the exposition. */
import { systemClock } from '../clock.ts';
import { loadConfig, loadRegistry } from '../config/load.ts';
import { messageOf } from '../errors.ts';
import { formatBlocks } from '../exposition/encode.ts';
import { silentLogger } from '../log.ts';
import { makeCollector } from '../mk.ts';
import { startRun, type RunReport } from '../run.ts';
import { collectorSlot, type CollectorSlot } from '../slot.ts';
import { openSystem } from '../system/index.ts';
import type { CommandContext } from './context.ts';

function runOnce(slot: CollectorSlot): Promise<RunReport> {
  return new Promise((resolve) => {
    startRun(slot, systemClock, { report: resolve, settled() {} });
  });
}

/** Prints the samples of the named collectors, of all that are on where none is named; 1 where one fails. */
export async function collectOnce({ registry, input, out, err }: CommandContext, ...names: string[]): Promise<number> {
  const { collectors, portable } = await loadRegistry(input, registry);
  const known = new Set([...collectors, ...portable].map(({ name }) => name));
  const unknown = names.filter((name) => !known.has(name));
  if (unknown.length > 0) {
    err(`vitald collect: unknown collector ${unknown.join(', ')}\n`);
    return 1;
  }
  const args = [...(input.args ?? []), ...names.map((name) => `--collector.${name}`)];
  const config = await loadConfig({ ...input, args }, registry);
  const system = openSystem(config.path);
  let status = 0;
  // A one-shot command has no other work: its timers alone must keep it alive.
  const alive = setInterval(() => {}, 1_000);
  try {
    for (const each of config.collectors) {
      const { definition } = each;
      if (names.length > 0 && !names.includes(definition.name)) continue;
      const collector = makeCollector(each, { system, clock: systemClock, log: silentLogger });
      const report = await runOnce(collectorSlot(definition.name, collector, each));
      if (report.dropped) err(`# ${definition.name}: ${report.dropped} series left out, more than max_series\n`);
      if (report.blocks !== undefined) out(formatBlocks(report.blocks));
      else err(`# ${definition.name}: ${report.result}: ${messageOf(report.error)}\n`);
      if (report.result !== 'success' && report.result !== 'no_data') status = 1;
      collector.close?.();
    }
  } finally {
    clearInterval(alive);
    system.close();
  }
  return status;
}
