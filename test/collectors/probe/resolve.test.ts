import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AUTHORITATIVE_ANSWER, decode, encode, TRUNCATED_RESPONSE, type Answer } from 'dns-packet';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { addressHash, addressSamples } from '../../../collectors/probe/address.ts';
import { parseHosts, parseResolvConf } from '../../../collectors/probe/resolve-files.ts';
import { decodeReply, encodeQuestion } from '../../../collectors/probe/resolve-wire.ts';
import { Resolver, type AddressChoice } from '../../../collectors/probe/resolve.ts';

const ip4: AddressChoice = { preferred_ip_protocol: 'ip4', ip_protocol_fallback: true };
const ip6: AddressChoice = { preferred_ip_protocol: 'ip6', ip_protocol_fallback: true };
const only4: AddressChoice = { preferred_ip_protocol: 'ip4', ip_protocol_fallback: false };
const only6: AddressChoice = { preferred_ip_protocol: 'ip6', ip_protocol_fallback: false };

let directory: string;
const servers: (Socket | Server)[] = [];

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'vitald-resolve-'));
});

afterEach(() => {
  rmSync(directory, { recursive: true });
  for (const server of servers.splice(0)) server.close();
});

interface Zone {
  readonly [name: string]: { readonly A?: readonly string[]; readonly AAAA?: readonly string[] };
}

interface NameServerOptions {
  readonly truncate?: boolean;
  readonly rcode?: number;
  readonly silent?: boolean;
}

/** A name server on UDP, and on TCP at the same port; returns the questions it got. */
async function nameServer(zone: Zone, options: NameServerOptions = {}): Promise<{ port: number; asked: string[] }> {
  const asked: string[] = [];
  const reply = (packet: Buffer, transport: string): Buffer | undefined => {
    const { id, questions } = decode(packet);
    const { name, type } = questions![0]!;
    asked.push(`${transport} ${type} ${name}`);
    if (options.silent === true) return undefined;
    const entry = zone[name.toLowerCase()];
    const addresses = type === 'A' ? entry?.A : entry?.AAAA;
    const truncated = options.truncate === true && transport === 'udp';
    const rcode = options.rcode ?? (entry === undefined ? 3 : 0);
    return encode({
      type: 'response',
      id: id!,
      flags: AUTHORITATIVE_ANSWER | rcode | (truncated ? TRUNCATED_RESPONSE : 0),
      questions: questions!,
      answers: truncated ? [] : (addresses ?? []).map((data) => ({ type, name, ttl: 60, data }) as Answer),
    });
  };
  const tcp = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.once('data', (data: Buffer) => {
      const packet = reply(data.subarray(2), 'tcp')!;
      const length = Buffer.alloc(2);
      length.writeUInt16BE(packet.length);
      // In pieces, as a stream may come.
      socket.write(length.subarray(0, 1));
      socket.end(Buffer.concat([length.subarray(1), packet]));
    });
  });
  tcp.listen(0, '127.0.0.1');
  await once(tcp, 'listening');
  const { port } = tcp.address() as AddressInfo;
  const udp = createSocket('udp4');
  udp.on('message', (packet, from) => {
    const answer = reply(packet, 'udp');
    if (answer !== undefined) udp.send(answer, from.port, from.address);
  });
  udp.bind(port, '127.0.0.1');
  await once(udp, 'listening');
  servers.push(tcp, udp);
  return { port, asked };
}

function file(name: string, text: string): string {
  writeFileSync(join(directory, name), text);
  return join(directory, name);
}

function resolver(ports: readonly number[], more = '', hosts = ''): Resolver {
  const lines = ports.map((port) => `nameserver [127.0.0.1]:${port}\n`).join('');
  return new Resolver({ hosts: file('hosts', hosts), resolvConf: file('resolv.conf', lines + more) });
}

const never = new AbortController().signal;

test('address literals are taken as they are, mapped ones as IPv4', async () => {
  const literals = resolver([1]);

  expect(await literals.resolve('192.0.2.7', ip6, never)).toEqual({ address: '192.0.2.7', family: 4 });
  expect(await literals.resolve('2001:db8::1', ip4, never)).toEqual({ address: '2001:db8::1', family: 6 });
  expect(await literals.resolve('::ffff:192.0.2.7', only4, never)).toEqual({ address: '192.0.2.7', family: 4 });
});

