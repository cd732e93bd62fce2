import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { childrenOf, isAlive } from '../support/processes.ts';
import { fetchText, runCommand, startDaemon, temporaryFolder, type TestDaemon, until } from '../support/program.ts';

const plugin = new URL('../support/misbehaving-plugin.js', import.meta.url).pathname;

/** Collectors of the plugin, each with options. */
function config(collectors: Readonly<Record<string, string>>, timing = '{ schedule: 1s, timeout: 800ms }'): string {
  return [
    `plugins: [${JSON.stringify(plugin)}]`,
    `defaults: ${timing}`,
    'collectors:',
    '  disable_defaults: true',
    '  loadavg: {}',
    ...Object.entries(collectors).map(([name, options]) => `  ${name}: { ${options} }`),
    '',
  ].join('\n');
}

/** The value of a series in a scrape. */
function valueOf(scrape: string, series: string): number | undefined {
  const line = scrape.split('\n').find((each) => each.startsWith(`${series} `));
  return line === undefined ? undefined : Number(line.slice(series.length + 1));
}

async function runs(daemon: TestDaemon, collector: string, result: string): Promise<number> {
  const scrape = await fetchText(`${daemon.url}/metrics`);
  return valueOf(scrape, `vitald_collector_runs_total{collector="${collector}",result="${result}"}`) ?? 0;
}

