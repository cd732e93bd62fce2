/** How a daemon with many checks does: how late they start, and how long a probe of a fast target takes among them. */
import type { ParsedFamily } from '../../src/exposition/parse.ts';

/** The cumulative counts of how late checks started, by upper bound in seconds. */
export type StartDelays = ReadonlyMap<number, number>;

/** What a daemon says of how late its checks started. */
export function startDelays(families: readonly ParsedFamily[]): StartDelays {
  const family = families.find((one) => one.family.name === 'vitald_run_start_delay_seconds');
  const buckets = family?.samples.filter((one) => one.suffix === '_bucket' && one.labels['kind'] === 'check') ?? [];
  return new Map(buckets.map(({ labels, value }) => [Number(labels['le']!.replace('+Inf', 'Infinity')), value]));
}

/** The counts of what came between two looks. */
export function delaysBetween(before: StartDelays, after: StartDelays): [bound: number, count: number][] {
  return [...after].map(([bound, count]) => [bound, count - (before.get(bound) ?? 0)]);
}

/** How many there are in all. */
export function countOf(delays: StartDelays): number {
  return delays.get(Infinity) ?? 0;
}

/** A schedule whose first tick comes so many seconds from now and then every `periodS` seconds, a divisor of 60. */
export function scheduleFrom(periodS: number, inS: number): { schedule: string; firstTick: number } {
  const firstTick = Math.ceil(Date.now() / 1000 + inS) * 1000;
  const second = (firstTick / 1000) % periodS;
  const seconds = Array.from({ length: 60 / periodS }, (_, index) => second + index * periodS);
  return { schedule: `"${seconds.join()} * * * * *"`, firstTick };
}

/** The checks of a config: so many of one target. */
export function checksOf(count: number, target: string, schedule: string, timeoutMs: number): string {
  const targets = Array.from({ length: count }, (_, index) => `      - ${target}/${index}`).join('\n');
  return `
modules: { fast: { prober: http, http: { preferred_ip_protocol: ip4 } } }
checks:
  - name: fast
    module: fast
    schedule: ${schedule}
    timeout: ${timeoutMs}ms
    targets:
${targets}
`;
}

/** How long the last probe of each check took, in milliseconds; by lines, as parsing all would load the machine. */
export function probeMs(exposition: string): number[] {
  return Array.from(
    exposition.matchAll(/^probe_duration_seconds\{[^\n]*\} (\S+)$/gmu),
    ([, value]) => Number(value) * 1000,
  );
}
