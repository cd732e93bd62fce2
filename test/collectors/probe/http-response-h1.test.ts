import { expect, test } from 'vitest';
import { ResponseParser, type ResponseHead } from '../../../collectors/probe/http-response-h1.ts';
import * as fc from '../../support/properties.ts';

interface Read {
  readonly head: ResponseHead | undefined;
  readonly body: string;
  readonly over: boolean;
  readonly failure: string | undefined;
}

/** What a parser makes of pieces, the end of the connection after them. */
function read(pieces: readonly (string | Buffer)[], { method = 'GET', upgrade = false, finish = true } = {}): Read {
  let head: ResponseHead | undefined;
  let body = '';
  let over = false;
  const parser = new ResponseParser(
    { method, upgrade },
    {
      head: (found) => void (head = found),
      body: (bytes) => void (body += bytes.toString('latin1')),
      end: () => void (over = true),
    },
  );
  try {
    for (const piece of pieces) parser.push(Buffer.from(piece as string, 'latin1'));
    if (finish) parser.finish();
  } catch (error) {
    return { head, body, over, failure: (error as Error).message };
  }
  return { head, body, over, failure: undefined };
}

const ok = 'HTTP/1.1 200 OK\r\n';

test('a body is as long as its head says, and what stands behind it is left alone', () => {
  expect(read([`${ok}Content-Length: 4\r\n\r\nfineHTTP/1.1 500 No\r\n\r\n`])).toEqual({
    head: { status: 200, protocol: 'HTTP/1.1', headers: ['Content-Length', '4'], length: 4 },
    body: 'fine',
    over: true,
    failure: undefined,
  });
});

test('chunks are joined, their extensions and the trailer left out', () => {
  const chunks = '4;a=b\r\nfine\r\n00A \r\n, and more\r\n0\r\nDigest: x\r\n\r\n';

  expect(read([`${ok}Transfer-Encoding: chunked\r\n\r\n${chunks}`])).toMatchObject({
    body: 'fine, and more',
    over: true,
    failure: undefined,
  });
});

test('a body without a length ends with the connection', () => {
  expect(read([`${ok}\r\nfi`, 'ne'])).toMatchObject({ body: 'fine', over: true, failure: undefined });
  expect(read([`${ok}\r\nfi`, 'ne'], { finish: false })).toMatchObject({ body: 'fine', over: false });
});

test.each([
  ['a HEAD', `${ok}Content-Length: 4\r\n\r\n`, 'HEAD'],
  ['the status 204', 'HTTP/1.1 204 No Content\r\n\r\n', 'GET'],
  ['the status 304', 'HTTP/1.1 304 Not Modified\r\nContent-Length: 4\r\n\r\n', 'GET'],
  ['a length of 0', `${ok}Content-Length: 0\r\n\r\n`, 'GET'],
])('the answer to %s ends with its head', (_what, text, method) => {
  expect(read([text], { method, finish: false })).toMatchObject({ body: '', over: true, failure: undefined });
});

test('responses below 200 are passed over, but not without end', () => {
  const hints = 'HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n';

  expect(read([`HTTP/1.1 100 Continue\r\n\r\n${hints}${ok}\r\n`])).toMatchObject({
    head: { status: 200, headers: [] },
  });
  expect(read([hints.repeat(6)]).failure).toBe('too many responses with a status below 200');
});

test('takes lines that end with a line feed alone, headers that go on, and a status without words', () => {
  const { head } = read(['HTTP/1.0 204\nA:  one\n\ttwo \nb:\n\n']);

  expect(head).toEqual({ status: 204, protocol: 'HTTP/1.0', headers: ['A', 'one two', 'b', ''], length: 0 });
});

test('takes blanks before the status, and names of headers with blanks, by which nobody finds them', () => {
  const { head } = read(['HTTP/1.1  200 OK\r\nContent-Length : 2\r\na b: c\r\n\r\n']);

  expect(head).toEqual({
    status: 200,
    protocol: 'HTTP/1.1',
    headers: ['Content-Length ', '2', 'a b', 'c'],
    length: -1,
  });
});

