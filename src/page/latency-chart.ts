/** The latency of a check, by phase. */
import type { CheckAnswer } from '../api/types.ts';
import type { ChartData } from './chart-data.ts';

/** Phases on top of each other; what no phase accounts for is the rest of the total. */
export function latencyChart({ latency }: CheckAnswer): ChartData {
  const [total, ...phases] = latency.phases;
  const lines = phases.map(({ phase, seconds }, at) => ({ label: phase, colour: 1 + (at % 6), values: seconds }));
  if (total === undefined) return { times: latency.times, lines: [], stacked: true };
  if (lines.length === 0) {
    const only = { label: 'total', colour: 1, values: total.seconds, filled: true };
    return { times: latency.times, lines: [only], stacked: false };
  }
  const rest = total.seconds.map((whole, at) => {
    if (whole === null) return null;
    const known = phases.reduce((sum, { seconds }) => sum + (seconds[at] ?? 0), 0);
    return Math.max(0, whole - known);
  });
  const matters = rest.some((value, at) => (value ?? 0) > 0.05 * (total.seconds[at] ?? 0));
  return {
    times: latency.times,
    lines: matters ? [...lines, { label: 'other', colour: 7, values: rest }] : lines,
    stacked: true,
  };
}
