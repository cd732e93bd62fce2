/** The options of a command. */
import { commandLine, duration, list, secret, z } from '../../../src/config/schema.ts';

// A name is a label, part of the name of a slot, and written in queries: collect[]=exec:backup.
const commandName = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,99}$/;
const labelName = /^(?!__)[a-zA-Z_][a-zA-Z0-9_]*$/;
const variableName = /^[A-Za-z_][A-Za-z0-9_]*$/;
const ownLabels = new Set(['command', 'label', 'unit', 'bound', 'alert', 'reason', 'le', 'quantile']);

const account = (what: string) =>
  z
    .union([z.string().min(1), z.int().min(0)])
    .optional()
    .describe(what);

/** What a command may be given, beside its timing. */
export const commandOptions = z.strictObject({
  name: z
    .string()
    .regex(commandName, 'must be letters, digits, "_", "-" and ".", at most 100')
    .describe('Its name: the command label, and the collector `exec:NAME`.'),
  command: commandLine().describe(
    'The program and its arguments, as a list. No shell reads it and nothing is expanded; what needs a shell is written as ["/bin/sh", "-c", "..."]. Every user of the host can see arguments: pass secrets by environment or stdin. Whoever may write to the program decides what runs here.',
  ),
  format: z
    .enum(['prometheus', 'nagios'])
    .default('prometheus')
    .describe('What it writes: metrics in the text format, or what plugins for Nagios and Icinga do.'),
  success_codes: z
    .array(z.int().min(0).max(255))
    .nonempty()
    .optional()
    .describe('Exit codes after which the output counts; 0 unless given, for nagios 0 to 3.'),
  labels: z
    .record(z.string().regex(labelName, 'is not a label name'), z.string())
    .refine((labels) => Object.keys(labels).every((name) => !ownLabels.has(name)), {
      error: `must not be one of ${[...ownLabels].join(', ')}`,
    })
    .default({})
    .describe('Labels for its series; a label that the command itself gives prevails.'),
  environment: z
    .record(z.string().regex(variableName, 'is not the name of a variable'), secret())
    .default({})
    .describe('Variables for the command, which are never shown.'),
  environment_allow: list(['PATH', 'HOME', 'LANG', 'LC_ALL', 'TZ', 'TMPDIR']).describe(
    "Variables that are passed on from the daemon's own environment; no others are.",
  ),
  working_directory: z.string().startsWith('/').default('/').describe('Where it runs.'),
  user: account('Run as this user of /etc/passwd or this number; takes a daemon that is root.'),
  group: account("Run as this group of /etc/group or this number; the user's own unless given."),
  stdin: secret().optional().describe('What it reads from its standard input, which is empty otherwise.'),
  output_limit: z
    .int()
    .min(1)
    .max(64 * 1024 * 1024)
    .default(1024 * 1024)
    .describe('How many bytes it may write; at one more it is ended.'),
  kill_after: duration('500ms').describe('How long after SIGTERM what is left of it gets SIGKILL.'),
});

/** The options of a command, checked. */
export type CommandOptions = z.output<typeof commandOptions>;
