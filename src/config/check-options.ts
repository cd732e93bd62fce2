/** What a check may say of itself, beside the options that it lays over its module. */
import { parseCron } from '../schedule/cron.ts';
import { duration, schedule, z } from './schema.ts';

const labelName = /^(?!__)[a-zA-Z_][a-zA-Z0-9_]*$/;

/** Whether this runtime knows a time zone by that name. */
export function isTimezone(name: string): boolean {
  if (name === 'UTC') return true;
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }) instanceof Intl.DateTimeFormat;
  } catch {
    return false;
  }
}

/** The name of a time zone, such as `Europe/Vienna`. */
export function timezone() {
  return z.string().refine(isTimezone, { error: 'is not a time zone; write it like "Europe/Vienna"' });
}

/** The option that bounds the series of a collector or a check. */
export function maxSeries() {
  return z.int().min(0).max(100_000_000).optional();
}

const longestWindowMs = 31 * 24 * 3_600_000;

const window = z
  .strictObject({
    schedule: schedule().describe('When the window opens, as a cron expression.'),
    duration: duration().describe('How long it stays open.'),
    timezone: timezone().optional().describe('The time zone of the expression; `scheduling.timezone` unless given.'),
  })
  .superRefine(({ schedule: { expression }, duration: ms }, context) => {
    const refuse = (path: string, message: string): void => context.addIssue({ code: 'custom', path: [path], message });
    if (ms < 1000 || ms > longestWindowMs) refuse('duration', 'must be between 1s and 31d');
    const parsed = parseCron(expression);
    if ('problem' in parsed) return;
    const { dayOfMonth, dayOfWeek } = parsed.fields;
    if ([...dayOfMonth, ...dayOfWeek].some((value) => typeof value !== 'number')) {
      refuse('schedule', 'a maintenance window cannot be given by L, W or #; name the days');
    }
  });

const threshold = (): z.ZodDefault<z.ZodInt> => z.int().min(1).max(1000).default(1);

const shared = {
  module: z.string().default('http_2xx').describe('The module that says how to probe.'),
  schedule: schedule().optional().describe('When it runs.'),
  timeout: duration()
    .optional()
    .describe("The deadline of a probe; the module's unless given, and 5 seconds where that has none."),
  stale_after: duration().optional().describe('How long its samples are served; three periods unless given.'),
  max_series: maxSeries().describe('How many series it may have; the first ones stay, 0 is no limit.'),
  labels: z
    .record(z.string().regex(labelName, 'is not a label name'), z.string())
    .default({})
    .describe('Labels for its series.'),
  addresses: z
    .enum(['one', 'all'])
    .default('one')
    .describe('Whether to probe one address of the target or, each by itself, all that its name resolves to.'),
  failing_after: threshold().describe('How many probes in a row must fail until `vitald_check_up` is 0.'),
  passing_after: threshold().describe('How many probes in a row must succeed until `vitald_check_up` is 1.'),
  depends_on: z
    .union([z.string(), z.array(z.string())])
    .transform((value) => (typeof value === 'string' ? [value] : value))
    .prefault([])
    .describe(
      'What it cannot be up without: checks, by name; lists of targets, by name, each down when all of its checks are; patterns such as `routers/*`, of whose checks each counts. While one is down, it is marked as suppressed.',
    ),
  maintenance: z.array(window).default([]).describe('Windows in which the check is marked as suppressed.'),
};

/** A check, without the options that are laid over its module. */
export const checkOptions = z.strictObject({
  name: z.string().min(1).describe('Its name: the `check` label of its series.'),
  target: z.string().min(1).optional().describe('What to probe.'),
  targets: z.array(z.string().min(1)).nonempty().optional().describe('Several targets, each a check of its own.'),
  ...shared,
});

/** An entry of `check_files` that is more than a pattern: what holds for every check of those files. */
export const checkFileOptions = z.strictObject({
  files: z
    .union([z.string(), z.array(z.string()).nonempty()])
    .transform((value) => (typeof value === 'string' ? [value] : value))
    .describe('Files with checks or with groups of targets in the format of file_sd; globs, relative to the config.'),
  name: z
    .string()
    .min(1)
    .optional()
    .describe("What the checks of targets are named after, as `name/target`; the file's name unless given."),
  ...shared,
});
