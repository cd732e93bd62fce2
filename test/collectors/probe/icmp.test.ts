/** The icmp prober: messages on the wire, real requests to loopback where this process may send them, and `ping`. */
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { parseReplies } from '../../../collectors/probe/icmp-command.ts';
import { checksum, decodeEchoAnswer, encodeEchoRequest } from '../../../collectors/probe/icmp-packet.ts';
import { openIcmpSocket } from '../../../collectors/probe/icmp-socket.ts';
import { createIcmpProber, icmp } from '../../../collectors/probe/icmp.ts';
import { defineProber } from '../../../src/prober.ts';
import { missing } from '../../support/needs.ts';
import { probe, refusal, standing, value, watchOpenThings } from './tcp-harness.ts';

const trial = await openIcmpSocket({ family: 4, ttl: 64, dontFragment: false, source: undefined });
const mayOpen = typeof trial !== 'string';
if (mayOpen) trial.close();

describe('messages', () => {
  const payload = Buffer.from('payload');

  test('a request has the checksum that receivers look for', () => {
    const request = encodeEchoRequest(4, { id: 0x1234, sequence: 7 }, payload);

    expect(request.toString('hex')).toBe(`0800${request.toString('hex', 2, 4)}12340007${payload.toString('hex')}`);
    expect(checksum(request)).toBe(0);
  });

  test('the checksum of IPv6 is left to the kernel', () => {
    const request = encodeEchoRequest(6, { id: 1, sequence: 2 }, payload);

    expect(request.subarray(0, 4).toString('hex')).toBe('80000000');
  });

  test('a reply is found behind an IPv4 header', () => {
    const reply = Buffer.concat([
      Buffer.from('4500002300000000370100000000000000000000', 'hex'),
      Buffer.from('0000000012340007', 'hex'),
      payload,
    ]);

    expect(decodeEchoAnswer(4, reply, true)).toEqual({ id: 0x1234, sequence: 7, payload });
  });

  test('an error of a router names the request that it is about', () => {
    const request = encodeEchoRequest(4, { id: 0x1234, sequence: 7 }, payload);
    const header = Buffer.from('4500002300000000370100000000000000000000', 'hex');
    const exceeded = Buffer.concat([header, Buffer.from('0b00000000000000', 'hex'), header, request]);

    expect(decodeEchoAnswer(4, exceeded, true)).toEqual({
      id: 0x1234,
      sequence: 7,
      error: 'time to live exceeded',
    });
  });

  test.each([
    ['nothing', ''],
    ['half a header', '4500'],
    ['a message cut short', '450000230000000037010000000000000000000000000000'],
    ['a request', '45000023000000003701000000000000000000000800000012340007'],
    ['an error without the packet', '45000023000000003701000000000000000000000b00000000000000'],
    ['a header that claims to be longer than the packet', '4f00002300000000370100000000000000000000'],
  ])('%s is no answer', (_title, hex) => {
    expect(decodeEchoAnswer(4, Buffer.from(hex, 'hex'), true)).toBeUndefined();
  });
});

