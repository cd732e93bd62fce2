/** The line of `systemctl status` that says how the daemon fares. */
import type { LastRun, Slot } from '../slot.ts';

/** What the line is made from. */
export type Told = Pick<Slot, 'kind' | 'failing'> & { readonly last: Pick<LastRun, 'durationSeconds'> | undefined };

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

/** Such as `24 collectors, 12 checks, 1 failing; last round 14 ms`: a round is a run of each collector. */
export function statusLine(slots: readonly Told[]): string {
  const collectors = slots.filter(({ kind }) => kind === 'collector');
  const checks = slots.length - collectors.length;
  const failing = slots.filter((slot) => slot.failing).length;
  const seconds = collectors.reduce((sum, { last }) => sum + (last?.durationSeconds ?? 0), 0);
  const parts = [
    counted(collectors.length, 'collector'),
    ...(checks > 0 ? [counted(checks, 'check')] : []),
    `${failing} failing`,
  ];
  return `${parts.join(', ')}; last round ${Math.round(seconds * 1000)} ms`;
}
