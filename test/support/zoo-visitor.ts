/**
 * A process that only probes, so that its memory and what it holds open are the probers' alone. The first message tells
 * whom to visit; each that follows asks for one tour, and is answered with what came of it.
 */
import { readdirSync, readlinkSync } from 'node:fs';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { builtIn } from '../../collectors/index.ts';
import { systemClock } from '../../src/clock.ts';
import { loadPatternEngine } from '../../src/config/pattern.ts';
import { Encoder } from '../../src/exposition/encode.ts';
import { InstrumentSet } from '../../src/instrument-set.ts';
import { silentLogger } from '../../src/log.ts';
import type { Prober, ProbeOutcome } from '../../src/prober.ts';

/** A target and how to probe it. */
export interface Visit {
  readonly name: string;
  readonly prober: string;
  readonly options: object;
  readonly target: string;
}

/** A tour: to each once, so many at a time; or to all by turns for a time. */
export interface Tour {
  readonly visits: readonly Visit[];
  readonly deadlineMs: number;
  readonly width: number;
  /** How long to go on; 0 for one round. */
  readonly ms: number;
}

/** What came of one visit of the first round. */
export interface Met {
  readonly name: string;
  readonly verdict: string;
  readonly phase: string;
  readonly detail: string;
  readonly ms: number;
}

/** What a tour came to. */
export interface TourReport {
  readonly met: readonly Met[];
  readonly probes: number;
  readonly slowestMs: number;
  /** The longest that the event loop did not come round, to tell a late probe from a machine that was busy. */
  readonly longestBlockMs: number;
  readonly before: Holdings;
  readonly after: Holdings;
  readonly cpuMs: number;
}

/** What the process holds. */
export interface Holdings {
  readonly residentBytes: number;
  readonly usedBytes: number;
  /** Sockets and timers by kind. */
  readonly active: Readonly<Record<string, number>>;
  readonly descriptors: number;
}

function holdings(): Holdings {
  globalThis.gc?.();
  const { rss, heapUsed, external } = process.memoryUsage();
  const active: Record<string, number> = {};
  for (const name of process.getActiveResourcesInfo()) active[name] = (active[name] ?? 0) + 1;
  const descriptors = readdirSync('/proc/self/fd').filter((fd) => {
    try {
      return !readlinkSync(`/proc/self/fd/${fd}`).startsWith('/proc/');
    } catch {
      return false;
    }
  }).length;
  return { residentBytes: rss, usedBytes: heapUsed + external, active, descriptors };
}

/** What is held once all that was let go of is gone: sockets and decoders end some turns after their last use. */
async function settledHoldings(): Promise<Holdings> {
  let found = holdings();
  for (let look = 0; look < 20; look += 1) {
    await new Promise((resolve) => setTimeout(resolve, 50));
    const next = holdings();
    if (next.usedBytes > 0.99 * found.usedBytes) return next;
    found = next;
  }
  return found;
}

const encoder = new Encoder();
const probers = new Map<string, Prober>();
// By visit, too, as the key costs as much as a tenth of a probe.
const known = new WeakMap<Visit, Prober>();

function proberFor(visit: Visit): Prober {
  const found = known.get(visit);
  if (found !== undefined) return found;
  const { prober, options } = visit;
  const key = `${prober} ${JSON.stringify(options)}`;
  let made = probers.get(key);
  if (made === undefined) {
    const definition = builtIn.probers.find(({ name }) => name === prober)!;
    made = definition.create(definition.config.parse(options) as never, {
      clock: systemClock,
      log: silentLogger,
      instruments: new InstrumentSet(() => undefined),
    });
    probers.set(key, made);
  }
  known.set(visit, made);
  return made;
}

async function probe(visit: Visit, deadlineMs: number): Promise<{ outcome: ProbeOutcome; ms: number }> {
  const controller = new AbortController();
  const start = performance.now();
  const timer = setTimeout(() => controller.abort(), deadlineMs);
  const { target } = visit;
  const outcome = await proberFor(visit).probe({ target, signal: controller.signal, timeoutMs: deadlineMs });
  clearTimeout(timer);
  encoder.encode(outcome.samples);
  return { outcome, ms: performance.now() - start };
}

async function go({ visits, deadlineMs, width, ms }: Tour): Promise<TourReport> {
  for (const visit of visits) proberFor(visit);
  const before = await settledHoldings();
  const delays = monitorEventLoopDelay({ resolution: 10 });
  delays.enable();
  const cpu = process.cpuUsage();
  const end = performance.now() + ms;
  const met: Met[] = [];
  let probes = 0;
  let slowestMs = 0;
  const walk = async () => {
    while (ms === 0 ? probes < visits.length : performance.now() < end) {
      const at = probes;
      probes += 1;
      const visit = visits[at % visits.length]!;
      const { outcome, ms: took } = await probe(visit, deadlineMs);
      slowestMs = Math.max(slowestMs, took);
      if (at >= visits.length) continue;
      const told = outcome.success
        ? { verdict: 'success', phase: '', detail: '' }
        : { verdict: outcome.reason, phase: outcome.phase, detail: outcome.detail };
      met.push({ name: visit.name, ...told, ms: took });
    }
  };
  await Promise.all(Array.from({ length: width }, walk));
  delays.disable();
  const longestBlockMs = delays.max / 1e6;
  const { user, system } = process.cpuUsage(cpu);
  return {
    met,
    probes,
    slowestMs,
    longestBlockMs,
    before,
    after: await settledHoldings(),
    cpuMs: (user + system) / 1000,
  };
}

await loadPatternEngine();
process.on('message', (tour: Tour) => {
  void go(tour).then((report) => process.send!(report));
});
process.send!('ready');
