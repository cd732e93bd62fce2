/**
 * Cookies that a target sets on its way through redirects, as login pages do (RFC 6265). They live as long as the
 * probe. Without a list of public suffixes, a cookie for a whole domain is taken only for the host that set it.
 */

interface Cookie {
  readonly name: string;
  readonly value: string;
  readonly host: string;
  readonly path: string;
  readonly secure: boolean;
}

/** The cookies of one probe. */
export class CookieJar {
  readonly #cookies: Cookie[] = [];

  /** Takes the values of the Set-Cookie headers of a response from `url`. */
  store(url: URL, values: readonly string[]): void {
    for (const value of values) this.#storeOne(url, value);
  }

  /** The value of the Cookie header for a request to `url`; undefined where there is none to send. */
  header(url: URL): string | undefined {
    const fitting = this.#cookies.filter(
      ({ host, path, secure }) =>
        host === url.hostname && (!secure || url.protocol === 'https:') && pathFits(url.pathname, path),
    );
    if (fitting.length === 0) return undefined;
    // The most specific path goes first.
    return fitting
      .toSorted((a, b) => b.path.length - a.path.length)
      .map(({ name, value }) => `${name}=${value}`)
      .join('; ');
  }

  #storeOne(url: URL, header: string): void {
    const [pair = '', ...attributes] = header.split(';');
    const equals = pair.indexOf('=');
    // Bound what a hostile target can make us send.
    if (equals < 1 || pair.length > 4096 || this.#cookies.length >= 50) return;
    const name = pair.slice(0, equals).trim();
    let path = url.pathname.slice(0, Math.max(url.pathname.lastIndexOf('/'), 1));
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
          if (!domainFits(url.hostname, text)) return;
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
    const host = url.hostname;
    const known = this.#cookies.findIndex(
      (cookie) => cookie.name === name && cookie.host === host && cookie.path === path,
    );
    if (known >= 0) this.#cookies.splice(known, 1);
    if (!gone) this.#cookies.push({ name, value: pair.slice(equals + 1).trim(), host, path, secure });
  }
}

function domainFits(host: string, domain: string): boolean {
  const wanted = domain.replace(/^\./u, '').toLowerCase();
  return wanted === '' || host === wanted || host.endsWith(`.${wanted}`);
}

function pathFits(path: string, prefix: string): boolean {
  if (!path.startsWith(prefix)) return false;
  return path.length === prefix.length || prefix.endsWith('/') || path[prefix.length] === '/';
}