test('a literal of the other protocol is refused where no fallback is allowed', async () => {
  await expect(resolver([1]).resolve('192.0.2.7', only6, never)).rejects.toMatchObject({
    reason: 'dns',
    message: 'the host has no IPv6 address',
  });
});

test('the hosts file goes before name servers, whatever it lacks', async () => {
  const { port, asked } = await nameServer({ 'db.example': { AAAA: ['2001:db8::5'] } });
  const hosts = '127.0.0.9 db.example db # comment\n::1 both\n127.0.0.1 both\n';
  const files = resolver([port], '', hosts);

  expect(await files.resolve('DB.example.', ip6, never)).toEqual({ address: '127.0.0.9', family: 4 });
  expect(await files.resolve('both', ip4, never)).toEqual({ address: '127.0.0.1', family: 4 });
  expect(await files.resolve('both', ip6, never)).toEqual({ address: '::1', family: 6 });
  await expect(files.resolve('db.example', only6, never)).rejects.toMatchObject({ reason: 'dns' });
  expect(asked).toEqual([]);
});

describe('a name that name servers know', () => {
  const zone: Zone = {
    'both.example': { A: ['192.0.2.1', '192.0.2.2'], AAAA: ['2001:db8::1'] },
    'four.example': { A: ['192.0.2.4'] },
    'six.example': { AAAA: ['2001:db8:0:0:1:0:0:6'] },
    'none.example': {},
    'host.corp.example': { A: ['192.0.2.9'] },
  };

  test('resolves to the preferred protocol, else to the other', async () => {
    const { port } = await nameServer(zone);
    const names = resolver([port]);

    expect(await names.resolve('both.example', ip4, never)).toEqual({ address: '192.0.2.1', family: 4 });
    expect(await names.resolve('both.example', ip6, never)).toEqual({ address: '2001:db8::1', family: 6 });
    expect(await names.resolve('four.example', ip6, never)).toEqual({ address: '192.0.2.4', family: 4 });
    expect(await names.resolve('six.example', ip4, never)).toEqual({ address: '2001:db8::1:0:0:6', family: 6 });
  });

  test('is asked for one protocol only where there is no fallback', async () => {
    const { port, asked } = await nameServer(zone);
    await expect(resolver([port]).resolve('four.example', only6, never)).rejects.toMatchObject({ reason: 'dns' });

    expect(asked).toEqual(['udp AAAA four.example']);
  });

  test('gives all its addresses on request, the preferred ones first', async () => {
    const { port } = await nameServer(zone);
    const all = await resolver([port]).resolveAll('both.example', ip6, never);

    expect(all.map(({ address }) => address)).toEqual(['2001:db8::1', '192.0.2.1', '192.0.2.2']);
  });

  test('is looked for below the search domains', async () => {
    const { port, asked } = await nameServer(zone);
    const names = resolver([port], 'search lab.example corp.example\n');

    expect(await names.resolve('host', only4, never)).toEqual({ address: '192.0.2.9', family: 4 });
    expect(asked).toEqual(['udp A host.lab.example', 'udp A host.corp.example']);
  });

  test('is not looked for elsewhere with a dot at its end', async () => {
    const { port, asked } = await nameServer(zone);
    await expect(resolver([port], 'search corp.example\n').resolve('host.', only4, never)).rejects.toMatchObject({
      message: 'no such host',
    });

    expect(asked).toEqual(['udp A host']);
  });

  test('is asked for again over TCP where the reply was truncated', async () => {
    const { port, asked } = await nameServer(zone, { truncate: true });

    expect(await resolver([port]).resolve('four.example', only4, never)).toEqual({ address: '192.0.2.4', family: 4 });
    expect(asked).toEqual(['udp A four.example', 'tcp A four.example']);
  });

  test('is asked of the next server where one fails, refuses or is gone', async () => {
    const failing = await nameServer({}, { rcode: 2 });
    const { port } = await nameServer(zone);

    expect(await resolver([failing.port, 1, port]).resolve('four.example', only4, never)).toMatchObject({
      address: '192.0.2.4',
    });
  });

  test('is asked of the next server where one keeps silent', async () => {
    const silent = await nameServer({}, { silent: true });
    const { port } = await nameServer(zone);

    expect(await resolver([silent.port, port]).resolve('four.example', only4, never)).toMatchObject({
      address: '192.0.2.4',
    });
  });

  test('without any address is told apart from a name that does not exist', async () => {
    const { port } = await nameServer(zone);
    const names = resolver([port]);

    await expect(names.resolve('none.example', ip4, never)).rejects.toMatchObject({
      message: 'the host has no IP address',
    });
    await expect(names.resolve('absent.example', ip4, never)).rejects.toMatchObject({ message: 'no such host' });
  });
});

