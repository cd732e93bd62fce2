/**
 * Where a redirect leads and what goes along: the method as RFC 9110 section 15.4 and Go's client have it, and nothing
 * that was configured for one origin to another.
 */
import { ProbeFailure } from './failure.ts';
import { headerValues } from './http-message.ts';

/** Redirects that are followed before the probe is said to go in circles. */
export const maxRedirects = 10;

/** What a redirect asks for. */
export interface Redirect {
  readonly url: URL;
  /** The method and body are kept (307, 308), else it is GET or HEAD without a body. */
  readonly keepsBody: boolean;
}

/** The redirect in a response; undefined for any other response. Fails with reason `redirect` where it leads nowhere. */
export function redirectOf(status: number, headers: readonly string[], from: URL): Redirect | undefined {
  if (status < 301 || status > 308 || (status > 303 && status < 307)) return undefined;
  const [location] = headerValues(headers, 'location');
  // A redirect without a place to go is a response like any other.
  if (location === undefined || location === '') return undefined;
  // The error of the parser would repeat the input.
  if (!URL.canParse(location, from.href))
    throw new ProbeFailure('redirect', 'the Location of the redirect is not a URL');
  const url = new URL(location, from);
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    throw new ProbeFailure('redirect', `the redirect leads to a ${url.protocol} URL`);
  }
  url.username = '';
  url.password = '';
  return { url, keepsBody: status >= 307 };
}

/** Whether credentials may go along: the same origin, or the same host on the standard ports from http to https. */
export function keepsCredentials(from: URL, to: URL): boolean {
  if (from.origin === to.origin) return true;
  return from.hostname === to.hostname && from.port === '' && to.port === '' && to.protocol === 'https:';
}

/** A URL to show: no userinfo, no query, no fragment. */
export function shownUrl(url: URL): string {
  return `${url.protocol}//${url.host}${url.pathname}`;
}
