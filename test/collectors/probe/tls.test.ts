import { copyFileSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TLSSocket, TlsOptions } from 'node:tls';
import { afterEach, describe, expect, test } from 'vitest';
import { dial } from '../../../collectors/probe/dial.ts';
import { alternativeNames, hostMismatch } from '../../../collectors/probe/tls-certificate.ts';
import { CertificateRefused, TlsClient, tlsConfigOptions, tlsSamples } from '../../../collectors/probe/tls.ts';
import type { CertificateStep, ProbeRequest } from '../../../src/prober.ts';
import { certificateEnds, testCertificates, type TestCertificate } from '../../support/certificates.ts';
import { derCertificate, tags } from '../../support/der-certificate.ts';
import { tlsBeast, type Beast } from '../../support/zoo.ts';

const never = new AbortController().signal;
const beasts: Beast[] = [];
const { root, good, chained, client } = testCertificates();

afterEach(async () => {
  await Promise.all(beasts.splice(0).map((beast) => beast.close()));
});

async function serve(certificate: TestCertificate, options?: TlsOptions, seen?: (socket: TLSSocket) => void) {
  const beast = await tlsBeast((socket) => seen?.(socket as TLSSocket), certificate, options);
  beasts.push(beast);
  return beast;
}

async function handshake(beast: Beast, config: object, serverName = 'localhost', client = clientOf(config)) {
  const { socket } = await dial({ address: '127.0.0.1', port: beast.port }, { signal: never });
  const upgraded = await client.upgrade(socket, { serverName, signal: never });
  upgraded.socket.destroy();
  return upgraded;
}

function clientOf(config: object): TlsClient {
  return new TlsClient(tlsConfigOptions.parse(config));
}

test('a verified handshake tells of what was sent and of the whole chain', async () => {
  const { facts } = await handshake(await serve(chained), { ca_file: root.certFile });

  expect(facts).toMatchObject({
    version: 'TLS 1.3',
    cipher: 'TLS_AES_256_GCM_SHA384',
    earliestExpiry: certificateEnds.intermediate,
    chainExpiry: certificateEnds.intermediate,
    leaf: {
      subject: String.raw`CN=localhost,OU=Web,O=Acme\, Inc.,C=CH`,
      issuer: 'CN=Test Intermediate,O=Test',
      subjectalternative: 'localhost,*.test.example',
    },
  });
});

test('a root that the peer did not send counts for the chain and not for what was sent', async () => {
  const beast = await serve(chained);
  const intermediate = chained.cert.slice(chained.cert.indexOf('-----BEGIN', 1));
  // The leaf alone, the rest from the trust store.
  const alone = await serve({ ...chained, cert: chained.cert.slice(0, chained.cert.indexOf('-----BEGIN', 1)) });
  const { facts } = await handshake(alone, { ca: root.cert + intermediate });

  expect(facts).toMatchObject({ earliestExpiry: certificateEnds.leaf, chainExpiry: certificateEnds.intermediate });
  expect((await handshake(beast, { ca: root.cert })).facts?.earliestExpiry).toBe(certificateEnds.intermediate);
});

describe('each certificate that is trusted ends a chain', () => {
  const named = (name: string) => [[['2.5.4.3', tags.utf8, name] as const]];
  const top = derCertificate(named('top'), 2041);
  const middle = derCertificate(named('middle'), 2042, top);
  const leaf = derCertificate(named('leaf'), 2043, middle);
  const yearOf = (seconds: number | undefined) => new Date((seconds ?? 0) * 1000).getUTCFullYear();

  // The years that blackbox_exporter 0.23 has.
  test.each([
    ['the root', top.cert, 2041],
    ['the intermediate', middle.cert, 2042],
    ['both', top.cert + middle.cert, 2042],
    ['the leaf', leaf.cert, 2043],
    ['all', top.cert + middle.cert + leaf.cert, 2043],
  ])('where the peer sends the chain and %s is trusted', async (_title, ca, year) => {
    const beast = await serve({ ...good, key: leaf.key, cert: leaf.cert + middle.cert });
    const { facts } = await handshake(beast, { ca });

    expect([yearOf(facts?.earliestExpiry), yearOf(facts?.chainExpiry)]).toEqual([2042, year]);
  });

  test.each([
    ['the intermediate', middle.cert, 2042],
    ['the leaf', leaf.cert, 2043],
  ])('where the peer sends the leaf alone and %s is trusted', async (_title, ca, year) => {
    const beast = await serve({ ...good, key: leaf.key, cert: leaf.cert });
    const { facts } = await handshake(beast, { ca });

    expect([yearOf(facts?.earliestExpiry), yearOf(facts?.chainExpiry)]).toEqual([2043, year]);
  });

  test('and not one that is only like it', async () => {
    const beast = await serve({ ...good, key: leaf.key, cert: leaf.cert });
    const stranger = derCertificate(named('leaf'), 2043, middle);

    for (const ca of [top.cert, stranger.cert])
      await expect(handshake(beast, { ca })).rejects.toMatchObject({ reason: 'tls' });
  });

  test('in a file, too', async () => {
    const ca_file = join(testCertificates().directory, 'middle.pem');
    writeFileSync(ca_file, middle.cert);
    const { facts } = await handshake(await serve({ ...good, key: leaf.key, cert: leaf.cert }), { ca_file });

    expect(yearOf(facts?.chainExpiry)).toBe(2042);
  });

  test('a file without certificates trusts none', async () => {
    const ca_file = join(testCertificates().directory, 'empty.pem');
    writeFileSync(ca_file, '');

    await expect(handshake(await serve(good), { ca_file })).rejects.toMatchObject({ reason: 'tls' });
  });
});

