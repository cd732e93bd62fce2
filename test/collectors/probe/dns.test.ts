/** The dns prober against servers of the test: what it serves, and what it says of servers that misbehave. */
import { createSocket } from 'node:dgram';
import type { AddressInfo } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import packet, { type Packet } from 'dns-packet';
import { describe, expect, onTestFinished, test } from 'vitest';
import { dns } from '../../../collectors/probe/dns.ts';
import { testCertificates } from '../../support/certificates.ts';
import { closedTarget, probe, refusal, standing, tcpServer, value, watchOpenThings } from './tcp-harness.ts';

type Answer = (query: Packet & { raw: Buffer }) => Buffer | readonly Buffer[] | undefined;

/** A DNS server over UDP. */
async function udpServer(answer: Answer): Promise<string> {
  const socket = createSocket('udp4');
  socket.on('message', (raw, peer) => {
    const replies = answer({ ...packet.decode(raw), raw });
    for (const reply of Buffer.isBuffer(replies) ? [replies] : (replies ?? [])) {
      socket.send(reply, peer.port, peer.address);
    }
  });
  await new Promise<void>((resolve) => {
    socket.bind(0, '127.0.0.1', resolve);
  });
  onTestFinished(() => void socket.close());
  return `127.0.0.1:${socket.address().port}`;
}

function reply(query: Packet, parts: Partial<Packet> = {}): Buffer {
  return packet.encode({ type: 'response', id: query.id!, questions: query.questions!, ...parts });
}

/** The same with a response code, which the encoder takes only as the lower bits of the flags. */
function failing(query: Packet, rcode: number): Buffer {
  return reply(query, { flags: rcode });
}

const a = { type: 'A', name: 'shop.example', ttl: 300, data: '192.0.2.1' } as const;
const b = { type: 'A', name: 'shop.example', ttl: 300, data: '192.0.2.2' } as const;
const zone = {
  type: 'SOA',
  name: 'example',
  ttl: 60,
  data: {
    mname: 'ns.example',
    rname: 'admin.example',
    serial: 2024051900,
    refresh: 1,
    retry: 2,
    expire: 3,
    minimum: 4,
  },
} as const;

const shop = { query_name: 'shop.example', query_type: 'A', preferred_ip_protocol: 'ip4' } as const;

test('serves the size of each section, the phases and the address of the server', async () => {
  const server = await udpServer((query) => reply(query, { answers: [a, b], authorities: [zone] }));
  const open = watchOpenThings();
  const { verdict, scrape } = await probe(dns, shop, server);

  expect(verdict).toBe('success');
  expect(standing(scrape)).toBe(
    [
      'probe_dns_additional_rrs 0',
      'probe_dns_answer_rrs 2',
      'probe_dns_authority_rrs 1',
      'probe_dns_duration_seconds{phase="resolve"} T',
      'probe_dns_duration_seconds{phase="connect"} T',
      'probe_dns_duration_seconds{phase="request"} T',
      'probe_dns_lookup_time_seconds T',
      'probe_dns_query_succeeded 1',
      'probe_ip_addr_hash 3668918509',
      'probe_ip_protocol 4',
    ].join('\n'),
  );
  await open.settled();
});

test('asks what the module says', async () => {
  const seen: Packet[] = [];
  const server = await udpServer((query) => {
    seen.push(query);
    return reply(query);
  });
  await probe(dns, { ...shop, query_class: 'CH', recursion_desired: false }, server);
  await probe(dns, { query_name: 'bücher.example', query_type: 'MX' }, server);

  expect(seen[0]).toMatchObject({ flag_rd: false, questions: [{ name: 'shop.example', type: 'A', class: 'CH' }] });
  expect(seen[1]).toMatchObject({ flag_rd: true, questions: [{ name: 'xn--bcher-kva.example', type: 'MX' }] });
});

test('asks for a type that is given as a number', async () => {
  let asked: Buffer | undefined;
  const server = await udpServer((query) => {
    asked = query.raw;
    return reply(query);
  });
  await probe(dns, { query_name: 'a', query_type: 'TYPE65' }, server);

  expect(asked!.subarray(12).toString('hex')).toBe('01610000410001');
});

test('serves the serial number of the zone when asked for SOA', async () => {
  const server = await udpServer((query) => reply(query, { answers: [zone] }));
  const { scrape } = await probe(dns, { query_name: 'example', query_type: 'SOA' }, server);

  expect(value(scrape, 'probe_dns_serial')).toBe(2024051900);
});

test('sends from the source address', async () => {
  const server = await udpServer((query) => reply(query));
  const { verdict, detail } = await probe(dns, { ...shop, source_ip_address: '192.0.2.77' }, server);

  expect(verdict).toBe('connect in connect');
  expect(detail).toBe('EADDRNOTAVAIL');
  expect((await probe(dns, { ...shop, source_ip_address: '127.0.0.3' }, server)).verdict).toBe('success');
});

