import { describe, expect, test } from 'vitest';
import { smallRegistry } from '../../support/registry.ts';
import { startTestedDaemon, type TestedDaemon } from '../../support/daemons.ts';
import { until } from '../../support/program.ts';
import { collectorSource, proberSource } from '../../support/plugins.ts';

const { probers } = smallRegistry;

function start(config: string, files: Record<string, string>): Promise<TestedDaemon> {
  return startTestedDaemon(config, { probers, files });
}

/** A collector whose every run does this. */
function doing(name: string, body: string): string {
  return collectorSource(name, { create: `() => ({ ${body} })` });
}

const counting = `(_options, { instruments }) => {
    const runs = instruments.counter('acme_runs_total', 'Runs.', ['of']);
    const last = instruments.gauge('acme_last', 'Last.');
    const sizes = instruments.histogram('acme_size_bytes', 'Sizes.', [10, 100]);
    const waits = instruments.summary('acme_wait_seconds', 'Waits.', [0.5]);
    return {
      collect() {
        runs.add(1, { of: 'one' });
        last.set(5);
        last.add(-2);
        sizes.observe(50);
        waits.observe(2);
        return [];
      },
    };
  }`;

describe('a collector of a plugin', () => {
  test('is served, found by the filters of a scrape, and counted like a built-in one', async () => {
    const tested = await start('plugins: [./one.js]', { 'one.js': collectorSource('one') });

    expect(await tested.value('test_one_value')).toBe(1);
    expect(await tested.value('node_scrape_collector_success{collector="one"}')).toBe(1);
    expect((await tested.get('/metrics?collect[]=one')).text).toContain('test_one_value 1');
    expect((await tested.get('/metrics?exclude[]=one')).text).not.toContain('test_one_value 1');
  });

  test('counts by hand in instruments of its own, which end with it', async () => {
    const tested = await start('plugins: [./one.js]\ndefaults: { schedule: 1s }', {
      'one.js': collectorSource('one', { create: counting }),
    });

    await tested.eventually('acme_last', 3);
    expect(await tested.value('acme_runs_total{of="one"}')).toBeGreaterThan(0);
    expect(await tested.value('acme_size_bytes_bucket{le="10"}')).toBe(0);
    expect(await tested.value('acme_size_bytes_bucket{le="100"}')).toBeGreaterThan(0);
    expect(await tested.value('acme_wait_seconds{quantile="0.5"}')).toBe(2);
    expect((await tested.get('/metrics?collect[]=one')).text).toContain('# TYPE acme_size_bytes histogram');

    tested.folder.write('vitald.yml', '');
    await tested.daemon.reload('test');

    expect((await tested.lines()).filter((line) => line.startsWith('acme_'))).toEqual([]);
  });

  test.each([
    ['vitald_build_info', 'the daemon itself'],
    ['test_one_value', 'the collector one'],
    ['acme_taken_total', 'the collector one'],
  ])('that makes an instrument named %s is told who has that name', async (name, holder) => {
    const one = `(_options, { instruments }) => (instruments.counter('acme_taken_total', 'Taken.'), { collect: () => [] })`;
    const two = `(_options, { instruments }) => (instruments.gauge('${name}', 'A gauge.'), { collect: () => [] })`;
    const tested = await start('', {
      'one.js': collectorSource('one', { create: one }),
      'two.js': collectorSource('two', { create: two }),
    });

    tested.folder.write('vitald.yml', 'plugins: [./one.js, ./two.js]');
    const result = await tested.daemon.reload('test');

    expect(result).toEqual({
      ok: false,
      reason: expect.stringMatching(
        new RegExp(
          `^the collector two of .*/two\\.js cannot be made: the instrument ${name} cannot be made: ${holder} has`,
        ),
      ) as string,
    });
  });

  test('that is made anew keeps the names of its instruments', async () => {
    const tested = await start('plugins: [./one.js]\ndefaults: { schedule: 1s }', {
      'one.js': collectorSource('one', { create: counting }),
    });
    await tested.eventually('acme_last', 3);

    tested.folder.write('one.js', collectorSource('one', { create: counting.replace('last.add(-2)', 'last.add(2)') }));
    expect(await tested.daemon.reload('test')).toEqual({ ok: true });

    await tested.eventually('acme_last', 7);
  });
});

