/** Cases for alert rules: what makes each fire, and what comes close to it and must not. */

/** Series by name and labels, with values in promtool's notation, one a minute: `0+1x60`. Job and instance are added. */
export type Series = Readonly<Record<string, string>>;

/** One alert, firing and not firing. */
export interface RuleCase {
  readonly alert: string;
  readonly fires: Series;
  /** Everything that stands in `fires` is here too, so that no series is silent because it is missing. */
  readonly quiet: readonly [Series, ...Series[]];
  /** The labels of the alert beside its name, severity, job and instance. */
  readonly labels?: Readonly<Record<string, string>>;
  /** What a person reads when it fires. */
  readonly summary: string;
  /** When to look; 40m unless given. */
  readonly at?: string;
  /** The time between two values; 1m unless given. */
  readonly interval?: string;
  /** Whether the alert has neither job nor instance. */
  readonly bare?: boolean;
}

/** The scrape target of all cases. */
export const target = { job: 'node', instance: 'web-1:9100' } as const;

/** A value that stays. */
export function steady(value: number): string {
  return `${value}x180`;
}

/** A counter that grows by this much a minute. */
export function growing(perMinute: number): string {
  return `0+${perMinute}x180`;
}
