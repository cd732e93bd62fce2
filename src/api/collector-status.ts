/** Collectors as the API tells of them. */
import { messageOf } from '../errors.ts';
import type { CollectorSlot } from '../slot.ts';
import { shortened } from './text.ts';
import type { ApiSource } from './source.ts';
import type { CollectorStatus } from './types.ts';

/** One of them. */
export function collectorStatus(slot: CollectorSlot, { nextRun }: ApiSource): CollectorStatus {
  const { name, last, failing, since, timing } = slot;
  return {
    name,
    result: last?.result ?? 'waiting',
    failing,
    reason: last?.error === undefined ? null : shortened(messageOf(last.error)),
    sinceAt: since ?? null,
    lastRunAt: last?.endedAt ?? null,
    durationSeconds: last === undefined ? null : Number(last.durationSeconds.toPrecision(5)),
    nextRunAt: nextRun(slot) ?? null,
    schedule: timing.schedule.source,
    timeoutSeconds: timing.timeoutMs / 1000,
  };
}
