/**
 * The certificates that the host trusts, from where Go's crypto/x509 takes them: the first bundle that is there, and
 * every file of the folders. SSL_CERT_FILE and SSL_CERT_DIR, a list with colons, go before the usual places.
 *
 * A folder holds a file or a link for each certificate of the bundle as a rule, 140 on Debian, and as many links to
 * those by their hash. They are compared with the bundle as bytes, and only what it does not have is parsed and kept:
 * some 7 ms for the first probe over TLS and after a folder changed, and no memory that stays.
 */
import { X509Certificate } from 'node:crypto';
import { closeSync, constants, openSync, readdirSync, readFileSync, readlinkSync, readSync } from 'node:fs';
import type { Dirent } from 'node:fs';
import { join } from 'node:path';
import { fileIdentity } from '../../src/system/file-identity.ts';

// Where distributions keep them.
const usualFiles = [
  '/etc/ssl/certs/ca-certificates.crt',
  '/etc/pki/tls/certs/ca-bundle.crt',
  '/etc/ssl/ca-bundle.pem',
  '/etc/pki/tls/cacert.pem',
  '/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem',
  '/etc/ssl/cert.pem',
];
const usualFolders = ['/etc/ssl/certs', '/etc/pki/tls/certs'];

/** What the host trusts now. */
export interface HostTrust {
  /** Another text once a file or a folder changed; a file that is written anew in its folder does not change that. */
  readonly identity: string;
  /**
   * The certificates in PEM; empty where the environment names places without any, and undefined where it names none and
   * the usual places have none. Throws where the only file is one that cannot be read.
   */
  read(): Buffer | undefined;
}

/** Looks up what the host trusts; reads nothing yet. */
export function hostTrust(environment: NodeJS.ProcessEnv = process.env): HostTrust {
  // As for Go, what is empty is not set.
  const named = environment['SSL_CERT_FILE'] || undefined;
  const namedFolders = environment['SSL_CERT_DIR'] || undefined;
  let file: string | undefined;
  let identity = '';
  for (const candidate of named === undefined ? usualFiles : [named]) {
    identity = fileIdentity(candidate);
    if (identity === '') continue;
    file = candidate;
    break;
  }
  const folders = namedFolders?.split(':') ?? usualFolders;
  const ofFolders = folders.map(fileIdentity).join('\n');
  return {
    identity: `${identity}\n${ofFolders}`,
    read() {
      const { bundle, error } = file === undefined ? { bundle: nothing } : bytesOf(file);
      const more = addedBy(folders, file, bundle, `${identity}\n${ofFolders}`);
      if (bundle.length === 0 && more.length === 0 && error !== undefined) throw error;
      // The bundle comes last, as OpenSSL reads no further than to a certificate that it does not take.
      const all = more.length === 0 ? bundle : Buffer.concat([more, bundle]);
      return all.length === 0 && named === undefined && namedFolders === undefined ? undefined : all;
    },
  };
}

/** The certificates in a text of PEM, each as it stands there. */
export function certificatesIn(text: string): string[] {
  return text.match(/-----BEGIN [A-Z0-9 ]*CERTIFICATE-----[^-]+-----END [A-Z0-9 ]*CERTIFICATE-----/gu) ?? [];
}

const nothing = Buffer.alloc(0);

// What the folders had beside the bundle, nothing as a rule; the contexts of all modules are made of it.
let added: { identity: string; pem: Buffer } = { identity: '', pem: nothing };

function addedBy(folders: readonly string[], file: string | undefined, bundle: Buffer, identity: string): Buffer {
  if (added.identity !== identity) added = { identity, pem: moreIn(folders, file, bundle) };
  return added.pem;
}

function moreIn(folders: readonly string[], file: string | undefined, bundle: Buffer): Buffer {
  const more = new Set<string>();
  const scratch = Buffer.allocUnsafeSlow(16_384);
  for (const folder of folders) {
    for (const entry of entriesOf(folder)) {
      const path = join(folder, entry.name);
      if (path === file || entry.isDirectory() || (entry.isSymbolicLink() && leadsInside(path))) continue;
      const content = contentOf(path, scratch);
      // Most files stand in the bundle as they are, and strings of them all would take megabytes.
      if (bundle.includes(content)) continue;
      for (const certificate of certificatesIn(content.toString())) {
        // Red Hat's folder has OpenSSL's own kind too, of certificates that are not trusted for TLS among others.
        if (!certificate.startsWith('-----BEGIN CERTIFICATE-----') || more.has(certificate)) continue;
        if (!bundle.includes(certificate) && isCertificate(certificate)) more.add(certificate);
      }
    }
  }
  return Buffer.from([...more].map((certificate) => `\n${certificate}\n`).join(''));
}

function entriesOf(folder: string): Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch {
    return [];
  }
}

/** Whether a link leads to another file of its folder, which is read by its own name. */
function leadsInside(link: string): boolean {
  try {
    return !readlinkSync(link).includes('/');
  } catch {
    return true;
  }
}

/** What is in a file, until the next call; nothing where it cannot be read. */
function contentOf(path: string, scratch: Buffer): Buffer {
  let file: number | undefined;
  try {
    // Without waiting for the other end of a pipe, from which no position can be read then.
    file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const size = readSync(file, scratch, 0, scratch.length, 0);
    return size < scratch.length ? scratch.subarray(0, size) : readFileSync(file);
  } catch {
    return nothing;
  } finally {
    if (file !== undefined) closeSync(file);
  }
}

function isCertificate(pem: string): boolean {
  try {
    return new X509Certificate(pem).raw.length > 0;
  } catch {
    return false;
  }
}

function bytesOf(file: string): { bundle: Buffer; error?: unknown } {
  try {
    return { bundle: readFileSync(file) };
  } catch (error) {
    return { bundle: nothing, error };
  }
}
