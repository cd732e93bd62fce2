/**
 * Which proxy a request goes through, as Go's httpproxy decides it: from `proxy_url` and `no_proxy`, or from the
 * environment.
 */
import { isIP, BlockList } from 'node:net';
import { secret } from '../../src/config/schema.ts';
import type { Secret } from '../../src/config/secret.ts';
import { ProbeFailure } from './failure.ts';
import type { ProxyConfig } from './http-client-options.ts';
import { userOf } from './http-url.ts';

/** A proxy to connect to. */
export interface Proxy {
  readonly kind: 'http' | 'https' | 'socks5';
  readonly host: string;
  readonly port: number;
  readonly username: string;
  readonly password: string;
}

/** The request that a proxy is looked for. */
export interface ProxiedRequest {
  readonly secure: boolean;
  readonly host: string;
  readonly port: number;
  /** The address of the host where it was resolved; exceptions may name it as well. */
  readonly address: string | undefined;
}

/** The proxies of one module. */
export class ProxyChooser {
  readonly #forHttp: Proxy | ProbeFailure | undefined;
  readonly #forHttps: Proxy | ProbeFailure | undefined;
  readonly #except: ((request: ProxiedRequest) => boolean) | undefined;

  constructor(config: ProxyConfig, environment: NodeJS.ProcessEnv = process.env) {
    if (config.proxy_from_environment) {
      const read = (name: string) => environment[name] ?? environment[name.toLowerCase()] ?? '';
      this.#forHttp = proxyOf(secretOf(read('HTTP_PROXY')));
      this.#forHttps = proxyOf(secretOf(read('HTTPS_PROXY')));
      this.#except = exceptions(read('NO_PROXY'));
    } else {
      this.#forHttp = proxyOf(config.proxy_url);
      this.#forHttps = this.#forHttp;
      // Go spares loopback too once it weighs exceptions, but not for a bare proxy_url.
      this.#except = config.no_proxy === '' ? undefined : exceptions(config.no_proxy);
    }
  }

  /** Whether any request may go through a proxy. */
  get any(): boolean {
    return this.#forHttp !== undefined || this.#forHttps !== undefined;
  }

  /** The proxy for a request; undefined where it goes straight to its host. */
  choose(request: ProxiedRequest): Proxy | undefined {
    const proxy = request.secure ? this.#forHttps : this.#forHttp;
    if (proxy === undefined || this.#except?.(request) === true) return undefined;
    if (proxy instanceof ProbeFailure) throw proxy;
    return proxy;
  }
}

function secretOf(text: string): Secret {
  return secret().parse(text);
}

/** The proxy of a URL. That of the environment may be no URL at all, which the probe has to tell. */
function proxyOf(text: Secret | undefined): Proxy | ProbeFailure | undefined {
  const given = text?.reveal() ?? '';
  if (given === '') return undefined;
  // The environment may hold `proxy:3128`.
  const full = given.includes('://') ? given : `http://${given}`;
  if (!URL.canParse(full)) return new ProbeFailure('config', 'the proxy of the environment is not a URL');
  const url = new URL(full);
  const scheme = url.protocol.slice(0, -1);
  const kind = scheme === 'socks5h' ? 'socks5' : scheme;
  if (kind !== 'http' && kind !== 'https' && kind !== 'socks5') {
    return new ProbeFailure('config', `proxies of the kind ${kind} are not supported`);
  }
  const user = userOf(url);
  if (user === undefined) return new ProbeFailure('config', 'the user or password of the proxy has a bad escape');
  return {
    kind,
    host: url.hostname.replaceAll(/[[\]]/gu, ''),
    port: url.port === '' ? { http: 80, https: 443, socks5: 1080 }[kind] : Number(url.port),
    ...user,
  };
}

type Rule = (request: ProxiedRequest, host: string) => boolean;

/** Reads `no_proxy`: `*`, addresses, networks, `domain` with its subdomains, `.domain` without itself; any with a port. */
function exceptions(text: string): (request: ProxiedRequest) => boolean {
  const rules = text
    .split(',')
    .map((entry) => entry.trim().toLowerCase())
    .filter((entry) => entry !== '')
    .map(ruleOf);
  return (request) => {
    const host = request.host.toLowerCase().replace(/\.$/u, '');
    const address = request.address ?? host;
    if (host === 'localhost' || isLoopback(address)) return true;
    return rules.some((rule) => rule(request, host));
  };
}

function ruleOf(entry: string): Rule {
  if (entry === '*') return () => true;
  const network = networkOf(entry);
  if (network !== undefined) return (request, host) => inList(network, request.address) || inList(network, host);
  const [, name = '', port = ''] = /^\[?(.+?)\]?(?::(\d+))?$/u.exec(isIP(entry) === 6 ? `[${entry}]` : entry) ?? [];
  const fits = (request: ProxiedRequest) => port === '' || request.port === Number(port);
  if (isIP(name) !== 0) return (request, host) => fits(request) && (request.address === name || host === name);
  const suffix = name.replace(/^\*?\.?/u, '.');
  const whole = /^\*?\./u.test(name) ? undefined : name;
  return (request, host) => fits(request) && (host === whole || host.endsWith(suffix));
}

function networkOf(entry: string): BlockList | undefined {
  const [, address = '', prefix = ''] = /^(.+)\/(\d+)$/u.exec(entry) ?? [];
  const family = isIP(address);
  if (family === 0 || Number(prefix) > (family === 4 ? 32 : 128)) return undefined;
  const list = new BlockList();
  list.addSubnet(address, Number(prefix), family === 4 ? 'ipv4' : 'ipv6');
  return list;
}

function inList(list: BlockList, address: string | undefined): boolean {
  const family = address === undefined ? 0 : isIP(address);
  return family !== 0 && list.check(address!, family === 4 ? 'ipv4' : 'ipv6');
}

function isLoopback(address: string): boolean {
  return (isIP(address) === 4 && address.startsWith('127.')) || address === '::1';
}