describe('a bad collector costs itself alone', () => {
  test.each([
    ['throws', "collect() { throw new Error('oh no'); }", 'error', 'oh no'],
    ['throws a text', "collect() { throw 'oh no'; }", 'error', 'oh no'],
    ['rejects', "async collect() { throw new Error('oh no'); }", 'error', 'oh no'],
    ['has nothing to say', "collect() { throw new NoDataError('nothing'); }", 'no_data', ''],
    ['never settles', 'collect: () => new Promise(() => {})', 'timeout', 'did not answer within 200 ms'],
    ['returns nothing', 'collect() {}', 'malformed', 'no samples'],
    ['returns a number', 'collect: () => 5', 'malformed', 'no samples'],
    ['returns NaN', 'collect: () => [family.sample(NaN)]', 'malformed', 'is NaN'],
    ['returns a text', "collect: () => [family.sample('5')]", 'malformed', 'is not a number: string'],
    [
      'returns the same series twice',
      'collect: () => [family.sample(1), family.sample(2)]',
      'duplicate',
      'given twice',
    ],
    ['returns null as a sample', 'collect: () => [null]', 'error', 'null'],
    [
      'returns a family without help',
      "collect: () => [{ family: { name: 'x', type: 'gauge', labelNames: [] }, value: 1 }]",
      'malformed',
      'help',
    ],
    [
      'returns a type that is none',
      "collect: () => [{ family: { ...family, type: 'x' }, value: 1 }]",
      'malformed',
      'is not a type',
    ],
    [
      'returns a suffix that is none',
      "collect: () => [{ family, value: 1, suffix: '_x y' }]",
      'malformed',
      'is no suffix',
    ],
    [
      'returns a label that it did not declare',
      "collect: () => [{ family, value: 1, labels: { a: 'b' } }]",
      'malformed',
      'label a',
    ],
    ['throws while it is iterated', "*collect() { yield family.sample(1); throw new Error('half'); }", 'error', 'half'],
  ])('that %s', async (_what, body, result, reason) => {
    const tested = await start(
      `plugins: [./bad.js, ./good.js]
defaults: { schedule: 1s }
collectors: { bad: { timeout: 200ms } }`,
      {
        'bad.js': doing('bad', body),
        'good.js': collectorSource('good'),
      },
    );

    const counted = `vitald_collector_runs_total{collector="bad",result="${result}"}`;
    await until(
      async () => ((await tested.value(counted)) ?? 0) > 0,
      () => `no run was counted as ${result}`,
    );
    expect(await tested.value('test_good_value')).toBe(1);
    expect(await tested.value('test_bad_value')).toBeUndefined();
    const said = tested.log.lines.filter((line) => line.startsWith('error the collector fails'));
    expect(said).toHaveLength(reason === '' ? 0 : 1);
    expect(said.join('\n')).toContain(reason);
  });

  test('that cannot be closed', async () => {
    const tested = await start('plugins: [./bad.js]', {
      'bad.js': doing('bad', "collect: () => [family.sample(1)], close() { throw new Error('stuck'); }"),
    });

    tested.folder.write('vitald.yml', '');

    expect(await tested.daemon.reload('test')).toEqual({ ok: true });
    expect(tested.log.lines.some((line) => line.startsWith('error the collector did not close'))).toBe(true);
  });
});

