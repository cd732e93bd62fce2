/** The tcp prober against servers of the test. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createServer as createTlsServer, TLSSocket } from 'node:tls';
import type { AddressInfo, Socket } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import { ParsedFile } from '../../../collectors/probe/resolve-files.ts';
import { parseServices, servicePort, splitHostPort } from '../../../collectors/probe/tcp-target.ts';
import { tcp } from '../../../collectors/probe/tcp.ts';
import { certificateEnds, testCertificates } from '../../support/certificates.ts';
import { closedTarget, probe, refusal, standing, tcpServer, value, watchOpenThings } from './tcp-harness.ts';

/** Answers each line with what `reply` makes of it, after a greeting. */
function lineServer(greeting: string, reply: (line: string, socket: Socket) => string | undefined) {
  return tcpServer((socket) => {
    if (greeting !== '') socket.write(greeting);
    socket.on('data', (data) => {
      for (const line of data.toString().split('\n').slice(0, -1)) {
        const text = reply(line, socket);
        if (text !== undefined) socket.write(text);
      }
    });
  });
}

test('a connection is enough where nothing else is asked', async () => {
  const server = await tcpServer(() => undefined);
  const open = watchOpenThings();
  const { verdict, scrape } = await probe(tcp, {}, server.target);

  expect(verdict).toBe('success');
  expect(standing(scrape)).toBe(
    [
      'probe_dns_lookup_time_seconds T',
      'probe_failed_due_to_bytes 0',
      'probe_failed_due_to_regex 0',
      'probe_ip_addr_hash 3668918509',
      'probe_ip_protocol 4',
    ].join('\n'),
  );
  await open.settled();
});

test('a refused port is down and still tells the address', async () => {
  const { verdict, scrape } = await probe(tcp, {}, await closedTarget());

  expect(verdict).toBe('connect in connect');
  expect(value(scrape, 'probe_ip_protocol')).toBe(4);
  expect(value(scrape, 'probe_failed_due_to_regex')).toBe(0);
});

test.each(['host-without-port', '127.0.0.1:', '127.0.0.1:99999', 'http://127.0.0.1:1', '::1'])(
  '%s is no target',
  async (target) => {
    expect((await probe(tcp, {}, target)).verdict).toBe('config in resolve');
  },
);

test('an address that may not be probed is not connected to', async () => {
  let connections = 0;
  const server = await tcpServer(() => (connections += 1));
  const allows = (address: string, port: number) => !(address === '127.0.0.1' && port === server.port);
  const { verdict } = await probe(tcp, {}, server.target, { allows });

  expect(verdict).toBe('config in connect');
  expect(connections).toBe(0);
});

test('connects from the source address', async () => {
  let from: string | undefined;
  const server = await tcpServer((socket) => (from = socket.remoteAddress));
  await probe(tcp, { source_ip_address: '127.0.0.9' }, server.target);

  expect(from).toBe('127.0.0.9');
});

