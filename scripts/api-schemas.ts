/** The answers of `/api/v1/` as JSON Schema, for the OpenAPI document and for the tests; the daemon itself loads none of it. */
import { failureReasons } from '../src/prober.ts';
import { runResults } from '../src/run.ts';

/** A JSON Schema. */
export type Schema = Readonly<Record<string, unknown>>;

const text: Schema = { type: 'string' };
const flag: Schema = { type: 'boolean' };
const count: Schema = { type: 'integer', minimum: 0 };
const moment: Schema = { type: 'number', minimum: 0, description: 'Milliseconds since 1970.' };
const seconds: Schema = { type: 'number', minimum: 0, description: 'Seconds.' };
const ratio: Schema = { type: 'number', minimum: 0, maximum: 1 };

function orNull(schema: Schema): Schema {
  const { type, enum: values } = schema;
  const withNull =
    typeof type === 'string' ? { ...schema, type: [type, 'null'] } : { anyOf: [schema, { type: 'null' }] };
  return Array.isArray(values) ? { ...withNull, enum: [...values, null] } : withNull;
}

function listOf(items: Schema, description?: string): Schema {
  return { type: 'array', items, ...(description === undefined ? {} : { description }) };
}

function oneOf(values: readonly string[]): Schema {
  return { type: 'string', enum: values };
}

function ref(name: string): Schema {
  return { $ref: `${name}#` };
}

/** An object with just these properties; a name that ends in `?` may be absent. */
function object(properties: Readonly<Record<string, Schema>>, description?: string): Schema {
  const names = Object.keys(properties);
  return {
    type: 'object',
    ...(description === undefined ? {} : { description }),
    properties: Object.fromEntries(Object.entries(properties).map(([name, schema]) => [name.replace('?', ''), schema])),
    required: names.filter((name) => !name.endsWith('?')),
    additionalProperties: false,
  };
}

function mapOf(values: Schema): Schema {
  return { type: 'object', additionalProperties: values };
}

const checkStates = ['up', 'down', 'waiting', 'suppressed', 'maintenance'] as const;
const reason = oneOf(failureReasons);
const chartIds = ['cpu', 'memory', 'disk', 'space', 'network', 'pressure', 'load'] as const;
const head = { at: moment, event: { ...text, description: 'Up to which event it is complete.' } };

const status = {
  state: oneOf(['starting', 'well', 'trouble']),
  sinceAt: moment,
  version: text,
  nodeVersion: text,
  hostname: text,
  startedAt: moment,
  collectors: object({ total: count, failing: count, waiting: count }),
  checks: object({ total: count, ...Object.fromEntries(checkStates.map((state) => [state, count])) }),
  config: object({
    file: orNull(text),
    generation: count,
    loadedAt: moment,
    lastLoadOk: flag,
    lastLoadAt: moment,
    lastLoadError: orNull(text),
  }),
  history: object({
    budgetBytes: count,
    usedBytes: count,
    runsPerCheck: count,
    latencyStepSeconds: seconds,
    checksWithout: count,
    directory: orNull(text),
    note: orNull(text),
  }),
};

const facts = {
  name: listOf(text),
  group: listOf(orNull(text)),
  labels: listOf(mapOf(text)),
  target: listOf(text, 'Without user, password, query and fragment.'),
  module: listOf(text),
  prober: listOf(text),
  schedule: listOf(text),
};

const live = {
  state: listOf(oneOf(checkStates)),
  sinceAt: listOf(orNull(moment)),
  reason: listOf(orNull(reason)),
  detail: listOf(orNull({ ...text, maxLength: 300 })),
  lastRunAt: listOf(orNull(moment)),
  durationSeconds: listOf(orNull(seconds)),
  nextRunAt: listOf(orNull(moment)),
  certificateExpiresAt: listOf(orNull({ type: 'number' })),
  availabilityHour: listOf(orNull(ratio)),
  availabilityDay: listOf(orNull(ratio)),
  availabilityWeek: listOf(orNull(ratio)),
  runCount: listOf(count),
};

const letters = { ...text, pattern: '^[A-Za-z.]*$' };
const availability = object({ ratio: orNull(ratio), runs: count });