test('facts stay the same when a certificate is seen again', async () => {
  const beast = await serve(good);
  const client = clientOf({ ca_file: root.certFile });
  const first = await handshake(beast, {}, 'localhost', client);
  const second = await handshake(beast, {}, 'localhost', client);

  expect(second.facts).toEqual(first.facts);
  expect(second.facts?.chainExpiry).toBe(certificateEnds.leaf);
});

test('samples carry names and help of blackbox_exporter', async () => {
  const { facts } = await handshake(await serve(good), { ca_file: root.certFile });

  expect(tlsSamples(facts!, true).map(({ family, value }) => [family.name, value])).toEqual([
    ['probe_ssl_earliest_cert_expiry', certificateEnds.leaf],
    ['probe_ssl_last_chain_info', 1],
    ['probe_tls_version_info', 1],
    ['probe_ssl_last_chain_expiry_timestamp_seconds', certificateEnds.leaf],
    ['probe_tls_cipher_info', 1],
  ]);
});

describe('a certificate is refused', () => {
  test.each([
    ['expired', 'expired', 'certificate refused: CERT_HAS_EXPIRED'],
    ['notYetValid', 'tls', 'certificate refused: CERT_NOT_YET_VALID'],
    ['selfSigned', 'tls', 'certificate refused: DEPTH_ZERO_SELF_SIGNED_CERT'],
    ['untrusted', 'tls', 'certificate refused: UNABLE_TO_GET_ISSUER_CERT_LOCALLY'],
    ['wrongHost', 'tls', 'the certificate is not valid for localhost'],
    ['commonNameOnly', 'tls', 'the certificate is not valid for localhost'],
  ] as const)('where it is %s, with its facts', async (kind, reason, message) => {
    const beast = await serve(testCertificates()[kind]);
    const refused: unknown = await handshake(beast, { ca_file: root.certFile }).catch((error: unknown) => error);

    expect(refused).toBeInstanceOf(CertificateRefused);
    expect(refused).toMatchObject({ reason, message, facts: { version: 'TLS 1.3' } });
    await beast.left();
  });

  test('unless the module says not to verify, and then without a chain that was not verified', async () => {
    const { facts } = await handshake(await serve(testCertificates().expired), { insecure_skip_verify: true });

    expect(facts).toMatchObject({ earliestExpiry: certificateEnds.expired, chainExpiry: undefined });
  });

  test('where NODE_TLS_REJECT_UNAUTHORIZED says to accept it, too', async () => {
    process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = '0';
    try {
      await expect(handshake(await serve(good), {})).rejects.toBeInstanceOf(CertificateRefused);
    } finally {
      delete process.env['NODE_TLS_REJECT_UNAUTHORIZED'];
    }
  });
});

describe('whoever traces a handshake hears', () => {
  async function traced(beast: Beast, config: object): Promise<CertificateStep> {
    const { socket } = await dial({ address: '127.0.0.1', port: beast.port }, { signal: never });
    const steps: unknown[] = [];
    const trace: ProbeRequest['trace'] = (step, facts) => void steps.push([step, facts]);
    await clientOf(config)
      .upgrade(socket, { serverName: 'localhost', signal: never, trace })
      .then(
        (upgraded) => upgraded.socket.destroy(),
        () => undefined,
      );
    expect(steps).toEqual([['certificate', expect.anything() as unknown]]);
    return (steps[0] as [string, CertificateStep])[1];
  }

  test('of each certificate that was sent', async () => {
    expect(await traced(await serve(chained), { ca_file: root.certFile })).toEqual({
      server_name: 'localhost',
      version: 'TLS 1.3',
      cipher: 'TLS_AES_256_GCM_SHA384',
      chain: [
        {
          subject: String.raw`CN=localhost,OU=Web,O=Acme\, Inc.,C=CH`,
          issuer: 'CN=Test Intermediate,O=Test',
          names: ['localhost', '*.test.example', '127.0.0.1', '0:0:0:0:0:0:0:1'],
          valid_from: '2020-01-01T00:00:00.000Z',
          valid_until: '2045-01-01T00:00:00.000Z',
        },
        {
          subject: 'CN=Test Intermediate,O=Test',
          issuer: 'CN=Test Root,O=Test',
          names: [],
          valid_from: '2020-01-01T00:00:00.000Z',
          valid_until: '2040-01-01T00:00:00.000Z',
        },
      ],
      problem: undefined,
      accepted: true,
    });
  });

  test.each([
    ['expired', 'a certificate of the chain has expired (CERT_HAS_EXPIRED)'],
    ['notYetValid', 'a certificate of the chain is not valid yet (CERT_NOT_YET_VALID)'],
    ['selfSigned', 'the certificate is signed by itself and not among those that are trusted'],
    ['untrusted', 'the issuer is not known; it is not trusted, or an intermediate was not sent'],
    ['wrongHost', 'the certificate is not valid for localhost'],
  ] as const)('why one is refused: %s', async (name, problem) => {
    const beast = await serve(testCertificates()[name]);
    const refused = await traced(beast, { ca_file: root.certFile });

    expect(refused.accepted).toBe(false);
    expect(refused.problem).toContain(problem);
    const letIn = await traced(beast, { ca_file: root.certFile, insecure_skip_verify: true });
    expect(letIn).toEqual({ ...refused, accepted: true });
  });
});

