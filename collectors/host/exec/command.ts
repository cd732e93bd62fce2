/** The options of a command to what is run, with the environment and the account that it gets. */
import { accountOf } from './account.ts';
import type { CommandOptions } from './options.ts';
import type { Command } from './run-command.ts';

// Where the daemon itself was started without one.
const usualPath = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** The variables of a command: those passed on, then those of its user, then its own. */
function environmentOf(
  { environment, environment_allow: allowed }: CommandOptions,
  ofAccount: Readonly<Record<string, string>>,
): Record<string, string> {
  const variables: Record<string, string> = { PATH: usualPath };
  for (const name of allowed) {
    const value = process.env[name];
    if (value !== undefined) variables[name] = value;
  }
  Object.assign(variables, ofAccount);
  for (const [name, hidden] of Object.entries(environment)) variables[name] = hidden.reveal();
  return variables;
}

/** Where a program without a folder is looked for. */
export function searchPathOf(options: CommandOptions): string {
  return environmentOf(options, {})['PATH'] ?? usualPath;
}

/** What to run. Throws `CollectError` where the user or the group is unknown. */
export function commandOf(options: CommandOptions): Command {
  const [program, ...args] = options.command;
  const { environment, ...account } = accountOf(options);
  return {
    program,
    args: args.map((hidden) => hidden.reveal()),
    environment: environmentOf(options, environment),
    workingDirectory: options.working_directory,
    ...account,
    ...(options.stdin === undefined ? {} : { stdin: options.stdin.reveal() }),
    outputLimit: options.output_limit,
    killAfterMs: options.kill_after,
  };
}
