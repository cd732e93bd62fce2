import { expect, onTestFinished, test } from 'vitest';
import type { UpdateEvent } from '../../../src/api/types.ts';
import { Connection, type Link, retryDelayMs } from '../../../src/page/connection.ts';
import { type Model, nothing } from '../../../src/page/model.ts';
import { handClock } from '../../support/hand-clock.ts';
import { pageCheck, pageChecks, pageCollector, pageColumns, pageDeltas, pageStatus } from '../../support/page-model.ts';
import { until } from '../../support/program.ts';

/** A daemon that answers as the test says, and a page that is connected to it. */
function connected() {
  const clock = handClock();
  const asked: string[] = [];
  const links: Link[] = [];
  const streams: ReadableStreamDefaultController<Uint8Array>[] = [];
  const daemon = {
    generation: 1,

    checks: pageChecks({ name: 'a' }, { name: 'b' }),
    answers: true,
    status: 200,
  };
  let model: Model = nothing;
  const answer = (path: string): object => {
    // What is asked for last is answered first, and then knows less.
    const head = path === 'host' ? { at: clock.now() + 400, event: 'e1' } : { at: clock.now() + 500, event: 'e2' };
    const { generation, checks } = daemon;
    if (path === 'status') return { ...head, ...pageStatus({ config: { ...pageStatus().config, generation } }) };
    if (path === 'collectors') return { ...head, collectors: [pageCollector()] };
    if (path === 'host') return { ...head, host: {}, charts: [] };
    const offset = Number(/offset=(\d+)/.exec(path)?.[1]);
    const columns = pageColumns(checks.slice(offset, offset + 1));
    return { ...head, total: checks.length, offset, generation, runCodes: {}, checks: columns };
  };
  const connection = new Connection(
    {
      now: () => clock.now(),
      random: () => 0.5,
      after: (ms, run) => {
        const timer = clock.after(ms, run);
        return () => timer.cancel();
      },
      fetch(url, { signal } = {}) {
        const path = url.replace('api/v1/', '');
        asked.push(path);
        if (!daemon.answers) return Promise.reject(new TypeError('Failed to fetch'));
        if (daemon.status !== 200) return Promise.resolve(new Response('', { status: daemon.status }));
        if (!path.startsWith('events')) return Promise.resolve(Response.json(answer(path)));
        const body = new ReadableStream<Uint8Array>({
          start(controller) {
            streams.push(controller);
            signal?.addEventListener('abort', () => controller.error(new DOMException('aborted', 'AbortError')));
          },
        });
        return Promise.resolve(new Response(body));
      },
    },
    {
      change: (next) => {
        model = next(model);
      },
      link: (link) => links.push(link),
    },
  );
  const ended = connection.start();
  onTestFinished(async () => {
    connection.stop();
    await ended;
  });
  return {
    clock,
    asked,
    links,
    daemon,
    connection,
    model: () => model,
    live: (times = 1) => until(() => links.filter(({ phase }) => phase === 'live').length === times),
    lost: (times = 1) => until(() => links.filter(({ phase }) => phase === 'lost').length === times),
    say: (text: string) => streams.at(-1)!.enqueue(new TextEncoder().encode(text)),
    update: (id: string, update: Partial<UpdateEvent>) => {
      const data = JSON.stringify({ at: clock.now(), generation: daemon.generation, ...update });
      streams.at(-1)!.enqueue(new TextEncoder().encode(`id: ${id}\nevent: update\ndata: ${data}\n\n`));
    },
    close: () => streams.at(-1)!.close(),
  };
}

