/** What came of a probe, drawn for a person: its phases, and each hop with its certificates. */
import { styleText } from 'node:util';
import type { Sample } from '../collector.ts';
import type { CertificateStep, ProbeOutcome, TracedCertificate } from '../prober.ts';

/** A step that a probe traced. */
export interface TracedStep {
  readonly step: string;
  readonly facts: Readonly<Record<string, unknown>>;
}

/** What is drawn. */
export interface ProbeReport {
  /** Fit to be shown. */
  readonly target: string;
  readonly outcome: ProbeOutcome;
  readonly samples: readonly Sample[];
  readonly durationSeconds: number;
  readonly steps: readonly TracedStep[];
  /** Milliseconds since 1970, for the days that a certificate has left. */
  readonly now: number;
  readonly coloured: boolean;
}

type Style = 'red' | 'yellow' | 'green' | 'bold' | 'dim';
type Paint = (style: Style, text: string) => string;

const dayMs = 86_400_000;
/** How many days before its end a certificate is pointed out. */
const soonDays = 30;

/** The report as text. */
export function drawReport({ target, outcome, samples, durationSeconds, steps, now, coloured }: ProbeReport): string {
  const paint: Paint = (style, text) => (coloured ? styleText(style, text, { validateStream: false }) : text);
  const verdict = outcome.success
    ? paint('green', 'up')
    : `${paint('red', 'down')} in ${outcome.phase}: ${outcome.reason}: ${plain(outcome.detail)}`;
  const total = `  ${'in all'.padEnd(11)}${milliseconds(durationSeconds)}\n`;
  return `${paint('bold', plain(target))} is ${verdict}\n${drawPhases(samples)}${total}${drawHops(steps, now, paint)}`;
}

/** The phases of a probe as bars, each from where the one before ended. */
function drawPhases(samples: readonly Sample[]): string {
  const phases = samples.flatMap(({ family, labels, value }) =>
    family.name.endsWith('_duration_seconds') && labels?.['phase'] !== undefined
      ? [{ name: labels['phase'], seconds: value }]
      : [],
  );
  const total = phases.reduce((sum, { seconds }) => sum + seconds, 0);
  const width = 40;
  let before = 0;
  return phases
    .map(({ name, seconds }) => {
      const start = total === 0 ? 0 : Math.round((before / total) * width);
      const length = seconds === 0 ? 0 : Math.max(1, Math.round((seconds / total) * width));
      before += seconds;
      return `  ${name.padEnd(11)}${milliseconds(seconds)}  ${' '.repeat(start)}${'█'.repeat(length)}\n`;
    })
    .join('');
}

function milliseconds(seconds: number): string {
  return `${(seconds * 1000).toFixed(2).padStart(10)} ms`;
}

/** What is known of each hop: one alone only where it has certificates. */
function drawHops(steps: readonly TracedStep[], now: number, paint: Paint): string {
  const hops: TracedStep[][] = [[]];
  for (const step of steps) {
    hops.at(-1)!.push(step);
    if (step.step === 'redirected') hops.push([]);
  }
  const several = hops.length > 1;
  return hops
    .map((hop, number) => {
      const certificates = hop.filter(({ step }) => step === 'certificate');
      if (!several && certificates.length === 0) return '';
      const heading = several ? `\n${paint('bold', hopHeading(hop, number, hops[number - 1]))}\n` : '\n';
      const drawn = certificates.map(({ facts }) => drawHandshake(facts as unknown as CertificateStep, now, paint));
      return heading + drawn.join('');
    })
    .join('');
}

function hopHeading(hop: readonly TracedStep[], number: number, before: readonly TracedStep[] = []): string {
  const fact = (wanted: string, name: string, steps = hop) => steps.find(({ step }) => step === wanted)?.facts[name];
  const where =
    fact('response', 'url') ?? fact('redirected', 'location', before) ?? fact('resolved', 'host') ?? 'no host';
  const address = fact('connected', 'address');
  const status = fact('response', 'status');
  const answer = status === undefined ? 'no answer' : `${status as number} ${fact('response', 'protocol') as string}`;
  const location = fact('redirected', 'location');
  const onward = location === undefined ? '' : `, to ${location as string}`;
  return plain(
    `hop ${number}: ${where as string}${address === undefined ? '' : ` at ${address as string}`}: ${answer}${onward}`,
  );
}

function drawHandshake(step: CertificateStep, now: number, paint: Paint): string {
  const { server_name, version, cipher, chain, problem, accepted } = step;
  const protocol = [version, cipher].filter((part) => part !== undefined).join(', ');
  const heading = `  certificates for ${plain(server_name)}${protocol === '' ? '' : ` (${plain(protocol)})`}\n`;
  const drawn = chain.map((certificate, index) => drawCertificate(certificate, index, now, paint)).join('');
  const verdict =
    problem === undefined
      ? paint('green', accepted && chain.length > 0 ? 'verified' : 'the peer sent no certificate')
      : paint(
          accepted ? 'yellow' : 'red',
          `${accepted ? 'not verified, as the module says' : 'refused'}: ${plain(problem)}`,
        );
  return `${heading}${drawn}  ${verdict}\n`;
}

function drawCertificate(certificate: TracedCertificate, index: number, now: number, paint: Paint): string {
  const { subject, issuer, names, valid_from, valid_until } = certificate;
  const rows = [
    ['issuer', issuer === subject ? 'itself' : issuer],
    ...(names.length === 0 ? [] : [['names', names.join(', ')]]),
  ];
  const lines = rows.map(([name = '', value = '']) => `       ${name.padEnd(8)}${plain(value)}\n`).join('');
  const validity = `${plain(valid_from.slice(0, 10))} to ${plain(valid_until.slice(0, 10))}`;
  const left = timeLeft(Date.parse(valid_from), Date.parse(valid_until), now, paint);
  return `    ${index + 1}. ${plain(subject || 'no subject')}\n${lines}       ${'valid'.padEnd(8)}${validity}, ${left}\n`;
}

function timeLeft(from: number, until: number, now: number, paint: Paint): string {
  const days = (ms: number): string => {
    const count = Math.floor(ms / dayMs);
    return `${count} day${count === 1 ? '' : 's'}`;
  };
  if (Number.isNaN(from) || Number.isNaN(until)) return paint('red', 'which is no time');
  if (now >= until) return paint('red', `expired ${days(now - until)} ago`);
  if (now < from) return paint('red', `not before ${days(from - now)} from now`);
  return paint(until - now < soonDays * dayMs ? 'yellow' : 'green', `${days(until - now)} left`);
}

/** Text of a peer without what a terminal would take for a command. */
function plain(text: string): string {
  // Control characters, and those that turn the direction of writing.
  return text.replaceAll(/[\p{Cc}\p{Bidi_Control}]/gu, '\uFFFD');
}