/** The schemas that others refer to, by their names. */
export const apiSchemas: Readonly<Record<string, Schema>> = {
  ErrorAnswer: object({ error: text }),
  Status: object(status),
  CollectorStatus: object({
    name: text,
    result: oneOf(['waiting', ...runResults]),
    failing: flag,
    reason: orNull({ ...text, maxLength: 300 }),
    sinceAt: orNull(moment),
    lastRunAt: orNull(moment),
    durationSeconds: orNull(seconds),
    nextRunAt: orNull(moment),
    schedule: text,
    timeoutSeconds: seconds,
  }),
  CheckColumns: object(
    { ...facts, ...live, strip: listOf({ ...letters, maxLength: 60 }, 'A letter for each of the last runs.') },
    'Columns of equal length: the n-th entry of each is of the n-th check.',
  ),
  HostChart: object({
    id: oneOf(chartIds),
    unit: oneOf(['ratio', 'bytes', 'bytes_per_second', 'none']),
    times: listOf(moment),
    series: listOf(
      object({ name: text, device: orNull(text), values: listOf(orNull({ type: 'number' }), 'As many as `times`.') }),
    ),
    omittedDevices: count,
  }),
  StatusAnswer: object({ ...head, ...status }),
  CollectorsAnswer: object({ ...head, collectors: listOf(ref('CollectorStatus')) }),
  ChecksAnswer: object({
    ...head,
    total: count,
    offset: count,
    generation: count,
    runCodes: mapOf(oneOf(['success', ...failureReasons])),
    checks: ref('CheckColumns'),
  }),
  CheckAnswer: object({
    ...head,
    generation: count,
    index: count,
    check: ref('CheckColumns'),
    timeoutSeconds: seconds,
    failingAfter: count,
    passingAfter: count,
    dependsOn: listOf(text),
    dependents: listOf(text),
    maintenance: listOf(object({ schedule: text, durationSeconds: seconds, timezone: text, open: flag })),
    phase: orNull(text),
    runs: object({ strip: letters, endedAt: listOf(moment), durationSeconds: listOf(seconds) }),
    latency: object({
      stepSeconds: seconds,
      times: listOf(moment),
      phases: listOf(object({ phase: text, seconds: listOf(orNull(seconds)) })),
    }),
    availability: object({ hour: availability, day: availability, week: availability }),
    changes: listOf(object({ at: moment, up: flag, reason: orNull(reason) })),
  }),
  HostAnswer: object({
    ...head,
    host: object({ hostname: text, system: text, cpus: count, memoryBytes: count, bootedAt: moment }),
    charts: listOf(ref('HostChart')),
  }),
  ResetEvent: object({ at: moment, generation: count }, 'Data of the event `reset`.'),
  UpdateEvent: object(
    {
      at: moment,
      generation: count,
      'status?': ref('Status'),
      'collectors?': listOf(ref('CollectorStatus')),
      'checks?': object({ index: listOf(count), runs: listOf(letters), ...live }),
      'host?': listOf(ref('HostChart')),
    },
    'Data of the event `update`.',
  ),
};

const json = (name: string, description: string): Schema => ({
  description,
  content: { 'application/json': { schema: ref(name) } },
});

/** What Fastify is told of each route. */
export const routeSchemas: Readonly<Record<string, Schema>> = {
  '/api/v1/status': {
    summary: 'Whether all is well, and the state of the configuration and of the history.',
    response: { 200: json('StatusAnswer', 'The whole at a glance.') },
  },
  '/api/v1/collectors': {
    summary: 'Every collector with its last run.',
    response: { 200: json('CollectorsAnswer', 'The collectors.') },
  },
  '/api/v1/checks': {
    summary: 'Every check with its state, its last runs and its availability.',
    querystring: {
      type: 'object',
      properties: {
        offset: { ...count, default: 0 },
        limit: { ...count, maximum: 5000, default: 5000 },
      },
    },
    response: { 200: json('ChecksAnswer', 'The checks.'), 400: json('ErrorAnswer', 'A number is none.') },
  },
  '/api/v1/check': {
    summary: 'One check with its history.',
    querystring: { type: 'object', properties: { name: text }, required: ['name'] },
    response: { 200: json('CheckAnswer', 'The check.'), 404: json('ErrorAnswer', 'No check has the name.') },
  },
  '/api/v1/host': {
    summary: 'The host and its charts of the last hour.',
    querystring: { type: 'object', properties: { since: { ...moment, description: 'Only points after it.' } } },
    response: { 200: json('HostAnswer', 'The charts.'), 400: json('ErrorAnswer', 'A number is none.') },
  },
  '/api/v1/events': {
    summary: 'What changes, as server-sent events `reset` (ResetEvent) and `update` (UpdateEvent).',
    querystring: {
      type: 'object',
      properties: { since: { ...text, description: 'The last event that is known, as Last-Event-ID.' } },
    },
    response: {
      200: { description: 'The events.', content: { 'text/event-stream': { schema: text } } },
      503: json('ErrorAnswer', 'There are too many streams.'),
    },
  },
  '/api/v1/openapi.json': {
    summary: 'This document.',
    response: {
      200: { description: 'The document.', content: { 'application/json': { schema: { type: 'object' } } } },
    },
  },
};