describe('a dialogue', () => {
  test('sends what was captured and serves it as labels', async () => {
    const seen: string[] = [];
    const server = await lineServer('SSH-2.0-OpenSSH_9.2\r\n', (line) => {
      seen.push(line);
      return 'ok bye\n';
    });
    const { verdict, scrape } = await probe(
      tcp,
      {
        query_response: [
          {
            expect: '^SSH-([0-9.]+)-(?P<software>.*)$',
            send: 'hello ${1} $$ ${software}',
            labels: [
              { name: 'ssh_version', value: '${1}' },
              { name: 'software', value: 'is $software' },
            ],
          },
          { expect: '^ok (.+)', labels: [{ name: 'word', value: '$1' }] },
        ],
      },
      server.target,
    );

    expect(verdict).toBe('success');
    expect(seen).toEqual(['hello 2.0 $ OpenSSH_9.2']);
    expect(value(scrape, 'probe_expect_info{software="is OpenSSH_9.2",ssh_version="2.0"}')).toBe(1);
    expect(value(scrape, 'probe_expect_info{word="bye"}')).toBe(1);
  });

  test('skips lines until one matches', async () => {
    const server = await lineServer('220-one\r\n220-two\r\n220 three\r\n', () => undefined);

    expect((await probe(tcp, { query_response: [{ expect: '^220 three$' }] }, server.target)).verdict).toBe('success');
  });

  test('takes lines one by one, however they come', async () => {
    const server = await lineServer('a\nb\nc', () => undefined);
    const query_response = [{ expect: 'a' }, { expect: 'b' }, { expect: 'c' }];

    expect((await probe(tcp, { query_response }, server.target)).verdict).toBe('success');
  });

  test('a prompt without a line end matches once the peer is silent', async () => {
    const server = await lineServer('login: ', (line) => (line === 'me' ? 'hello\n' : 'no\n'));
    const query_response = [{ expect: '^login: $', send: 'me' }, { expect: '^hello$' }];

    expect((await probe(tcp, { query_response }, server.target)).verdict).toBe('success');
  });

  test('no line that matches', async () => {
    const server = await tcpServer((socket) => socket.end('550 go away\r\n'));
    const { verdict, scrape } = await probe(tcp, { query_response: [{ expect: '^220' }] }, server.target);

    expect(verdict).toBe('body in query_response');
    expect(value(scrape, 'probe_failed_due_to_regex')).toBe(1);
  });

  test('bytes that come in pieces', async () => {
    const server = await tcpServer((socket) => {
      socket.write('not-');
      setImmediate(() => socket.write('a-line'));
    });
    const { verdict, scrape } = await probe(tcp, { query_response: [{ expect_bytes: 'not-a-line' }] }, server.target);

    expect(verdict).toBe('success');
    expect(value(scrape, 'probe_failed_due_to_bytes')).toBe(0);
  });

  test.each([
    ['something-else', 'body in query_response', 1],
    ['x', 'body in query_response', 1],
    ['not-a', 'protocol in query_response', 0],
    ['', 'protocol in query_response', 0],
  ])('%j in place of the bytes', async (sent, verdict, failed) => {
    const server = await tcpServer((socket) => socket.end(sent));
    const probed = await probe(tcp, { query_response: [{ expect_bytes: 'not-a-line' }] }, server.target);

    expect(probed.verdict).toBe(verdict);
    expect(value(probed.scrape, 'probe_failed_due_to_bytes')).toBe(failed);
    expect(value(probed.scrape, 'probe_failed_due_to_regex')).toBe(0);
  });
});

describe('a peer that misbehaves', () => {
  const greet = { query_response: [{ send: 'HELO' }, { expect: '^220 ', send: 'QUIT' }] };
  const evil = { query_response: [{ expect: '^(a+)+$' }] };

  test.each<[string, (socket: Socket) => void, string]>([
    ['is silent', () => undefined, 'timeout in query_response'],
    ['closes at once', (socket) => socket.end(), 'body in query_response'],
    ['resets', (socket) => socket.once('data', () => socket.resetAndDestroy()), 'protocol in query_response'],
    ['sends garbage', (socket) => socket.end(Buffer.from([0xff, 0xfe, 0, 10, 0x80, 10])), 'body in query_response'],
    ['sends a huge line', (socket) => socket.write('x'.repeat(200_000)), 'size in query_response'],
    ['sends lines for ever', (socket) => socket.write('x\n'.repeat(1_000_000)), 'size in query_response'],
  ])('%s', async (_title, act, verdict) => {
    const server = await tcpServer(act);
    const open = watchOpenThings();

    expect((await probe(tcp, greet, server.target, { timeoutMs: 1000 })).verdict).toBe(verdict);
    await open.settled();
  });

  test('drips', async () => {
    const server = await tcpServer((socket) => {
      const timer = setInterval(() => socket.write('2'), 5);
      socket.on('close', () => clearInterval(timer));
    });
    const { verdict, scrape } = await probe(tcp, greet, server.target, { timeoutMs: 250 });

    expect(verdict).toBe('timeout in query_response');
    expect(value(scrape, 'probe_failed_due_to_regex')).toBe(0);
  });

  test('sends what takes other regexp engines minutes', async () => {
    const server = await tcpServer((socket) => socket.end(`${'a'.repeat(5000)}!\n`));
    const { verdict, tookMs } = await probe(tcp, evil, server.target);

    expect(verdict).toBe('body in query_response');
    expect(tookMs).toBeLessThan(1000);
  });
});

