/** The headers of a request: those of the module where they may go, with the few that every request has. */
import { configuredHeaders } from './http-credentials.ts';
import { headerValues, utf8Bytes, withoutNames } from './http-message.ts';
import type { HttpConfig } from './http-options.ts';
import { harmlessHeaders } from './http-redirects.ts';

const userAgent = 'vitald';

/** The headers of the requests of one module. */
export class RequestHeaders {
  /** The Host header of the module. */
  readonly host: string | undefined;
  readonly hasAuthorization: boolean;
  readonly #config: HttpConfig;
  readonly #own: readonly string[];
  /** Those of a hop that is trusted where they hang on nothing but the module; undefined where some are read from files. */
  readonly #fixed: readonly string[] | undefined;
  readonly #foreign: readonly string[];

  constructor(config: HttpConfig) {
    this.#config = config;
    const all = Object.entries(config.headers).map(([name, value]) => [name, value.reveal()] as const);
    const valueOf = (wanted: string) => all.find(([name]) => name.toLowerCase() === wanted)?.[1];
    this.host = valueOf('host');
    this.hasAuthorization = valueOf('authorization') !== undefined;
    this.#own = all.flatMap(([name, value]) => (name.toLowerCase() === 'host' ? [] : [name, utf8Bytes(value)]));
    const fromClient = Object.entries(config.http_headers);
    this.#fixed = fromClient.length === 0 ? this.#withDefaults([...this.#own]) : undefined;
    // Of these without what the module says is a secret.
    const open = fromClient.flatMap(([name, { values }]) => values.flatMap((value) => [name, utf8Bytes(value)]));
    this.#foreign = this.#withDefaults(harmlessHeaders([...withoutNames(this.#own, open), ...open]));
  }

  /** For a hop that may get everything; files are read at each. */
  trusted(authorization: string | undefined, cookie: string | undefined): readonly string[] {
    if (this.#fixed !== undefined && authorization === undefined) return withCookie(this.#fixed, cookie);
    const fromClient = configuredHeaders(this.#config);
    const headers = [...withoutNames(this.#own, fromClient), ...fromClient];
    if (authorization !== undefined) headers.push('Authorization', authorization);
    return withCookie(this.#withDefaults(headers), cookie);
  }

  /** For a hop at another origin: nothing that may be meant for the target alone. */
  foreign(cookie: string | undefined): readonly string[] {
    return withCookie(this.#foreign, cookie);
  }

  /** Adds the headers that every request has unless it has them already. */
  #withDefaults(headers: string[]): string[] {
    if (headerValues(headers, 'user-agent').length === 0) headers.push('User-Agent', userAgent);
    const { compression } = this.#config;
    if (compression !== '' && headerValues(headers, 'accept-encoding').length === 0) {
      headers.push('Accept-Encoding', compression);
    }
    return headers;
  }
}

function withCookie(headers: readonly string[], cookie: string | undefined): readonly string[] {
  return cookie === undefined ? headers : [...headers, 'Cookie', cookie];
}