test('leaves out a header without a name, with the lines in which it goes on', () => {
  const { head } = read([`${ok}: x\r\n\tand on\r\nA: b\r\n\r\n`]);

  expect(head).toMatchObject({ headers: ['A', 'b'] });
});

test('chunks count before any length beside them', () => {
  const lengths = 'Content-Length: 4\r\nContent-Length: 5\r\n';

  expect(read([`${ok}${lengths}Transfer-Encoding: Chunked\r\n\r\n6\r\nfinest\r\n0\r\n\r\n`])).toMatchObject({
    head: { length: -1 },
    body: 'finest',
    over: true,
    failure: undefined,
  });
});

test.each([
  ['', -1, '4\r\nfine\r\n0\r\n\r\n'],
  ['Content-Length: 6\r\n', 6, '4\r\nfin'],
])('HTTP/1.0 has no chunks: the body is what came, with the head %j', (lengths, length, body) => {
  const head = `HTTP/1.0 200 OK\r\n${lengths}Transfer-Encoding: chunked\r\n\r\n`;

  expect(read([`${head}4\r\nfine\r\n0\r\n\r\n`])).toMatchObject({ head: { length }, body, failure: undefined });
});

test.each([
  ['GET', 'HTTP/1.1 204 No Content\r\nContent-Length: 4\r\n\r\n', 0],
  ['GET', 'HTTP/1.1 304 Not Modified\r\nContent-Length: 4\r\n\r\n', 0],
  ['HEAD', 'HTTP/1.1 304 Not Modified\r\nContent-Length: 4\r\n\r\n', 4],
  ['HEAD', `${ok}\r\n`, -1],
  ['GET', `${ok}\r\n`, -1],
])('the body of the answer to a %s with the head %j has the length %i', (method, text, length) => {
  expect(read([text], { method }).head).toMatchObject({ length });
});

test('switched protocols are the whole answer to who asked for an upgrade', () => {
  const upgraded = 'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\nframes';

  expect(read([upgraded], { upgrade: true, finish: false })).toMatchObject({
    head: { status: 101, length: 0 },
    body: '',
    over: true,
    failure: undefined,
  });
});

test('takes headers of 200 KB, and a megabyte of them that comes byte by byte, in no time', () => {
  const large = `${ok}X-Policy: ${'y'.repeat(200_000)}\r\nContent-Length: 0\r\n\r\n`;
  const dripped = `${ok}${`a: ${'b'.repeat(100)}\r\n`.repeat(9000)}\r\n`;
  const start = performance.now();

  expect(read([large])).toMatchObject({ over: true, failure: undefined });
  expect(read(dripped.split('')).head?.headers).toHaveLength(18_000);
  expect(performance.now() - start).toBeLessThan(3000);
});