describe('a reload', () => {
  test('replaces the slots of a changed plugin and leaves the others alone', async () => {
    const tested = await start('plugins: [./one.js, ./two.js]', {
      'one.js': collectorSource('one'),
      'two.js': collectorSource('two'),
    });
    const before = tested.daemon.slots;

    tested.folder.write(
      'one.js',
      collectorSource('one', { config: 'z.strictObject({ value: z.number().default(42) })' }),
    );
    expect(await tested.daemon.reload('test')).toEqual({ ok: true });

    expect(await tested.value('test_one_value')).toBe(42);
    expect(tested.daemon.slots.map((slot, index) => slot === before[index])).toEqual([false, true]);
  });

  test.each([
    ['cannot be parsed', 'export const = 1;', 'vitald.yml:1:11: plugins.0: cannot be loaded'],
    ['exports nothing', 'export {};', 'vitald.yml:1:11: plugins.0: exports neither'],
    [
      'cannot be made',
      collectorSource('one', { create: "() => { throw new Error('oh no'); }" }),
      'cannot be made: oh no',
    ],
    ['makes nothing', collectorSource('one', { create: '() => ({})' }), 'create returned nothing that can collect'],
  ])('to a plugin that %s leaves everything as it was', async (_what, source, reason) => {
    const tested = await start('plugins: [./one.js]', { 'one.js': collectorSource('one') });
    const before = tested.daemon.slots;

    tested.folder.write('one.js', source);
    const result = await tested.daemon.reload('test');

    expect(result).toEqual({ ok: false, reason: expect.stringContaining(reason) as string });
    expect(tested.daemon.slots).toBe(before);
    expect(await tested.value('test_one_value')).toBe(1);
    await tested.eventually('vitald_config_last_reload_successful', 0);

    tested.folder.write('one.js', `${collectorSource('one')}\n// mended`);
    expect(await tested.daemon.reload('test')).toEqual({ ok: true });
  });

  test('comes by itself where the config says so and a plugin changes', async () => {
    const tested = await start('plugins: [./one.js]\nwatch: true', { 'one.js': collectorSource('one') });

    tested.folder.write(
      'one.js',
      collectorSource('one', { config: 'z.strictObject({ value: z.number().default(9) })' }),
    );

    await tested.eventually('test_one_value', 9);
    expect(tested.log.lines.join('\n')).toContain('a file changed');
  });

  test('lets a scrape name the collectors of a plugin that came, and refuses those of one that left', async () => {
    const tested = await start('', { 'one.js': collectorSource('one') });
    expect((await tested.get('/metrics?collect[]=one')).text).toContain('missing collector: one');

    tested.folder.write('vitald.yml', 'plugins: [./one.js]');
    await tested.daemon.reload('test');
    expect((await tested.get('/metrics?collect[]=one')).text).toContain('test_one_value 1');

    tested.folder.write('vitald.yml', 'plugins: [./one.js]\ncollectors: { one: false }');
    await tested.daemon.reload('test');
    expect((await tested.get('/metrics?collect[]=one')).text).toContain('disabled collector: one');
  });
});

test('a prober of a plugin serves modules, with instruments that its modules share', async () => {
  const tested = await start(
    `plugins: [./look.js]
defaults: { schedule: 1s }
modules:
  near: { prober: look }
  far: { prober: look, look: { factor: 10 } }
checks:
  - { name: a, target: shop, module: near }
  - { name: b, target: down, module: far }
`,
    { 'look.js': proberSource('look') },
  );

  await tested.eventually('probe_look_target_bytes{check="a"}', 4);
  await tested.eventually('probe_look_target_bytes{check="b"}', 40);
  expect(await tested.value('probe_success{check="b"}')).toBe(0);
  expect(await tested.value('vitald_check_failures_total{check="b",reason="protocol"}')).toBeGreaterThan(0);
  await tested.eventually('vitald_check_up{check="a"}', 1);
  const series = 'test_look_probes_total';
  expect(await tested.value(series)).toBeDefined();

  tested.folder.write('vitald.yml', '');
  await tested.daemon.reload('test');
  expect(await tested.value(series)).toBeUndefined();
});
