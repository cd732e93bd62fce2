import { describe, expect, test } from 'vitest';
import { type LogFormat, type LogStream, openLog, silentLogger } from '../../src/log.ts';

/** A log whose lines are kept. */
async function opened(format: LogFormat, { level = 'debug', isTTY = false, environment = {} } = {}) {
  const written: string[] = [];
  const stream: LogStream = { isTTY, write: (text) => written.push(text) };
  const log = await openLog({ level, format }, stream, environment);
  return { log, written };
}

const bug = new TypeError('x is not a function\nat all');

describe('logfmt', () => {
  test('is a line with time, level, message and fields', async () => {
    const { log, written } = await opened('logfmt');

    log.info({ collector: 'cpu', seconds: 1.5, ok: true }, 'the collector has recovered');

    expect(written).toHaveLength(1);
    expect(written[0]).toMatch(
      /^ts=\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z level=info msg="the collector has recovered" collector=cpu seconds=1\.5 ok=true\n$/,
    );
  });

  test.each([
    ['plain/a.b:c@d+e-1', 'plain/a.b:c@d+e-1'],
    ['two words', '"two words"'],
    ['a "quote"', String.raw`"a \"quote\""`],
    ['one\ntwo', String.raw`"one\ntwo"`],
    ['a=b', '"a=b"'],
    ['', '""'],
    ['日本', '"日本"'],
    [['a', 1], String.raw`"[\"a\",1]"`],
    [null, 'null'],
  ])('quotes a value where it has to: %j', async (value, text) => {
    const { log, written } = await opened('logfmt');

    log.info({ value }, 'x');

    expect(written[0]).toMatch(/\n$/);
    expect(written[0]!.slice(written[0]!.indexOf(' value='), -1)).toBe(` value=${text}`);
  });

  test('keeps a stack in one line', async () => {
    const { log, written } = await opened('logfmt');

    log.error({ err: bug }, 'the collector fails');

    expect(written[0]!.match(/\n/g)).toHaveLength(1);
    expect(written[0]).toContain(String.raw` err="TypeError: x is not a function\nat all\n    at `);
  });
});

describe('journald', () => {
  test.each([
    ['debug', 7],
    ['info', 6],
    ['warn', 4],
    ['error', 3],
  ] as const)('has the priority of %s first, and leaves time and level to the journal', async (level, priority) => {
    const { log, written } = await opened('journald');

    log[level]({ check: 'shop' }, 'the target is down');

    expect(written).toEqual([`<${priority}>msg="the target is down" check=shop\n`]);
  });

  test('keeps a stack in one line, as each line is a message of its own there', async () => {
    const { log, written } = await opened('journald');

    log.error({ err: bug }, 'the collector fails');

    expect(written[0]!.match(/\n/g)).toHaveLength(1);
    expect(written[0]).toMatch(/^<3>msg="the collector fails" err="TypeError: x is not a function\\nat all\\n/);
  });
});

test('json is an object a line', async () => {
  const { log, written } = await opened('json');

  log.warn({ check: 'shop' }, 'the target\nis down');

  expect(written[0]).toMatch(/^[^\n]+\n$/);
  expect(JSON.parse(written[0]!)).toMatchObject({ level: 40, msg: 'the target\nis down', check: 'shop' });
});

describe('pretty', () => {
  test('has time, level and message, and the fields below', async () => {
    const { log, written } = await opened('pretty');

    log.warn({ check: 'shop', reason: 'connect' }, 'the target is down');

    expect(written.join('')).toMatch(
      /^\[\d\d:\d\d:\d\d\.\d{3}\] WARN: the target is down\n {4}check: "shop"\n {4}reason: "connect"\n$/,
    );
  });

  test('is coloured on a terminal only', async () => {
    const escape = '\u001b[';
    const [plain, terminal] = [await opened('pretty'), await opened('pretty', { isTTY: true })];

    plain.log.info({}, 'x');
    terminal.log.info({}, 'x');

    expect(plain.written.join('')).not.toContain(escape);
    expect(terminal.written.join('')).toContain(escape);
  });

  test('shows a stack as it is', async () => {
    const { log, written } = await opened('pretty');

    log.error({ err: bug }, 'the collector fails');

    expect(written.join('')).toMatch(/TypeError: x is not a function\s+at all\s+at /);
  });
});

describe('the format auto', () => {
  test.each([
    ['journald where systemd reads', { environment: { JOURNAL_STREAM: '8:1' }, isTTY: false }, /^<6>/],
    ['journald in a unit', { environment: { INVOCATION_ID: 'x' } }, /^<6>/],
    ['pretty on a terminal', { isTTY: true }, /INFO/],
    ['logfmt elsewhere', {}, /^ts=/],
  ])('is %s', async (_, where, start) => {
    const { log, written } = await opened('auto', where);

    log.info({}, 'x');

    expect(written[0]).toMatch(start);
  });
});

test('what is less severe than the level is not written', async () => {
  const { log, written } = await opened('logfmt', { level: 'warn' });

  log.debug({}, 'a');
  log.info({}, 'b');
  log.warn({}, 'c');
  log.error({}, 'd');

  expect(written.map((line) => /msg=(\w)/.exec(line)?.[1])).toEqual(['c', 'd']);
});

test('a child carries its fields into every line', async () => {
  const { log, written } = await opened('journald');

  log.child({ collector: 'cpu' }).info({ n: 1 }, 'x');

  expect(written).toEqual(['<6>msg=x collector=cpu n=1\n']);
});

test('a silent log has everything that a log has', () => {
  expect(() => {
    silentLogger.child({ a: 1 }).error({ err: bug }, 'x');
    silentLogger.debug({}, 'x');
  }).not.toThrow();
});
