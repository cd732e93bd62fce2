import { connect } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { EventFeed } from '../../../src/api/event-feed.ts';
import { systemClock } from '../../../src/clock.ts';
import { silentLogger } from '../../../src/log.ts';
import { type Served, startServer } from '../../../src/server.ts';
import { openEvents } from '../../support/api-client.ts';
import { handClock } from '../../support/hand-clock.ts';

test('a client that does not read is dropped before much waits for it, and one that reads misses nothing', async () => {
  const clock = handClock();
  const data = JSON.stringify('x'.repeat(300_000));
  let dropped = 0;
  const feed = new EventFeed(
    { collect: () => data, reset: () => '{}', awake: () => {}, dropped: () => void (dropped += 1) },
    clock,
    'e',
  );
  const events = {
    path: '/events',
    handle: ({ signal }: { signal: AbortSignal }) => ({
      type: 'text/event-stream',
      open: (sink: Parameters<EventFeed['open']>[0]) => feed.open(sink, '', signal),
    }),
  };
  const nothing = (): never => {
    throw new Error('not asked for');
  };
  const served: Served = {
    render: nothing,
    enabledCollectors: () => new Set(),
    knownCollectors: () => new Set(),
    ready: () => true,
    metricsPath: () => '/metrics',
    routes: [events],
  };
  const web = {
    listen_addresses: ['127.0.0.1:0'],
    unix_socket_mode: '0660',
    systemd_socket: false,
    max_connections: 100,
  };
  const server = await startServer(served, { web, clock: systemClock, log: silentLogger });
  onTestFinished(() => server.close());
  const url = new URL('/events', server.addresses[0]);

  const quick = await openEvents(url.href);
  const slow = connect({ port: Number(url.port), host: url.hostname });
  onTestFinished(() => void slow.destroy());
  slow.on('error', () => {});
  slow.pause();
  slow.write('GET /events HTTP/1.1\r\nHost: x\r\n\r\n');
  while (feed.clients < 2) await new Promise((resolve) => setImmediate(resolve));

  // The kernel takes some megabytes for it; after that every event waits here.
  let told = 0;
  for (; feed.clients === 2 && told < 500; told += 1) {
    clock.advance(1_000);
    await quick.waitFor(() => quick.events.length > told);
  }
  expect(dropped).toBe(1);
  expect(feed.clients).toBe(1);
  clock.advance(1_000);
  await quick.waitFor(() => quick.events.length === told + 2);
  expect(quick.closed()).toBe(false);
  expect(new Set(quick.events.map(({ id }) => id)).size).toBe(told + 2);
  quick.close();
  while (feed.clients > 0) await new Promise((resolve) => setImmediate(resolve));
});
