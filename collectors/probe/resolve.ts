/**
 * The resolver of the probes: address literals, then /etc/hosts, then the name servers of /etc/resolv.conf.
 *
 * Why not dns.lookup: it runs getaddrinfo on the few threads of libuv, half of which twelve names on a silent server
 * hold for tens of seconds, so that probes of healthy targets fail with them. Nothing is remembered between probes.
 */
import { isIP } from 'node:net';
import { domainToASCII } from 'node:url';
import { z } from '../../src/config/schema.ts';
import { type ResolvedAddress, unmapped } from './address.ts';
import { ProbeFailure } from './failure.ts';
import { ParsedFile, parseHosts, parseResolvConf, type Hosts, type ResolvConf } from './resolve-files.ts';
import { queryAddresses } from './resolve-query.ts';

/** Which address of a name is wanted, in blackbox_exporter's words. */
export interface AddressChoice {
  /** The empty text stands for `ip6`. */
  readonly preferred_ip_protocol: 'ip4' | 'ip6' | '';
  readonly ip_protocol_fallback: boolean;
}

/** The two options of every prober that resolves its target; spread them into its `config`. */
export const addressChoiceOptions = {
  preferred_ip_protocol: z
    // To blackbox_exporter everything but "ip6" is ip4: taken where it cannot be meant otherwise, which "ipv6" can.
    .enum(['ip4', 'ip6', '', 'ipv4', 'IPv4'])
    .transform((name) => (name === 'ip6' || name === '' ? name : 'ip4'))
    .default('ip6')
    .describe('IP protocol to use where the target has addresses of both.'),
  ip_protocol_fallback: z
    .boolean()
    .default(true)
    .describe('Use the other IP protocol where the target has no address of the preferred one.'),
};

/** Where a resolver reads; the paths of this host by default. */
export interface ResolverFiles {
  readonly hosts?: string;
  readonly resolvConf?: string;
}

/** Finds addresses of names. Fails with a `ProbeFailure` whose reason is `dns`, or `timeout` once the signal aborts. */
export class Resolver {
  readonly #hosts: ParsedFile<Hosts>;
  readonly #conf: ParsedFile<ResolvConf>;

  constructor({ hosts = '/etc/hosts', resolvConf = '/etc/resolv.conf' }: ResolverFiles = {}) {
    this.#hosts = new ParsedFile(hosts, parseHosts);
    this.#conf = new ParsedFile(resolvConf, parseResolvConf);
  }

  /** The address to probe, as blackbox_exporter chooses it: one of the preferred protocol, else one of the other. */
  async resolve(name: string, choice: AddressChoice, signal: AbortSignal): Promise<ResolvedAddress> {
    const [first] = await this.#find(name, choice, signal, false);
    if (first === undefined) throw noAddress(choice);
    return first;
  }

  /** Every address of the name that the choice admits, those of the preferred protocol first. */
  async resolveAll(name: string, choice: AddressChoice, signal: AbortSignal): Promise<readonly ResolvedAddress[]> {
    const all = await this.#find(name, choice, signal, true);
    if (all.length === 0) throw noAddress(choice);
    return all;
  }

  async #find(
    name: string,
    choice: AddressChoice,
    signal: AbortSignal,
    all: boolean,
  ): Promise<readonly ResolvedAddress[]> {
    if (isIP(name) !== 0) return admitted([withFamily(name)], choice);
    const ascii = asciiName(name);
    const listed = this.#hosts.get().get(ascii.replace(/\.$/u, ''));
    if (listed !== undefined) return admitted(listed.map(withFamily), choice);
    let exists = false;
    const conf = this.#conf.get();
    for (const candidate of candidates(ascii, conf)) {
      const found = await this.#ask(conf, candidate, choice, signal, all);
      if (found !== undefined && found.length > 0) return found;
      exists ||= found !== undefined;
    }
    if (exists) return [];
    throw new ProbeFailure('dns', 'no such host');
  }

  /** Asks for both protocols at once; undefined where the name does not exist. */
  async #ask(
    conf: ResolvConf,
    name: string,
    choice: AddressChoice,
    signal: AbortSignal,
    all: boolean,
  ): Promise<readonly ResolvedAddress[] | undefined> {
    const preferred = preferredFamily(choice);
    if (!choice.ip_protocol_fallback) {
      return tagged(await queryAddresses(conf, name, preferred, signal), preferred);
    }
    const other = preferred === 4 ? 6 : 4;
    const second = new AbortController();
    const stop = () => second.abort();
    signal.addEventListener('abort', stop, { once: true });
    const others = queryAddresses(conf, name, other, second.signal).then(
      (found) => ({ found }),
      (error: unknown) => ({ error }),
    );
    try {
      const wanted = await queryAddresses(conf, name, preferred, signal).then(
        (found) => ({ found }),
        (error: unknown) => ({ error }),
      );
      if (signal.aborted && 'error' in wanted) throw wanted.error;
      const first = 'found' in wanted ? tagged(wanted.found, preferred) : undefined;
      if (!all && first !== undefined && first.length > 0) return first;
      const rest = await others;
      const fallback = 'found' in rest ? tagged(rest.found, other) : undefined;
      const found = [...(first ?? []), ...(fallback ?? [])];
      if (found.length > 0) return found;
      // One protocol unanswered and the other without an address: the name may well have one.
      if ('error' in wanted) throw wanted.error;
      if ('error' in rest) throw rest.error;
      return first ?? fallback;
    } finally {
      signal.removeEventListener('abort', stop);
      second.abort();
    }
  }
}

/** The resolver of this host. */
export const systemResolver = new Resolver();

function preferredFamily(choice: AddressChoice): 4 | 6 {
  return choice.preferred_ip_protocol === 'ip4' ? 4 : 6;
}

/** An address literal, an IPv6-mapped one as what it stands for. */
export function withFamily(text: string): ResolvedAddress {
  const address = unmapped(text);
  return { address, family: address.includes(':') ? 6 : 4 };
}

function tagged(addresses: readonly string[] | undefined, family: 4 | 6): readonly ResolvedAddress[] | undefined {
  return addresses?.map((address) => (family === 4 ? { address, family } : withFamily(address)));
}

function admitted(addresses: readonly ResolvedAddress[], choice: AddressChoice): readonly ResolvedAddress[] {
  const preferred = preferredFamily(choice);
  const wanted = addresses.filter(({ family }) => family === preferred);
  return choice.ip_protocol_fallback ? [...wanted, ...addresses.filter(({ family }) => family !== preferred)] : wanted;
}

function noAddress(choice: AddressChoice): ProbeFailure {
  const wanted = choice.ip_protocol_fallback ? 'IP' : preferredFamily(choice) === 4 ? 'IPv4' : 'IPv6';
  return new ProbeFailure('dns', `the host has no ${wanted} address`);
}

function asciiName(name: string): string {
  // Names from URLs are ASCII already; a name typed as a bare target may not be.
  const ascii = /^[\x21-\x7e]+$/u.test(name) ? name.toLowerCase() : domainToASCII(name);
  if (ascii === '') throw new ProbeFailure('dns', 'the name is not a valid host name');
  return ascii;
}

/** The names to ask for, in the order of resolv.conf(5): with dots enough the name itself comes first. */
function candidates(name: string, { search, ndots }: ResolvConf): readonly string[] {
  if (name.endsWith('.')) return [name];
  const searched = search.map((domain) => `${name}.${domain}`);
  return name.split('.').length - 1 >= ndots ? [name, ...searched] : [...searched, name];
}
