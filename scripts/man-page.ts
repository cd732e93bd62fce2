/**
 * The manual page, from what the command line offers. `tsx scripts/man-page.ts FILE` writes it; `npm run package` does.
 */
import { writeFileSync } from 'node:fs';
import { builtIn } from '../collectors/index.ts';
import { type Offer, offerOf } from '../src/cli/offer.ts';
import { buildProgram } from '../src/cli/program.ts';
import { version } from '../src/version.ts';

/** Text that roff takes as it stands: no line of it is a request, no hyphen becomes a dash. */
function roff(text: string): string {
  return text
    .replaceAll('\\', String.raw`\e`)
    .replaceAll('-', String.raw`\-`)
    .replaceAll(/^([.'])/gm, String.raw`\&$1`);
}

function sentence(text: string): string {
  const first = text.charAt(0).toUpperCase() + text.slice(1);
  return /[.!?]$/.test(first) ? first : `${first}.`;
}

function item(head: string, text: string): string {
  return `.TP\n.B ${roff(head)}\n${roff(sentence(text))}`;
}

function commandSection({ name, commands }: Offer): string {
  return commands
    .map(({ name: command, usage, description, options }) => {
      const parts = [name, command, usage].filter((part) => part !== '').join(' ');
      const items = options
        .filter(({ long }) => long !== '--help')
        .map((option) => item(option.usage, option.description));
      return [`.SS ${roff(parts)}`, roff(sentence(description)), ...items].join('\n');
    })
    .join('\n');
}

function flagSection({ flags }: Offer): string {
  return flags
    .map(({ flag, kind, description }) => item(flag.startsWith('--[no-]') ? flag : `${flag}=<${kind}>`, description))
    .join('\n');
}

const exitStatus = [
  ['0', 'the command did what it was asked, or the daemon was ended by a signal'],
  ['1', 'it did not, or the target of a probe is down'],
  ['78', 'a mistake in the configuration; the unit does not restart on it'],
] as const;

const signals = [
  ['SIGTERM, SIGINT', 'end, within a second'],
  ['SIGHUP', 'load the configuration anew: all of it, or none where it has a mistake'],
] as const;

const files = [
  ['/etc/vitald/vitald.yml', 'the configuration, with every option and its default'],
  ['/var/lib/vitald', 'the one folder that the service may write to'],
] as const;

const environment = [
  ['NOTIFY_SOCKET, WATCHDOG_USEC', 'set by systemd: where to tell the state, and how often the watchdog is to be fed'],
  ['CREDENTIALS_DIRECTORY', 'set by systemd: where the credentials of the unit are'],
  ['NODE_OPTIONS', 'options of Node.js, such as --max-semi-space-size=1'],
] as const;

function items(rows: readonly (readonly [string, string])[]): string {
  return rows.map(([head, text]) => item(head, text)).join('\n');
}

/** The manual page in roff. */
export function manPage(offer: Offer): string {
  const { name, description } = offer;
  return `.TH ${name.toUpperCase()} 1 "" "${name} ${version}" "User Commands"
.SH NAME
${name} \\- host metrics and endpoint checks for Prometheus
.SH SYNOPSIS
.B ${name}
.RI [ command ]
.RI [ option ...]
.SH DESCRIPTION
${roff(description)}
Without a command it runs as a daemon.
.SH COMMANDS
${commandSection(offer)}
.SH FLAGS THAT SET CONFIG KEYS
A flag wins over the file. Repeated, it makes a list. Switches are on as they stand, and off with
.BR \\-\\-no\\- .
${flagSection(offer)}
.SH SIGNALS
${items(signals)}
.SH EXIT STATUS
${items(exitStatus)}
.SH FILES
${items(files)}
.SH ENVIRONMENT
${items(environment)}
.SH SEE ALSO
.BR systemd.service (5),
.BR systemd.exec (5),
.BR promtool (1)
`;
}

/** The manual page of this program. */
export function renderManPage(): string {
  return manPage(
    offerOf(
      buildProgram(builtIn, [], () => {}),
      builtIn,
    ),
  );
}

if (process.argv[1]?.endsWith('man-page.ts') === true) {
  const [, , file] = process.argv;
  if (file === undefined) process.stdout.write(renderManPage());
  else writeFileSync(file, renderManPage());
}
