/**
 * The log: readable on a terminal, with journald levels under systemd, JSON or logfmt where a program reads it.
 */
import { pino } from 'pino';

/** What the daemon's parts may say; structured fields first, then a sentence. */
export interface Logger {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
  child(fields: Record<string, unknown>): Logger;
}

/** How messages are written; `auto` looks where they go. */
export type LogFormat = 'auto' | 'pretty' | 'logfmt' | 'json' | 'journald';

/** Where messages go. */
export interface LogStream {
  readonly isTTY?: boolean | undefined;
  write(text: string): unknown;
}

/** A log that nobody reads, for tests and one-shot commands. */
export const silentLogger: Logger = pino({ enabled: false });

const levelNames: Record<number, string> = {
  10: 'debug',
  20: 'debug',
  30: 'info',
  40: 'warn',
  50: 'error',
  60: 'error',
};

// syslog(3) priorities, which journald reads from the start of a line.
const priorities: Record<number, number> = { 10: 7, 20: 7, 30: 6, 40: 4, 50: 3, 60: 2 };

function chooseFormat(stream: LogStream, environment: NodeJS.ProcessEnv): Exclude<LogFormat, 'auto'> {
  if (environment['JOURNAL_STREAM'] !== undefined || environment['INVOCATION_ID'] !== undefined) return 'journald';
  return stream.isTTY === true ? 'pretty' : 'logfmt';
}

function logfmtValue(value: unknown): string {
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? '');
  return /^[\w./:@+-]+$/.test(text) ? text : JSON.stringify(text);
}

/** One message of pino's as `level=info msg="..." key=value`. */
function logfmt(line: string, withTime: boolean): string {
  const { level, time, msg, pid: _pid, hostname: _hostname, ...fields } = JSON.parse(line) as Record<string, unknown>;
  const error = fields['err'] as { message?: string; stack?: string } | undefined;
  delete fields['err'];
  const pairs = [
    ...(withTime ? [`ts=${new Date(time as number).toISOString()}`] : []),
    ...(withTime ? [`level=${levelNames[level as number] ?? 'info'}`] : []),
    `msg=${logfmtValue(msg)}`,
    ...Object.entries(fields).map(([key, value]) => `${key}=${logfmtValue(value)}`),
    ...(error === undefined ? [] : [`err=${logfmtValue(error.stack ?? error.message ?? 'unknown')}`]),
  ];
  return pairs.join(' ');
}

function journald(line: string): string {
  const { level } = JSON.parse(line) as { level: number };
  // journald takes each line for a message: keep a stack in one.
  return `<${priorities[level] ?? 6}>${logfmt(line, false)}`;
}

/** A text of several lines for the standard error stream; where journald reads that, each line bears the level of an error. */
export function errorText(text: string, environment: NodeJS.ProcessEnv = process.env): string {
  if (environment['JOURNAL_STREAM'] === undefined) return text;
  return text.replaceAll(/^(?=.)/gm, `<${priorities[50]}>`);
}

async function encoderFor(format: Exclude<LogFormat, 'auto'>, colorize: boolean): Promise<(line: string) => string> {
  switch (format) {
    case 'json':
      return (line) => line;
    case 'journald':
      return (line) => `${journald(line)}\n`;
    case 'logfmt':
      return (line) => `${logfmt(line, true)}\n`;
    case 'pretty': {
      // Loaded only where a person reads.
      const { prettyFactory } = await import('pino-pretty');
      return prettyFactory({ colorize, ignore: 'pid,hostname', translateTime: 'SYS:HH:MM:ss.l' });
    }
  }
}

/** Makes the daemon's log. */
export async function openLog(
  { level, format }: { level: string; format: LogFormat },
  stream: LogStream = process.stderr,
  environment: NodeJS.ProcessEnv = process.env,
): Promise<Logger> {
  const chosen = format === 'auto' ? chooseFormat(stream, environment) : format;
  const encode = await encoderFor(chosen, stream.isTTY === true);
  const log: Logger = pino({ level }, { write: (line: string) => void stream.write(encode(line)) });
  return log;
}
