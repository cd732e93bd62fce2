/** What the command line offers, as data: read from the program itself, for shell completions and the manual page. */
import type { Argument, Command, Option } from 'commander';
import type { Registry } from '../config/config.ts';
import { type FlagName, flagNames } from '../config/flags.ts';

/** An option of a command. */
export interface OfferedOption {
  /** As it is written, such as `--format <format>`. */
  readonly usage: string;
  readonly long: string;
  readonly takesValue: boolean;
  readonly isFile: boolean;
  readonly choices: readonly string[];
  readonly description: string;
}

/** A command. */
export interface OfferedCommand {
  readonly name: string;
  readonly description: string;
  /** Its arguments as they are written, such as `[names...]`. */
  readonly usage: string;
  /** What the first argument may be: `file`, `collector`, one of a few words, or anything. */
  readonly argument: 'file' | 'collector' | 'none' | 'any' | readonly string[];
  readonly options: readonly OfferedOption[];
}

/** The whole of it. */
export interface Offer {
  readonly name: string;
  readonly description: string;
  readonly commands: readonly OfferedCommand[];
  readonly collectors: readonly string[];
  /** Flags that set keys of the config. */
  readonly flags: readonly FlagName[];
}

function optionOf(option: Option): OfferedOption {
  const { long, flags, description, required, optional } = option;
  return {
    usage: flags,
    long: long ?? flags,
    takesValue: required || optional,
    isFile: flags.includes('<file>'),
    choices: option.argChoices ?? [],
    description: description ?? '',
  };
}

function argumentOf(argument: Argument | undefined): OfferedCommand['argument'] {
  if (argument === undefined) return 'none';
  if (argument.argChoices !== undefined) return argument.argChoices;
  if (argument.name() === 'file') return 'file';
  return argument.name() === 'names' ? 'collector' : 'any';
}

function usageOf(argument: Argument): string {
  const name = argument.variadic ? `${argument.name()}...` : argument.name();
  return argument.required ? `<${name}>` : `[${name}]`;
}

/** Reads what a program offers. */
export function offerOf(program: Command, registry: Registry): Offer {
  const help = program.createHelp();
  return {
    name: program.name(),
    description: program.description(),
    commands: program.commands.map((command) => ({
      name: command.name(),
      description: command.description(),
      usage: command.registeredArguments.map(usageOf).join(' '),
      argument: argumentOf(command.registeredArguments[0]),
      options: help.visibleOptions(command).map(optionOf),
    })),
    collectors: [...new Set([...registry.collectors, ...registry.portable].map(({ name }) => name))].sort(),
    flags: flagNames(registry),
  };
}

/** Each spelling of a flag that sets a key: a switch has two; the others end with `=`. */
export function spellings({ flag }: FlagName): string[] {
  const [, name] = /^--\[no-\](.+)$/.exec(flag) ?? [];
  return name === undefined ? [`${flag}=`] : [`--${name}`, `--no-${name}`];
}
