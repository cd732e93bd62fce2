/** The latency of a check, by phase. */
import type { CheckAnswer } from '../api/types.ts';
import type { ChartData, ChartLine } from './chart-data.ts';

type Values = readonly (number | null)[];

/** What the phases leave of the total. */
function restOf(total: Values, phases: readonly Values[]): Values {
  return total.map((whole, at) => {
    if (whole === null) return null;
    return Math.max(0, whole - phases.reduce((sum, values) => sum + (values[at] ?? 0), 0));
  });
}

/** Phases on top of each other, from the first step that is known on; what no phase accounts for is the rest. */
export function latencyChart({ latency }: Pick<CheckAnswer, 'latency'>): ChartData {
  const { stepSeconds, times, phases } = latency;
  const [total, ...parts] = phases;
  const first = total?.seconds.findIndex((value) => value !== null) ?? -1;
  if (total === undefined || first === -1) return { times: [], lines: [], stacked: false };
  const known = times.slice(first);
  // The last average holds to the end of its step, which only a further point shows.
  const held = (values: Values): Values => [...values.slice(first), values.at(-1) ?? null];
  const line = (label: string, colour: number, values: Values): ChartLine => ({ label, colour, values: held(values) });
  const shared = { times: [...known, known.at(-1)! + stepSeconds * 1000], stepped: true } as const;
  const used = parts.filter(({ seconds }) => seconds.some((value) => (value ?? 0) > 0));
  if (used.length === 0)
    return { ...shared, lines: [{ ...line('total', 1, total.seconds), filled: true }], stacked: false };
  const rest = restOf(
    total.seconds,
    used.map(({ seconds }) => seconds),
  );
  const restMatters = rest.some((value, at) => (value ?? 0) > 0.05 * (total.seconds[at] ?? 0));
  return {
    ...shared,
    stacked: true,
    lines: [
      ...used.map(({ phase, seconds }, at) => line(phase, 1 + (at % 6), seconds)),
      ...(restMatters ? [line('other', 7, rest)] : []),
    ],
  };
}
