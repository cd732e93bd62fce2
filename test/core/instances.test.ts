import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { describe, expect, test } from 'vitest';
import { collectOnce } from '../../src/cli/collect.ts';
import { listCollectors } from '../../src/cli/collectors.ts';
import { showPlan } from '../../src/cli/plan.ts';
import { type AnyCollector, counter, defineCollector, gauge, type Samples } from '../../src/collector.ts';
import type { Config } from '../../src/config/config.ts';
import { jsonSchema } from '../../src/config/json-schema.ts';
import { loadConfig } from '../../src/config/load.ts';
import { shownConfig } from '../../src/config/shown.ts';
import { z } from '../../src/config/schema.ts';
import { ConfigError } from '../../src/errors.ts';
import { startTestedDaemon } from '../support/daemons.ts';
import { temporaryFolder, until } from '../support/program.ts';
import { smallRegistry } from '../support/registry.ts';

const depth = gauge('test_queue_depth', 'How deep the queue is.', ['queue']);
const asked = counter('test_queue_asked_total', 'How often the queue was asked.', ['queue']);

/** A collector of which there may be several. */
function queues(
  ask: (name: string, depth: number) => Samples | Promise<Samples> = (queue, value) => [depth.sample(value, { queue })],
): { definition: AnyCollector; events: string[] } {
  const events: string[] = [];
  const definition = defineCollector({
    name: 'queue',
    summary: 'Asks queues.',
    source: 'nothing',
    enabled: false,
    schedule: '1h',
    timeout: '3s',
    families: [depth, asked],
    instances: { key: 'queues', description: 'The queues.' },
    config: z.strictObject({
      name: z.string().regex(/^[a-z]+$/, 'must be lower case'),
      depth: z.number().default(1).describe('How deep.'),
    }),
    create({ name, depth: value }) {
      events.push(`${name} made with ${value}`);
      let count = 0;
      return {
        collect() {
          count += 1;
          return ask(name, value);
        },
        about: () => [asked.sample(count, { queue: name })],
        close: () => void events.push(`${name} closed`),
      };
    },
  });
  return { definition, events };
}

const registry = { collectors: [queues().definition], portable: [], probers: smallRegistry.probers };

async function load(text: string, args: readonly string[] = []): Promise<Config> {
  const file = join(temporaryFolder(), 'vitald.yml');
  writeFileSync(file, text);
  return loadConfig({ file, args, environment: {}, platform: 'linux' }, registry);
}

async function mistakes(text: string): Promise<string[]> {
  const error: unknown = await load(text).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof ConfigError)) return [];
  return error.problems.map(({ where, message }) => `${where.replace(/^.*yml:/, '')}: ${message}`);
}

const two = 'collectors: { queue: { timeout: 2s, queues: [{ name: mail }, { name: jobs, depth: 7, schedule: 15s }] } }';

