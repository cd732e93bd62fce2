import { describe, expect, test } from 'vitest';
import { EventFeed, type FeedLimits } from '../../../src/api/event-feed.ts';
import type { StreamSink } from '../../../src/routes/route.ts';
import { handClock } from '../../support/hand-clock.ts';

interface TestClient {
  readonly chunks: Buffer[];
  /** The events, as `id event data`; comments are left out. */
  readonly events: () => string[];
  buffered: number;
  destroyed: boolean;
  leave(): void;
}

/** A feed whose updates say how many things were noted. */
function feeding(limits: Partial<FeedLimits> = {}) {
  const clock = handClock();
  let noted = 0;
  let encoded = 0;
  let dropped = 0;
  const awake: boolean[] = [];
  const feed = new EventFeed(
    {
      collect: () => {
        if (noted === 0) return undefined;
        encoded += 1;
        const data = JSON.stringify({ noted });
        noted = 0;
        return data;
      },
      reset: () => '{"reset":true}',
      awake: (is) => void awake.push(is),
      dropped: () => void (dropped += 1),
    },
    clock,
    'e',
    limits,
  );
  const client = (since = ''): TestClient => {
    const gone = new AbortController();
    const self: TestClient = {
      chunks: [],
      buffered: 0,
      destroyed: false,
      leave: () => gone.abort(),
      events: () =>
        Buffer.concat(self.chunks)
          .toString()
          .split('\n\n')
          .filter((event) => event !== '' && event !== ':')
          .map((event) => event.replaceAll(/^\w+: /gm, '').replaceAll('\n', ' ')),
    };
    const sink: StreamSink = {
      write: (chunk) => void self.chunks.push(chunk),
      get buffered() {
        return self.buffered;
      },
      destroy: () => void (self.destroyed = true),
    };
    feed.open(sink, since, gone.signal);
    return self;
  };
  return {
    feed,
    clock,
    client,
    note: (count = 1) => void (noted += count),
    encoded: () => encoded,
    dropped: () => dropped,
    awake,
  };
}

test('a client without an id is told to fetch everything, and then what changed, at most once a second', () => {
  const { client, clock, note } = feeding();
  const one = client();
  note();
  note();
  clock.advance(1_000);
  note();
  clock.advance(400);
  note();
  clock.advance(600);
  clock.advance(5_000);

  expect(one.events()).toEqual(['e-1 reset {"reset":true}', 'e-2 update {"noted":2}', 'e-3 update {"noted":2}']);
});

test('an event is encoded once, and every client gets the same bytes', () => {
  const { client, clock, note, encoded } = feeding();
  const clients = Array.from({ length: 10 }, () => client());
  note();
  clock.advance(1_000);

  expect(encoded()).toBe(1);
  for (const { chunks } of clients) expect(chunks[1]).toBe(clients[0]!.chunks[1]);
});

describe('a client that comes back', () => {
  test('gets what it missed and nothing twice', () => {
    const { client, clock, note } = feeding();
    const first = client();
    for (let index = 1; index <= 4; index += 1) {
      note(index);
      clock.advance(1_000);
    }
    first.leave();
    note(9);
    clock.advance(1_000);
    expect(first.events()).toHaveLength(5);
    expect(client('e-3').events()).toEqual([
      'e-4 update {"noted":3}',
      'e-5 update {"noted":4}',
      'e-6 update {"noted":9}',
    ]);
    expect(client('e-6').events()).toEqual([]);
  });

  test('is told to fetch everything where what it missed is not known: too old, of another daemon, or nonsense', () => {
    const { client, clock, note } = feeding();
    const stays = client();
    for (let index = 0; index < 70; index += 1) {
      note();
      clock.advance(1_000);
    }
    const { length } = stays.events();
    for (const since of ['e-1', 'e-2', 'f-60', 'e-9999', 'e-', 'e--1', 'e-1e1', 'x', '-', 'e-60 ', '../', '\n']) {
      const events = client(since).events();
      expect(events, since).toEqual([`e-${length} reset {"reset":true}`]);
    }
    expect(client('e-20').events()).toHaveLength(length - 20);
  });

  test('cannot have more repeated than may wait for it', () => {
    const { client, clock, note } = feeding({ buffered: 200 });
    client();
    for (let index = 0; index < 20; index += 1) {
      note();
      clock.advance(1_000);
    }
    expect(client('e-2').events()[0]).toContain('reset');
    expect(client('e-19').events()).toHaveLength(2);
  });
});

