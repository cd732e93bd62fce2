/** The API as a client sees it: answers that are checked against their schemas, and a stream of events. */
import fastify, { type FastifyInstance } from 'fastify';
import { request } from 'node:http';
import { expect, onTestFinished } from 'vitest';
import { apiSchemas } from '../../scripts/api-schemas.ts';
import type {
  CheckAnswer,
  ChecksAnswer,
  CollectorsAnswer,
  ErrorAnswer,
  HostAnswer,
  ResetEvent,
  StatusAnswer,
  UpdateEvent,
} from '../../src/api/types.ts';
import { until } from './program.ts';

interface Answers {
  StatusAnswer: StatusAnswer;
  CollectorsAnswer: CollectorsAnswer;
  ChecksAnswer: ChecksAnswer;
  CheckAnswer: CheckAnswer;
  HostAnswer: HostAnswer;
  ErrorAnswer: ErrorAnswer;
  ResetEvent: ResetEvent;
  UpdateEvent: UpdateEvent;
}

let made: Promise<FastifyInstance> | undefined;

/** Fastify checks bodies by the schemas of its routes; here a body is an answer. */
async function validator(): Promise<FastifyInstance> {
  const app = fastify({
    bodyLimit: 64e6,
    ajv: { customOptions: { removeAdditional: false, coerceTypes: false, useDefaults: false } },
  });
  for (const [$id, schema] of Object.entries(apiSchemas)) app.addSchema({ $id, ...schema });
  for (const name of Object.keys(apiSchemas)) {
    app.post(`/${name}`, { schema: { body: { $ref: `${name}#` } } }, () => 'valid');
  }
  await app.ready();
  return app;
}

/** Fails where the text is not what a schema says; gives its value. */
export async function parseAs<Name extends keyof Answers>(name: Name, text: string): Promise<Answers[Name]> {
  const app = await (made ??= validator());
  const { body } = await app.inject({
    method: 'POST',
    url: `/${name}`,
    headers: { 'content-type': 'application/json' },
    payload: text,
  });
  expect(body, `${name}: ${text.slice(0, 300)}`).toBe('valid');
  return JSON.parse(text) as Answers[Name];
}

/** Fetches an answer and checks it. */
export async function fetchAs<Name extends keyof Answers>(
  name: Name,
  url: string,
  init?: RequestInit,
): Promise<Answers[Name]> {
  const response = await fetch(url, init);
  expect(response.headers.get('content-type')).toBe('application/json; charset=utf-8');
  expect(response.headers.get('cache-control')).toBe('no-store');
  return parseAs(name, await response.text());
}

/** An event as it came. */
export interface ReceivedEvent {
  readonly id: string;
  readonly event: string;
  readonly data: string;
}

/** A stream of events. */
export interface EventStream {
  readonly events: ReceivedEvent[];
  readonly closed: () => boolean;
  /** Waits for an event that will do. */
  waitFor(wanted: (event: ReceivedEvent) => boolean, ms?: number): Promise<ReceivedEvent>;
  close(): void;
}

/** Opens a stream; rejects where the answer is none. */
export async function openEvents(url: string, headers: Record<string, string> = {}): Promise<EventStream> {
  const events: ReceivedEvent[] = [];
  let closed = false;
  let rest = '';
  const asked = request(url, { headers: { accept: 'text/event-stream', ...headers } });
  await new Promise<void>((resolve, reject) => {
    asked.once('response', (response) => {
      if (response.statusCode !== 200) {
        reject(new Error(`answered ${response.statusCode}`));
        return;
      }
      response.setEncoding('utf8');
      response.on('data', (text: string) => {
        const parts = (rest + text).split('\n\n');
        rest = parts.pop()!;
        for (const part of parts) {
          const fields = Object.fromEntries(
            part.split('\n').map((line) => [line.slice(0, line.indexOf(': ')), line.slice(line.indexOf(': ') + 2)]),
          );
          const { id, event, data } = fields;
          if (id !== undefined && event !== undefined && data !== undefined) events.push({ id, event, data });
        }
      });
      response.on('close', () => void (closed = true));
      response.on('error', () => void (closed = true));
      resolve();
    });
    asked.once('error', reject);
    asked.end();
  });
  asked.on('error', () => void (closed = true));
  onTestFinished(() => void asked.destroy());
  return {
    events,
    closed: () => closed,
    close: () => void asked.destroy(),
    async waitFor(wanted, ms = 10_000) {
      await until(
        () => events.some(wanted),
        () => `no such event among ${events.map(({ event, data }) => `${event} ${data.slice(0, 200)}`).join('\n')}`,
        ms,
      );
      return events.find(wanted)!;
    },
  };
}
