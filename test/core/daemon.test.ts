import { expect, onTestFinished, test } from 'vitest';
import { type AnyCollector, defineCollector, Family, gauge, NoDataError, type Sample } from '../../src/collector.ts';
import { loadConfig } from '../../src/config/load.ts';
import type { Registry } from '../../src/config/config.ts';
import { z } from '../../src/config/schema.ts';
import { Daemon } from '../../src/daemon.ts';
import { parseExposition } from '../../src/exposition/parse.ts';
import type { Logger } from '../../src/log.ts';
import { http } from '../../collectors/probe/http.ts';

const value = gauge('test_value', 'A value.', ['which']);

function collector(name: string, collect: (signal: AbortSignal) => Sample[] | Promise<Sample[]>): AnyCollector {
  return defineCollector({
    name,
    summary: 'A collector of a test.',
    source: 'nothing',
    enabled: true,
    families: [value],
    config: z.strictObject({}),
    create: () => ({ collect }),
  });
}

/** The log as lines of `level message field=value`. */
function recordingLogger(): Logger & { readonly lines: string[] } {
  const lines: string[] = [];
  const at =
    (level: string) =>
    (fields: object, message: string): void => {
      lines.push(`${level} ${message} ${JSON.stringify(fields)}`);
    };
  const log: Logger & { lines: string[] } = {
    lines,
    debug: at('debug'),
    info: at('info'),
    warn: at('warn'),
    error: at('error'),
    child: () => log,
  };
  return log;
}

async function startWith(collectors: readonly AnyCollector[], extra: readonly string[] = []) {
  const registry: Registry = { collectors, portable: [], probers: [http] };
  const args = ['--web.listen-address=127.0.0.1:0', ...extra];
  const config = await loadConfig({ args, platform: 'linux' }, registry);
  const log = recordingLogger();
  const daemon = new Daemon({ config, log });
  await daemon.start();
  onTestFinished(() => daemon.stop());
  const scrape = async () => parseExposition(await (await fetch(daemon.metricsUrl)).text());
  const sample = async (name: string, labels: Record<string, string>): Promise<number | undefined> => {
    const family = (await scrape()).find((parsed) => parsed.family.name === name);
    return family?.samples.find((one) => Object.entries(labels).every(([key, text]) => one.labels[key] === text))
      ?.value;
  };
  return { daemon, log, scrape, sample };
}

const good = (name: string): AnyCollector => collector(name, () => [value.sample(1, { which: name })]);

const hostile: Record<string, { collect: (signal: AbortSignal) => Sample[] | Promise<Sample[]>; result: string }> = {
  throws: {
    collect: () => {
      throw new Error('broken');
    },
    result: 'error',
  },
  rejects: { collect: () => Promise.reject(new Error('broken later')), result: 'error' },
  hangs: { collect: (_signal) => new Promise(() => {}), result: 'timeout' },
  lacks: {
    collect: () => {
      throw new NoDataError('no such device');
    },
    result: 'no_data',
  },
  nan: { collect: () => [value.sample(Number.NaN, { which: 'nan' })], result: 'malformed' },
  twice: {
    collect: () => [value.sample(1, { which: 'twice' }), value.sample(2, { which: 'twice' })],
    result: 'duplicate',
  },
  label: {
    collect: () => [new Family('test_label', 'gauge', 'A value.', ['le-gal']).sample(1, { 'le-gal': 'no' })],
    result: 'malformed',
  },
  family: { collect: () => [new Family('test-name', 'gauge', 'A value.').sample(1)], result: 'malformed' },
  nothing: { collect: () => undefined as unknown as Sample[], result: 'malformed' },
  blocks: {
    collect: () => {
      const end = performance.now() + 200;
      while (performance.now() < end);
      return [value.sample(1, { which: 'blocks' })];
    },
    result: 'success',
  },
};

test('a collector that throws, hangs, blocks or returns nonsense costs only itself, and the metrics say so', async () => {
  const all = Object.entries(hostile).map(([name, { collect }]) => collector(name, collect));
  const { daemon, sample, scrape, log } = await startWith(
    [good('first'), ...all, good('last')],
    Object.keys(hostile).map((name) => `--collector.${name}.timeout=${name === 'blocks' ? '2s' : '100ms'}`),
  );
  while (daemon.slots.some(({ last }) => last === undefined)) await new Promise((resolve) => setImmediate(resolve));

  // The daemon's own counters are rendered on the default schedule; the filter of a scrape does not change that.
  const outcomes = Object.fromEntries(daemon.slots.map(({ name, last }) => [name, last?.result]));
  expect(outcomes).toEqual({
    first: 'success',
    last: 'success',
    ...Object.fromEntries(Object.entries(hostile).map(([name, { result }]) => [name, result])),
  });
  for (const name of ['first', 'last', 'blocks']) {
    expect(await sample('test_value', { which: name })).toBe(1);
    expect(await sample('node_scrape_collector_success', { collector: name })).toBe(1);
  }
  for (const name of Object.keys(hostile).filter((key) => key !== 'blocks')) {
    expect(await sample('node_scrape_collector_success', { collector: name }), name).toBe(0);
    expect(await sample('node_scrape_collector_duration_seconds', { collector: name }), name).toBeGreaterThanOrEqual(0);
  }
  expect((await sample('node_scrape_collector_duration_seconds', { collector: 'blocks' }))!).toBeGreaterThan(0.19);
  expect((await scrape()).filter(({ family }) => /test_label|test-name/.test(family.name))).toEqual([]);
  // One line each, and none for what this host merely lacks.
  const failing = log.lines.filter((line) => line.startsWith('error'));
  const bad = Object.values(hostile).filter(({ result }) => result !== 'success' && result !== 'no_data');
  expect(failing).toHaveLength(bad.length);
});

test('counts each kind of result by itself', async () => {
  const all = Object.entries(hostile)
    .filter(([name]) => name !== 'hangs')
    .map(([name, { collect }]) => collector(name, collect));
  const { daemon, sample } = await startWith(all, ['--defaults.schedule=1s']);

  // The page of the daemon's own families is rendered once a second here.
  const deadline = performance.now() + 10_000;
  while ((await sample('vitald_collector_runs_total', { collector: 'twice', result: 'duplicate' }))! < 1) {
    if (performance.now() > deadline) throw new Error('never counted');
  }

  for (const { name } of daemon.slots) {
    const { result } = hostile[name]!;
    expect(await sample('vitald_collector_runs_total', { collector: name, result }), name).toBeGreaterThan(0);
  }
  expect(await sample('vitald_collector_runs_total', { collector: 'twice', result: 'success' })).toBe(0);
});

test('stops within a second while collectors hang', async () => {
  const { daemon } = await startWith([collector('hangs', (_signal) => new Promise(() => {})), good('good')]);

  const from = performance.now();
  await daemon.stop();

  expect(performance.now() - from).toBeLessThan(1000);
});

test('says which address it cannot have', async () => {
  const { daemon } = await startWith([good('good')]);
  const { host } = new URL(daemon.metricsUrl);
  const registry: Registry = { collectors: [good('good')], portable: [], probers: [http] };
  const config = await loadConfig({ args: [`--web.listen-address=${host}`] }, registry);
  const second = new Daemon({ config, log: recordingLogger() });
  onTestFinished(() => second.stop());

  await expect(second.start()).rejects.toThrow(host.split(':')[1]);
});