describe('an isolated collector', () => {
  test('whatever it does costs its own runs only', async () => {
    const short = 'isolate: process';
    // Memory is found to be too much while a run is under way: give it the time.
    const long = `${short}, timeout: 20s`;
    const daemon = await startDaemon(
      config({
        loops: short,
        loops_later: short,
        leaks_objects: long,
        leaks_buffers: long,
        exits: long,
        aborts: long,
        segfaults: long,
        rejects: long,
        throws_later: long,
        throws: long,
        never_settles: short,
        floods: long,
        works: long,
      }),
    );
    const from = performance.now();
    const told = (collector: string, reason: RegExp): Promise<unknown> =>
      until(
        () =>
          daemon
            .output()
            .split('\n')
            .some((line) => line.includes(`collector=${collector} `) && reason.test(line)),
        () => `${collector} was not told of by ${reason}:\n${daemon.output()}`,
        90_000,
      );

    await told('loops', /process .* is gone.*it did not end at the deadline of its run/);
    await told('loops_later', /process .* is gone.*it did not end at the deadline of its run/);
    await told('never_settles', /process .* is gone.*it did not end at the deadline of its run/);
    await told('leaks_objects', /process .* is gone.*it needed more than 64 MB of memory/);
    await told('leaks_buffers', /process .* is gone.*it needed more than 64 MB of memory/);
    await told('exits', /process .* is gone.*it ended by itself with status 1/);
    await told('aborts', /process .* is gone.*it was ended by SIGABRT/);
    await told('segfaults', /process .* is gone.*it was ended by SIGSEGV/);
    await told('rejects', /a promise of it was rejected and nobody heard: nobody hears this/);
    await told('throws_later', /it threw where nobody caught it: nobody catches this/);
    await told('throws', /the collector fails.*result=error reason="a bug".*TypeError: a bug/);
    await until(async () => (await runs(daemon, 'works', 'success')) > 3);
    await until(async () => (await runs(daemon, 'floods', 'success')) > 3);
    // One that dies again and again gets a rest.
    await told('exits', /rest_seconds=10/);

    const seconds = (performance.now() - from) / 1000;
    const scrape = await fetchText(`${daemon.url}/metrics`);
    expect(scrape.match(/^misbehaving_flood_total\{/gm)?.length).toBe(10_000);
    expect(valueOf(scrape, 'vitald_collector_dropped_series_total{collector="floods"}')).toBeGreaterThan(30_000);
    expect(await runs(daemon, 'throws', 'error')).toBeGreaterThan(3);
    // The others of the daemon go on. Two cores are shared with a dozen starting processes: not every second counts.
    expect(await runs(daemon, 'loadavg', 'success')).toBeGreaterThan(seconds / 2);
    const last = valueOf(scrape, 'vitald_collector_last_success_timestamp_seconds{collector="loadavg"}')!;
    expect(Date.now() / 1000 - last).toBeLessThan(5);
    // A leak of a gigabyte, or a million series, would be seen in it.
    expect(valueOf(scrape, 'process_resident_memory_bytes')! / 2 ** 20).toBeLessThan(250);

    const children = childrenOf(daemon.process.pid!);
    expect(children.length).toBeGreaterThan(2);
    const { status, ms } = await daemon.end();
    expect(status).toBe(0);
    expect(ms).toBeLessThan(1_500);
    await until(
      () => !children.some(isAlive),
      () => `${children.filter(isAlive).join()} outlived the daemon`,
      3_000,
    );
  });

  test('does not outlive a daemon that is killed, even if it loops', async () => {
    const daemon = await startDaemon(config({ loops: 'isolate: process, timeout: 10m', works: 'isolate: process' }));
    await until(async () => (await runs(daemon, 'works', 'success')) > 1);
    const children = childrenOf(daemon.process.pid!);
    // Both, and the guard.
    expect(children.length).toBe(3);

    await daemon.end('SIGKILL');

    await until(
      () => !children.some(isAlive),
      () => `${children.filter(isAlive).join()} outlived the daemon`,
      5_000,
    );
  });

  test('may be built in', async () => {
    const daemon = await startDaemon(
      'collectors: { disable_defaults: true, loadavg: { isolate: process, timeout: 20s } }',
    );

    await until(async () => /^node_load1 \d/m.test(await fetchText(`${daemon.url}/metrics`)));

    expect(await fetchText(`${daemon.url}/config`)).toContain('isolate: process\n    memory_limit: 64MB\n');
  });

  test('is run once by collect, and told of by plan and collectors', async () => {
    const file = join(temporaryFolder(), 'vitald.yml');
    writeFileSync(file, config({ works: 'isolate: process, memory_limit: 100MB' }, '{ timeout: 20s }'));

    const { status, output } = await runCommand(['collect', 'works', 'floods', `--config.file=${file}`]);
    expect(output).toContain('misbehaving_works 1\n');
    expect(output).toMatch(/^# floods: 10000 series are left out/m);
    expect(status).toBe(0);
    expect((await runCommand(['plan', `--config.file=${file}`])).output).toMatch(/^collector:works .* 10000 +100MB /m);
    expect((await runCommand(['collectors', `--config.file=${file}`])).output).toMatch(/^works +on, isolated /m);
  });
});

describe('a collector of a plugin within the daemon', () => {
  test('may throw, reject, wait for ever and give series without end, and costs its own runs', async () => {
    const daemon = await startDaemon(
      config({ throws: '', throws_later: '', rejects: '', never_settles: '', floods: '', blocks: '', works: '' }),
    );
    await until(async () => (await runs(daemon, 'works', 'success')) > 5);
    const scrape = await fetchText(`${daemon.url}/metrics`);

    expect(await runs(daemon, 'throws', 'error')).toBeGreaterThan(2);
    expect(await runs(daemon, 'never_settles', 'timeout')).toBe(1);
    expect(await runs(daemon, 'rejects', 'timeout')).toBe(1);
    expect(daemon.output()).toMatch(/raised an error outside of any run.*nobody hears this/);
    expect(daemon.output()).toMatch(/raised an error outside of any run.*nobody catches this/);
    expect(scrape.match(/^misbehaving_flood_total\{/gm)?.length).toBe(10_000);
    expect(valueOf(scrape, 'vitald_collector_blocks_total{collector="blocks"}')).toBeGreaterThan(1);
    expect(valueOf(scrape, 'vitald_collector_blocked_seconds_total{collector="blocks"}')).toBeGreaterThan(0.6);
    expect(valueOf(scrape, 'vitald_collector_blocks_total{collector="loadavg"}')).toBeLessThan(3);
    expect(daemon.output().match(/the collector blocks everything else.*collector=blocks/g)?.length).toBe(1);
    expect(valueOf(scrape, 'process_resident_memory_bytes')! / 2 ** 20).toBeLessThan(250);
  });

  test.each(['exits', 'aborts'])('ends the daemon where it %s', async (name) => {
    const file = join(temporaryFolder(), 'vitald.yml');
    writeFileSync(file, config({ [name]: '' }));

    const { status } = await runCommand(['run', `--config.file=${file}`, '--web.listen-address=127.0.0.1:0']);

    expect(status).not.toBe(0);
  });
});
