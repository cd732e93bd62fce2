/**
 * What a host says of name resolution: /etc/hosts (hosts(5)) and /etc/resolv.conf (resolv.conf(5)). Both may change
 * while the daemon runs, so they are looked at again every few seconds and read again when they did.
 */
import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { fileIdentity } from '../../src/system/file-identity.ts';

/** The part of resolv.conf that asking for addresses needs. */
export interface ResolvConf {
  /** Addresses of the name servers in order, with a port where it is not 53. */
  readonly servers: readonly NameServer[];
  readonly search: readonly string[];
  readonly ndots: number;
  readonly timeoutMs: number;
  readonly attempts: number;
  /** Start with the next server at each question. */
  readonly rotate: boolean;
  /** Ask over TCP only. */
  readonly tcpOnly: boolean;
}

/** Where a name server listens. */
export interface NameServer {
  readonly address: string;
  readonly port: number;
}

/** The addresses of each name in a hosts file, names in lower case. */
export type Hosts = ReadonlyMap<string, readonly string[]>;

const recheckMs = 2000;

/** A file parsed once and again when it changed; a missing file parses as an empty one. */
export class ParsedFile<T> {
  readonly #path: string;
  readonly #parse: (text: string) => T;
  #value: T | undefined;
  #identity = '';
  #checkedAt = -Infinity;

  constructor(path: string, parse: (text: string) => T) {
    this.#path = path;
    this.#parse = parse;
  }

  get(): T {
    const now = performance.now();
    if (this.#value !== undefined && now - this.#checkedAt < recheckMs) return this.#value;
    this.#checkedAt = now;
    const identity = fileIdentity(this.#path);
    if (this.#value === undefined || identity !== this.#identity) {
      this.#identity = identity;
      this.#value = this.#parse(identity === '' ? '' : readFileSync(this.#path, 'utf8'));
    }
    return this.#value;
  }
}

/** Reads a hosts file: an address, then names; `#` starts a comment. */
export function parseHosts(text: string): Hosts {
  const hosts = new Map<string, string[]>();
  for (const line of text.split('\n')) {
    const [address, ...names] = words(line.split('#', 1)[0]);
    if (address === undefined || isIP(address) === 0) continue;
    for (const name of names) {
      const key = name.toLowerCase();
      const known = hosts.get(key);
      if (known === undefined) hosts.set(key, [address]);
      else known.push(address);
    }
  }
  return hosts;
}

/** Reads a resolv.conf; what it does not say is as resolv.conf(5) tells. A server may be `[address]:port`. */
export function parseResolvConf(text: string): ResolvConf {
  const servers: NameServer[] = [];
  let search: readonly string[] = [];
  const options = new Map<string, string>();
  for (const line of text.split('\n')) {
    if (/^[#;]/u.test(line)) continue;
    const [keyword, ...values] = words(line);
    if (keyword === 'nameserver' && values[0] !== undefined) {
      const server = nameServer(values[0]);
      if (server !== undefined) servers.push(server);
    } else if (keyword === 'search' || keyword === 'domain') {
      // The last of the lines counts.
      search = values.map((domain) => domain.replace(/\.$/u, '')).filter((domain) => domain !== '');
    } else if (keyword === 'options') {
      for (const option of values) {
        const [name = '', value = ''] = option.split(':', 2);
        options.set(name, value);
      }
    }
  }
  return {
    servers: servers.length > 0 ? servers.slice(0, 3) : [{ address: '127.0.0.1', port: 53 }],
    search,
    ndots: bounded(options.get('ndots'), 1, 0, 15),
    timeoutMs: bounded(options.get('timeout'), 5, 1, 30) * 1000,
    attempts: bounded(options.get('attempts'), 2, 1, 5),
    rotate: options.has('rotate'),
    tcpOnly: options.has('use-vc'),
  };
}

function words(text = ''): string[] {
  return text.split(/[ \t\r]+/u).filter((word) => word !== '');
}

function nameServer(text: string): NameServer | undefined {
  if (isIP(text) !== 0) return { address: text, port: 53 };
  const [, address = '', port = ''] = /^\[([^\]]+)\]:(\d+)$/u.exec(text) ?? [];
  return isIP(address) !== 0 ? { address, port: Number(port) } : undefined;
}

function bounded(text: string | undefined, otherwise: number, least: number, most: number): number {
  const value = text === undefined ? Number.NaN : Number.parseInt(text, 10);
  return Number.isNaN(value) ? otherwise : Math.min(Math.max(value, least), most);
}
