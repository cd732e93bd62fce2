/** What the contract costs by itself: a collector that gives nothing, through everything that a run goes through. */
import { systemClock } from '../../src/clock.ts';
import { type AnyCollector, defineCollector } from '../../src/collector.ts';
import type { Timing } from '../../src/config/config.ts';
import { z } from '../../src/config/schema.ts';
import { Exposition } from '../../src/exposition/exposition.ts';
import { InstrumentSets } from '../../src/instrument-sets.ts';
import { Instruments } from '../../src/instruments.ts';
import { ProcessKeeper } from '../../src/isolation/keeper.ts';
import { silentLogger } from '../../src/log.ts';
import { makeCollector } from '../../src/make-collector.ts';
import { Runner } from '../../src/runner.ts';
import { parseSchedule, type Schedule } from '../../src/schedule/expression.ts';
import { Gate } from '../../src/schedule/gate.ts';
import { CollectorSlot } from '../../src/slot.ts';
import { openSystem } from '../../src/system/index.ts';

function definitionOf(isAsync: boolean): AnyCollector {
  return defineCollector({
    name: 'empty',
    summary: 'Nothing.',
    source: 'nothing',
    enabled: true,
    families: [],
    config: z.strictObject({}),
    // Only one that takes the signal needs one.
    create: () => (isAsync ? { collect: async (_signal: AbortSignal) => [] } : { collect: () => [] }),
  });
}

const timing: Timing = { schedule: parseSchedule('5s') as Schedule, timeoutMs: 4_000, staleAfterMs: 19_000 };

/** Microseconds of CPU that a run of an empty collector takes, after `runs` that warm it up, over as many again. */
export async function emptyRunMicroseconds(runs: number, { isAsync }: { isAsync: boolean }): Promise<number> {
  const registry = { collectors: [], portable: [], probers: [] };
  const exposition = new Exposition();
  const instruments = new Instruments('0.0.0', { ofProcess: false });
  const system = openSystem();
  const runner = new Runner({
    clock: systemClock,
    gate: new Gate(1),
    exposition,
    instruments,
    log: silentLogger,
    pageOf: ({ name }) => name,
  });
  const instrumentSets = new InstrumentSets(instruments, exposition, registry);
  const keeper = new ProcessKeeper(systemClock);
  const config = { name: 'empty', definition: definitionOf(isAsync), options: {}, ...timing };
  const tools = { system, clock: systemClock, log: silentLogger, instrumentSets, keeper };
  const collector = makeCollector(config, tools);
  const slot = new CollectorSlot('empty', collector, timing);
  const turn = async (): Promise<void> => {
    for (let run = 0; run < runs; run += 1) {
      runner.run(slot, systemClock.monotonic());
      while (slot.busy) await Promise.resolve();
    }
  };
  await turn();
  const before = process.cpuUsage();
  await turn();
  const { user, system: kernel } = process.cpuUsage(before);
  system.close();
  return (user + kernel) / runs;
}
