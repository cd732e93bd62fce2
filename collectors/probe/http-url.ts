/**
 * The URLs of targets and redirects, as Go's net/url reads them. The parser of Node.js takes care of scheme, host and
 * port alone, as it rewrites what stands behind them: it resolves `/a/../b` of a target, takes `%2e%2e` for dots and
 * encodes quotes. A request is sent with what was written, so that two monitors ask a server for the same thing.
 *
 * Paths and queries are held in one byte a character, as headers are.
 */
import { headerText, utf8Bytes } from './http-message.ts';

/** A URL that can be asked for. */
export interface HttpUrl {
  /** Scheme, user, host and port; no more of it counts. */
  readonly site: URL;
  /** As it is sent; never empty. */
  readonly path: string;
  /** As it is sent, with its question mark; empty where there is none. */
  readonly query: string;
}

const parts = /^(?:([a-z][a-z\d+.-]*):)?(?:\/\/([^/?#]*))?([^?#]*)(\?[^#]*)?/isu;
const control = /[\0-\x1f\x7f]/u;

/** The URL of a target that begins with `http://` or `https://`; undefined where it is none. */
export function targetUrl(text: string): HttpUrl | undefined {
  const [, scheme = '', authority, path = '', query = ''] = parts.exec(utf8Bytes(text)) ?? [];
  const site = control.test(text) ? undefined : siteOf(scheme, authority);
  return site && { site, path: sentPath(path) || '/', query: sentQuery(query) };
}

/**
 * Where a Location header leads from a URL: a URL, or a scheme that is not of HTTP; undefined where it is neither. One that
 * names no host stays on the very site it comes from.
 */
export function locationUrl(location: string, from: HttpUrl): HttpUrl | string | undefined {
  if (control.test(location)) return undefined;
  const [, scheme, authority, path = '', query] = parts.exec(location) ?? [];
  if (scheme !== undefined && !/^https?$/iu.test(scheme)) return scheme.toLowerCase();
  if (scheme !== undefined || authority !== undefined) {
    const site = siteOf(scheme ?? from.site.protocol.slice(0, -1), authority);
    if (site === undefined) return undefined;
    site.username = '';
    site.password = '';
    return { site, path: withoutDots(sentPath(path) || '/'), query: sentQuery(query ?? '') };
  }
  const folder = path.startsWith('/') ? '' : from.path.slice(0, from.path.lastIndexOf('/') + 1);
  return {
    site: from.site,
    path: withoutDots(path === '' ? from.path : folder + sentPath(path)),
    query: query === undefined ? (path === '' ? from.query : '') : sentQuery(query),
  };
}

/** The user and password of a URL, empty where it has none; undefined where an escape in them is bad. */
export function userOf({ username, password }: URL): { username: string; password: string } | undefined {
  try {
    return { username: decodeURIComponent(username), password: decodeURIComponent(password) };
  } catch {
    return undefined;
  }
}

/** A URL to show: no userinfo, no query, no fragment. */
export function shownUrl({ site, path }: HttpUrl): string {
  return `${site.protocol}//${site.host}${path}`;
}

function siteOf(scheme: string, authority: string | undefined): URL | undefined {
  // The parser of Node.js would take a backslash for the end of the host.
  if (authority === undefined || authority.includes('\\')) return undefined;
  const text = `${scheme}://${headerText(authority)}`;
  return URL.canParse(text) ? new URL(text) : undefined;
}

// A percent sign with nothing behind it is sent as it is, where Go gives the URL up and browsers do not.
const validPath = /^[\w.~!$&'()*+,;=:@/[\]%-]*$/u;
const plainInPath = /[^\w.~$&+,/:;=@-]/gu;

/** As `URL.EscapedPath` of Go has it: as it was written where that is valid, else decoded and encoded anew. */
function sentPath(path: string): string {
  if (validPath.test(path)) return path;
  const decoded = path.replaceAll(/%([\dA-Fa-f]{2})/gu, (_escape, digits: string) =>
    String.fromCharCode(Number.parseInt(digits, 16)),
  );
  return decoded.replaceAll(plainInPath, escaped);
}

/** As it was written but for what a request line cannot hold, which Go would send all the same. */
function sentQuery(query: string): string {
  return query.replaceAll(/[^\x21-\x7e]/gu, escaped);
}

/** Without the segments `.` and `..` (RFC 3986 section 5.2.4); where they are encoded they stay. */
function withoutDots(path: string): string {
  if (!path.includes('/.')) return path;
  const kept: string[] = [];
  const segments = path.slice(1).split('/');
  for (const segment of segments) {
    if (segment === '..') kept.pop();
    else if (segment !== '.') kept.push(segment);
  }
  const last = segments.at(-1);
  if (last === '.' || last === '..') kept.push('');
  return `/${kept.join('/')}`;
}

function escaped(character: string): string {
  return `%${character.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`;
}