test('server_name goes before the name of the target, and is sent', async () => {
  let sent: unknown;
  const beast = await serve(good, {
    SNICallback: (name, done) => {
      sent = name;
      done(null);
    },
  });
  await handshake(beast, { ca_file: root.certFile, server_name: 'a.test.example' }, 'elsewhere.example');

  expect(sent).toBe('a.test.example');
});

test('an address is looked for in the certificate as an address', async () => {
  const beast = await serve(good);

  expect((await handshake(beast, { ca_file: root.certFile }, '127.0.0.1')).facts).toBeDefined();
  await expect(handshake(beast, { ca_file: root.certFile }, '127.0.0.2')).rejects.toMatchObject({ reason: 'tls' });
});

test('shows its own certificate to a peer that asks for one', async () => {
  let shown: unknown;
  const beast = await serve(good, { requestCert: true, ca: root.cert, rejectUnauthorized: false }, (socket) => {
    shown = socket.getPeerCertificate().subject?.CN;
  });
  const { facts } = await handshake(beast, {
    ca_file: root.certFile,
    cert_file: client.certFile,
    key_file: client.keyFile,
    max_version: 'TLS12',
  });

  expect(shown).toBe('client');
  expect(facts?.version).toBe('TLS 1.2');
});

test('speaks old versions only when told to', async () => {
  const old = { minVersion: 'TLSv1.1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' } as const;
  const beast = await serve(good, old);

  await expect(handshake(beast, { ca_file: root.certFile })).rejects.toMatchObject({ reason: 'tls' });
  expect((await handshake(beast, { ca_file: root.certFile, min_version: 'TLS10' })).facts?.version).toBe('TLS 1.1');
});

test('files are read again when they change', async () => {
  const file = join(testCertificates().directory, 'changing.pem');
  copyFileSync(testCertificates().selfSigned.certFile, file);
  const beast = await serve(good);
  const client = clientOf({ ca_file: file });
  await expect(handshake(beast, {}, 'localhost', client)).rejects.toBeInstanceOf(CertificateRefused);
  copyFileSync(root.certFile, file);
  utimesSync(file, 1, 1);

  expect((await handshake(beast, {}, 'localhost', client)).facts?.chainExpiry).toBe(certificateEnds.leaf);
});

test('a file that cannot be read is a mistake of the config', async () => {
  const beast = await serve(good);
  await expect(handshake(beast, { ca_file: '/nowhere/ca.pem' })).rejects.toMatchObject({ reason: 'config' });
  await beast.left();
});

test.each([
  [{ ca: 'x', ca_file: 'y' }, 'ca_file'],
  [{ cert_file: 'x' }, 'cert'],
  [{ key_file: 'x' }, 'key'],
  [{ key: 'x', key_file: 'y', cert: 'z' }, 'key_file'],
  [{ min_version: 'TLS13', max_version: 'TLS12' }, 'max_version'],
  [{ min_version: 'SSL3' }, 'min_version'],
])('refuses %j at %s', (config, path) => {
  expect(tlsConfigOptions.safeParse(config).error?.issues[0]?.path).toEqual([path]);
});

test('alternative names are read with their quotes', () => {
  const text = String.raw`DNS:a.example, IP Address:10.0.0.1, URI:"x, DNS:evil.example", DNS:"b\u002cc"`;

  expect(alternativeNames(text, 'DNS')).toEqual(['a.example', 'b,c']);
});

test.each([
  ['a.example', 'DNS:*.example', true],
  ['a.b.example', 'DNS:*.example', false],
  ['example', 'DNS:*.example', false],
  ['A.Example.', 'DNS:a.example', true],
  ['10.0.0.1', 'DNS:10.0.0.1', false],
  ['10.0.0.1', 'IP Address:10.0.0.1', true],
  ['::1', 'IP Address:0:0:0:0:0:0:0:1', true],
  ['a.example', undefined, false],
])('the host %s fits %s: %s', (host, names, fits) => {
  expect(hostMismatch(host, names) === undefined).toBe(fits);
});
