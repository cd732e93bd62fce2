/** One probe because somebody asks for it: through the same gate as those on a schedule, within an absolute deadline. */
import { verdict } from './checks/verdict.ts';
import type { Clock } from './clock.ts';
import { gauge, type Sample } from './collector.ts';
import type { ModuleConfig } from './config/config.ts';
import type { Logger } from './log.ts';
import type { Prober, ProbeOutcome, ProbeRequest } from './prober.ts';
import type { Gate } from './schedule/gate.ts';

const timeout = gauge('probe_timeout_seconds', 'Returns how long the probe timeout is in seconds');

/** What is asked. */
export interface Demand extends Pick<ProbeRequest, 'target' | 'hostname' | 'allows' | 'trace'> {
  readonly module: ModuleConfig;
  readonly timeoutMs: number;
  /** Aborts when nobody waits for the answer any more. */
  readonly signal: AbortSignal;
}

/** What came of it. */
export interface DemandResult {
  readonly outcome: ProbeOutcome;
  readonly samples: readonly Sample[];
  readonly durationSeconds: number;
}

/** What it needs. */
export interface DemandTools {
  readonly gate: Gate;
  readonly clock: Clock;
  readonly log: Logger;
  readonly proberOf: (module: ModuleConfig) => Prober;
}

/** A prober that does not heed its deadline is not waited for longer than this. */
const graceMs = 250;

/** Probes once. The time in line at the gate counts. */
export function probeOnDemand(demand: Demand, tools: DemandTools): Promise<DemandResult> {
  const { clock, gate } = tools;
  const startedAt = clock.monotonic();
  return new Promise((resolve) => {
    const controller = new AbortController();
    const end = (): void => controller.abort();
    const giveUp = (): void => finish(late('the prober did not end at its deadline'));
    const timers = [
      clock.after(demand.timeoutMs, () => {
        controller.abort();
        timers.push(clock.after(graceMs, giveUp));
      }),
    ];
    demand.signal.addEventListener('abort', end, { once: true });
    const finish = (outcome: ProbeOutcome): void => {
      for (const timer of timers) timer.cancel();
      demand.signal.removeEventListener('abort', end);
      const durationSeconds = (clock.monotonic() - startedAt) / 1000;
      const { success, samples } = outcome;
      resolve({
        outcome,
        durationSeconds,
        samples: [...verdict(success, durationSeconds), timeout.sample(demand.timeoutMs / 1000), ...samples],
      });
    };
    gate.enter((leave) => {
      const left = demand.timeoutMs - (clock.monotonic() - startedAt);
      if (left <= 0 || controller.signal.aborted) {
        leave();
        finish(late('the deadline passed while other probes were under way'));
        return;
      }
      void probe(demand, tools, controller.signal, left).then(finish).finally(leave);
    });
  });
}

function late(detail: string): ProbeOutcome {
  return { success: false, reason: 'timeout', phase: '', detail, samples: [] };
}

async function probe(
  { module, target, hostname, allows, trace }: Demand,
  { proberOf, log }: DemandTools,
  signal: AbortSignal,
  timeoutMs: number,
): Promise<ProbeOutcome> {
  try {
    return await proberOf(module).probe({
      target,
      signal,
      timeoutMs,
      ...(hostname === undefined ? {} : { hostname }),
      ...(allows === undefined ? {} : { allows }),
      ...(trace === undefined ? {} : { trace }),
    });
  } catch (error) {
    log.error({ module: module.name, err: error }, 'a prober has a bug');
    return { success: false, reason: 'config', phase: '', detail: 'the prober failed; see the log', samples: [] };
  }
}
