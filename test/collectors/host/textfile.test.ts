import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { textfile } from '../../../collectors/host/textfile.ts';
import { glob } from '../../../collectors/host/textfile/glob.ts';
import { goNumber } from '../../../collectors/host/textfile/merge.ts';
import { contextOf, expose, fixedClock, start, systemOf, text } from '../../support/expose.ts';

let root = '';

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'vitald-textfile-'));
});

afterEach(() => {
  rmSync(root, { recursive: true, force: true });
});

/** Writes files below the folder of the test, all changed at the same second. */
function files(contents: Readonly<Record<string, string | Uint8Array>>, mtimeSeconds = 1_600_000_000): void {
  for (const [name, content] of Object.entries(contents)) {
    const path = join(root, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, content);
    utimesSync(path, mtimeSeconds, mtimeSeconds + 0.75);
  }
}

/** The scrape, with the folder of the test written as ROOT. */
async function scrapeOf(directory: string | string[] = root, options: Record<string, unknown> = {}): Promise<string> {
  const system = systemOf(root, { clock: fixedClock(1_600_000_100_000) });
  return (await expose(textfile, system, { directory, ...options })).replaceAll(root, 'ROOT');
}

/** The lines that the files themselves gave: neither comments nor what the collector says of itself. */
const servedIn = (scrape: string): string[] => scrape.split('\n').filter((line) => /^(?!#|node_textfile|$)/.test(line));

const mtimeOf = (...names: string[]): string[] =>
  names.map((name) => `node_textfile_mtime_seconds{file="ROOT/${name}"} 1600000000`);

const errorHead = text`
  # HELP node_textfile_scrape_error 1 if there was an error opening or reading a file, 0 otherwise
  # TYPE node_textfile_scrape_error gauge
`;

test('serves the metrics of *.prom and the time of each file in whole seconds', async () => {
  files({
    'backup.prom':
      '# HELP backup_bytes Size.\n# TYPE backup_bytes gauge\nbackup_bytes{set="a"} 1.5\nbackup_bytes{set="b"} NaN\n',
    'raid.prom': 'raid_ok 1\n',
    'README.md': 'not a metric',
    'half.prom.tmp': 'x',
  });

  expect(await scrapeOf()).toBe(text`
    # HELP backup_bytes Size.
    # TYPE backup_bytes gauge
    backup_bytes{set="a"} 1.5
    backup_bytes{set="b"} NaN
    # HELP node_textfile_mtime_seconds Unixtime mtime of textfiles successfully read.
    # TYPE node_textfile_mtime_seconds gauge
    node_textfile_mtime_seconds{file="ROOT/backup.prom"} 1600000000
    node_textfile_mtime_seconds{file="ROOT/raid.prom"} 1600000000
    # HELP node_textfile_scrape_error 1 if there was an error opening or reading a file, 0 otherwise
    # TYPE node_textfile_scrape_error gauge
    node_textfile_scrape_error 0
    # HELP raid_ok Metric read from ROOT/raid.prom
    # TYPE raid_ok untyped
    raid_ok 1
  `);
});

test('says nothing but that there was no error where no directory is given', async () => {
  expect(await scrapeOf([])).toBe(`${errorHead}node_textfile_scrape_error 0\n`);
  expect(await scrapeOf('')).toBe(`${errorHead}node_textfile_scrape_error 0\n`);
});

test('reports a directory that is not there', async () => {
  expect(await scrapeOf(join(root, 'gone'))).toBe(`${errorHead}node_textfile_scrape_error 1\n`);
});

test('gives each sample the labels that others of its family have, empty', async () => {
  files({ 'a.prom': 'jobs{host="x"} 1\njobs{queue="y"} 2\njobs 3\n' });

  expect(servedIn(await scrapeOf())).toEqual([
    'jobs{host="x",queue=""} 1',
    'jobs{host="",queue="y"} 2',
    'jobs{host="",queue=""} 3',
  ]);
});

describe('a bad file costs that file only', () => {
  test.each([
    ['a line that is no metric', 'good_total 1\nthis is not a metric line\n'],
    ['a timestamp', 'early 1\nlate 2 1395066363000\n'],
    ['an end without line feed', 'cut 12'],
    ['bytes that are no UTF-8', new Uint8Array([0x61, 0x7b, 0x62, 0x3d, 0x22, 0xff, 0x22, 0x7d, 0x20, 0x31, 0x0a])],
    ['a label that is reserved', 'a{__address__="b"} 1\n'],
    ['a family of this collector', '# TYPE node_textfile_scrape_error counter\nnode_textfile_scrape_error 0\n'],
  ])('with %s', async (_, content) => {
    files({ 'a-bad.prom': content, 'b-good.prom': 'good 1\n' });
    const scrape = await scrapeOf();

    expect(servedIn(scrape)).toEqual(['good 1']);
    expect(scrape).toContain('\nnode_textfile_scrape_error 1\n');
    expect(scrape.split('\n').filter((line) => line.startsWith('node_textfile_mtime'))).toEqual(mtimeOf('b-good.prom'));
  });

  test.runIf(process.platform === 'linux')('that is a named pipe, without waiting for a writer', async () => {
    files({ 'good.prom': 'good 1\n' });
    execFileSync('mkfifo', [join(root, 'pipe.prom')]);
    const scrape = await scrapeOf();

    expect(servedIn(scrape)).toEqual(['good 1']);
    expect(scrape).toContain('\nnode_textfile_scrape_error 1\n');
  });

  test('that is a folder or a link that leads nowhere', async () => {
    files({ 'good.prom': 'good 1\n', 'folder.prom/inside.prom': 'inside 1\n' });
    symlinkSync(join(root, 'gone'), join(root, 'link.prom'));
    const scrape = await scrapeOf();

    expect(servedIn(scrape)).toEqual(['good 1']);
    expect(scrape).toContain('\nnode_textfile_scrape_error 1\n');
  });

  test.skipIf(process.getuid?.() === 0)('that may not be read', async () => {
    files({ 'good.prom': 'good 1\n', 'secret.prom': 'secret 1\n' });
    chmodSync(join(root, 'secret.prom'), 0);

    expect(servedIn(await scrapeOf())).toEqual(['good 1']);
  });
});

describe('a family of several files', () => {
  test('is one family', async () => {
    files({
      'a.prom': '# HELP done_total Done.\n# TYPE done_total counter\ndone_total{job="a"} 1\n',
      'b.prom': '# HELP done_total Done.\n# TYPE done_total counter\ndone_total{job="b",try="2"} 1\n',
    });
    const scrape = await scrapeOf();

    expect(servedIn(scrape)).toEqual(['done_total{job="a"} 1', 'done_total{job="b",try="2"} 1']);
    expect(scrape.match(/# HELP done_total/g)).toHaveLength(1);
    expect(scrape).toContain('\nnode_textfile_scrape_error 0\n');
  });

  test('keeps the help text that came first, and leaves out what comes with another', async () => {
    files({
      'a.prom': '# HELP done Done.\ndone{job="a"} 1\n',
      'b.prom': '# HELP done Ready.\ndone{job="b"} 1\nother 1\n',
      'c.prom': '# HELP done Done.\ndone{job="c"} 1\n',
    });
    const scrape = await scrapeOf();

    expect(servedIn(scrape)).toEqual(['done{job="a"} 1', 'done{job="c"} 1', 'other 1']);
    expect(scrape).toContain('# HELP done Done.\n');
    expect(scrape).toContain('\nnode_textfile_scrape_error 1\n');
    expect(scrape.split('\n').filter((line) => line.startsWith('node_textfile_mtime'))).toEqual(
      mtimeOf('a.prom', 'b.prom', 'c.prom'),
    );
  });

  test('takes the help text of the file that has one', async () => {
    files({ 'a.prom': 'done{job="a"} 1\n', 'b.prom': '# HELP done Done.\ndone{job="b"} 1\n' });
    const scrape = await scrapeOf();

    expect(scrape).toContain('# HELP done Done.\n# TYPE done untyped\ndone{job="a"} 1\ndone{job="b"} 1\n');
    expect(scrape).toContain('\nnode_textfile_scrape_error 0\n');
  });

  test('names its files where none says what it is', async () => {
    files({ 'a.prom': 'done{job="a"} 1\n', 'b.prom': 'done{job="b"} 1\n' });

    expect(await scrapeOf()).toContain('# HELP done Metric read from ROOT/a.prom, ROOT/b.prom\n');
  });

  test('keeps the type that came first', async () => {
    files({ 'a.prom': '# TYPE done counter\ndone{job="a"} 1\n', 'b.prom': 'done{job="b"} 1\nother 1\n' });
    const scrape = await scrapeOf();

    expect(servedIn(scrape)).toEqual(['done{job="a"} 1', 'other 1']);
    expect(scrape).toContain('\nnode_textfile_scrape_error 1\n');
  });

  test('keeps the series that came first', async () => {
    files({ 'a.prom': 'done{job="a"} 1\ndone{job="a"} 2\n', 'b.prom': 'done{job="a",host=""} 3\ndone{job="b"} 4\n' });
    const scrape = await scrapeOf();

    expect(servedIn(scrape)).toEqual(['done{job="a"} 1', 'done{host="",job="b"} 4']);
    expect(scrape).toContain('\nnode_textfile_scrape_error 1\n');
  });
});

describe('histograms and summaries', () => {
  test('are made whole, with bounds as node_exporter writes them', async () => {
    files({
      'a.prom': [
        '# TYPE wait histogram',
        'wait_count{job="a"} 5',
        'wait_bucket{job="a",le="1000000"} 4',
        'wait_bucket{job="a",le="0.50"} 1',
        'wait_sum{job="a"} 12.5',
        'wait_bucket{le="1e-5"} 2',
        'wait_bucket{le="+inf"} 3',
        '',
      ].join('\n'),
    });

    expect(servedIn(await scrapeOf())).toEqual([
      'wait_bucket{job="a",le="0.5"} 1',
      'wait_bucket{job="a",le="1e+06"} 4',
      'wait_bucket{job="a",le="+Inf"} 5',
      'wait_sum{job="a"} 12.5',
      'wait_count{job="a"} 5',
      'wait_bucket{job="",le="1e-05"} 2',
      'wait_bucket{job="",le="+Inf"} 3',
      'wait_sum{job=""} 0',
      'wait_count{job=""} 0',
    ]);
  });

  test('of a summary stand in the order of their quantiles', async () => {
    files({
      'a.prom': '# TYPE size summary\nsize{quantile="0.9"} 9\nsize_sum 30\nsize{quantile="0.5"} NaN\nsize_count 3\n',
    });

    expect(servedIn(await scrapeOf())).toEqual([
      'size{quantile="0.5"} NaN',
      'size{quantile="0.9"} 9',
      'size_sum 30',
      'size_count 3',
    ]);
  });

  test('report a part that is given twice', async () => {
    files({ 'a.prom': '# TYPE size summary\nsize_sum 30\nsize_sum 31\nsize_count 3\n' });
    const scrape = await scrapeOf();

    expect(servedIn(scrape)).toEqual(['size_sum 30', 'size_count 3']);
    expect(scrape).toContain('\nnode_textfile_scrape_error 1\n');
  });
});

describe('directories', () => {
  test('may be several, and a file is read once though two of them lead to it', async () => {
    files({ 'one/a.prom': 'a 1\n', 'two/b.prom': 'b 1\n' });
    const scrape = await scrapeOf([`${root}/o*`, join(root, 'one'), `${root}/one/`, join(root, 'two')]);

    expect(servedIn(scrape)).toEqual(['a 1', 'b 1']);
    expect(scrape).toContain('\nnode_textfile_scrape_error 0\n');
    expect(scrape).toContain('{file="ROOT/one/a.prom"}');
  });

  test('that a wildcard finds among files are reported when they are none', async () => {
    files({ 'apps/x/a.prom': 'a 1\n', 'apps/y.txt': '' });
    const scrape = await scrapeOf(`${root}/apps/*`);

    expect(servedIn(scrape)).toEqual(['a 1']);
    expect(scrape).toContain('\nnode_textfile_scrape_error 1\n');
  });

  test.each([
    ['*', ['.hidden', 'ab', 'a[b', 'b1', 'b2']],
    ['?b', ['ab']],
    ['b[1-1]', ['b1']],
    ['b[^1]', ['b2']],
    [String.raw`a\[b`, ['a[b']],
    ['[.b]*', ['.hidden', 'b1', 'b2']],
    ['*/in', ['b1/in']],
    ['b[', []],
    ['b[2-1]', []],
    ['nothing*', []],
  ])('are found as Go finds them: %s', (pattern, names) => {
    for (const name of ['.hidden', 'ab', 'a[b', 'b1/in', 'b2']) mkdirSync(join(root, name), { recursive: true });
    const whole = `${root}/${pattern}`;

    // A pattern that matches nothing stands for itself, so that the mistake is reported.
    expect(glob(whole).toSorted()).toEqual(
      names.length === 0 ? [whole] : names.map((name) => join(root, name)).toSorted(),
    );
  });
});

describe('max_age', () => {
  test('leaves out the metrics of old files, counts these and keeps their time', async () => {
    files({ 'old.prom': 'old 1\n' }, 1_600_000_000 - 3600);
    files({ 'new.prom': 'new 1\n' });

    expect(await scrapeOf(root, { max_age: '30m' })).toBe(text`
      # HELP new Metric read from ROOT/new.prom
      # TYPE new untyped
      new 1
      # HELP node_textfile_mtime_seconds Unixtime mtime of textfiles successfully read.
      # TYPE node_textfile_mtime_seconds gauge
      node_textfile_mtime_seconds{file="ROOT/new.prom"} 1600000000
      node_textfile_mtime_seconds{file="ROOT/old.prom"} 1599996400
      # HELP node_textfile_scrape_error 1 if there was an error opening or reading a file, 0 otherwise
      # TYPE node_textfile_scrape_error gauge
      node_textfile_scrape_error 0
      # HELP vitald_textfile_stale_files Text files whose metrics are left out as older than max_age.
      # TYPE vitald_textfile_stale_files gauge
      vitald_textfile_stale_files 1
    `);
  });
});

test('serves the new contents when a file is replaced, and the old ones until then', async () => {
  files({ 'a.prom': 'a 1\n' });
  const exposed = start(textfile, systemOf(root), { directory: root });
  const served = async (): Promise<string[]> => servedIn(await exposed.scrape());

  expect(await served()).toEqual(['a 1']);
  expect(await served()).toEqual(['a 1']);
  files({ next: 'a 2\n' });
  renameSync(join(root, 'next'), join(root, 'a.prom'));
  expect(await served()).toEqual(['a 2']);
  files({ 'a.prom': 'a\n' });
  expect(await served()).toEqual([]);
  rmSync(join(root, 'a.prom'));
  expect(await exposed.scrape()).toBe(`${errorHead}node_textfile_scrape_error 0\n`);
});

test('says once what is wrong with a file, and again when something else is', async () => {
  files({ 'a.prom': 'x\n' });
  const said: unknown[] = [];
  const log = { debug() {}, info() {}, error() {}, warn: (fields: object) => said.push(fields), child: () => log };
  const config = textfile.config.parse({ directory: root });
  const collector = textfile.create(config, contextOf(systemOf(root), log));
  const signal = new AbortController().signal;

  await collector.collect(signal);
  await collector.collect(signal);
  files({ 'a.prom': 'x 1 2\n' });
  await collector.collect(signal);

  expect(said).toEqual([
    { file: join(root, 'a.prom'), error: expect.stringContaining('line 1: expected a number') },
    { file: join(root, 'a.prom'), error: expect.stringContaining('x has a timestamp') },
  ]);
});

test.each([
  [0.5, '0.5'],
  [1, '1'],
  [100_000, '100000'],
  [1_000_000, '1e+06'],
  [1_234_567.5, '1.2345675e+06'],
  [0.0001, '0.0001'],
  [0.000_01, '1e-05'],
  [1e100, '1e+100'],
  [-2_500_000, '-2.5e+06'],
  [-0, '-0'],
  [Infinity, '+Inf'],
  [-Infinity, '-Inf'],
  [Number.NaN, 'NaN'],
])('writes the bound %d as Go does', (value, written) => {
  expect(goNumber(value)).toBe(written);
});
