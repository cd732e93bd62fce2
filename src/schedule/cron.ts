/** The one place that knows node-cron: cron expressions to fields, and tasks that tick. */
import {
  createTask,
  type Logger as CronLogger,
  type ParsedFields,
  type ScheduledTask,
  validateDetailed,
} from 'node-cron';

export type { ParsedFields } from 'node-cron';

/** The values of each field of an expression, or what is wrong with it. */
export function parseCron(expression: string): { fields: ParsedFields } | { problem: string } {
  const { valid, fields, errors } = validateDetailed(expression);
  if (valid && fields !== undefined) return { fields };
  const [first] = errors;
  return { problem: first?.message.replace('is a invalid', 'is an invalid') ?? 'is not a cron expression' };
}

/** What a task tells. */
export interface CronListener {
  /** The moment that the expression names has come; `lateMs` is how long ago that was. */
  tick(lateMs: number): void;
  /** Moments have passed without a tick, as after the event loop was blocked. */
  missed(): void;
  log(message: string): void;
}

/** An expression that ticks. */
export interface CronTask {
  start(): void;
  stop(): void;
  /** The next moments, as milliseconds since 1970. */
  next(count: number): number[];
}

// node-cron drops a tick that comes later than this, or later than the next one, whichever is sooner. A late run is
// worth more than none.
const toleranceMs = 24 * 3_600_000;

function quiet(log: (message: string) => void): CronLogger {
  const line = (message: string | Error): void => log(message instanceof Error ? message.message : message);
  return { info: line, warn: line, error: line, debug() {} };
}

/** Makes a task that ticks at the moments of an expression in a time zone; to start it throws where the zone is unknown. */
export function cronTask(expression: string, timezone: string, listener: CronListener): CronTask {
  const task: ScheduledTask = createTask(
    expression,
    ({ date }) => listener.tick(Math.max(0, Date.now() - date.getTime())),
    {
      timezone,
      unref: true,
      missedExecutionTolerance: toleranceMs,
      suppressMissedWarning: true,
      logger: quiet((message) => listener.log(message)),
    },
  );
  task.on('execution:missed', () => listener.missed());
  return {
    start: () => void task.start(),
    // A stopped task stays in node-cron's registry, and a destroyed one cannot start again: this is its end.
    stop: () => void task.destroy(),
    next: (count) => task.getNextRuns(count).map((date) => date.getTime()),
  };
}
