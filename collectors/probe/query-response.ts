/**
 * The scripted dialogue of the tcp and unix probers: wait for a line or for bytes, send, go over to TLS.
 *
 * As in blackbox_exporter, `send` gets a line feed behind it, and both `send` and the values of labels may hold what
 * `expect` captured. What comes from the peer meets only re2js, which takes linear time. Differences: `expect_bytes`
 * waits for all of its bytes, however many packets they come in; two entries may both have labels; a line without an
 * end matches once the peer is silent.
 */
import type { Duplex } from 'node:stream';
import type { Clock } from '../../src/clock.ts';
import { gauge, type Sample } from '../../src/collector.ts';
import { loadPatternEngine } from '../../src/config/pattern.ts';
import { pattern, z } from '../../src/config/schema.ts';
import { causeOf, ProbeFailure, timedOut } from './failure.ts';
import { StreamReader } from './query-response-reader.ts';
import { expand, type Captures } from './query-response-template.ts';

const failedDueToRegex = gauge('probe_failed_due_to_regex', 'Indicates if probe failed due to regex');
const failedDueToBytes = gauge('probe_failed_due_to_bytes', 'Indicates if probe failed due to bytes');
const expectInfoHead = ['probe_expect_info', 'Explicit content matched'] as const;

/** For `families` of a prober with a dialogue. The labels of `probe_expect_info` are those of the module. */
export const queryResponseFamilies = [failedDueToRegex, failedDueToBytes, gauge(...expectInfoHead)] as const;

const label = z.strictObject({
  name: z
    .string()
    .regex(/^(?!__)[a-zA-Z_]\w*$/, 'a label name has letters, digits and underscores, and does not begin with a digit')
    .describe('Name of a label of `probe_expect_info`.'),
  value: z.string().default('').describe('Its value, in which `${1}` stands for what `expect` captured.'),
});

/** What a dialogue over a stream and one over messages have both. */
export const expectSendOptions = {
  expect: pattern().optional().describe('Regexp that something received must match.'),
  send: z.string().default('').describe('What to send then; `${1}` stands for what `expect` captured.'),
};

const entry = z
  .strictObject({
    ...expectSendOptions,
    expect_bytes: z.string().default('').describe('Bytes that must come next.'),
    labels: z.array(label).default([]).describe('Labels of `probe_expect_info` once `expect` matched.'),
    starttls: z.boolean().default(false).describe('Go over to TLS then.'),
  })
  .superRefine(({ labels }, context) => {
    for (const [index, { name }] of labels.entries()) {
      if (labels.findIndex((other) => other.name === name) === index) continue;
      context.addIssue({
        code: 'custom',
        path: ['labels', index, 'name'],
        message: `the label ${name} is there twice`,
      });
    }
  });

/** The schema of `query_response`. */
export const queryResponseOptions = z.array(entry).default([]);

type Entry = z.output<typeof entry>;

/** A regexp that gives what it captured. */
export type Matcher = (text: string) => Captures | undefined;

/** Compiles a pattern of the config for text that comes from a target; the pattern is known to be valid. */
export async function compileMatcher(source: string): Promise<Matcher> {
  const engine = await loadPatternEngine();
  return matcherOf(engine.compile(source));
}

type Regexp = ReturnType<Awaited<ReturnType<typeof loadPatternEngine>>['compile']>;

function matcherOf(regexp: Regexp): Matcher {
  const names = regexp.namedGroups();
  return (text) => {
    const matcher = regexp.matcher(text);
    if (!matcher.find()) return undefined;
    const group = (number: number) =>
      number <= matcher.groupCount() ? (matcher.group(number) ?? undefined) : undefined;
    return { group, named: (name) => (Object.hasOwn(names, name) ? group(names[name]!) : undefined) };
  };
}

/** What a dialogue has come to so far, for the samples of a probe that may end at any step. */
export class DialogueFindings {
  regexFailed = false;
  bytesFailed = false;
  readonly #info = new Map<string, Sample>();