describe('a list of entries', () => {
  test('gives a collector each, with the timing of the list where it has none of its own', async () => {
    const { collectors } = await load(two);

    expect(
      collectors.map(({ name, options, schedule, timeoutMs, staleAfterMs }) => [
        name,
        options,
        schedule.source,
        timeoutMs,
        staleAfterMs,
      ]),
    ).toEqual([
      ['queue:mail', { name: 'mail', depth: 1 }, '1h', 2_000, 10_802_000],
      ['queue:jobs', { name: 'jobs', depth: 7 }, '15s', 2_000, 47_000],
    ]);
  });

  test('may be empty or absent, and then nothing runs', async () => {
    for (const text of ['{}', '{ queues: }', '{ queues: [] }', 'true']) {
      expect((await load(`collectors: { queue: ${text} }`)).collectors).toEqual([]);
    }
  });

  test('takes its timing from flags too', async () => {
    const { collectors } = await load(two, ['--collector.queue.schedule=30s']);

    expect(collectors.map(({ schedule }) => schedule.source)).toEqual(['30s', '15s']);
  });

  test.each([
    ['queues: 5', '3:13: collectors.queue.queues: expected a list'],
    ['queues: [5]', '3:14: collectors.queue.queues.0: expected a map of options'],
    ['queues: [{ depth: 5 }]', '3:14: collectors.queue.queues.0.name: is missing; expected text'],
    ['queues: [{ name: UP }]', '3:22: collectors.queue.queues.0.name: must be lower case'],
    [
      'queues: [{ name: a, isolate: process }]',
      '3:34: collectors.queue.queues.0.isolate: this collector cannot be given a process of its own',
    ],
    ['queues: [{ name: a, dept: 5 }]', '3:25: collectors.queue.queues.0.dept: unknown option; did you mean "depth"?'],
    ['queues: [{ name: a, timeout: 5 }]', '3:34: collectors.queue.queues.0.timeout: expected text, found 5'],
    ['queues: [{ name: a }, { name: a }]', '3:35: collectors.queue.queues.1.name: another of the queues is named "a"'],
    ['queue: []', '3:5: collectors.queue.queue: unknown option; did you mean "queues"?'],
    ['timeout: 5', '3:14: collectors.queue.timeout: expected text, found 5'],
  ])('with a mistake is told at its place: %s', async (line, expected) => {
    expect(await mistakes(`collectors:\n  queue:\n    ${line}\n`)).toEqual([expected]);
  });

  test('with a mistake in what holds for all of them is told once', async () => {
    const text = 'collectors: { queue: { schedule: 90s, queues: [{ name: a }, { name: b }] } }';

    expect(await mistakes(text)).toEqual([expect.stringMatching(/^1:34: collectors\.queue\.schedule: /)]);
  });

  test('is shown as it would be written', async () => {
    const shown = parse(shownConfig(await load(two))) as { collectors: unknown };

    expect(shown.collectors).toEqual({
      disable_defaults: true,
      queue: {
        queues: [
          { name: 'mail', depth: 1, schedule: '1h', timeout: '2s', stale_after: '3h2s' },
          { name: 'jobs', depth: 7, schedule: '15s', timeout: '2s', stale_after: '47s' },
        ],
      },
    });
  });

  test('has a schema for editors', () => {
    const { properties } = jsonSchema(registry) as {
      properties: { collectors: { properties: Record<string, { anyOf: unknown[] }> } };
    };
    const [, map] = properties.collectors.properties['queue']!.anyOf as [
      unknown,
      { properties: Record<string, unknown> },
    ];

    expect(Object.keys(map.properties)).toEqual(
      expect.arrayContaining(['schedule', 'timeout', 'stale_after', 'queues']),
    );
    expect(map.properties['queues']).toMatchObject({
      type: 'array',
      items: { required: ['name'], additionalProperties: false, properties: { depth: { description: 'How deep.' } } },
    });
  });
});

describe('the command line', () => {
  async function run(command: typeof collectOnce, ...args: string[]): Promise<{ status: number; text: string }> {
    let text = '';
    const file = join(temporaryFolder(), 'vitald.yml');
    writeFileSync(file, two);
    const write = (more: string): void => void (text += more);
    const input = { file, args: [], environment: {}, platform: 'linux' } as const;
    return { status: await command({ registry, input, out: write, err: write, coloured: false }, ...args), text };
  }

  test('collects all of them by the name of the collector, or one by its own, as one exposition', async () => {
    expect(await run(collectOnce, 'queue')).toEqual({
      status: 0,
      text: [
        '# HELP test_queue_asked_total How often the queue was asked.',
        '# TYPE test_queue_asked_total counter',
        'test_queue_asked_total{queue="mail"} 1',
        'test_queue_asked_total{queue="jobs"} 1',
        '# HELP test_queue_depth How deep the queue is.',
        '# TYPE test_queue_depth gauge',
        'test_queue_depth{queue="mail"} 1',
        'test_queue_depth{queue="jobs"} 7',
        '',
      ].join('\n'),
    });
    const one = await run(collectOnce, 'queue:jobs');
    expect(one.text).toContain('test_queue_depth{queue="jobs"} 7');
    expect(one.text).not.toContain('mail');
  });

  test('says of one that is not there that it is not', async () => {
    expect(await run(collectOnce, 'queue:gone')).toEqual({
      status: 1,
      text: 'vitald collect: the configuration has no queue:gone\n',
    });
  });

  test('plans each, and lists the collector once with every schedule', async () => {
    const plan = await run(showPlan);
    expect(plan.text).toMatch(/^collector:queue:mail +1h /m);
    expect(plan.text).toMatch(/^collector:queue:jobs +15s /m);
    const list = await run(listCollectors);
    expect(list.text).toMatch(/^queue +on +1h, 15s +Asks queues\.$/m);
  });
});

