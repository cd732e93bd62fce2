/** One check with all that is remembered of it. */
import type { Check } from '../checks/check.ts';
import type { Tally } from '../history/availability.ts';
import { phasesOf } from '../history/history.ts';
import { letterOf, reasonOf } from '../history/run-code.ts';
import type { CheckSlot } from '../slot.ts';
import { checkColumns, ratioOf } from './check-columns.ts';
import type { ApiSource } from './source.ts';
import type { Availability, CheckAnswer, CheckLatency, CheckRuns, MaintenanceStatus, StateChange } from './types.ts';

/** The answer without its head. */
export function checkDetail(
  slot: CheckSlot,
  source: ApiSource,
): Omit<CheckAnswer, 'at' | 'event' | 'generation' | 'index'> {
  const { check } = slot;
  const { config, state } = check;
  const summary = source.history.summary(check, source.clock.now());
  return {
    check: checkColumns([slot], source),
    timeoutSeconds: config.timeoutMs / 1000,
    failingAfter: config.failingAfter ?? 1,
    passingAfter: config.passingAfter ?? 1,
    dependsOn: config.dependsOn ?? [],
    dependents: [...source.dependentsOf(check)].sort(),
    maintenance: windowsOf(check, source.openWindows(check)),
    phase: state?.outcome.success === false ? state.outcome.phase : null,
    runs: runsOf(check, source),
    latency: latencyOf(check, source),
    availability: {
      hour: availability(summary?.hour),
      day: availability(summary?.day),
      week: availability(summary?.week),
    },
    changes: changesOf(check, source),
  };
}

function availability(tally: Tally | undefined): Availability {
  return { ratio: ratioOf(tally), runs: tally?.runs ?? 0 };
}

function windowsOf({ config: { maintenance = [] } }: Check, open: readonly boolean[]): MaintenanceStatus[] {
  return maintenance.map((window, index) => ({
    schedule: window.schedule.source,
    durationSeconds: window.durationMs / 1000,
    timezone: window.timezone,
    open: open[index] ?? false,
  }));
}

function runsOf(check: Check, { history }: ApiSource): CheckRuns {
  const row = history.rowOf(check);
  if (row === undefined) return { strip: '', endedAt: [], durationSeconds: [] };
  const { codes, endedAt, seconds } = history.rows.runs(row);
  return { strip: codes.map(letterOf).join(''), endedAt, durationSeconds: seconds };
}

function latencyOf(check: Check, { history, clock }: ApiSource): CheckLatency {
  const row = history.rowOf(check);
  const { latencyStepMs } = history.rows.layout;
  if (row === undefined || latencyStepMs === 0) return { stepSeconds: 0, times: [], phases: [] };
  const { times, rows } = history.rows.latencies(row, clock.now());
  const phases = ['total', ...phasesOf(check)].map((phase, index) => ({
    phase,
    seconds: rows[index]!.map((seconds) => (seconds === undefined ? null : Number(seconds.toPrecision(4)))),
  }));
  // The series of lengths that are not told, as a prober without phases has, would only be empty lines.
  const told = phases.filter(({ phase, seconds }) => phase === 'total' || seconds.some((value) => value !== null));
  return { stepSeconds: latencyStepMs / 1000, times, phases: told };
}

function changesOf(check: Check, { history }: ApiSource): StateChange[] {
  return history.changesOf(check).map(({ at, up, code }) => ({ at, up, reason: reasonOf(code) ?? null }));
}
