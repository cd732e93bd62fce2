/**
 * Certificates of every kind for test servers, made by openssl once per process in a folder that ends with it.
 * `localhost` and 127.0.0.1 are the names of all but `wrongHost`.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A certificate with its private key, as PEM text and as files; `cert` holds the intermediate too where there is one. */
export interface TestCertificate {
  readonly cert: string;
  readonly key: string;
  readonly certFile: string;
  readonly keyFile: string;
}

/** All of them. `root` signed the good ones; give `root.certFile` as `ca_file`. */
export interface TestCertificates {
  readonly directory: string;
  readonly root: TestCertificate;
  /** Sent alone, signed by `root`. */
  readonly good: TestCertificate;
  /** Sent with its intermediate, which ends earlier than the leaf. */
  readonly chained: TestCertificate;
  readonly expired: TestCertificate;
  readonly notYetValid: TestCertificate;
  readonly selfSigned: TestCertificate;
  /** Signed by `root` for `elsewhere.example`. */
  readonly wrongHost: TestCertificate;
  /** Signed by `root` for localhost in its common name only. */
  readonly commonNameOnly: TestCertificate;
  /** Signed by a root that nobody knows. */
  readonly untrusted: TestCertificate;
  /** For a client, signed by `root`. */
  readonly client: TestCertificate;
}

/** When the certificates end, in seconds since 1970. */
export const certificateEnds = {
  root: Date.UTC(2049, 0, 1) / 1000,
  intermediate: Date.UTC(2040, 0, 1) / 1000,
  leaf: Date.UTC(2045, 0, 1) / 1000,
  expired: Date.UTC(2021, 0, 1) / 1000,
} as const;

let made: TestCertificates | undefined;

/** The certificates; the first call makes them in about half a second. */
export function testCertificates(): TestCertificates {
  made ??= make();
  return made;
}

interface Recipe {
  readonly name: string;
  readonly subject: string;
  readonly issuer?: string;
  readonly from?: string;
  readonly until?: string;
  readonly extensions: string;
}

const serverNames = 'subjectAltName=DNS:localhost,DNS:*.test.example,IP:127.0.0.1,IP:::1';
const authority = 'basicConstraints=critical,CA:true\nkeyUsage=critical,keyCertSign,cRLSign';
const leafUntil = '20450101000000Z';

function make(): TestCertificates {
  const directory = mkdtempSync(join(tmpdir(), 'vitald-certificates-'));
  process.once('exit', () => rmSync(directory, { recursive: true, force: true }));
  const issue = (recipe: Recipe, ...chain: TestCertificate[]) => issueCertificate(directory, recipe, chain);
  const root = issue({
    name: 'root',
    subject: '/O=Test/CN=Test Root',
    until: '20490101000000Z',
    extensions: authority,
  });
  issue({ name: 'unknown', subject: '/CN=Unknown Root', until: '20490101000000Z', extensions: authority });
  const intermediate = issue({
    name: 'intermediate',
    subject: '/O=Test/CN=Test Intermediate',
    issuer: 'root',
    until: '20400101000000Z',
    extensions: authority,
  });
  const leaf = { subject: '/C=CH/O=Acme, Inc./OU=Web/CN=localhost', issuer: 'root', extensions: serverNames };
  return {
    directory,
    root,
    good: issue({ ...leaf, name: 'good' }),
    chained: issue({ ...leaf, name: 'chained', issuer: 'intermediate' }, intermediate),
    expired: issue({ ...leaf, name: 'expired', from: '20200101000000Z', until: '20210101000000Z' }),
    notYetValid: issue({ ...leaf, name: 'not-yet-valid', from: '20440101000000Z' }),
    selfSigned: issue({ name: 'self-signed', subject: '/CN=localhost', extensions: serverNames }),
    wrongHost: issue({ ...leaf, name: 'wrong-host', extensions: 'subjectAltName=DNS:elsewhere.example' }),
    commonNameOnly: issue({ ...leaf, name: 'common-name-only', extensions: 'basicConstraints=CA:false' }),
    untrusted: issue({ ...leaf, name: 'untrusted', issuer: 'unknown' }),
    client: issue({ ...leaf, name: 'client', subject: '/CN=client', extensions: 'extendedKeyUsage=clientAuth' }),
  };
}

function issueCertificate(directory: string, recipe: Recipe, chain: readonly TestCertificate[]): TestCertificate {
  const { name, subject, issuer = name, from = '20200101000000Z', until = leafUntil, extensions } = recipe;
  const path = (file: string) => join(directory, file);
  const openssl = (...args: string[]) => execFileSync('openssl', args, { cwd: directory, stdio: 'pipe' });
  // Only `openssl ca` of OpenSSL 3.0 takes any start and end; it wants a small database.
  const database = path(`${name}.ca`);
  mkdirSync(database);
  writeFileSync(join(database, 'index'), '');
  writeFileSync(
    join(database, 'conf'),
    `[ca]\ndefault_ca=c\n[c]\ndatabase=${database}/index\nnew_certs_dir=${database}\ndefault_md=sha256\npolicy=p\n` +
      `unique_subject=no\nrand_serial=yes\nstring_mask=utf8only\n` +
      `[p]\ncountryName=optional\norganizationName=optional\norganizationalUnitName=optional\ncommonName=optional\n` +
      `[e]\n${extensions}\n`,
  );
  openssl('ecparam', '-name', 'prime256v1', '-genkey', '-noout', '-out', `${name}.key`);
  openssl('req', '-new', '-key', `${name}.key`, '-subj', subject, '-out', `${name}.csr`);
  const signer = issuer === name ? ['-selfsign'] : ['-cert', `${issuer}.leaf.pem`];
  openssl(
    'ca',
    '-batch',
    '-notext',
    '-preserveDN',
    '-config',
    join(database, 'conf'),
    '-extensions',
    'e',
    '-startdate',
    from,
    '-enddate',
    until,
    '-in',
    `${name}.csr`,
    '-out',
    `${name}.pem`,
    '-keyfile',
    `${issuer}.key`,
    ...signer,
  );
  const own = readFileSync(path(`${name}.pem`), 'utf8');
  const cert = own + chain.map((above) => above.cert).join('');
  writeFileSync(path(`${name}.leaf.pem`), own);
  writeFileSync(path(`${name}.pem`), cert);
  return {
    cert,
    key: readFileSync(path(`${name}.key`), 'utf8'),
    certFile: path(`${name}.pem`),
    keyFile: path(`${name}.key`),
  };
}