describe.skipIf(!mayOpen)('over a socket', () => {
  test('serves phases and time to live of one request', async () => {
    const open = watchOpenThings();
    const { verdict, scrape } = await probe(icmp, {}, '127.0.0.1');

    expect(verdict).toBe('success');
    expect(standing(scrape)).toBe(
      [
        'probe_dns_lookup_time_seconds T',
        'probe_icmp_duration_seconds{phase="resolve"} T',
        'probe_icmp_duration_seconds{phase="setup"} T',
        'probe_icmp_duration_seconds{phase="rtt"} T',
        'probe_icmp_reply_hop_limit 64',
        'probe_ip_addr_hash 3668918509',
        'probe_ip_protocol 4',
      ].join('\n'),
    );
    expect(value(scrape, 'probe_icmp_duration_seconds{phase="rtt"}')).toBeGreaterThan(0);
    await open.settled();
  });

  test('serves the hop limit of a reply over IPv6, too', async () => {
    const { verdict, scrape } = await probe(icmp, {}, '::1');

    expect(verdict).toBe('success');
    expect(value(scrape, 'probe_ip_protocol')).toBe(6);
    expect(value(scrape, 'probe_icmp_reply_hop_limit')).toBe(64);
  });

  test('serves loss and round-trip times of many', async () => {
    const { verdict, scrape } = await probe(icmp, { count: 5, interval: '1ms' }, '127.0.0.1');

    expect(verdict).toBe('success');
    expect(value(scrape, 'vitald_probe_icmp_loss_ratio')).toBe(0);
    const [min, avg, max] = ['min', 'avg', 'max'].map((what) =>
      value(scrape, `vitald_probe_icmp_rtt_${what}_seconds`)!,
    );
    expect(min).toBeGreaterThan(0);
    expect(avg).toBeGreaterThanOrEqual(min!);
    expect(max).toBeGreaterThanOrEqual(avg!);
    expect(value(scrape, 'vitald_probe_icmp_rtt_stddev_seconds')).toBeGreaterThanOrEqual(0);
  });

  test('sends large packets from the source address without fragmenting them', async () => {
    const options = { payload_size: 1400, dont_fragment: true, source_ip_address: '127.0.0.7', ttl: 1 };

    expect((await probe(icmp, options, '127.0.0.1')).verdict).toBe('success');
  });

  test('a packet that is too long to go unfragmented', async () => {
    const { verdict } = await probe(icmp, { payload_size: 65_500, dont_fragment: true, ttl: 0 }, '127.0.0.1');

    expect(['size in rtt', 'success']).toContain(verdict);
  });

  test('a source address that this host does not have', async () => {
    const { verdict, detail } = await probe(icmp, { source_ip_address: '192.0.2.1' }, '127.0.0.1');

    expect(verdict).toBe('connect in setup');
    expect(detail).toContain('EADDRNOTAVAIL');
  });

  test('many at once keep their replies apart', async () => {
    const open = watchOpenThings();
    const probes = Array.from({ length: 50 }, () => probe(icmp, {}, '127.0.0.1'));
    const verdicts = new Set((await Promise.all(probes)).map(({ verdict }) => verdict));

    expect([...verdicts]).toEqual(['success']);
    await open.settled();
  });
});

/** Runs a command in a network of its own, where any user may open datagram sockets and nobody raw ones. */
function amongDatagrams(command: readonly string[]): { status: number | null; stdout: string; stderr: string } {
  const own = process.getuid?.() === 0 ? '-n' : '-Urn';
  const range = process.getuid?.() === 0 ? '0 2147483647' : '0 0';
  const script = `ip link set lo up && echo ${range} > /proc/sys/net/ipv4/ping_group_range && exec setpriv --bounding-set=-net_raw --inh-caps=-net_raw "$@"`;
  return spawnSync('unshare', [own, 'sh', '-c', script, 'sh', ...command], { encoding: 'utf8' });
}

const mayIsolate = process.env['CI'] !== undefined || amongDatagrams(['true']).status === 0;

test.skipIf(!mayIsolate).each(['127.0.0.1', '::1'])(
  'a datagram socket tells the hop limit of a reply from %s',
  (address) => {
    const child = new URL('../../support/ping-once.ts', import.meta.url).pathname;
    const { stdout, stderr } = amongDatagrams([process.execPath, '--import', 'tsx', child, address]);

    expect(stderr).toBe('');
    expect(JSON.parse(stdout)).toEqual({ kind: 'datagram', success: true, hopLimit: 64 });
  },
);

test('an address that may not be probed is not pinged', async () => {
  expect((await probe(icmp, {}, '127.0.0.1', { allows: () => false })).verdict).toBe('config in setup');
});

test('a source address of the other protocol', async () => {
  expect((await probe(icmp, { source_ip_address: '::1' }, '127.0.0.1')).verdict).toBe('config in setup');
});

