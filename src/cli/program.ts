/** The command line: its commands, and which arguments are config keys. */
import { existsSync } from 'node:fs';
import { Argument, Command, CommanderError, Option } from 'commander';
import type { Registry } from '../config/config.ts';
import { flagNames, isConfigFlag } from '../config/flags.ts';
import { ConfigError, EXIT_CONFIG, messageOf } from '../errors.ts';
import { errorText } from '../log.ts';
import { packaged } from '../package-root.ts';
import { version } from '../version.ts';
import { checkConfig } from './check-config.ts';
import { collectOnce } from './collect.ts';
import { completionsFor, type Shell, shells } from './completions.ts';
import type { CommandContext } from './context.ts';
import { listCollectors } from './collectors.ts';
import { newPlugin, type PluginKind, plugins } from './new.ts';
import { offerOf } from './offer.ts';
import { showPlan } from './plan.ts';
import { probeOnce } from './probe.ts';
import { runDaemon } from './run.ts';
import { showSchema } from './schema.ts';

const systemConfig = '/etc/vitald/vitald.yml';

function defaultConfig(): string {
  return existsSync(systemConfig) ? systemConfig : packaged('config/vitald.yml');
}

/** Takes the arguments that are config keys out of a command line, with their values where those follow apart. */
export function splitArguments(args: readonly string[], registry: Registry): { config: string[]; rest: string[] } {
  const switches = new Set(
    flagNames(registry).flatMap(({ flag }) => (flag.startsWith('--[no-]') ? [flag.replace('--[no-]', '')] : [])),
  );
  const config: string[] = [];
  const rest: string[] = [];
  for (let index = 0; index < args.length; index += 1) {
    const argument = args[index]!;
    if (argument === '--') return { config, rest: [...rest, ...args.slice(index)] };
    if (!isConfigFlag(argument)) {
      rest.push(argument);
      continue;
    }
    config.push(argument);
    const name = argument.replace(/^--(?:no-)?/, '');
    const isSwitch = argument.startsWith('--no-') || switches.has(name) || /^collector\.[^.]+$/.test(name);
    const next = args[index + 1];
    if (!argument.includes('=') && !isSwitch && next !== undefined && !next.startsWith('--')) {
      config.push(next);
      index += 1;
    }
  }
  return { config, rest };
}

function flagHelp(registry: Registry): string {
  const lines = flagNames(registry).map(({ flag, kind, description }) => {
    const isSwitch = flag.startsWith('--[no-]');
    return `  ${isSwitch ? flag : `${flag}=<${kind}>`}\n      ${description}`;
  });
  return `\nFlags that set config keys, each as --SECTION.SOME-OPTION=VALUE:\n${lines.join('\n')}\n`;
}

/** What options of commands come to. */
interface CommandOptions {
  readonly 'config.file'?: string;
  readonly plugin?: readonly string[];
}

/** The program; `exit` is told the status of the command that ran. */
export function buildProgram(
  registry: Registry,
  configArgs: readonly string[],
  exit: (status: number) => void,
): Command {
  const program = new Command('vitald');
  const out = (text: string): void => void process.stdout.write(text);
  const err = (text: string): void => void process.stderr.write(text);
  const { NO_COLOR = '', TERM } = process.env;
  // https://no-color.org
  const coloured = process.stdout.isTTY && NO_COLOR === '' && TERM !== 'dumb';
  const fileOption = (): Option =>
    new Option('--config.file <file>', `the configuration; without it ${systemConfig}, else the packaged default`);
  const pluginOption = (): Option =>
    new Option('--plugin <file>', 'a plugin beside those of the configuration; may be repeated').argParser(
      (value: string, before: readonly string[] | undefined) => [...(before ?? []), value],
    );
  const contextOf = (file: string | undefined, plugins: readonly string[] = []): CommandContext => ({
    registry,
    out,
    err,
    coloured,
    input: { file: file ?? defaultConfig(), args: configArgs, plugins },
  });
  const withConfig = (
    command: Command,
    action: (context: CommandContext, ...rest: string[]) => Promise<number>,
  ): void => {
    command.addOption(fileOption()).action(async (...given: unknown[]) => {
      const options = given.at(-2) as Record<string, string | undefined>;
      const args = given.slice(0, -2).flat() as string[];
      exit(await action(contextOf(options['config.file']), ...args));
    });
  };

  program
    .description('Host metrics and endpoint checks on cron schedules, served to Prometheus from memory.')
    .version(`vitald ${version}`, '-V, --version')
    .showHelpAfterError('(add --help for what there is)')
    .exitOverride()
    .configureHelp({ sortSubcommands: false });

  const run = program.command('run', { isDefault: true }).description('serve until a signal ends it');
  run.addHelpText('after', () => flagHelp(registry));
  withConfig(run, runDaemon);

  const check = program.command('check-config [file]').description('check a configuration and say every mistake in it');
  check
    .addOption(fileOption())
    .action(async (file: string | undefined, options: Record<string, string | undefined>) => {
      exit(await checkConfig(contextOf(file ?? options['config.file'])));
    });

  program
    .command('collect [names...]')
    .description('run collectors once and print what they give')
    .addOption(fileOption())
    .addOption(pluginOption())
    .action(async (names: string[], options: CommandOptions) => {
      exit(await collectOnce(contextOf(options['config.file'], options.plugin), ...names));
    });

  const probe = program.command('probe <target>').description('probe a target once');
  probe
    .addOption(fileOption())
    .addOption(pluginOption())
    .addOption(new Option('--module <name>', 'the module that says how').default('http_2xx'))
    .addOption(new Option('--format <format>', 'what to print').choices(['text', 'json', 'prometheus']).default('text'))
    .action(async (target: string, options: CommandOptions & { module: string; format: string }) => {
      exit(await probeOnce(contextOf(options['config.file'], options.plugin), target, options));
    });

  withConfig(program.command('collectors').description('list every collector, on or off'), listCollectors);
  withConfig(program.command('plan').description('show what runs when'), showPlan);
  withConfig(
    program.command('schema').description('print a JSON Schema of the configuration, for editors'),
    showSchema,
  );
  program
    .command('new')
    .description('write a plugin that works, with its test, to go on from')
    .addArgument(new Argument('<kind>', 'what it is').choices(plugins))
    .argument('<name>', 'its name, such as queue_depth')
    .argument('[folder]', 'where to write it', '.')
    .action((kind: PluginKind, name: string, folder: string) => exit(newPlugin({ out, err }, kind, name, folder)));
  program
    .command('completions')
    .description('print a script that makes a shell complete this command line')
    .addArgument(new Argument('<shell>', 'the shell').choices(shells))
    .action((shell: Shell) => {
      out(completionsFor(shell, offerOf(program, registry)));
      exit(0);
    });
  return program;
}

function reportError(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode;
  if (error instanceof ConfigError) {
    const count = error.problems.length;
    const summary = `${count} ${count === 1 ? 'mistake' : 'mistakes'} in the configuration`;
    process.stderr.write(errorText(`${error.message}\n${summary}\n`));
    return EXIT_CONFIG;
  }
  process.stderr.write(errorText(`vitald: ${messageOf(error)}\n`));
  return 1;
}

/** Runs a command line to its end and gives the exit status. */
export async function runCommandLine(args: readonly string[], registry: Registry): Promise<number> {
  const { config, rest } = splitArguments(args, registry);
  let status = 0;
  const program = buildProgram(registry, config, (code) => {
    status = code;
  });
  try {
    await program.parseAsync(rest, { from: 'user' });
    return status;
  } catch (error) {
    return reportError(error);
  }
}
