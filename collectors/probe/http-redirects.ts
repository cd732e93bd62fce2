/**
 * Where a redirect leads and what goes along: the method as RFC 9110 section 15.4 and Go's client have it, and to another
 * origin nothing that was configured but what is harmless.
 */
import { ProbeFailure } from './failure.ts';
import { headerValues } from './http-message.ts';
import { locationUrl, type HttpUrl } from './http-url.ts';

/** Redirects that are followed before the probe is said to go in circles. */
export const maxRedirects = 10;

/** Where the redirect in a response says it leads; undefined where there is none, or none with a place to go. */
export function redirectLocation(status: number, headers: readonly string[]): string | undefined {
  if (status < 301 || status > 308 || (status > 303 && status < 307)) return undefined;
  const [location] = headerValues(headers, 'location');
  return location === '' ? undefined : location;
}

/** Whether a redirect asks for the same method and body again; else it is GET or HEAD without a body. */
export function keepsBody(status: number): boolean {
  return status >= 307;
}

/** Where a Location leads from a URL; fails with the reason `redirect` where that is nowhere. */
export function followed(location: string, from: HttpUrl): HttpUrl {
  const url = locationUrl(location, from);
  // What is none is not repeated, as it may hold secrets.
  if (url === undefined) throw new ProbeFailure('redirect', 'the Location of the redirect is not a URL');
  if (typeof url === 'string') throw new ProbeFailure('redirect', `the redirect leads to a ${url}: URL`);
  return url;
}

/** Whether credentials may go along: the same origin, or the same host on the standard ports from http to https. */
export function keepsCredentials(from: URL, to: URL): boolean {
  if (from.origin === to.origin) return true;
  return from.hostname === to.hostname && from.port === '' && to.port === '' && to.protocol === 'https:';
}

// Any other may hold a token, whatever it is called.
const harmless = new Set([
  'accept',
  'accept-charset',
  'accept-encoding',
  'accept-language',
  'cache-control',
  'pragma',
  'user-agent',
]);

/** Of configured headers those that may go to any origin. */
export function harmlessHeaders(headers: readonly string[]): string[] {
  return headers.filter((_, at) => harmless.has(headers[at - (at % 2)]!.toLowerCase()));
}
