/** Answers of the API as the page gets them, with what a test is about laid over. */
import type { CheckColumns, CheckDeltas, CollectorStatus, Status } from '../../src/api/types.ts';
import { type Check, checksOf } from '../../src/page/model.ts';

/** A check that is up; `over` says what is different. */
export function pageCheck(over: Partial<Check> = {}): Check {
  return {
    index: 0,
    name: 'shop',
    group: null,
    labels: {},
    target: 'https://shop.example/',
    module: 'http_2xx',
    prober: 'http',
    schedule: '30s',
    state: 'up',
    sinceAt: 0,
    reason: null,
    detail: null,
    lastRunAt: 0,
    durationSeconds: 0.1,
    nextRunAt: 30_000,
    certificateExpiresAt: null,
    availabilityHour: 1,
    availabilityDay: 1,
    availabilityWeek: 1,
    runCount: 1,
    strip: 'u',
    ...over,
  };
}

/** Checks as columns. */
export function pageColumns(checks: readonly Check[]): CheckColumns {
  const column = <K extends keyof Check>(key: K): Check[K][] => checks.map((check) => check[key]);
  return {
    name: column('name'),
    group: column('group'),
    labels: column('labels'),
    target: column('target'),
    module: column('module'),
    prober: column('prober'),
    schedule: column('schedule'),
    state: column('state'),
    sinceAt: column('sinceAt'),
    reason: column('reason'),
    detail: column('detail'),
    lastRunAt: column('lastRunAt'),
    durationSeconds: column('durationSeconds'),
    nextRunAt: column('nextRunAt'),
    certificateExpiresAt: column('certificateExpiresAt'),
    availabilityHour: column('availabilityHour'),
    availabilityDay: column('availabilityDay'),
    availabilityWeek: column('availabilityWeek'),
    runCount: column('runCount'),
    strip: column('strip'),
  };
}

/** What an update says of checks, each with the letters of its new runs. */
export function pageDeltas(checks: readonly Check[], runs: readonly string[]): CheckDeltas {
  return { ...pageColumns(checks), index: checks.map(({ index }) => index), runs };
}

/** Checks by name, as the page holds them. */
export function pageChecks(...overs: readonly Partial<Check>[]): Check[] {
  return checksOf(pageColumns(overs.map((over) => pageCheck(over))));
}

/** A collector that runs. */
export function pageCollector(over: Partial<CollectorStatus> = {}): CollectorStatus {
  return {
    name: 'cpu',
    result: 'success',
    failing: false,
    reason: null,
    sinceAt: 0,
    lastRunAt: 0,
    durationSeconds: 0.001,
    nextRunAt: 5_000,
    schedule: '5s',
    timeoutSeconds: 4,
    ...over,
  };
}

/** A daemon that is well. */
export function pageStatus(over: Partial<Status> = {}): Status {
  return {
    state: 'well',
    sinceAt: 0,
    version: '1.0.0',
    nodeVersion: '20.20.2',
    hostname: 'db-7',
    startedAt: 0,
    collectors: { total: 30, failing: 0, waiting: 0 },
    checks: { total: 12, up: 12, down: 0, waiting: 0, suppressed: 0, maintenance: 0 },
    config: { file: null, generation: 1, loadedAt: 0, lastLoadOk: true, lastLoadAt: 0, lastLoadError: null },
    history: {
      budgetBytes: 0,
      usedBytes: 0,
      runsPerCheck: 60,
      latencyStepSeconds: 60,
      checksWithout: 0,
      directory: null,
      note: null,
    },
    ...over,
  };
}