describe('response codes', () => {
  test.each([
    ['NXDOMAIN', 3],
    ['SERVFAIL', 2],
    ['REFUSED', 5],
  ])('%s fails the probe unless it is a valid one', async (name, code) => {
    const server = await udpServer((query) => failing(query, code));
    const failed = await probe(dns, shop, server);

    expect(failed.verdict).toBe('status in validate');
    expect(failed.detail).toContain(name);
    expect(value(failed.scrape, 'probe_dns_query_succeeded')).toBe(1);
    expect((await probe(dns, { ...shop, valid_rcodes: [name] }, server)).verdict).toBe('success');
  });
});

describe('records', () => {
  const first = String.raw`^shop\.example\.\t300\tIN\tA\t192\.0\.2\.1$`;
  const any = String.raw`192\.0\.2\.\d`;
  const none = 'nothing like it';

  test.each([
    ['fail_if_matches_regexp', none, true],
    ['fail_if_matches_regexp', first, false],
    // The name says otherwise, but this is what blackbox_exporter does.
    ['fail_if_all_match_regexp', any, true],
    ['fail_if_all_match_regexp', first, false],
    ['fail_if_not_matches_regexp', any, true],
    ['fail_if_not_matches_regexp', first, false],
    ['fail_if_none_matches_regexp', first, true],
    ['fail_if_none_matches_regexp', none, false],
  ])('%s: %s', async (option, source, passes) => {
    const server = await udpServer((query) => reply(query, { answers: [a, b] }));
    const { verdict } = await probe(dns, { ...shop, validate_answer_rrs: { [option]: [source] } }, server);

    expect(verdict).toBe(passes ? 'success' : 'body in validate');
  });

  test.each(['fail_if_not_matches_regexp', 'fail_if_none_matches_regexp'])(
    '%s fails where a section is empty',
    async (option) => {
      const server = await udpServer((query) => reply(query, { answers: [a] }));
      const { verdict, detail } = await probe(dns, { ...shop, validate_authority_rrs: { [option]: ['.*'] } }, server);

      expect(verdict).toBe('body in validate');
      expect(detail).toContain('no authority records');
    },
  );
});

const framed = (message: Buffer) => Buffer.concat([Buffer.from([message.length >> 8, message.length & 255]), message]);
describe('over a stream', () => {
  const overTcp = { ...shop, transport_protocol: 'tcp' } as const;

  test('reads a reply that comes byte by byte', async () => {
    const server = await tcpServer((socket) => {
      socket.once('data', (query) => {
        const bytes = framed(reply(packet.decode(query.subarray(2)), { answers: [a] }));
        const send = (index: number) => {
          socket.write(bytes.subarray(index, index + 1));
          if (index + 1 < bytes.length) setImmediate(send, index + 1);
        };
        send(0);
      });
    });
    const open = watchOpenThings();
    const { verdict, scrape } = await probe(dns, overTcp, server.target);

    expect(verdict).toBe('success');
    expect(value(scrape, 'probe_dns_answer_rrs')).toBe(1);
    await open.settled();
  });

  test('speaks TLS, and serves the certificate even where it is refused', async () => {
    const { good, root } = testCertificates();
    const server = createTlsServer({ cert: good.cert, key: good.key }, (socket) => {
      socket.on('error', () => undefined);
      socket.once('data', (query) => socket.write(framed(reply(packet.decode(query.subarray(2)), { answers: [a] }))));
    });
    await new Promise<void>((resolve) => {
      server.listen(0, '127.0.0.1', resolve);
    });
    onTestFinished(() => void server.close());
    const target = `127.0.0.1:${(server.address() as AddressInfo).port}`;
    const overTls = { ...overTcp, dns_over_tls: true };
    const trusted = await probe(dns, { ...overTls, tls_config: { ca_file: root.certFile } }, target);
    const refused = await probe(dns, overTls, target);

    expect(trusted.verdict).toBe('success');
    expect(value(trusted.scrape, 'probe_tls_version_info{version="TLS 1.3"}')).toBe(1);
    expect(refused.verdict).toBe('tls in tls');
    expect(value(refused.scrape, 'probe_tls_version_info{version="TLS 1.3"}')).toBe(1);
    expect(value(refused.scrape, 'probe_dns_query_succeeded')).toBe(0);
  });

  test.each<[string, Buffer | 'end', string]>([
    ['a closed connection', 'end', 'protocol in request'],
    ['a reply that is too short', Buffer.from([0, 3, 1, 2, 3]), 'protocol in request'],
    ['half a reply', Buffer.from([1, 0, 1, 2, 3]), 'timeout in request'],
  ])('%s', async (_title, bytes, verdict) => {
    const server = await tcpServer((socket) => {
      if (bytes === 'end') socket.end();
      else socket.write(bytes);
    });
    const open = watchOpenThings();

    expect((await probe(dns, overTcp, server.target, { timeoutMs: 300 })).verdict).toBe(verdict);
    await open.settled();
  });

  test('a reply with the number of another query', async () => {
    const server = await tcpServer((socket) => {
      socket.once('data', (query) => {
        const decoded = packet.decode(query.subarray(2));
        socket.write(framed(reply({ ...decoded, id: decoded.id! ^ 1 })));
      });
    });

    expect((await probe(dns, overTcp, server.target)).verdict).toBe('protocol in request');
  });

  test('a refused port', async () => {
    expect((await probe(dns, overTcp, await closedTarget())).verdict).toBe('connect in connect');
  });
});

