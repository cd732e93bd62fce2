/** Runners that write down what they tell, and slots that answer as told, while a test moves the time. */
import { afterEach, beforeEach, vi } from 'vitest';
import { Check } from '../../src/checks/check.ts';
import { systemClock } from '../../src/clock.ts';
import { type Collector, gauge, type Samples } from '../../src/collector.ts';
import type { CheckConfig, Timing } from '../../src/config/config.ts';
import { z } from '../../src/config/schema.ts';
import { formatBlocks } from '../../src/exposition/format.ts';
import { Exposition } from '../../src/exposition/exposition.ts';
import { Instruments } from '../../src/instruments.ts';
import type { Logger } from '../../src/log.ts';
import { defineProber, type ProbeOutcome, type ProbeRequest } from '../../src/prober.ts';
import { Runner } from '../../src/runner.ts';
import { parseSchedule, type Schedule } from '../../src/schedule/expression.ts';
import { Gate } from '../../src/schedule/gate.ts';
import { CheckSlot, CollectorSlot, type Slot } from '../../src/slot.ts';
import { blockableClock } from './blockable-clock.ts';
import { textOf } from './exposition-text.ts';

/** In each test of the file that calls it, timers, Date and performance are moved by hand. */
export function runsByHand(): void {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['Date', 'performance', 'setTimeout', 'clearTimeout'], now: 1_700_000_000_000 });
  });

  afterEach(() => {
    vi.useRealTimers();
  });
}

/** When a slot runs, and for how long what it gave counts. */
export const timing: Timing = {
  schedule: parseSchedule('5s') as Schedule,
  timeoutMs: 4_000,
  staleAfterMs: 19_000,
};

interface Line {
  readonly level: string;
  readonly fields: Record<string, unknown>;
  readonly message: string;
}

/** A runner with everything that it tells written down. */
export function running({ probes = 64 } = {}) {
  const lines: Line[] = [];
  const at =
    (level: string) =>
    (fields: object, message: string): void =>
      void lines.push({ level, fields: fields as Record<string, unknown>, message });
  const log: Logger = { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error'), child: () => log };
  const exposition = new Exposition();
  const instruments = new Instruments('0.0.0', { ofProcess: false });
  const clock = blockableClock();
  const runner = new Runner({
    clock,
    gate: new Gate(probes),
    exposition,
    instruments,
    log,
    pageOf: ({ kind, name }) => (kind === 'check' ? 'checks' : name),
  });
  const run = (slot: Slot): void => runner.run(slot, performance.now());
  /** The samples that are served now, without those that tell how the runs went. */
  const served = async (): Promise<string[]> =>
    (await textOf(exposition, performance.now(), (slot) => slot !== 'none'))
      .split('\n')
      .filter((line) => line !== '' && !/^#|^node_scrape/.test(line));
  /** How the last run of each collector went, as 0 or 1. */
  const successes = async (): Promise<string[]> =>
    (await textOf(exposition, performance.now())).match(/^node_scrape_collector_success.*$/gm) ?? [];
  /** One of the daemon's own counters. */
  const counted = async (series: string): Promise<number | undefined> => {
    const line = formatBlocks(await instruments.blocks())
      .split('\n')
      .find((each) => each.startsWith(`${series} `));
    return line === undefined ? undefined : Number(line.split(' ').at(-1));
  };
  return { runner, run, block: clock.block, served, successes, counted, lines, exposition, instruments };
}

/** The family of what collectors answer. */
export const value = gauge('node_value', 'A value.');

/** A collector that answers what it is told to. */
export function collector(name: string, collect: Collector['collect']): Slot {
  return new CollectorSlot(name, { collect }, timing);
}

/** Answers one after the other; the last one again and again. A function is called. */
export function inTurn(...answers: (number | Error | Promise<Samples>)[]): Collector['collect'] {
  let turn = 0;
  return () => {
    const answer = answers[Math.min(turn, answers.length - 1)]!;
    turn += 1;
    if (answer instanceof Error) throw answer;
    return typeof answer === 'number' ? [value.sample(answer)] : answer;
  };
}

/** An answer that does not come. */
export const never = new Promise<Samples>(() => {});

/** A check whose prober answers as told. */
export function check(
  name: string,
  probe: (request: ProbeRequest) => Promise<ProbeOutcome>,
  labels = {},
  limits: Partial<Timing> = {},
): Slot {
  const prober = defineProber({
    name: 'fake',
    summary: 'Answers as told.',
    families: [],
    phases: ['connect'],
    config: z.strictObject({}),
    create: () => ({ probe }),
  });
  const module = { name: 'fake_module', prober, options: {}, timeoutMs: 4_000 };
  const config: CheckConfig = {
    name,
    target: 'https://user:pw@shop.example/?token=1',
    module,
    labels,
    ...timing,
    ...limits,
  };
  return new CheckSlot(new Check(config, { probe }, systemClock));
}

/** The outcome of a probe that finds its target well. */
export const up: ProbeOutcome = { success: true, samples: [] };

/** The outcome of a probe that is refused. */
export const down: ProbeOutcome = {
  success: false,
  reason: 'connect',
  phase: 'connect',
  detail: 'refused',
  samples: [],
};

/** Lets pending promises go on, and those in line at the gate in. */
export async function settle(): Promise<void> {
  await vi.advanceTimersByTimeAsync(0);
  await new Promise<void>((resolve) => {
    setImmediate(resolve);
  });
  await vi.advanceTimersByTimeAsync(0);
}