describe('in the daemon', () => {
  test('each is asked, counted and filtered by itself', async () => {
    const failing = (name: string, value: number): Samples => {
      if (name === 'mail') throw new Error('no answer');
      return [depth.sample(value, { queue: name })];
    };
    const tested = await startTestedDaemon(two, { collectors: [queues(failing).definition] });

    const lines = await tested.lines();
    expect(lines).toEqual(
      expect.arrayContaining([
        'node_scrape_collector_success{collector="queue:jobs"} 1',
        'node_scrape_collector_success{collector="queue:mail"} 0',
        'test_queue_depth{queue="jobs"} 7',
        'test_queue_asked_total{queue="jobs"} 1',
        // What a collector says of itself is served although its run failed.
        'test_queue_asked_total{queue="mail"} 1',
      ]),
    );
    const filtered = async (query: string): Promise<string[]> =>
      (await tested.get(`/metrics?${query}`)).text.split('\n').filter((line) => line.startsWith('test_queue_asked'));
    expect(await filtered('collect[]=queue:jobs')).toEqual(['test_queue_asked_total{queue="jobs"} 1']);
    expect(await filtered('collect[]=queue')).toHaveLength(2);
    expect(await filtered('exclude[]=queue')).toHaveLength(0);
    expect(await filtered('exclude[]=queue:mail')).toEqual(['test_queue_asked_total{queue="jobs"} 1']);
    expect((await tested.get('/metrics?collect[]=queue:gone')).status).toBe(400);
  });

  test('a reload leaves alone those that did not change', async () => {
    const { definition, events } = queues();
    const tested = await startTestedDaemon(two, { collectors: [definition] });

    tested.folder.write('vitald.yml', two.replace('{ name: mail }', '{ name: mail, depth: 2 }'));
    expect(await tested.daemon.reload('test')).toEqual({ ok: true });

    expect(events).toEqual(['mail made with 1', 'jobs made with 7', 'mail made with 2', 'mail closed']);
    expect(await tested.value('test_queue_depth{queue="mail"}')).toBe(2);
  });

  test('one that is made anew waits until the run of the old one has settled', async () => {
    let release: (samples: Samples) => void = () => {};
    let under = 0;
    let most = 0;
    const slow = async (): Promise<Samples> => {
      under += 1;
      most = Math.max(most, under);
      const samples = await new Promise<Samples>((resolve) => (release = resolve));
      under -= 1;
      return samples;
    };
    const { definition, events } = queues((name, value) =>
      value === 1 ? slow() : [depth.sample(under, { queue: name })],
    );
    const config = (value: number): string => `collectors: { queue: { queues: [{ name: mail, depth: ${value} }] } }`;
    const tested = await startTestedDaemon(config(1), { collectors: [definition] });
    await until(() => under === 1);

    tested.folder.write('vitald.yml', config(2));
    expect(await tested.daemon.reload('test')).toEqual({ ok: true });
    tested.folder.write('vitald.yml', config(3));
    expect(await tested.daemon.reload('test')).toEqual({ ok: true });
    expect(await tested.value('test_queue_depth{queue="mail"}')).toBeUndefined();
    release([]);

    await tested.eventually('test_queue_depth{queue="mail"}', 0);
    expect(most).toBe(1);
    expect(events).toEqual(['mail made with 1', 'mail made with 2', 'mail made with 3', 'mail closed', 'mail closed']);
  });
});
