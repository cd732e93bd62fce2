import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { accountOf } from '../../../../collectors/host/exec/account.ts';
import { doubtsAbout } from '../../../../collectors/host/exec/command-file.ts';
import { labelling } from '../../../../collectors/host/exec/labels.ts';
import { inOneLine, OutputTail } from '../../../../collectors/host/exec/output-tail.ts';
import { parseStat } from '../../../../collectors/host/exec/process-tree.ts';
import { readOutput } from '../../../../collectors/host/exec/output.ts';
import { inBaseUnit, unitOf } from '../../../../collectors/host/exec/units.ts';
import { gauge } from '../../../../src/collector.ts';
import { Encoder } from '../../../../src/exposition/encode.ts';
import { formatBlocks } from '../../../../src/exposition/format.ts';
import { text } from '../../../support/expose.ts';
import { temporaryFolder } from '../../../support/program.ts';

describe('a unit', () => {
  test.each([
    [1, '', 1, ''],
    [250, 'ms', 0.25, 'seconds'],
    [250, 'us', 0.000_25, 'seconds'],
    [2, 'm', 120, 'seconds'],
    [1, 'd', 86_400, 'seconds'],
    [79.5, '%', 0.795, 'ratio'],
    [1.1, 'ms', 0.0011, 'seconds'],
    [3, 'B', 3, 'bytes'],
    [3, 'KB', 3_000, 'bytes'],
    [3, 'kB', 3_000, 'bytes'],
    [3, 'KiB', 3_072, 'bytes'],
    [2, 'TB', 2e12, 'bytes'],
    [1, 'GiB', 2 ** 30, 'bytes'],
    [3, 'kb', 3_000, 'bits'],
    [3, 'Mib', 3 * 2 ** 20, 'bits'],
    [5, 'mV', 0.005, 'volts'],
    [1, 'kWh', 3_600_000, 'joules'],
    [2, 'Ah', 7_200, 'coulombs'],
    [20, 'C', 20, 'celsius'],
    [5, 'ml', 0.005, 'liters'],
    [5, 'kg', 5_000, 'grams'],
    [7, 'widgets', 7, 'widgets'],
  ])('%d%s is %d %s', (value, name, expected, base) => {
    const unit = unitOf(name);
    expect([inBaseUnit(value, unit), unit.base]).toEqual([expected, base]);
  });
});

describe('what a command says on its standard error', () => {
  test('is kept to its last lines, without control characters', () => {
    const tail = new OutputTail();
    for (let line = 1; line <= 50; line += 1) tail.add(Buffer.from(`line ${line}\r\n\n`));
    tail.add(Buffer.from('\u001b[31mred\u0007 \u0000alert\u2028forged level=error'));

    expect(tail.lines).toHaveLength(10);
    expect(tail.lines.slice(-2)).toEqual(['line 50', '[31mred alert forged level=error']);
  });

  test('is bounded, however much it is', () => {
    const tail = new OutputTail();
    for (let count = 0; count < 100; count += 1) tail.add(Buffer.alloc(64 * 1024, 'x'));
    tail.add(Buffer.from('\nlast'));

    expect(tail.lines.join('\n').length).toBeLessThanOrEqual(1_000);
    expect(tail.lines.at(-1)).toBe('last');
    expect(inOneLine('y'.repeat(5_000), 300)).toHaveLength(300);
  });
});

test('a process may have any name', () => {
  const rest = '0 -1 4194560 5 0 0 0 1 2 0 0 20 0 1 0 77 3000 400';
  expect(parseStat(`12 (a) b (c) S 1 10 9 ${rest}`)).toEqual({
    pid: 12,
    state: 'S',
    parent: 1,
    group: 10,
    session: 9,
    start: 77,
  });
  expect(parseStat('12 (a')).toBeUndefined();
  expect(parseStat('')).toBeUndefined();
});

describe('an account', () => {
  const files = (): { passwd: string; groups: string } => {
    const folder = temporaryFolder();
    writeFileSync(
      join(folder, 'passwd'),
      'root:x:0:0:root:/root:/bin/sh\nicinga:x:117:119::/var/lib/icinga:/bin/false\n',
    );
    writeFileSync(join(folder, 'group'), 'root:x:0:\nadm:x:4:icinga\n');
    return { passwd: join(folder, 'passwd'), groups: join(folder, 'group') };
  };
  const environment = { HOME: '/var/lib/icinga', USER: 'icinga', LOGNAME: 'icinga' };

  test('by name or number has its group and its home', () => {
    expect(accountOf({ user: 'icinga', ...files() })).toEqual({ uid: 117, gid: 119, environment });
    expect(accountOf({ user: 117, group: 'adm', ...files() })).toEqual({ uid: 117, gid: 4, environment });
    expect(accountOf({ group: 4, ...files() })).toEqual({ gid: 4, environment: {} });
    expect(accountOf(files())).toEqual({ environment: {} });
  });

  test('that no file knows keeps nothing of the daemon', () => {
    expect(accountOf({ user: 4711, ...files() })).toEqual({ uid: 4711, gid: 4711, environment: {} });
    expect(() => accountOf({ user: 'nobodyknows', ...files() })).toThrow(/passwd has no user nobodyknows$/);
    expect(() => accountOf({ group: 'nobodyknows', ...files() })).toThrow(/group has no group nobodyknows$/);
  });
});

