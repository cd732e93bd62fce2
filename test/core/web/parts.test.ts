import { EventEmitter } from 'node:events';
import { existsSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { parseListenAddress } from '../../../src/config/listen-address.ts';
import { alternativeNames } from '../../../src/web/client-certificate.ts';
import { Connections } from '../../../src/web/connections.ts';
import { goDurationMs } from '../../../src/config/go-duration.ts';
import { listenOn, listeningOf, passedSockets, urlOf } from '../../../src/web/listeners.ts';
import { RateLimit } from '../../../src/web/rate-limit.ts';
import { temporaryFolder } from '../../support/program.ts';

test.each([
  ['1.5s', 1_500],
  ['1h2m3s4ms', 3_723_004],
  ['.5m', 30_000],
  ['2us', 0.002],
  ['-1s', -1_000],
  ['0', 0],
  ['5000000', 5],
  ['1', 1e-6],
])('%j as Go reads a duration is %s milliseconds', (text, ms) => {
  expect(goDurationMs(text)).toBeCloseTo(ms, 9);
});

test.each(['1d', 's', '1 s', '', '1.2.3s', '1s2', '--1s'])('%j is no duration to Go', (text) => {
  expect(goDurationMs(text)).toBeUndefined();
});

test('a bucket lets a burst pass, then one request an interval, and never saves more than a burst', () => {
  const limit = new RateLimit({ intervalMs: 100, burst: 2 }, 0);
  const passed = (now: number, tries: number) => Array.from({ length: tries }, () => limit.allow(now)).filter(Boolean);

  expect(passed(0, 5)).toHaveLength(2);
  expect(passed(50, 5)).toHaveLength(0);
  expect(passed(100, 5)).toHaveLength(1);
  expect(passed(10_000, 5)).toHaveLength(2);
});

test.each([
  ['127.0.0.1:9100', { host: '127.0.0.1', port: 9100 }],
  [':9100', { host: '::', port: 9100 }],
  ['[::1]:9100', { host: '::1', port: 9100 }],
  ['[fe80::1%eth0]:9100', { host: 'fe80::1%eth0', port: 9100 }],
  ['localhost:0', { host: 'localhost', port: 0 }],
  ['unix:/run/vitald/web.sock', { path: '/run/vitald/web.sock' }],
  ['unix:web.sock', undefined],
  [`unix:/${'a'.repeat(107)}`, undefined],
  ['::1:9100', undefined],
  ['vsock://:9100', undefined],
  ['9100', undefined],
  [':70000', undefined],
])('%s is %j to listen on', (written, address) => {
  expect(parseListenAddress(written)).toEqual(address);
});

test('sockets of systemd are taken if they are for this process, save the one for notifications', () => {
  const environment = { LISTEN_PID: '42', LISTEN_FDS: '3', LISTEN_FDNAMES: 'metrics:notify:page' };

  expect(passedSockets(environment, 42)).toEqual([{ fd: 3 }, { fd: 5 }]);
  expect(passedSockets({ LISTEN_PID: '42', LISTEN_FDS: '1' }, 42)).toEqual([{ fd: 3 }]);
  expect(passedSockets(environment, 43)).toEqual([]);
  expect(passedSockets({}, 42)).toEqual([]);
});

test('to serve on sockets of systemd without any is an error', () => {
  const web = { listen_addresses: [':9100'], unix_socket_mode: '0660', systemd_socket: true };

  expect(() => listeningOf(web, {}, 42)).toThrow('systemd passed no socket');
});

function netServer(): Server {
  const server = createServer();
  onTestFinished(() => void server.close());
  return server;
}

test('a unix socket has its mode from the start, and a stale one is replaced', async () => {
  const path = join(temporaryFolder(), 'web.sock');
  const first = netServer();
  const modes: number[] = [];
  const listening = listenOn(first, { path, mode: 0o620 });
  await Promise.resolve();
  await listening;
  modes.push(statSync(path).mode & 0o777);
  // What an abrupt end leaves behind: the file without anybody behind it.
  const second = netServer();
  await expect(listenOn(second, { path, mode: 0o620 })).rejects.toThrow('EADDRINUSE');
  const stale = join(temporaryFolder(), 'stale.sock');
  const { spawnSync } = await import('node:child_process');
  const bind = `require('net').createServer().listen(${JSON.stringify(stale)}, () => process.kill(process.pid, 'SIGKILL'))`;
  spawnSync(process.execPath, ['-e', bind]);
  expect(existsSync(stale)).toBe(true);
  const third = netServer();
  await listenOn(third, { path: stale, mode: 0o600 });
  modes.push(statSync(stale).mode & 0o777);

  expect(modes).toEqual([0o620, 0o600]);
  expect(urlOf(third, 'http')).toBe(`unix:${stale}`);
});

test('a file that is no socket is not removed', async () => {
  const path = join(temporaryFolder(), 'web.sock');
  writeFileSync(path, 'precious');

  await expect(listenOn(netServer(), { path, mode: 0o600 })).rejects.toThrow('EADDRINUSE');
  expect(existsSync(path)).toBe(true);
});

test('the alternative names of a certificate are read, also where they are made to look like others', () => {
  const namesOf = (subjectAltName: string | undefined) => alternativeNames({ subjectAltName: subjectAltName! });

  expect(namesOf('DNS:a.example, IP Address:10.0.0.1, email:ops@a.example, URI:spiffe://a/b')).toEqual([
    'a.example',
    '10.0.0.1',
    'ops@a.example',
    'spiffe://a/b',
  ]);
  expect(namesOf('IP Address:2001:DB8:0:0:0:0:0:1')).toEqual(['2001:db8::1']);
  expect(namesOf('DNS:"evil, DNS:good.example"')).toEqual(['evil, DNS:good.example']);
  expect(namesOf('DirName:"CN = x", DNS:a.example')).toEqual(['a.example']);
  expect(namesOf(undefined)).toEqual([]);
});

class FakeSocket extends EventEmitter {
  readonly remoteAddress = '192.0.2.1';
  readonly localPort = 9100;
  destroyed = false;
  readonly remotePort: number;

  constructor(remotePort: number) {
    super();
    this.remotePort = remotePort;
  }

  destroy(): void {
    this.destroyed = true;
    this.emit('close');
  }
}

test('of too many connections the one longest idle is closed, never one with a request under way', () => {
  const connections = new Connections(2);
  const server = new EventEmitter();
  connections.watch(server as Server);
  const connect = (port: number) => {
    const socket = new FakeSocket(port);
    server.emit('connection', socket);
    return socket;
  };

  const scraper = connect(1);
  const idle = connect(2);
  const over = connections.busy(scraper);
  const late = connect(3);
  expect([scraper, idle, late].map(({ destroyed }) => destroyed)).toEqual([false, true, false]);
  over();
  const latest = connect(4);
  // The scraper was of use after `late` came.
  expect([scraper, late, latest].map(({ destroyed }) => destroyed)).toEqual([false, true, false]);
  connections.busy(scraper);
  connections.busy(latest);
  expect(connect(5).destroyed).toBe(true);
  expect(connections.size).toBe(2);
});
