/** The one place that knows node-cron: cron expressions to fields, and tasks that tick. */
import nodeCron, { type Logger as CronLogger, type ParsedFields } from 'node-cron';

export type { ParsedFields } from 'node-cron';

/** The values of each field of an expression, or what is wrong with it. */
export function parseCron(expression: string): { fields: ParsedFields } | { problem: string } {
  const { valid, fields, errors } = nodeCron.validateDetailed(expression);
  if (valid && fields !== undefined) return { fields };
  const [first] = errors;
  return { problem: first === undefined ? 'is not a cron expression' : first.message };
}