test('whoever fetches answers first gets all that came after them', () => {
  const { feed, client, clock, note } = feeding();
  const position = feed.position();
  note();
  clock.advance(1_000);
  note(2);
  clock.advance(20_000);

  expect(client(position).events()).toEqual(['e-2 update {"noted":1}', 'e-3 update {"noted":2}']);
});

test('what happened while nobody listened was not noted, so an old position is of no use', () => {
  const { feed, client, clock, note, awake } = feeding();
  const position = feed.position();
  clock.advance(62_000);
  expect(awake).toEqual([true, false]);
  note();
  clock.advance(60_000);

  expect(client(position).events()).toEqual(['e-2 reset {"reset":true}']);
  expect(awake).toEqual([true, false, true]);
});

test('with a client it stays awake for good', () => {
  const { client, clock, note, awake } = feeding();
  const one = client();
  clock.advance(3_600_000);
  note();
  clock.advance(1_000);
  expect(one.events().at(-1)).toBe('e-2 update {"noted":1}');
  expect(awake).toEqual([true]);
});

test('a silent stream has a heartbeat every 15 seconds', () => {
  const { client, clock, note } = feeding();
  const one = client();
  clock.advance(14_000);
  note();
  clock.advance(1_000);
  clock.advance(14_000);
  expect(one.chunks).toHaveLength(2);
  clock.advance(31_000);
  expect(one.chunks.slice(2).map(String)).toEqual([':\n\n', ':\n\n', ':\n\n'].slice(0, one.chunks.length - 2));
  expect(one.chunks.length).toBeGreaterThanOrEqual(4);
});

test('a client that reads too slowly is dropped and counted, and the others go on', () => {
  const { client, clock, note, dropped, feed } = feeding({ buffered: 1000 });
  const slow = client();
  const quick = client();
  slow.buffered = 999;
  note();
  clock.advance(1_000);
  expect(slow.destroyed).toBe(false);
  slow.buffered = 1001;
  note();
  clock.advance(1_000);
  note();
  clock.advance(1_000);

  expect([slow.destroyed, quick.destroyed, dropped(), feed.clients]).toEqual([true, false, 1, 1]);
  expect(slow.events()).toHaveLength(3);
  expect(quick.events()).toHaveLength(4);
});

test('past the limit nobody comes in, until somebody leaves', () => {
  const { client, feed } = feeding({ clients: 2 });
  const first = client();
  client();
  expect(feed.hasRoom).toBe(false);
  expect(client().destroyed).toBe(true);
  first.leave();
  expect(feed.hasRoom).toBe(true);
  expect(client().destroyed).toBe(false);
});

test('a reset reaches everybody, and nothing of before is repeated', () => {
  const { client, clock, note, feed } = feeding();
  const one = client();
  note();
  clock.advance(1_000);
  feed.reset();
  expect(one.events().at(-1)).toBe('e-3 reset {"reset":true}');
  expect(client('e-2').events()).toEqual(['e-3 reset {"reset":true}']);
});

test('kept events are bounded in bytes', () => {
  const { client, clock, note, feed } = feeding({ kept: 300 });
  client();
  for (let index = 0; index < 30; index += 1) {
    note();
    clock.advance(1_000);
  }
  expect(client('e-20').events()[0]).toContain('reset');
  expect(client('e-29').events()).toHaveLength(2);
  expect(feed.position()).toBe('e-31');
});

test('at the end all streams end', () => {
  const { client, feed } = feeding();
  const one = client();
  feed.close();
  expect(one.destroyed).toBe(true);
  expect(client().destroyed).toBe(true);
  expect(feed.hasRoom).toBe(false);
});
