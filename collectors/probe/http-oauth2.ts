/**
 * A bearer token by OAuth 2.0 client credentials (RFC 6749 section 4.4), kept until shortly before it expires.
 */
import type { Resolver } from './resolve.ts';
import { ProbeFailure } from './failure.ts';
import { readBody } from './http-body.ts';
import type { OAuth2Config } from './http-client-options.ts';
import { connectTo, type Connector, type Progress } from './http-connect.ts';
import { basicValue, proxyHeaders, secretText } from './http-credentials.ts';
import { exchange } from './http-exchange.ts';
import { ProxyChooser } from './http-proxy.ts';
import { TlsClient } from './tls.ts';

// As Go does, so that a token does not expire on its way.
const marginMs = 10_000;

/** Gives the token of one module. */
export class TokenSource {
  readonly #config: OAuth2Config;
  readonly #connector: Connector;
  #token: { readonly value: string; readonly secret: string; readonly until: number } | undefined;
  /** Which of the two ways to name the client the endpoint takes; found out once. */
  #inBody = false;

  constructor(config: OAuth2Config, resolver: Resolver) {
    this.#config = config;
    this.#connector = {
      choice: { preferred_ip_protocol: 'ip6', ip_protocol_fallback: true },
      resolver,
      proxies: new ProxyChooser(config),
      proxyHeaders: () => proxyHeaders(config),
      tls: new TlsClient(config.tls_config),
      alpn: ['http/1.1'],
      skipResolve: false,
      inlets: true,
    };
  }

  /** The value of the Authorization header; fails with a `ProbeFailure`. */
  async authorization(signal: AbortSignal): Promise<string> {
    const secret = secretText(this.#config.client_secret, this.#config.client_secret_file);
    if (this.#token?.secret !== secret || performance.now() >= this.#token.until) {
      this.#token = { ...(await this.#fetch(secret, signal)), secret };
    }
    return this.#token.value;
  }

  /** Forgets the token, as the target did not take it. */
  forget(): void {
    this.#token = undefined;
  }

  async #fetch(secret: string, signal: AbortSignal): Promise<{ value: string; until: number }> {
    try {
      const first = await this.#ask(secret, signal);
      if (first.status !== 400 && first.status !== 401) return tokenOf(first);
      // Some endpoints want the client in the body instead of a Basic header.
      this.#inBody = !this.#inBody;
      return tokenOf(await this.#ask(secret, signal));
    } catch (error) {
      if (!(error instanceof ProbeFailure)) throw error;
      throw new ProbeFailure(error.reason, `no token from the token_url: ${error.message}`, { cause: error });
    }
  }

  async #ask(secret: string, signal: AbortSignal): Promise<{ status: number; text: string }> {
    const { client_id, scopes, endpoint_params, token_url } = this.#config;
    const url = new URL(token_url);
    const form = new URLSearchParams({ grant_type: 'client_credentials', ...endpoint_params });
    if (scopes.length > 0) form.set('scope', scopes.join(' '));
    const headers = ['Content-Type', 'application/x-www-form-urlencoded', 'Accept', 'application/json'];
    if (this.#inBody) {
      form.set('client_id', client_id);
      form.set('client_secret', secret);
    } else {
      headers.push('Authorization', basicValue(encodeURIComponent(client_id), encodeURIComponent(secret)));
    }
    const host = url.hostname.replaceAll(/[[\]]/gu, '');
    const secure = url.protocol === 'https:';
    const port = url.port === '' ? (secure ? 443 : 80) : Number(url.port);
    const connection = await connectTo(
      { secure, host, port, serverName: host, ownHost: true },
      this.#connector,
      { signal },
      emptyProgress(),
    );
    const path = `${connection.proxied === undefined ? '' : url.origin}${url.pathname}${url.search}`;
    const body = Buffer.from(form.toString());
    const scheme = secure ? 'https' : 'http';
    const request = { method: 'POST', scheme, authority: url.host, path, headers, body } as const;
    const response = await exchange(connection, request, signal);
    const limit = 1_048_576;
    const read = await readBody(response.body, { compression: '', keep: true, wireLimit: limit, limit });
    response.close();
    if (read.failure !== undefined) throw read.failure;
    return { status: response.status, text: read.bytes?.toString('utf8') ?? '' };
  }
}

function tokenOf({ status, text }: { status: number; text: string }): { value: string; until: number } {
  if (status < 200 || status > 299) throw new ProbeFailure('status', `status ${status}`);
  let answer: unknown;
  try {
    answer = JSON.parse(text);
  } catch {
    throw new ProbeFailure('body', 'the answer is not JSON');
  }
  const { access_token, token_type, expires_in } = (answer ?? {}) as Record<string, unknown>;
  if (typeof access_token !== 'string' || access_token === '') {
    throw new ProbeFailure('body', 'the answer has no access_token');
  }
  const type = typeof token_type === 'string' && !/^bearer$/iu.test(token_type) ? token_type : 'Bearer';
  const seconds = Number(expires_in);
  const lifeMs = Number.isFinite(seconds) && seconds > 0 ? seconds * 1000 - marginMs : Infinity;
  return { value: `${type} ${access_token}`, until: performance.now() + lifeMs };
}

function emptyProgress(): Progress {
  return {
    phase: 'resolve',
    seconds: { resolve: 0, connect: 0, tls: 0, processing: 0, transfer: 0 },
    resolved: undefined,
    lookupSeconds: undefined,
    facts: undefined,
  };
}
