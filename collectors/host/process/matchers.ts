/**
 * Which processes belong to which group, as process-exporter's `process_names` say: the first entry whose `comm`, `exe`
 * and `cmdline` all match a process names its group.
 */
import { capturingPattern, z } from '../../../src/config/schema.ts';
import { messageOf } from '../../../src/errors.ts';
import { parseNameTemplate, type Named, type NameTemplate } from './name-template.ts';

const nameTemplate = z.string().transform((text, context): NameTemplate => {
  try {
    return parseNameTemplate(text === '' ? '{{.ExeBase}}' : text);
  } catch (error) {
    context.issues.push({
      code: 'custom',
      message: `${JSON.stringify(text)} is not a name template: ${messageOf(error)}`,
      input: text,
    });
    return z.NEVER;
  }
});

const matcher = z
  .strictObject({
    name: nameTemplate
      .prefault('')
      .describe("Name of the group, in Go's template syntax; `{{.ExeBase}}` where absent."),
    comm: z.array(z.string()).optional().describe('Names of programs, one of which must be the one of the process.'),
    exe: z
      .array(z.string())
      .optional()
      .describe('First words of command lines: one with a slash must be the same, else its base name must.'),
    cmdline: z
      .array(capturingPattern())
      .optional()
      .describe('Regexps that must all match the command line; `(?P<x>...)` gives `{{.Matches.x}}`.'),
  })
  .refine(({ comm, exe, cmdline }) => comm !== undefined || exe !== undefined || cmdline !== undefined, {
    message: 'needs comm, exe or cmdline, else it matches nothing',
  });

/** The option `process_names`. */
export const processNames = z.array(matcher);

/** What a matcher may ask of a process; each is read when it is asked for. */
export interface Candidate extends Omit<Named, 'matches' | 'exeBase' | 'exeFull'> {
  /** The command line, none for a thread of the kernel. */
  readonly argv: readonly string[];
}

/** The last part of a path, as Go's `filepath.Base` has it. */
function baseOf(path: string): string {
  if (path === '') return '.';
  const trimmed = path.replace(/\/+$/, '');
  return trimmed === '' ? '/' : trimmed.slice(trimmed.lastIndexOf('/') + 1);
}

// Nobody reads a longer name, and any user of the host can make one.
const longestName = 512;

type Matcher = z.output<typeof matcher>;

function nameBy({ name, comm, exe, cmdline }: Matcher, candidate: Candidate): string | undefined {
  if (comm !== undefined && !comm.includes(candidate.comm)) return undefined;
  if (exe !== undefined) {
    const [first] = candidate.argv;
    if (first === undefined) return undefined;
    const base = baseOf(first);
    if (!exe.some((wanted) => (wanted.includes('/') ? wanted === first : wanted === base))) return undefined;
  }
  const matches = new Map<string, string>();
  if (cmdline !== undefined) {
    const line = candidate.argv.join(' ');
    for (const pattern of cmdline) {
      const captures = pattern.captures(line);
      if (captures === undefined) return undefined;
      for (const [key, value] of captures) matches.set(key, value);
    }
  }
  const first = (): string => candidate.argv[0] ?? candidate.comm;
  const named: Named = {
    comm: candidate.comm,
    pid: candidate.pid,
    matches,
    get exeFull() {
      return first();
    },
    get exeBase() {
      return candidate.argv.length === 0 ? candidate.comm : baseOf(first());
    },
    get username() {
      return candidate.username;
    },
    get cwd() {
      return candidate.cwd;
    },
    get startTime() {
      return candidate.startTime;
    },
    get cgroups() {
      return candidate.cgroups;
    },
  };
  return name(named).slice(0, longestName);
}

/** Makes what names the group of a process; undefined for a process that no entry matches. */
export function groupNamer(matchers: readonly Matcher[]): (candidate: Candidate) => string | undefined {
  return (candidate) => {
    for (const one of matchers) {
      const name = nameBy(one, candidate);
      if (name !== undefined) return name;
    }
    return undefined;
  };
}
