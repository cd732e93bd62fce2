import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { crc32 } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { gauge } from '../../../src/collector.ts';
import { decodeHistory, encodeHistory, UnusableHistory } from '../../../src/history/file-format.ts';
import { History } from '../../../src/history/history.ts';
import { HistoryKeeper } from '../../../src/history/keeper.ts';
import { recordedLog } from '../../support/daemons.ts';
import { handClock } from '../../support/hand-clock.ts';
import { fakeCheck, type FakeCheck } from '../../support/history-checks.ts';
import { temporaryFolder } from '../../support/program.ts';

const load = gauge('node_load1', 'Load.');

/** A history with runs of two checks, a chart, and a keeper for it. */
async function kept({ directory = temporaryFolder(), fill = true, budget = 8e6 } = {}) {
  const clock = handClock();
  clock.advance(1_700_000_000_000);
  const fakes = [fakeCheck('shop', clock), fakeCheck('<bank & söhne>', clock)];
  const history = new History(budget);
  const log = recordedLog();
  const keeper = new HistoryKeeper({
    history,
    directory,
    clock,
    log,
    host: () => ({ state: 'well', sinceAt: 1234 }),
  });
  const host = fill ? undefined : keeper.restore();
  history.set(fakes.map(({ check }) => check));
  if (fill) {
    const run = async (fake: FakeCheck): Promise<void> => {
      await fake.probe();
      history.probed(fake.check, false);
    };
    for (let index = 0; index < 12; index += 1) {
      fakes[0]!.next = index % 4 === 3 ? { reason: 'status' } : { phases: { connect: 0.1 } };
      for (const fake of fakes) await run(fake);
      history.collected('loadavg', [load.sample(index / 4)], clock.now());
      clock.advance(10_000);
    }
  }
  return { keeper, history, fakes, clock, log, directory, host, file: join(directory, 'history.bin') };
}

type Kept = Awaited<ReturnType<typeof kept>>;

/** All that a history tells. */
function told({ history, fakes, clock }: Kept): unknown {
  return {
    load: [
      ...history.charts.of('load').since(-Infinity).times,
      ...history.charts.of('load').since(-Infinity).series[0]!.values,
    ],
    checks: fakes.map(({ check }) => [
      history.summary(check, clock.now()),
      history.rows.runs(history.rowOf(check)!),
      history.rows.latencies(history.rowOf(check)!, clock.now()),
      history.changesOf(check),
    ]),
  };
}

/** What reading throws. */
function refusalOf(file: Buffer): string {
  try {
    decodeHistory(file);
    return 'none';
  } catch (error) {
    return error instanceof UnusableHistory ? 'UnusableHistory' : String(error);
  }
}

test('what was written is what is read', async () => {
  const before = await kept();
  await before.keeper.write();
  const after = await kept({ directory: before.directory, fill: false });
  after.clock.advance(before.clock.now() - after.clock.now());

  expect(after.host).toEqual({ state: 'well', sinceAt: 1234 });
  expect(told(after)).toEqual(told(before));
  expect(after.log.lines[0]).toContain('the history of the daemon before is in place');
  expect(readdirSync(before.directory)).toEqual(['history.bin']);
});

test('it is written once a minute and at the end, and the folder is made', async () => {
  const directory = join(temporaryFolder(), 'deep', 'er');
  const { keeper, clock, file } = await kept({ directory });
  keeper.start();
  clock.advance(59_000);
  expect(existsSync(directory)).toBe(false);
  clock.advance(2_000);
  await keeper.write();
  const first = readFileSync(file);
  clock.advance(30_000);
  await keeper.stop();
  const second = readFileSync(file);
  expect(decodeHistory(second).writtenAt).toBeGreaterThan(decodeHistory(first).writtenAt);
  clock.advance(600_000);
  await keeper.write();
  expect(decodeHistory(readFileSync(file)).writtenAt).toBeGreaterThan(decodeHistory(second).writtenAt);
});

test('holds no target that is secret', async () => {
  const directory = temporaryFolder();
  const { history, keeper, clock, file } = await kept({ directory });
  history.set([fakeCheck('one', clock, { target: 'https://user:hunter2@host/path?token=hunter2#hunter2' }).check]);
  await keeper.write();
  const content = readFileSync(file, 'latin1');
  expect(content).toContain('https://host/path');
  expect(content).not.toContain('hunter2');
});

