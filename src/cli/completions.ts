/** `vitald completions`: scripts that make a shell complete the command line, written from what the program offers. */
import { type Offer, type OfferedCommand, spellings } from './offer.ts';

/** The shells that there are scripts for. */
export const shells = ['bash', 'zsh', 'fish'] as const;

/** One of them. */
export type Shell = (typeof shells)[number];

/** A word in single quotes, as sh and its kin read it. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}

function wordsOf({ argument }: OfferedCommand, collectors: readonly string[]): readonly string[] {
  if (argument === 'collector') return collectors;
  return typeof argument === 'string' ? [] : argument;
}

function bashCase(command: OfferedCommand, collectors: readonly string[]): string {
  const options = command.options.map(({ long }) => long);
  const words = wordsOf(command, collectors);
  const values = command.options.filter(({ choices }) => choices.length > 0);
  return [
    `    ${command.name})`,
    ...values.map(
      ({ long, choices }) =>
        `      [[ $before == ${long} ]] && { COMPREPLY=($(compgen -W ${quoted(choices.join(' '))} -- "$word")); return; }`,
    ),
    `      words=${quoted([...words, ...options].join(' '))}`,
    `      files=${command.argument === 'file' ? 'yes' : ''} ;;`,
  ].join('\n');
}

function bash({ name, commands, collectors, flags }: Offer): string {
  return `# bash completion for ${name}
_${name}() {
  local word before command words files i
  word=\${COMP_LINE:0:COMP_POINT}; word=\${word##*[[:space:]]}
  before=\${COMP_WORDS[COMP_CWORD-1]}
  command=
  for ((i = 1; i < COMP_CWORD; i++)); do
    case \${COMP_WORDS[i]} in -*) ;; ${commands.map((each) => each.name).join('|')}) command=\${COMP_WORDS[i]}; break ;; esac
  done
  COMPREPLY=()
  if [[ $before == --config.file || $word == --config.file=* ]]; then
    COMPREPLY=($(compgen -f -- "\${word#--config.file=}"))
    return
  fi
  files=
  case $command in
${commands.map((command) => bashCase(command, collectors)).join('\n')}
    *) words=${quoted([...commands.map((each) => each.name), '--config.file', '--help', '--version'].join(' '))} ;;
  esac
  COMPREPLY=($(compgen -W "$words" -- "$word"))
  [[ -n $files ]] && COMPREPLY+=($(compgen -f -- "$word"))
  if [[ $word == --*.* ]]; then
    COMPREPLY+=($(compgen -W ${quoted(flags.flatMap(spellings).join(' '))} -- "$word"))
  elif [[ $word == -* ]]; then
    COMPREPLY+=($(compgen -W ${quoted([...sectionsOf(flags)].join(' '))} -- "$word"))
  fi
  [[ \${#COMPREPLY[@]} == 1 && \${COMPREPLY[0]} == *[=.] ]] && compopt -o nospace
}
complete -F _${name} ${name}
`;
}

/** The beginnings of the flags, such as `--collector.`, which are offered before there are hundreds to choose from. */
function sectionsOf(flags: Offer['flags']): Set<string> {
  return new Set(flags.flatMap(spellings).map((flag) => flag.slice(0, flag.indexOf('.') + 1)));
}

/** A description within brackets of zsh's _arguments. */
function zshText(text: string): string {
  return text.replaceAll(/[[\]:\\]/g, String.raw`\$&`);
}

function zshCommand(command: OfferedCommand, collectors: readonly string[]): string {
  const options = command.options.map(({ long, description, takesValue, isFile, choices }) => {
    const value = isFile ? ':file:_files' : choices.length > 0 ? `:value:(${choices.join(' ')})` : ':value:';
    return quoted(`${long}${takesValue ? '=' : ''}[${zshText(description)}]${takesValue ? value : ''}`);
  });
  const words = wordsOf(command, collectors);
  const rest =
    command.argument === 'file' ? ["'*:file:_files'"] : words.length > 0 ? [`'*:name:(${words.join(' ')})'`] : [];
  return `    ${command.name}) _arguments ${[...options, ...rest].join(' ')} $flags ;;`;
}

function zsh({ name, commands, collectors, flags }: Offer): string {
  const flagLines = flags.flatMap((flag) =>
    spellings(flag).map((text) => {
      const value = text.endsWith('=') ? `:${zshText(flag.kind)}:` : '';
      return `    ${quoted(`*${text}[${zshText(flag.description)}]${value}`)}`;
    }),
  );
  return `#compdef ${name}
_${name}() {
  local -a commands flags
  commands=(
${commands.map((each) => `    ${quoted(`${each.name}:${each.description}`)}`).join('\n')}
  )
  flags=(
${flagLines.join('\n')}
  )
  if (( CURRENT == 2 )) && [[ $words[2] != -* ]]; then
    _describe command commands
    return
  fi
  local command=$words[2]
  [[ $command == -* ]] && command=run || shift words
  (( CURRENT -= 1 ))
  case $command in
${commands.map((command) => zshCommand(command, collectors)).join('\n')}
  esac
}
if [[ $funcstack[1] == _${name} ]]; then _${name} "$@"; else compdef _${name} ${name}; fi
`;
}

function fish({ name, commands, collectors, flags }: Offer): string {
  const lines = [`# fish completion for ${name}`, `complete -c ${name} -f`];
  for (const command of commands) {
    lines.push(`complete -c ${name} -n __fish_use_subcommand -a ${command.name} -d ${fishQuoted(command.description)}`);
    const within = `complete -c ${name} -n '__fish_seen_subcommand_from ${command.name}'`;
    const words = wordsOf(command, collectors);
    if (command.argument === 'file') lines.push(`${within} -F`);
    if (words.length > 0) lines.push(`${within} -a ${fishQuoted(words.join(' '))}`);
    for (const { long, description, takesValue, isFile, choices } of command.options) {
      const value = isFile ? ' -r -F' : choices.length > 0 ? ` -x -a ${fishQuoted(choices.join(' '))}` : ' -x';
      lines.push(`${within} -l ${long.slice(2)} -d ${fishQuoted(description)}${takesValue ? value : ''}`);
    }
  }
  for (const flag of flags) {
    for (const text of spellings(flag)) {
      const value = text.endsWith('=') ? ' -x' : '';
      const long = text.slice(2).replace(/=$/, '');
      lines.push(`complete -c ${name} -l ${long} -d ${fishQuoted(flag.description)}${value}`);
    }
  }
  return `${lines.join('\n')}\n`;
}

/** fish knows two escapes within single quotes. */
function fishQuoted(text: string): string {
  return `'${text.replaceAll(/['\\]/g, String.raw`\$&`)}'`;
}

/** The script for a shell. */
export function completionsFor(shell: Shell, offer: Offer): string {
  return { bash, zsh, fish }[shell](offer);
}
