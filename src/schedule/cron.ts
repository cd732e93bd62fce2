/** The one place that knows node-cron: cron expressions to fields and to moments. */
import { createTask, type ParsedFields, validateDetailed } from 'node-cron';

export type { ParsedFields } from 'node-cron';

/** The values of each field of an expression, or what is wrong with it. */
export function parseCron(expression: string): { fields: ParsedFields } | { problem: string } {
  const { valid, fields, errors } = validateDetailed(expression);
  if (valid && fields !== undefined) return { fields };
  const [first] = errors;
  return { problem: first?.message.replace('is a invalid', 'is an invalid') ?? 'is not a cron expression' };
}

/** The moments of one expression. */
export interface Moments {
  /** The next ones from now on, in milliseconds since 1970, in rising order. */
  next(count: number): number[];
  /** How many of them are cheap enough to be asked for at once. */
  readonly atOnce: number;
  /** Ends what is kept to tell them. */
  close(): void;
}

/** The moments of any expression in a time zone; throws where the zone is unknown. */
export function cronMoments(expression: string, timezone: string): Moments {
  // A task cannot be ended in a zone that it does not know.
  if (timezone !== 'UTC') Intl.DateTimeFormat('en', { timeZone: timezone });
  const task = createTask(expression, () => {}, { timezone });
  return {
    next: (count) => task.getNextRuns(count).map((date) => date.getTime()),
    atOnce: 4,
    // It stays in node-cron's registry otherwise.
    close: () => void task.destroy(),
  };
}
