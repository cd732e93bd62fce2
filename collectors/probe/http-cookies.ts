/**
 * Cookies that a target sets on its way through redirects, as login pages do (RFC 6265). They live as long as the
 * probe. Without a list of public suffixes, a domain is one that cookies may be set for where its name has a dot.
 */
import { isIP } from 'node:net';
import type { HttpUrl } from './http-url.ts';

/** The hosts that a cookie is for. */
interface Scope {
  readonly domain: string;
  /** Those below the domain, too. */
  readonly shared: boolean;
}

interface Cookie extends Scope {
  readonly name: string;
  readonly value: string;
  readonly path: string;
  readonly secure: boolean;
}

/** The cookies of one probe. */
export class CookieJar {
  readonly #cookies: Cookie[] = [];

  /** Takes the values of the Set-Cookie headers of a response from `url`. */
  store(url: HttpUrl, values: readonly string[]): void {
    for (const value of values) this.#storeOne(url, value);
  }

  /** The value of the Cookie header for a request to `url`; undefined where there is none to send. */
  header({ site, path }: HttpUrl): string | undefined {
    const fitting = this.#cookies.filter(
      (cookie) =>
        (cookie.shared ? isWithin(site.hostname, cookie.domain) : site.hostname === cookie.domain) &&
        (!cookie.secure || site.protocol === 'https:') &&
        pathFits(path, cookie.path),
    );
    if (fitting.length === 0) return undefined;
    // The most specific path goes first.
    return fitting
      .toSorted((a, b) => b.path.length - a.path.length)
      .map(({ name, value }) => `${name}=${value}`)
      .join('; ');
  }

  #storeOne(url: HttpUrl, header: string): void {
    const [pair = '', ...attributes] = header.split(';');
    const equals = pair.indexOf('=');
    // Bound what a hostile target can make us send.
    if (equals < 1 || pair.length > 4096 || this.#cookies.length >= 50) return;
    const name = pair.slice(0, equals).trim();
    const host = url.site.hostname;
    let scope: Scope | undefined = { domain: host, shared: false };
    let path = url.path.slice(0, Math.max(url.path.lastIndexOf('/'), 1));
    let secure = false;
    let gone = false;
    for (const attribute of attributes) {
      const [key = '', text = ''] = attribute.split('=', 2).map((part) => part.trim());
      switch (key.toLowerCase()) {
        case 'path':
          if (text.startsWith('/')) path = text;
          break;
        case 'secure':
          secure = true;
          break;
        case 'domain':
          if (text !== '') scope = scopeOf(host, text);
          break;
        case 'max-age':
          gone ||= Number(text) <= 0;
          break;
        case 'expires':
          gone ||= Date.parse(text) <= Date.now();
          break;
        default:
      }
    }
    if (scope === undefined) return;
    const { domain } = scope;
    const known = this.#cookies.findIndex(
      (cookie) => cookie.name === name && cookie.domain === domain && cookie.path === path,
    );
    if (known >= 0) this.#cookies.splice(known, 1);
    if (!gone) this.#cookies.push({ name, value: pair.slice(equals + 1).trim(), ...scope, path, secure });
  }
}

/** For whom a host may set a cookie with this Domain attribute; undefined where it may not. */
function scopeOf(host: string, attribute: string): Scope | undefined {
  const domain = attribute.replace(/^\./u, '').toLowerCase();
  // An address has no hosts below it, and neither has a name alone, such as localhost.
  if (isIP(host) !== 0 || !domain.includes('.')) return host === domain ? { domain, shared: false } : undefined;
  return !/^\.|\.$/u.test(domain) && isWithin(host, domain) ? { domain, shared: true } : undefined;
}

function isWithin(host: string, domain: string): boolean {
  return host === domain || host.endsWith(`.${domain}`);
}

function pathFits(path: string, prefix: string): boolean {
  if (!path.startsWith(prefix)) return false;
  return path.length === prefix.length || prefix.endsWith('/') || path[prefix.length] === '/';
}