describe('the file of a command', () => {
  test('is questionable where it cannot run, or where everyone may change it', () => {
    const folder = temporaryFolder();
    const open = join(folder, 'open');
    mkdirSync(open);
    const script = (path: string, mode: number): string => {
      writeFileSync(path, '#!/bin/sh\n');
      chmodSync(path, mode);
      return path;
    };
    chmodSync(folder, 0o755);
    chmodSync(open, 0o777);
    const good = script(join(folder, 'good'), 0o755);
    const writable = script(join(folder, 'writable'), 0o777);
    const replaceable = script(join(open, 'script'), 0o755);
    const plain = script(join(folder, 'plain'), 0o644);

    expect(doubtsAbout(good, '')).toEqual([]);
    expect(doubtsAbout('good', `/nowhere:${folder}`)).toEqual([]);
    expect(doubtsAbout('writable', folder)).toEqual([`everyone may write to ${writable}`]);
    expect(doubtsAbout(replaceable, '')).toEqual([
      `everyone may replace ${replaceable}, as everyone may write to ${open}`,
    ]);
    for (const missing of [plain, folder, join(folder, 'gone'), 'gone']) {
      expect(doubtsAbout(missing, folder)).toEqual([`${missing} is not found, or may not be executed`]);
    }
    // In /tmp and its like nobody replaces what another owns.
    chmodSync(open, 0o1777);
    expect(doubtsAbout(replaceable, '')).toEqual([]);
  });
});

test('labels are laid on every sample, below those that it has', () => {
  const a = gauge('a', 'A.', ['own']);
  const lay = labelling({ team: 'infra', own: 'laid' });

  expect(formatBlocks(new Encoder().encode(lay([a.sample(1, { own: 'x' }), a.sample(2, { own: 'y' })])))).toBe(text`
    # HELP a A.
    # TYPE a gauge
    a{own="x",team="infra"} 1
    a{own="y",team="infra"} 2
  `);
});

describe('output in the text format', () => {
  const read = (output: string | Uint8Array): string =>
    formatBlocks(
      new Encoder().encode(
        readOutput(
          'exec:job',
          typeof output === 'string' ? Buffer.from(output) : output,
          new Set(['vitald_exec_exit_code']),
        ),
      ),
    );

  test('of every type is served as it is', () => {
    expect(
      read(
        '# HELP jobs_total Jobs.\n# TYPE jobs_total counter\njobs_total{q="a"} 5\n# TYPE t summary\nt{quantile="0.5"} 2\nt_sum 4\nt_count 2\n# TYPE h histogram\nh_bucket{le="1"} 1\nh_bucket{le="+Inf"} 2\nh_sum 3\nh_count 2\nnode_own 7\nodd NaN\n',
      ),
    ).toBe(text`
      # HELP h Metric read from exec:job
      # TYPE h histogram
      h_bucket{le="1"} 1
      h_bucket{le="+Inf"} 2
      h_sum 3
      h_count 2
      # HELP jobs_total Jobs.
      # TYPE jobs_total counter
      jobs_total{q="a"} 5
      # HELP node_own Metric read from exec:job
      # TYPE node_own untyped
      node_own 7
      # HELP odd Metric read from exec:job
      # TYPE odd untyped
      odd NaN
      # HELP t Metric read from exec:job
      # TYPE t summary
      t{quantile="0.5"} 2
      t_sum 4
      t_count 2
    `);
  });

  test.each([
    ['good 1\nbad x\n', 'exec:job:2:5: expected a number as the value, found "x"'],
    ['a 1\nb 2 1395066363000\n', 'exec:job:2:5: b has a timestamp, which would make its samples old ones'],
    ['a{__name__="b"} 1\n', 'exec:job:1:3: the label name "__name__" is reserved'],
    ['cut 12', 'exec:job:1:7: the text ends without a line feed, so it may have been cut off'],
    ['a 1\na 2\n', 'exec:job: a has the series [null,[]] again'],
    ['vitald_exec_exit_code 0\n', 'exec:job: vitald_exec_exit_code is what this collector says of commands'],
    [new Uint8Array([0x61, 0xff, 0x0a]), 'exec:job: The encoded data was not valid for encoding utf-8'],
  ])('that must not be served is refused with its place: %j', (output, message) => {
    expect(() => read(output)).toThrow(message);
  });
});
