/**
 * The head of an HTTP/1 response: its status line and its headers (RFC 9112 sections 4 and 5). Where servers and the RFC
 * part, it takes what Go's net/http takes: lines that end with a line feed alone, headers that go on in the next line,
 * names with blanks, lines without a name.
 */
import { ProbeFailure } from './failure.ts';

/** What a head says. */
export interface ParsedHead {
  readonly status: number;
  /** As it came: `HTTP/1.1`. */
  readonly protocol: string;
  /** Names and values by turns, as they came. */
  readonly headers: readonly string[];
}

const lineFeed = 0x0a;
const carriageReturn = 0x0d;

// To take a megabyte of very short ones apart would hold everything else up for a tenth of a second.
const maxLines = 10_000;

const beginning = 'HTTP/';
const statusLine = /^(HTTP\/\d\.\d) +(\d{3})(?: (.*))?$/su;
// A name may hold blanks; nobody would look for such a one.
const name = /^[!#$%&'*+.^_`|~\w -]*$/u;
const badInValue = /[\0\r]/u;

/** Whether bytes can be the first of a response, as what does not speak HTTP may never end a line. */
export function beginsAsHttp(bytes: Buffer): boolean {
  const known = Math.min(bytes.length, beginning.length);
  return bytes.toString('latin1', 0, known) === beginning.slice(0, known);
}

/** Where the first byte behind a head stands, behind its empty line, looked for `from` there on; -1 where it has not come. */
export function endOfHead(bytes: Buffer, from: number): number {
  let at = bytes.indexOf(lineFeed, from);
  while (at !== -1) {
    const next = bytes[at + 1];
    if (next === lineFeed) return at + 2;
    if (next === carriageReturn && bytes[at + 2] === lineFeed) return at + 3;
    at = bytes.indexOf(lineFeed, at + 1);
  }
  return -1;
}

/** Reads a head with its empty line; throws a `ProbeFailure` where it is none. */
export function headOf(text: string): ParsedHead {
  const lines = text.split('\n', maxLines + 1);
  if (lines.length > maxLines)
    throw new ProbeFailure('size', `the response has more than ${maxLines} lines of headers`);
  const [, protocol, status] = statusLine.exec(withoutReturn(lines[0]!)) ?? [];
  if (protocol === undefined) throw noHttp();
  const headers: string[] = [];
  // The last two are the empty line and what stands behind its end.
  const end = lines.length - 2;
  for (let at = 1; at < end;) {
    let line = withoutReturn(lines[at]!);
    if (isBlank(line.charCodeAt(0))) throw malformedHeader();
    at += 1;
    // A header that goes on in the next line (RFC 9112 section 5.2).
    for (; at < end && isBlank(lines[at]!.charCodeAt(0)); at += 1) line += ` ${trimmed(withoutReturn(lines[at]!))}`;
    addHeader(headers, line);
  }
  return { status: Number(status), protocol, headers };
}

/** The failure of an answer that is no response. */
export function noHttp(): ProbeFailure {
  return new ProbeFailure('protocol', 'the answer does not begin as HTTP/1 does');
}

function addHeader(headers: string[], line: string): void {
  const colon = line.indexOf(':');
  const found = line.slice(0, colon);
  if (colon === -1 || !name.test(found) || badInValue.test(line)) throw malformedHeader();
  if (found !== '') headers.push(found, trimmed(line.slice(colon + 1)));
}

function malformedHeader(): ProbeFailure {
  return new ProbeFailure('protocol', 'the response has a malformed header');
}

function withoutReturn(line: string): string {
  return line.endsWith('\r') ? line.slice(0, -1) : line;
}

/** Without the blanks around it that are not part of a value; those of Unicode may be. */
function trimmed(value: string): string {
  let start = 0;
  let end = value.length;
  while (start < end && isBlank(value.charCodeAt(start))) start += 1;
  while (end > start && isBlank(value.charCodeAt(end - 1))) end -= 1;
  return value.slice(start, end);
}

function isBlank(code: number): boolean {
  return code === 0x20 || code === 0x09;
}