/** The prober with a command of the test in place of a socket. */
function commanded(script: string) {
  const folder = mkdtempSync(join(tmpdir(), 'vitald-ping-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const command = join(folder, 'ping');
  writeFileSync(command, `#!/bin/sh\n${script}\n`);
  chmodSync(command, 0o755);
  return defineProber({
    ...icmp,
    create: (options, context) => createIcmpProber(options, context, { open: async () => 'no-koffi', command }),
  });
}

const reply = (sequence: number, ms: number) =>
  `echo "36 bytes from 127.0.0.1: icmp_seq=${sequence} ttl=61 time=${ms} ms"`;

describe('by the ping command', () => {
  test('serves what the command prints', async () => {
    const prober = commanded([reply(1, 0.5), reply(3, 1.5)].join('\n'));
    const open = watchOpenThings();
    const { verdict, scrape } = await probe(prober, { count: 4 }, '127.0.0.1');

    expect(verdict).toBe('success');
    expect(value(scrape, 'probe_icmp_reply_hop_limit')).toBe(61);
    expect(value(scrape, 'vitald_probe_icmp_loss_ratio')).toBe(0.5);
    expect(value(scrape, 'vitald_probe_icmp_rtt_avg_seconds')).toBe(0.001);
    expect(value(scrape, 'vitald_probe_icmp_rtt_stddev_seconds')).toBe(0.0005);
    await open.settled();
  });

  test('hands the options on', async () => {
    const prober = commanded(
      '[ "$*" = "-4 -n -c 1 -s 100 -W 5 -t 9 -M do -I 127.0.0.2 127.0.0.1" ] && echo "ttl=1 time=1 ms"',
    );
    const options = { payload_size: 100, ttl: 9, dont_fragment: true, source_ip_address: '127.0.0.2' };

    expect((await probe(prober, options, '127.0.0.1')).verdict).toBe('success');
  });

  test.each([
    ['no reply', 'exit 1', 'connect in rtt'],
    ['an unreachable host', 'echo "From 192.0.2.1 icmp_seq=1 Destination Host Unreachable"; exit 1', 'connect in rtt'],
    ['a command that may not', 'echo "ping: socket: Operation not permitted" >&2; exit 2', 'config in rtt'],
    ['a command that hangs', 'exec sleep 20', 'timeout in rtt'],
  ])('%s', async (_title, script, verdict) => {
    const prober = commanded(script);
    const open = watchOpenThings();

    expect((await probe(prober, {}, '127.0.0.1', { timeoutMs: 400 })).verdict).toBe(verdict);
    await open.settled();
  });

  test.skipIf(missing('ping')).each(['127.0.0.1', '::1'])('tells the hop limit of a reply from %s', async (address) => {
    const prober = defineProber({
      ...icmp,
      create: (options, context) =>
        createIcmpProber(options, context, { open: async () => 'no-koffi', command: 'ping' }),
    });
    const { verdict, scrape } = await probe(prober, {}, address);

    expect(verdict).toBe('success');
    expect(value(scrape, 'probe_icmp_reply_hop_limit')).toBe(64);
  });

  test('serves no hop limit where the command does not print it', async () => {
    const { verdict, scrape } = await probe(commanded('echo "36 bytes: seq=1 time=1 ms"'), {}, '127.0.0.1');

    expect(verdict).toBe('success');
    expect(scrape).not.toContain('probe_icmp_reply_hop_limit');
  });

  test('says what to install where there is none', async () => {
    const prober = defineProber({
      ...icmp,
      create: (options, context) =>
        createIcmpProber(options, context, { open: async () => 'no-koffi', command: '/nonexistent/ping' }),
    });
    const { verdict, detail } = await probe(prober, {}, '127.0.0.1');

    expect(verdict).toBe('config in rtt');
    expect(detail).toContain('install the ping command');
  });

  test('leaves duplicates out', () => {
    const output = '64 bytes: ttl=64 time=1 ms\n64 bytes: ttl=64 time=2 ms (DUP!)\n64 bytes: hlim=3 time<1 ms';

    expect(parseReplies(output)).toEqual({ rtts: [0.001, 0.001], hopLimit: 3 });
  });
});

test.each([
  [{ ttl: 256 }, 'ttl: '],
  [{ ttl: -1 }, 'ttl: '],
  [{ payload_size: -1 }, 'payload_size: '],
  [{ source_ip_address: 'localhost' }, 'source_ip_address: localhost is no IP address'],
  [{ count: 0 }, 'count: '],
  [{ interval: '1' }, 'interval: '],
])('%j is refused', (options, message) => {
  expect(refusal(icmp, options)).toContain(message);
});