describe('a file that cannot be used', () => {
  const cases: [string, string, (file: Buffer) => Buffer][] = [
    ['is cut off', 'damaged', (file) => file.subarray(0, file.length / 2)],
    ['is empty', 'damaged', () => Buffer.alloc(0)],
    ['is something else', 'damaged', () => Buffer.from('{"version": 1, "this is": "no history"}')],
    [
      'has a bit turned',
      'damaged',
      (file) => {
        const turned = Buffer.from(file);
        turned[file.length - 40]! ^= 4;
        return turned;
      },
    ],
    [
      'is of a later version',
      'newer',
      (file) => {
        const later = Buffer.from(file);
        later.writeUInt32LE(7, 8);
        return later;
      },
    ],
    [
      'has a header that is none, under a good checksum',
      'damaged',
      (file) => {
        const length = file.readUInt32LE(12);
        const broken = Buffer.from(file);
        broken.fill(' ', 16, 16 + length);
        broken.writeUInt32LE(crc32(broken.subarray(0, -4)) >>> 0, broken.length - 4);
        return broken;
      },
    ],
  ];

  test.each(cases)('because it %s is set aside as %s, and the daemon begins anew', async (_what, kind, change) => {
    const before = await kept();
    await before.keeper.write();
    const content = change(readFileSync(before.file));
    writeFileSync(before.file, content);
    const after = await kept({ directory: before.directory, fill: false });

    expect(after.history.summary(after.fakes[0]!.check, 0)?.runCount).toBe(0);
    expect(readFileSync(`${before.file}.${kind}`)).toEqual(content);
    expect(after.log.lines).toHaveLength(1);
    expect(after.log.lines[0]).toMatch(/^warn the history cannot be used; it is set aside .*history\.bin/);
    await after.keeper.write();
    expect(readdirSync(before.directory).sort()).toEqual(['history.bin', `history.bin.${kind}`]);
  });

  test('whatever bytes it has, it is refused and nothing else', async () => {
    const before = await kept();
    await before.keeper.write();
    const good = readFileSync(before.file);
    for (let seed = 1; seed < 300; seed += 1) {
      const broken = Buffer.from(good.subarray(0, seed % 3 === 0 ? good.length : (seed * 7919) % good.length));
      for (let index = 0; index < 3 && broken.length > 20; index += 1) {
        broken[12 + ((seed * 31 + index * 1009) % (broken.length - 12))] = (seed * 17 + index) & 0xff;
      }
      // With a good checksum it is for the reader to notice.
      if (broken.length > 20) broken.writeUInt32LE(crc32(broken.subarray(0, -4)) >>> 0, broken.length - 4);
      expect(refusalOf(broken)).toMatch(/^(?:none|UnusableHistory)$/);
    }
  });
});

test('a folder that cannot be written is told once, and once more when it can be', async () => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'file'), '');
  const { keeper, log } = await kept({ directory: join(folder, 'file', 'below') });
  await keeper.write();
  await keeper.write();
  expect(log.lines.filter((line) => line.startsWith('warn'))).toHaveLength(1);
  expect(log.lines[0]).toContain('the history cannot be written');
});

test('a file that cannot be read is left alone', async () => {
  const directory = temporaryFolder();
  mkdirSync(join(directory, 'history.bin'));
  const { keeper, log } = await kept({ directory, fill: false });
  await keeper.write();
  expect(log.lines[0]).toContain('the history cannot be read');
  expect(readdirSync(directory)).toEqual(['history.bin']);
});

test('a reload while it is written spoils neither the file nor the next one', async () => {
  const before = await kept();
  const pieces = encodeHistory(before.history, undefined, 0);
  pieces.next();
  pieces.next();
  before.history.set([...before.fakes.map(({ check }) => check), fakeCheck('third', before.clock).check]);
  expect(() => pieces.next()).toThrow('the checks changed while the history was written');

  const writing = before.keeper.write();
  before.history.set(before.fakes.map(({ check }) => check));
  await writing;
  await before.keeper.write();
  expect(decodeHistory(readFileSync(before.file)).checks.keys).toHaveLength(2);
  expect(before.log.lines).toEqual([]);
});

test('ten thousand checks are written in pieces, between which the event loop turns', async () => {
  const clock = handClock();
  const history = new History(8e6);
  history.set(Array.from({ length: 10_000 }, (_, index) => fakeCheck(`check number ${index}`, clock).check));
  const keeper = new HistoryKeeper({
    history,
    directory: temporaryFolder(),
    clock,
    log: recordedLog(),
    host: () => undefined,
  });
  await keeper.write();
  let turns = 0;
  let writing = true;
  const turn = (): void => {
    turns += 1;
    if (writing) setImmediate(turn);
  };
  setImmediate(turn);
  const startedAt = performance.now();
  await keeper.write();
  writing = false;
  // Some forty pieces, each followed by a turn of the loop at least.
  expect(turns).toBeGreaterThan(40);
  expect(performance.now() - startedAt).toBeLessThan(10_000);
});

test('the file is for its owner and group alone', async () => {
  const { keeper, directory, file } = await kept({ directory: join(temporaryFolder(), 'state') });
  await keeper.write();
  expect(statSync(file).mode & 0o007).toBe(0);
  expect(statSync(directory).mode & 0o007).toBe(0);
});