test.each([
  ['SSH-2.0-OpenSSH_9.2p1\r\n', 'the answer does not begin as HTTP/1 does'],
  ['HTTP/1.1 20 OK\r\n\r\n', 'the answer does not begin as HTTP/1 does'],
  ['HTTP/1.1 2000 OK\r\n\r\n', 'the answer does not begin as HTTP/1 does'],
  ['HTTP/x.1 200 OK\r\n\r\n', 'the answer does not begin as HTTP/1 does'],
  [`${ok}no colon\r\n\r\n`, 'the response has a malformed header'],
  [`${ok}a\tb: c\r\n\r\n`, 'the response has a malformed header'],
  [`${ok} first: c\r\n\r\n`, 'the response has a malformed header'],
  [`${ok}a: b\rc\r\n\r\n`, 'the response has a malformed header'],
  [`${ok}a: b\0\r\n\r\n`, 'the response has a malformed header'],
  [`${ok}Content-Length: 4\r\nContent-Length: 5\r\n\r\n`, 'the response has two lengths'],
  [`${ok}Content-Length: -4\r\n\r\n`, 'the response has a length that is no number'],
  [`${ok}Content-Length: 99999999999999999\r\n\r\n`, 'the response has a length that is no number'],
  [`${ok}Transfer-Encoding: gzip\r\n\r\n`, 'the response has a transfer encoding other than chunked'],
  [`${ok}Transfer-Encoding: chunked\r\n\r\nx\r\n`, 'a chunk has no size'],
  [`${ok}Transfer-Encoding: chunked\r\n\r\n1\r\nab\r\n`, 'a chunk is longer than it says'],
  [`${ok}Transfer-Encoding: chunked\r\n\r\n${'1'.repeat(5000)}`, 'a line between chunks is too long'],
  [`${ok}Transfer-Encoding: chunked\r\n\r\n0\r\n${'a: b\r\n'.repeat(30_000)}`, 'the trailer is too long'],
  ['HTTP/1.1 101 Switching Protocols\r\n\r\n', 'the target switched protocols without being asked'],
  [`${ok}${'a: b\r\n'.repeat(200_000)}`, 'the headers of the response exceed 1 MiB'],
  [`${ok}${'a: b\r\n'.repeat(10_000)}\r\n`, 'the response has more than 10000 lines of headers'],
  [`${ok}a: b\r\n`, 'the connection ended before the response'],
  ['', 'the connection ended before the response'],
  [`${ok}Content-Length: 4\r\n\r\nfin`, 'the connection ended within the body'],
  [`${ok}Transfer-Encoding: chunked\r\n\r\n4\r\nfine`, 'the connection ended within the body'],
])('refuses %j', (text, failure) => {
  expect(read([text]).failure).toBe(failure);
});

const header = fc.tuple(fc.stringMatching(/^[A-Za-z][\w-]{0,12}$/), fc.stringMatching(/^[!-~]{0,20}$/));
const body = fc.array(fc.stringMatching(/^[ -~\r\n]{1,40}$/), { maxLength: 5 });
const framing = fc.constantFrom('length', 'chunked', 'open');

const response = fc.tuple(fc.array(header, { maxLength: 6 }), body, framing).map(([headers, parts, kind]) => {
  const fields = headers.filter(([name]) => !/^(?:content-length|transfer-encoding)$/i.test(name));
  const content = parts.join('');
  let lines = fields.map(([name, value]) => `${name}: ${value}\r\n`).join('');
  let text = content;
  if (kind === 'length') lines += `Content-Length: ${content.length}\r\n`;
  else if (kind === 'chunked') {
    lines += 'Transfer-Encoding: chunked\r\n';
    text = `${parts.map((part) => `${part.length.toString(16)}\r\n${part}\r\n`).join('')}0\r\n\r\n`;
  }
  return { fields, content, text: `${ok}${lines}\r\n${text}` };
});

/** `text` in pieces, cut at places that fractions of its length give. */
function cut(text: string, places: readonly number[]): string[] {
  const at = places.map((place) => Math.floor(place * text.length)).toSorted((a, b) => a - b);
  return [0, ...at].map((start, index) => text.slice(start, at[index] ?? text.length));
}

const places = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 8 });

test('reads what was written, however it is cut', () => {
  fc.assert(
    fc.property(response, places, ({ fields, content, text }, cuts) => {
      const { head, body: found, over, failure } = read(cut(text, cuts));

      expect(failure).toBeUndefined();
      expect(over).toBe(true);
      expect(found).toBe(content);
      expect(head!.headers.slice(0, 2 * fields.length)).toEqual(fields.flat());
    }),
  );
});

test('says the same of garbage, however it is cut', () => {
  const garbage = fc
    .tuple(response, fc.nat(), fc.string({ unit: 'binary-ascii', maxLength: 3 }))
    .map(([{ text }, at, noise]) => {
      const place = at % (text.length + 1);
      return text.slice(0, place) + noise + text.slice(place + noise.length);
    });
  fc.assert(
    fc.property(garbage, places, (text, cuts) => {
      expect(read(cut(text, cuts))).toEqual(read([text]));
    }),
  );
});