describe('over UDP', () => {
  test('waits past a reply with the number of another query', async () => {
    const server = await udpServer((query) => [reply({ ...query, id: query.id! ^ 1 }), reply(query, { answers: [a] })]);
    const { verdict, scrape } = await probe(dns, shop, server);

    expect(verdict).toBe('success');
    expect(value(scrape, 'probe_dns_answer_rrs')).toBe(1);
  });

  test('says so where only such replies came', async () => {
    const server = await udpServer((query) => reply({ ...query, id: query.id! ^ 1 }));
    const { verdict, detail } = await probe(dns, shop, server, { timeoutMs: 150 });

    expect(verdict).toBe('timeout in request');
    expect(detail).toContain('1 replies had the number of another query');
  });

  test.each<[string, Answer, string]>([
    ['a silent server', () => undefined, 'timeout in request'],
    ['garbage', () => Buffer.alloc(1), 'protocol in request'],
    ['a query in place of a reply', ({ raw }) => raw, 'protocol in request'],
    ['a reply that is cut', (query) => reply(query, { answers: [a] }).subarray(0, -2), 'protocol in request'],
    [
      'a name that points to itself',
      ({ raw }) =>
        Buffer.concat([
          raw.subarray(0, 2),
          Buffer.from('800000010000000000000000c00c00010001', 'hex').subarray(0, 10),
          Buffer.from('c00c00010001', 'hex'),
        ]),
      'protocol in request',
    ],
  ])('%s', async (_title, answer, verdict) => {
    const server = await udpServer(answer);
    const open = watchOpenThings();
    const probed = await probe(dns, shop, server, { timeoutMs: 200 });

    expect(probed.verdict).toBe(verdict);
    expect(value(probed.scrape, 'probe_dns_query_succeeded')).toBe(0);
    await open.settled();
  });

  test('a reply whose header says that it was cut counts with what it has', async () => {
    const server = await udpServer((query) => {
      const whole = reply(query, { flags: packet.TRUNCATED_RESPONSE, answers: [a, b] });
      return whole.subarray(0, -4);
    });
    const { verdict, scrape } = await probe(dns, shop, server);

    expect(verdict).toBe('success');
    expect(value(scrape, 'probe_dns_answer_rrs')).toBe(1);
  });

  test('a refused port', async () => {
    const open = watchOpenThings();

    expect((await probe(dns, shop, await closedTarget())).verdict).toBe('connect in request');
    await open.settled();
  });

  test('an address that may not be probed', async () => {
    const { verdict } = await probe(dns, shop, '127.0.0.1:53', { allows: () => false });

    expect(verdict).toBe('config in connect');
  });
});

describe('options', () => {
  test.each([
    [{}, 'query_name: '],
    [{ query_name: '' }, 'query_name: a dns module needs a query_name'],
    [{ query_name: 'a..b' }, 'query_name: "a..b" has an empty label'],
    [{ query_name: 'a', query_type: 'AAAAA' }, 'query_type: "AAAAA" is no DNS type'],
    [{ query_name: 'a', query_type: 'toString' }, 'query_type: "toString" is no DNS type'],
    [{ query_name: 'a', query_class: 'X' }, 'query_class: "X" is no DNS class'],
    [{ query_name: 'a', valid_rcodes: ['NOERROR', 'NOPE'] }, 'valid_rcodes.1: "NOPE" is no response code'],
    [{ query_name: 'a', dns_over_tls: true }, 'transport_protocol: dns_over_tls needs'],
    [{ query_name: 'a', transport_protocol: 'sctp' }, 'transport_protocol: '],
    [{ query_name: 'a', validate_answer_rrs: { fail_if_matches: [] } }, 'validate_answer_rrs: '],
    [
      { query_name: 'a', validate_answer_rrs: { fail_if_matches_regexp: ['('] } },
      'validate_answer_rrs.fail_if_matches_regexp.0: ',
    ],
  ])('%j is refused', (options, message) => {
    expect(refusal(dns, options)).toContain(message);
  });
});