async function tlsServer(kind: 'good' | 'expired' | 'wrongHost', onConnection: (socket: TLSSocket) => void) {
  const { [kind]: pair } = testCertificates();
  const server = createTlsServer({ cert: pair.cert, key: pair.key }, onConnection);
  server.on('tlsClientError', () => undefined);
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  onTestFinished(() => void server.close());
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const trust = () => ({ tls: true, tls_config: { ca_file: testCertificates().root.certFile } });

describe('TLS', () => {
  test('serves the certificate', async () => {
    const target = await tlsServer('good', (socket) => socket.end('220 hi\n'));
    const open = watchOpenThings();
    const { verdict, scrape } = await probe(tcp, { ...trust(), query_response: [{ expect: '^220' }] }, target);

    expect(verdict).toBe('success');
    expect(value(scrape, 'probe_ssl_earliest_cert_expiry')).toBe(certificateEnds.leaf);
    expect(value(scrape, 'probe_tls_version_info{version="TLS 1.3"}')).toBe(1);
    await open.settled();
  });

  test('asks for the hostname of the request', async () => {
    let asked: string | false | null | undefined;
    const target = await tlsServer('good', (socket) => {
      asked = socket.servername;
      socket.end('220\n');
    });
    const options = { ...trust(), query_response: [{ expect: '220' }] };
    const { verdict } = await probe(tcp, options, target, { hostname: 'localhost' });

    expect(verdict).toBe('success');
    expect(asked).toBe('localhost');
  });

  test.each<['expired' | 'wrongHost', string]>([
    ['expired', 'expired in tls'],
    ['wrongHost', 'tls in tls'],
  ])('a certificate that is %s is served all the same', async (kind, verdict) => {
    const target = await tlsServer(kind, (socket) => socket.on('error', () => undefined));
    const probed = await probe(tcp, trust(), target);

    expect(probed.verdict).toBe(verdict);
    expect(value(probed.scrape, 'probe_ssl_earliest_cert_expiry')).toBeGreaterThan(0);
  });

  test('a peer that does not speak it', async () => {
    const server = await tcpServer((socket) => socket.write('220 hello\r\n'));

    expect((await probe(tcp, trust(), server.target)).verdict).toBe('tls in tls');
  });

  test('a peer that is silent', async () => {
    const server = await tcpServer(() => undefined);
    const open = watchOpenThings();

    expect((await probe(tcp, trust(), server.target, { timeoutMs: 200 })).verdict).toBe('timeout in tls');
    await open.settled();
  });
});

const smtp = () => ({
  query_response: [
    { expect: '^220 (.+) ESMTP', send: 'EHLO prober' },
    { expect: '^250-STARTTLS' },
    { expect: '^250 ', send: 'STARTTLS' },
    { expect: '^220', starttls: true },
    { send: 'EHLO again' },
    { expect: '^250 secure', send: 'QUIT' },
  ],
  tls_config: { ca_file: testCertificates().root.certFile },
});

function smtpServer(afterStartTls: (socket: Socket) => string | undefined) {
  return lineServer('220 mx ESMTP\r\n', (line, socket) => {
    if (line === 'EHLO prober') return '250-STARTTLS\r\n250 HELP\r\n';
    return line === 'STARTTLS' ? afterStartTls(socket) : undefined;
  });
}

describe('STARTTLS', () => {
  test('goes over to TLS and on', async () => {
    const server = await smtpServer((socket) => {
      const { good } = testCertificates();
      socket.removeAllListeners('data');
      socket.write('220 go ahead\r\n');
      const secure = new TLSSocket(socket, { isServer: true, cert: good.cert, key: good.key });
      secure.on('error', () => undefined);
      secure.on('data', (data) => void (data.toString() === 'EHLO again\n' && secure.write('250 secure\r\n')));
      return undefined;
    });
    const open = watchOpenThings();
    const { verdict, scrape } = await probe(tcp, smtp(), server.target);

    expect(verdict).toBe('success');
    expect(value(scrape, 'probe_ssl_earliest_cert_expiry')).toBe(certificateEnds.leaf);
    await open.settled();
  });

  test.each<[string, string | undefined, string]>([
    ['is refused', '454 not now\r\n', 'timeout in query_response'],
    ['is granted by a peer that then falls silent', '220 go\r\n', 'timeout in tls'],
    // What comes with the grant is in the clear and may be forged: it is forgotten.
    ['is granted by a peer that then talks on in the clear', '220 go\r\n250 secure\r\n', 'timeout in tls'],
  ])('%s', async (_title, answer, verdict) => {
    const server = await smtpServer(() => answer);
    const open = watchOpenThings();
    const probed = await probe(tcp, smtp(), server.target, { timeoutMs: 400 });

    expect(probed.verdict).toBe(verdict);
    expect(value(probed.scrape, 'probe_ssl_earliest_cert_expiry')).toBeUndefined();
    await open.settled();
  });
});

test.each([
  ['host:80', { host: 'host', port: 80 }],
  ['[::1]:80', { host: '::1', port: 80 }],
  ['[fe80::1%eth0]:80', { host: 'fe80::1%eth0', port: 80 }],
  ['::1', { host: '::1', port: undefined }],
  ['1:2:3:4:5:6:7:8', { host: '1:2:3:4:5:6:7:8', port: undefined }],
  ['[::1]', { host: '::1', port: undefined }],
  ['host', { host: 'host', port: undefined }],
  ['host:http', { host: 'host', port: 80 }],
  ['[::1]:HTTPS', { host: '::1', port: 443 }],
  ['host:no-such-service', undefined],
  ['host:__proto__', undefined],
  ['host:constructor', undefined],
  ['host:65536', undefined],
  ['host:80x', undefined],
  ['host:', undefined],
  [':80', undefined],
  ['a:b:c', undefined],
  ['', undefined],
])('%s is split', (target, parts) => {
  expect(splitHostPort(target)).toEqual(parts);
});

test('a service is found by its name and its aliases, and without the file only if all know it', () => {
  const file = join(testCertificates().directory, 'services');
  writeFileSync(
    file,
    '# Services\nalt 8080/udp\nalt\t8080/tcp  Web-Cache other # not this\nhttp 8000/tcp\nbad x/tcp\n',
  );
  const ports = (path: string) =>
    ['alt', 'ALT', 'web-cache', 'other', 'this', 'http', 'bad'].map((name) =>
      servicePort(name, new ParsedFile(path, parseServices).get()),
    );

  expect(ports(file)).toEqual([8080, 8080, 8080, 8080, undefined, 8000, undefined]);
  expect(ports('/nowhere/services')).toEqual([...Array<undefined>(5).fill(undefined), 80, undefined]);
});

test.each([
  [{ tls_config: { ca_file: 'a', ca: 'b' } }, 'tls_config.ca_file: '],
  [{ preferred_ip_protocol: 'ipv6' }, 'preferred_ip_protocol: '],
  [{ query: [] }, 'query'],
])('%j is refused', (options, message) => {
  expect(refusal(tcp, options)).toContain(message);
});