  addInfo(labels: Readonly<Record<string, string>>): void {
    const family = gauge(...expectInfoHead, Object.keys(labels));
    const key = family.labelNames.map((name) => [name, labels[name]]);
    this.#info.set(JSON.stringify(key), family.sample(1, labels));
  }

  samples(): Sample[] {
    return [
      failedDueToRegex.sample(this.regexFailed ? 1 : 0),
      failedDueToBytes.sample(this.bytesFailed ? 1 : 0),
      ...this.#info.values(),
    ];
  }
}

/** What a dialogue needs of the probe that it is part of. */
export interface DialogueContext {
  readonly signal: AbortSignal;
  readonly clock: Clock;
  readonly findings: DialogueFindings;
  /** Does the TLS handshake on a stream that nobody reads any more. */
  startTls(stream: Duplex): Promise<Duplex>;
}

/** The dialogue of one module. */
export class Dialogue {
  readonly #entries: readonly Entry[];
  // Compiled at the first probe, as the engine is loaded then.
  #matchers: Promise<readonly (Matcher | undefined)[]> | undefined;

  constructor(entries: readonly Entry[]) {
    this.#entries = entries;
  }

  /** Holds the dialogue; fails with a `ProbeFailure`. The caller destroys the socket. */
  async run(socket: Duplex, context: DialogueContext): Promise<void> {
    if (this.#entries.length === 0) return;
    this.#matchers ??= Promise.all(
      this.#entries.map(async ({ expect }) => (expect?.source ? compileMatcher(expect.source) : undefined)),
    );
    const matchers = await this.#matchers;
    let stream = socket;
    let reader = new StreamReader(stream, context.signal, context.clock);
    try {
      for (const [index, entry] of this.#entries.entries()) {
        const text = await listen(reader, entry, matchers[index], context.findings);
        if (text !== '') await send(stream, `${text}\n`, context.signal);
        if (!entry.starttls) continue;
        reader.detach();
        stream = await context.startTls(stream);
        reader = new StreamReader(stream, context.signal, context.clock);
      }
    } finally {
      reader.detach();
    }
  }
}

/** Waits for what an entry expects; gives what to send. */
async function listen(
  reader: StreamReader,
  entry: Entry,
  matcher: Matcher | undefined,
  findings: DialogueFindings,
): Promise<string> {
  let text = entry.send;
  if (matcher !== undefined) {
    const captures = await reader.findLine(matcher);
    if (captures === undefined) {
      findings.regexFailed = true;
      throw new ProbeFailure('body', 'the peer ended the connection and no line matched');
    }
    text = expand(text, captures);
    if (entry.labels.length > 0) {
      findings.addInfo(Object.fromEntries(entry.labels.map(({ name, value }) => [name, expand(value, captures)])));
    }
  }
  if (entry.expect_bytes !== '') await listenForBytes(reader, Buffer.from(entry.expect_bytes), findings);
  return text;
}

async function listenForBytes(reader: StreamReader, expected: Buffer, findings: DialogueFindings): Promise<void> {
  const differs = (read: Buffer) => {
    const length = Math.min(read.length, expected.length);
    return !read.subarray(0, length).equals(expected.subarray(0, length));
  };
  const read = await reader.bytes(expected.length, differs);
  if (differs(read)) {
    findings.bytesFailed = true;
    throw new ProbeFailure('body', 'the peer sent other bytes');
  }
  if (read.length < expected.length) {
    throw new ProbeFailure(
      'protocol',
      `the peer ended the connection after ${read.length} of ${expected.length} bytes`,
    );
  }
}

function send(stream: Duplex, text: string, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) {
      reject(timedOut('query_response'));
      return;
    }
    const onAbort = () => reject(timedOut('query_response'));
    signal.addEventListener('abort', onAbort, { once: true });
    stream.write(text, (error) => {
      signal.removeEventListener('abort', onAbort);
      if (error) reject(new ProbeFailure('protocol', `the connection broke: ${causeOf(error)}`, { cause: error }));
      else resolve();
    });
  });
}
