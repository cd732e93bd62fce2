import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { dial } from '../../../collectors/probe/dial.ts';
import { certificatesIn, hostTrust } from '../../../collectors/probe/tls-host-trust.ts';
import { TlsClient, tlsConfigOptions } from '../../../collectors/probe/tls.ts';
import { certificateEnds, testCertificates } from '../../support/certificates.ts';
import { tlsBeast } from '../../support/zoo.ts';

const { root, good, chained, selfSigned, untrusted, client } = testCertificates();

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'vitald-trust-'));
  onTestFinished(() => rmSync(path, { recursive: true }));
  return path;
}

/** A folder with files of these contents. */
function folderOf(files: Readonly<Record<string, string>>): string {
  const path = folder();
  for (const [name, content] of Object.entries(files)) writeFileSync(join(path, name), content);
  return path;
}

function trusted(environment: NodeJS.ProcessEnv): string[] {
  return certificatesIn(hostTrust(environment).read()?.toString() ?? '').map((pem) => `${pem}\n`);
}

test('what the folders have beside the bundle is trusted too, each certificate once', () => {
  const bundle = join(folderOf({ bundle: `# The root\n${root.cert}\n${good.cert}` }), 'bundle');
  const first = folderOf({ 'a.pem': root.cert, 'b.pem': selfSigned.cert, 'c.pem': `${good.cert}${untrusted.cert}` });
  const second = folderOf({ 'd.pem': selfSigned.cert, 'e.pem': client.cert });

  expect(trusted({ SSL_CERT_FILE: bundle, SSL_CERT_DIR: `${first}:${second}` })).toEqual([
    selfSigned.cert,
    untrusted.cert,
    client.cert,
    root.cert,
    good.cert,
  ]);
});

test('a folder need not hold only certificates', () => {
  const path = folderOf({
    'a.txt': 'nothing of the kind',
    'b.pem': root.cert.replace(/\n.{20}/u, '\nAAAAAAAAAAAAAAAAAAAA'),
    'c.pem': root.cert.replaceAll('CERTIFICATE', 'TRUSTED CERTIFICATE'),
    'd.pem': root.key,
    'e.pem': `${'# comment\n'.repeat(5000)}${good.cert}`,
  });
  mkdirSync(join(path, 'java'));
  execFileSync('mkfifo', [join(path, 'pipe')]);
  symlinkSync('/nowhere/at/all.pem', join(path, 'broken.pem'));

  expect(trusted({ SSL_CERT_FILE: '/nowhere', SSL_CERT_DIR: path })).toEqual([good.cert]);
});

test('links are followed out of a folder and not within it', () => {
  const outside = folderOf({ 'root.pem': root.cert });
  const path = folderOf({ 'good.pem': good.cert });
  symlinkSync(join(outside, 'root.pem'), join(path, 'root.pem'));
  symlinkSync('good.pem', join(path, '12345678.0'));

  expect(trusted({ SSL_CERT_FILE: '/nowhere', SSL_CERT_DIR: path }).toSorted()).toEqual(
    [root.cert, good.cert].toSorted(),
  );
});

test('what is not there is passed over', () => {
  const path = folderOf({ 'root.pem': root.cert });

  expect(trusted({ SSL_CERT_FILE: '/nowhere/ca.pem', SSL_CERT_DIR: `/nowhere::${path}` })).toEqual([root.cert]);
  expect(hostTrust({ SSL_CERT_FILE: '/nowhere/ca.pem', SSL_CERT_DIR: '/nowhere' }).read()).toHaveLength(0);
  expect(trusted({ SSL_CERT_FILE: join(path, 'root.pem'), SSL_CERT_DIR: '/nowhere' })).toEqual([root.cert]);
});

test('a file that is there and cannot be read is told, unless a folder has certificates', () => {
  const path = folderOf({ 'root.pem': root.cert });

  expect(() => hostTrust({ SSL_CERT_FILE: path, SSL_CERT_DIR: '/nowhere' }).read()).toThrow('EISDIR');
  expect(trusted({ SSL_CERT_FILE: path, SSL_CERT_DIR: path })).toEqual([root.cert]);
});

test('what is set to nothing is not set', () => {
  const { identity } = hostTrust({});

  expect(hostTrust({ SSL_CERT_FILE: '', SSL_CERT_DIR: '' }).identity).toBe(identity);
  expect(hostTrust({ SSL_CERT_FILE: '/nowhere' }).identity).not.toBe(identity);
});

test('a folder is read again when it changed', () => {
  const path = folderOf({ 'root.pem': root.cert });
  const environment = { SSL_CERT_FILE: '/nowhere', SSL_CERT_DIR: path };
  const before = hostTrust(environment).identity;
  expect(trusted(environment)).toEqual([root.cert]);
  writeFileSync(join(path, 'good.pem'), good.cert);
  utimesSync(path, 1, 1);

  expect(hostTrust(environment).identity).not.toBe(before);
  expect(trusted(environment)).toHaveLength(2);
});

test('modules without a CA of their own trust the host, as it is now', async () => {
  const path = folderOf({ 'root.pem': root.cert });
  const unset = { file: process.env['SSL_CERT_FILE'], folders: process.env['SSL_CERT_DIR'] };
  process.env['SSL_CERT_FILE'] = '/nowhere/ca.pem';
  process.env['SSL_CERT_DIR'] = path;
  onTestFinished(() => {
    for (const [name, value] of [
      ['SSL_CERT_FILE', unset.file],
      ['SSL_CERT_DIR', unset.folders],
    ] as const) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
  });
  const beast = await tlsBeast(() => undefined, chained);
  onTestFinished(() => beast.close());
  const signal = new AbortController().signal;
  const plain = new TlsClient(tlsConfigOptions.parse({}));
  const withKey = new TlsClient(tlsConfigOptions.parse({ cert_file: client.certFile, key_file: client.keyFile }));
  const expiry = async (tls: TlsClient) => {
    const { socket } = await dial({ address: '127.0.0.1', port: beast.port }, { signal });
    const upgraded = await tls.upgrade(socket, { serverName: 'localhost', signal });
    upgraded.socket.destroy();
    return upgraded.facts?.chainExpiry;
  };

  expect([await expiry(plain), await expiry(withKey)]).toEqual(Array(2).fill(certificateEnds.intermediate));
  rmSync(join(path, 'root.pem'));
  utimesSync(path, 1, 1);
  await expect(expiry(plain)).rejects.toMatchObject({ reason: 'tls' });
  await expect(expiry(withKey)).rejects.toMatchObject({ reason: 'tls' });
});
