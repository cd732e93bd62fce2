/** A config as a person may see it: as it would be written, without anything secret. */
import { stringify } from 'yaml';
import { byteSizeText } from './byte-size.ts';
import type { CheckConfig, CollectorConfig, Config, ModuleConfig } from './config.ts';
import { sections } from './config.ts';
import { isCredential } from './locate.ts';
import { redactTarget } from './redact.ts';
import { sameValue } from './same.ts';
import { optionFacts, Secret, z } from './schema.ts';

const hidden = '<secret>';

const units: readonly (readonly [string, number])[] = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1000],
  ['ms', 1],
];

/** A length of time as an option has it, such as `1h30m`. */
export function durationText(ms: number): string {
  let rest = Math.round(ms);
  let text = '';
  for (const [unit, length] of units) {
    const count = Math.floor(rest / length);
    if (count > 0) text += `${count}${unit}`;
    rest -= count * length;
  }
  return text === '' ? '0s' : text;
}

interface Definition {
  readonly type: string;
  readonly innerType?: z.ZodType;
  readonly in?: z.ZodType;
  readonly element?: z.ZodType;
  readonly valueType?: z.ZodType;
}

function isDuration(schema: z.ZodType | undefined): boolean {
  if (schema === undefined) return false;
  if (optionFacts(schema)?.kind === 'duration') return true;
  const { innerType } = schema.def as Definition;
  return isDuration(innerType);
}

function below(schema: z.ZodType | undefined, key: string | number): z.ZodType | undefined {
  if (schema === undefined) return undefined;
  const { innerType, element, valueType, in: input } = schema.def as Definition;
  if (schema instanceof z.ZodObject) return (schema.shape as Record<string, z.ZodType>)[key];
  return element ?? valueType ?? below(innerType ?? input, key);
}

// Texts that are sent to a target may hold a password, and so may any header, whatever it is called.
const sent = new Set([
  'body',
  'send',
  'headers',
  'http_headers',
  'metadata',
  'endpoint_params',
  'proxy_connect_header',
]);

function hide(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(hide);
  if (typeof value === 'object' && value !== null && !(value instanceof Secret)) {
    return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, hide(each)]));
  }
  return value === '' || value === undefined ? value : hidden;
}

/** A checked value as it would be written; `schema` tells which numbers are durations. */
export function shownValue(value: unknown, schema?: z.ZodType): unknown {
  if (value instanceof Secret) return hidden;
  if (typeof value === 'number' && isDuration(schema)) return durationText(value);
  if (typeof value === 'string') return /^[a-z][a-z0-9+.-]*:\/\//i.test(value) ? redactTarget(value) : value;
  if (typeof value !== 'object' || value === null) return typeof value === 'function' ? undefined : value;
  if (Array.isArray(value)) return value.map((each, index) => shownValue(each, below(schema, index)));
  const { source, test, expression } = value as { source?: unknown; test?: unknown; expression?: unknown };
  // A pattern, or a schedule.
  if (typeof source === 'string' && (typeof test === 'function' || typeof expression === 'string')) return source;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, each]) => each !== undefined && typeof each !== 'function')
      .map(([key, each]) => [
        key,
        sent.has(key) || isCredential(key) ? hide(each) : shownValue(each, below(schema, key)),
      ]),
  );
}

/** A module as the file has it. */
export function shownModule({ prober, options, timeoutMs }: ModuleConfig): Record<string, unknown> {
  return {
    prober: prober.name,
    ...(timeoutMs === undefined ? {} : { timeout: durationText(timeoutMs) }),
    [prober.name]: shownValue(options, prober.config),
  };
}

/** Some options, or nothing where there are none, as an empty map says nothing. */
function unlessEmpty(key: string, value: object | undefined): Record<string, unknown> {
  return value === undefined || Object.keys(value).length === 0 ? {} : { [key]: value };
}

function shownCheck(check: CheckConfig, base: ModuleConfig | undefined): Record<string, unknown> {
  const { module, maintenance = [], dependsOn = [], failingAfter = 1, passingAfter = 1 } = check;
  const shown = shownValue(module.options, module.prober.config) as Record<string, unknown>;
  // What it lays over its module.
  const own = Object.keys(shown).filter(
    (key) =>
      base !== undefined &&
      base !== module &&
      !sameValue((module.options as Record<string, unknown>)[key], (base.options as Record<string, unknown>)[key]),
  );
  return {
    name: check.name,
    target: redactTarget(check.target),
    module: module.name,
    schedule: check.schedule.source,
    timeout: durationText(check.timeoutMs),
    stale_after: durationText(check.staleAfterMs),
    ...(check.maxSeries === undefined ? {} : { max_series: check.maxSeries }),
    ...unlessEmpty('labels', check.labels),
    ...(check.everyAddress === true ? { addresses: 'all' } : {}),
    ...(failingAfter === 1 ? {} : { failing_after: failingAfter }),
    ...(passingAfter === 1 ? {} : { passing_after: passingAfter }),
    ...unlessEmpty('depends_on', dependsOn),
    ...unlessEmpty(
      'maintenance',
      maintenance.map(({ schedule, durationMs, timezone }) => ({
        schedule: schedule.source,
        duration: durationText(durationMs),
        timezone,
      })),
    ),
    ...unlessEmpty(module.prober.name, Object.fromEntries(own.map((key) => [key, shown[key]]))),
  };
}

function shownCollector({
  definition,
  options,
  schedule,
  timeoutMs,
  staleAfterMs,
  maxSeries,
  isolation,
}: CollectorConfig): object {
  return {
    schedule: schedule.source,
    timeout: durationText(timeoutMs),
    stale_after: durationText(staleAfterMs),
    ...(maxSeries === undefined ? {} : { max_series: maxSeries }),
    ...(isolation === undefined ? {} : { isolate: 'process', memory_limit: byteSizeText(isolation.memoryLimit) }),
    ...(shownValue(options, definition.config) as object),
  };
}

function shownCollectors(collectors: readonly CollectorConfig[]): Record<string, object> {
  const shown: Record<string, object> = {};
  for (const collector of collectors) {
    const { name, instances } = collector.definition;
    if (instances === undefined) shown[name] = shownCollector(collector);
    else {
      const list = shown[name] as Record<string, object[]> | undefined;
      shown[name] = { [instances.key]: [...(list?.[instances.key] ?? []), shownCollector(collector)] };
    }
  }
  return shown;
}

/** The whole config in force, with every default written out. */
export function shownConfig(config: Config): string {
  const values = config as unknown as Record<string, unknown>;
  const parts = {
    ...Object.fromEntries(Object.entries(sections).map(([name, schema]) => [name, shownValue(values[name], schema)])),
    source: config.source,
    watch: config.watch,
    ...unlessEmpty('plugins', config.plugins),
    collectors: { disable_defaults: true, ...shownCollectors(config.collectors) },
    modules: Object.fromEntries([...config.modules].map(([name, module]) => [name, shownModule(module)])),
    checks: config.checks.map((check) => shownCheck(check, config.modules.get(check.module.name))),
  };
  return shownYaml(parts);
}

/** YAML of what `shownValue` and its kin give. */
export function shownYaml(value: unknown): string {
  return stringify(value, { lineWidth: 0, aliasDuplicateObjects: false });
}
