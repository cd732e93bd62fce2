/** Checks as the API tells of them, many at once: columns that are filled a check at a time. */
import type { Check } from '../checks/check.ts';
import { redactTarget } from '../config/redact.ts';
import type { Tally } from '../history/availability.ts';
import type { CheckSlot } from '../slot.ts';
import type { ApiSource } from './source.ts';
import { shortened } from './text.ts';
import type { CheckColumns, CheckFacts, CheckLive, CheckStateName } from './types.ts';

const stripRuns = 60;

type Writable<Columns> = {
  -readonly [Name in keyof Columns]: Columns[Name] extends readonly (infer Value)[] ? Value[] : Columns[Name];
};

/** What a check counts as. */
export function stateOf(check: Check, { conditionOf }: Pick<ApiSource, 'conditionOf'>): CheckStateName {
  const { maintenance, dependencyDown } = conditionOf(check);
  if (maintenance) return 'maintenance';
  if (check.up === undefined) return 'waiting';
  if (check.up) return 'up';
  return dependencyDown ? 'suppressed' : 'down';
}

/** When the first of the certificates that the last probe saw expires. */
function certificateExpiresAt({ state }: Check): number | null {
  let first = Infinity;
  for (const { family, value } of state?.outcome.samples ?? []) {
    if (family.name === 'probe_ssl_earliest_cert_expiry') first = Math.min(first, value);
  }
  return Number.isFinite(first) ? first * 1000 : null;
}

/** A share as the API gives it. */
export function ratioOf(tally: Tally | undefined): number | null {
  // Down to a run in a hundred thousand; what is not all must not look like it.
  if (tally === undefined || tally.runs === 0) return null;
  return tally.successes === tally.runs ? 1 : Math.floor((tally.successes / tally.runs) * 1e5) / 1e5;
}

/** No checks, of what changes with a run. */
export function emptyLive(): Writable<CheckLive> {
  return {
    state: [],
    sinceAt: [],
    reason: [],
    detail: [],
    lastRunAt: [],
    durationSeconds: [],
    nextRunAt: [],
    certificateExpiresAt: [],
    availabilityHour: [],
    availabilityDay: [],
    availabilityWeek: [],
    runCount: [],
  };
}

/** Adds a check to each column. */
export function addLive(columns: Writable<CheckLive>, slot: CheckSlot, source: ApiSource): void {
  const { check } = slot;
  const { state, up } = check;
  const summary = source.history.summary(check, source.clock.now());
  const failure = state?.outcome.success === false ? state.outcome : undefined;
  columns.state.push(stateOf(check, source));
  columns.sinceAt.push(up === undefined ? null : (summary?.since?.sinceAt ?? slot.since ?? null));
  columns.reason.push(failure?.reason ?? null);
  columns.detail.push(failure === undefined ? null : shortened(failure.detail));
  columns.lastRunAt.push(state?.endedAt ?? (summary?.lastRunAt || null));
  columns.durationSeconds.push(state === undefined ? null : Number(state.durationSeconds.toPrecision(5)));
  columns.nextRunAt.push(source.nextRun(slot) ?? null);
  columns.certificateExpiresAt.push(certificateExpiresAt(check));
  columns.availabilityHour.push(ratioOf(summary?.hour));
  columns.availabilityDay.push(ratioOf(summary?.day));
  columns.availabilityWeek.push(ratioOf(summary?.week));
  columns.runCount.push(summary?.runCount ?? 0);
}

function emptyFacts(): Writable<CheckFacts> {
  return { name: [], group: [], labels: [], target: [], module: [], prober: [], schedule: [] };
}

/** All columns of some checks. */
export function checkColumns(slots: readonly CheckSlot[], source: ApiSource): CheckColumns {
  const facts = emptyFacts();
  const live = emptyLive();
  const strip: string[] = [];
  const { history } = source;
  for (const slot of slots) {
    const { name, group, labels, target, module, schedule } = slot.check.config;
    facts.name.push(name);
    facts.group.push(group ?? null);
    facts.labels.push(labels);
    facts.target.push(redactTarget(target));
    facts.module.push(module.name);
    facts.prober.push(module.prober.name);
    facts.schedule.push(schedule.source);
    addLive(live, slot, source);
    const row = history.rowOf(slot.check);
    strip.push(row === undefined ? '' : history.rows.strip(row, stripRuns));
  }
  return { ...facts, ...live, strip };
}