test('a lookup ends with the signal', async () => {
  const { port } = await nameServer({}, { silent: true });
  const start = performance.now();
  await expect(resolver([port]).resolve('slow.example', ip6, AbortSignal.timeout(50))).rejects.toMatchObject({
    reason: 'timeout',
  });

  expect(performance.now() - start).toBeLessThan(500);
});

test('servers that all fail are a failure of the lookup', async () => {
  const { port } = await nameServer({}, { rcode: 5 });
  await expect(resolver([port]).resolve('x.example', only4, never)).rejects.toMatchObject({
    reason: 'dns',
    message: 'no name server answered: response code REFUSED',
  });
});

test('text that cannot be a name is not asked for', async () => {
  const { port, asked } = await nameServer({});
  for (const name of ['a..b', 'x'.repeat(64), 'x.'.repeat(130), '']) {
    await expect(resolver([port]).resolve(name, ip4, never)).rejects.toMatchObject({ reason: 'dns' });
  }

  expect(asked).toEqual([]);
});

test('a reply that is cut anywhere is not taken for an answer with addresses', () => {
  const question = encodeQuestion('a.example', 4)!;
  const reply = encode({
    type: 'response',
    id: question.readUInt16BE(0),
    questions: [{ type: 'A', name: 'a.example' }],
    answers: [
      { type: 'CNAME', name: 'a.example', data: 'b.example' },
      { type: 'A', name: 'b.example', data: '192.0.2.1' },
    ],
  });

  expect(decodeReply(reply, question, 4)).toEqual({ rcode: 0, truncated: false, addresses: ['192.0.2.1'] });
  for (let length = 0; length < reply.length; length += 1) {
    expect(decodeReply(reply.subarray(0, length), question, 4)).toBeUndefined();
  }
});

test('a reply to another question is not heard', () => {
  const question = encodeQuestion('a.example', 4)!;
  const forged = encode({
    type: 'response',
    id: question.readUInt16BE(0),
    questions: [{ type: 'A', name: 'b.example' }],
    answers: [{ type: 'A', name: 'b.example', data: '203.0.113.1' }],
  });

  expect(decodeReply(forged, question, 4)).toBeUndefined();
});

test('resolv.conf is read as its manual says', () => {
  const text = '# one\n; two\ndomain old.example\nnameserver 192.0.2.53\nnameserver fe80::1%lo\nnameserver bad\n';

  expect(parseResolvConf(`${text}search a.example b.example.\noptions ndots:3 timeout:1 rotate use-vc\n`)).toEqual({
    servers: [
      { address: '192.0.2.53', port: 53 },
      { address: 'fe80::1%lo', port: 53 },
    ],
    search: ['a.example', 'b.example'],
    ndots: 3,
    timeoutMs: 1000,
    attempts: 2,
    rotate: true,
    tcpOnly: true,
  });
  expect(parseResolvConf('')).toMatchObject({ servers: [{ address: '127.0.0.1', port: 53 }], ndots: 1 });
});

test('a hosts file may name one host on several lines', () => {
  expect(parseHosts('127.0.0.1 a\n::1 a b\nnot-an-address c\n').get('a')).toEqual(['127.0.0.1', '::1']);
});

test('the hash of an address is that of its four or sixteen bytes', () => {
  expect(addressHash('127.0.0.1')).toBe(3_668_918_509);
  expect(addressHash('::1')).toBe(1_751_717_746);
  expect(addressHash('::ffff:127.0.0.1')).toBe(addressHash('127.0.0.1'));
  expect(addressHash('2001:db8:0:0:0:0:0:1%eth0')).toBe(addressHash('2001:db8::1'));
});

test('a failed lookup leaves protocol and hash at zero', () => {
  expect(addressSamples(undefined, 0.5).map(({ family, value }) => [family.name, value])).toEqual([
    ['probe_ip_protocol', 0],
    ['probe_ip_addr_hash', 0],
    ['probe_dns_lookup_time_seconds', 0.5],
  ]);
});