test('fetches everything, by pages, then follows from the earliest event of the answers', async () => {
  const { live, asked, model, update } = connected();
  await live();

  expect(asked.slice(0, 4).map((path) => path.replace(/\?.*/, ''))).toEqual(['status', 'checks', 'collectors', 'host']);
  expect(asked.at(-1)).toBe('events?since=e1');
  expect(asked.filter((path) => path.startsWith('checks')).map((path) => /offset=\d/.exec(path)?.[0])).toEqual([
    'offset=0',
    'offset=1',
  ]);
  expect(model().checks?.map(({ name }) => name)).toEqual(['a', 'b']);
  expect(model()).toMatchObject({ skewMs: 500, status: { version: '1.0.0' } });

  update('e2', { checks: pageDeltas([pageCheck({ index: 1, state: 'down', runCount: 2 })], ['d']) });
  await until(() => model().checks?.[1]?.state === 'down');
});

test('a line that ends is taken up after the event that was heard last, and nothing is fetched again', async () => {
  const { live, lost, asked, update, close, clock, links } = connected();
  await live();
  update('e9', {});
  clock.advance(2_000);
  close();
  await lost();

  expect(links.at(-1)).toMatchObject({ phase: 'lost', why: 'it has closed the connection' });
  asked.length = 0;
  clock.advance(1_000);
  await live(2);
  expect(asked).toEqual(['events?since=e9']);
});

test('a daemon that has begun anew, or has another configuration, is asked for everything and not lost', async () => {
  const { live, asked, say, update, daemon, model, links } = connected();
  await live();
  asked.length = 0;
  say('id: e1\nevent: reset\ndata: {}\n\n');
  await live(2);
  expect(asked[0]).toBe('status');

  update('e3', {});
  daemon.generation = 2;
  daemon.checks = pageChecks({ name: 'c' });
  update('e4', {});
  await live(3);
  expect(model().checks?.map(({ name }) => name)).toEqual(['c']);
  expect(links.map(({ phase }) => phase)).toEqual(['live', 'live', 'live']);
});

test('a daemon that begins anew at every turn is not asked without a pause', async () => {
  const { live, lost, say, links } = connected();
  await live();
  say('event: reset\ndata: {}\n\n');
  await live(2);
  say('event: reset\ndata: {}\n\n');
  await lost();

  expect(links.at(-1)).toMatchObject({ phase: 'lost', why: 'it has begun anew' });
});

test('a line that is silent beyond the heartbeat is dead; one that beats is not', async () => {
  const { live, lost, say, clock, links, asked } = connected();
  await live();
  clock.advance(15_000);
  say(':\n');
  // The beat is heard once the stream has been read.
  await new Promise((resolve) => setImmediate(resolve));
  await new Promise((resolve) => setImmediate(resolve));
  clock.advance(15_000);
  await new Promise((resolve) => setImmediate(resolve));
  expect(links.at(-1)?.phase).toBe('live');

  const heardAt = clock.now() - 15_000;
  clock.advance(15_000);
  await lost();
  expect(links.at(-1)).toMatchObject({ why: 'it is silent', heardAt });
  expect(asked.at(-1)).toBe('events?since=e1');
});

test('tries again less and less often, and at once when told to', async () => {
  const { live, lost, clock, daemon, connection, links, close } = connected();
  await live();
  daemon.answers = false;
  close();
  for (let failures = 1; failures <= 7; failures += 1) {
    await lost(failures);
    const { retryAt } = links.at(-1) as Link & { phase: 'lost' };
    expect(retryAt - clock.now()).toBe(Math.min(30_000, 1_000 * 2 ** (failures - 1)));
    clock.advance(retryAt - clock.now());
  }
  await lost(8);
  expect(links.at(-1)).toMatchObject({ why: 'it does not answer' });
  daemon.answers = true;
  connection.retry();
  await live(2);
});

test('a refusal is told by its status', async () => {
  const { live, lost, daemon, close, clock, links } = connected();
  await live();
  daemon.status = 503;
  close();
  await lost();
  clock.advance(1_000);
  await lost(2);

  expect(links.at(-1)).toMatchObject({ why: 'it answers with 503' });
});

test('many pages do not come back at the same moment', () => {
  expect([retryDelayMs(1, 0), retryDelayMs(1, 1), retryDelayMs(99, 0.5)].map(Math.round)).toEqual([800, 1_200, 30_000]);
});
