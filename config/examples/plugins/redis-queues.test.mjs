/** Run it with `node --test`. It needs `vitald` on the path, or its place in the environment variable VITALD. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { test } from 'node:test';
import { collect } from './support.mjs';

/** A server that knows some lengths, a password, and how to hang. */
async function fakeRedis(t, { lengths = {}, password, hangs = false } = {}) {
  let allowed = password === undefined;
  const server = createServer((socket) => {
    socket.on('error', () => {});
    socket.on('data', (chunk) => {
      if (hangs) return;
      // A request is `*2 $4 LLEN $5 queue`, each on a line of its own: every second line is a word.
      const [command, key] = chunk
        .toString()
        .split('\r\n')
        .filter((_line, index) => index > 1 && index % 2 === 0);
      if (command === 'AUTH') allowed = key === password;
      const length = lengths[key];
      if (!allowed) socket.write('-NOAUTH Authentication required.\r\n');
      else if (command === 'TYPE') socket.write(`+${length === undefined ? 'none' : 'list'}\r\n`);
      else if (command === 'LLEN') socket.write(`:${length}\r\n`);
      else socket.write('+OK\r\n');
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  return server.address().port;
}

const plugin = new URL('./redis-queues.js', import.meta.url);

test('tells how long each queue is, and that one without entries is empty', async (t) => {
  const port = await fakeRedis(t, { lengths: { mail: 3 } });

  const { status, out } = await collect(t, plugin, { redis_queues: { port, queues: ['mail', 'none'] } });

  assert.equal(status, 0);
  assert.match(out, /^redis_queue_jobs\{queue="mail"\} 3$/m);
  assert.match(out, /^redis_queue_jobs\{queue="none"\} 0$/m);
});

test('logs in, and shows the password nowhere when that fails', async (t) => {
  const port = await fakeRedis(t, { lengths: { mail: 1 }, password: 'correct-horse' });

  const good = await collect(t, plugin, { redis_queues: { port, queues: ['mail'], password: 'correct-horse' } });
  const bad = await collect(t, plugin, { redis_queues: { port, queues: ['mail'], password: 'battery-staple' } });

  assert.match(good.out, /queue="mail"\} 1/);
  assert.equal(bad.status, 1);
  assert.match(bad.err, /redis_queues: error: Redis at 127\.0\.0\.1:\d+: NOAUTH/);
  assert.doesNotMatch(bad.out + bad.err, /battery-staple/);
});

test('ends at its deadline where the server hangs', async (t) => {
  const port = await fakeRedis(t, { hangs: true });

  const { status, err } = await collect(t, plugin, { redis_queues: { port, queues: ['mail'], timeout: '300ms' } });

  assert.equal(status, 1);
  assert.match(err, /redis_queues: timeout/);
});
