import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { dial, hostPort } from '../../../collectors/probe/dial.ts';
import { plainBeast } from '../../support/zoo.ts';

const never = new AbortController().signal;
const closers: (() => unknown)[] = [];

afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

async function listener() {
  const seen: string[] = [];
  const beast = await plainBeast((socket: Socket) => {
    seen.push(socket.remoteAddress!);
    socket.resume();
  });
  closers.push(() => beast.close());
  return { beast, seen };
}

test('connects and tells how long it took', async () => {
  const { beast } = await listener();
  const { socket, seconds } = await dial({ address: '127.0.0.1', port: beast.port }, { signal: never });

  expect(seconds).toBeGreaterThan(0);
  expect(seconds).toBeLessThan(1);
  socket.destroy();
  await beast.left();
});

test('connects from the source address', async () => {
  const { beast, seen } = await listener();
  const { socket } = await dial(
    { address: '127.0.0.1', port: beast.port },
    { signal: never, sourceAddress: '127.0.0.77' },
  );
  socket.end();
  await beast.left();

  expect(seen).toEqual(['127.0.0.77']);
});

test('connects to a Unix socket', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'vitald-dial-'));
  closers.push(() => rmSync(directory, { recursive: true }));
  const path = join(directory, 'socket');
  const server: Server = createServer((socket) => socket.end());
  server.listen(path);
  await once(server, 'listening');
  closers.push(() => server.close());
  const { socket } = await dial({ path }, { signal: never });

  expect(socket.connecting).toBe(false);
  socket.destroy();
});

test('dials no address that may not be probed', async () => {
  const { beast } = await listener();
  const asked: unknown[] = [];
  const allows = (address: string, port: number) => {
    asked.push([address, port]);
    return false;
  };
  await expect(dial({ address: '127.0.0.1', port: beast.port }, { signal: never, allows })).rejects.toMatchObject({
    reason: 'config',
  });

  expect(asked).toEqual([['127.0.0.1', beast.port]]);
  expect(beast.accepted).toBe(0);
});

test('a refused connection is told as such', async () => {
  await expect(dial({ address: '127.0.0.1', port: 1 }, { signal: never })).rejects.toMatchObject({
    reason: 'connect',
    message: 'ECONNREFUSED at 127.0.0.1:1',
  });
});

test('a port that does not exist is a failure, not an exception', async () => {
  await expect(dial({ address: '127.0.0.1', port: 70_000 }, { signal: never })).rejects.toMatchObject({
    reason: 'connect',
  });
});

test('ends with the signal', async () => {
  await expect(dial({ address: '127.0.0.1', port: 1 }, { signal: AbortSignal.abort() })).rejects.toMatchObject({
    reason: 'timeout',
  });
});

test('shows IPv6 addresses in brackets', () => {
  expect(hostPort({ address: '::1', port: 80 })).toBe('[::1]:80');
  expect(hostPort({ path: '/run/x' })).toBe('/run/x');
});
