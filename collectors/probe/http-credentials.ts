/**
 * What the client options add to a request: the Authorization header and `http_headers`. Files are read at each
 * request, so that a rotated secret counts at once.
 */
import { readFileSync } from 'node:fs';
import type { Secret } from '../../src/config/secret.ts';
import { causeOf, ProbeFailure } from './failure.ts';
import { isHeaderValue, type HttpClientConfig, type ProxyConfig } from './http-client-options.ts';
import { utf8Bytes } from './http-message.ts';

/** The value of the Authorization header, without OAuth 2.0, which has to ask for a token first. */
export function authorizationValue(config: HttpClientConfig): string | undefined {
  const { basic_auth, authorization, bearer_token, bearer_token_file } = config;
  if (basic_auth !== undefined) {
    const username = basic_auth.username_file ? secretFile(basic_auth.username_file) : basic_auth.username;
    return basicValue(username, secretText(basic_auth.password, basic_auth.password_file));
  }
  if (authorization !== undefined) {
    const type = authorization.type.trim() || 'Bearer';
    return utf8Bytes(`${type} ${secretText(authorization.credentials, authorization.credentials_file)}`);
  }
  if (bearer_token?.reveal() || bearer_token_file) {
    return utf8Bytes(`Bearer ${secretText(bearer_token, bearer_token_file)}`);
  }
  return undefined;
}

/** The headers of `http_headers`, names and values by turns, as they go out. */
export function configuredHeaders(config: HttpClientConfig): string[] {
  const headers: string[] = [];
  for (const [name, { values, secrets, files }] of Object.entries(config.http_headers)) {
    for (const value of values) headers.push(name, value);
    for (const value of secrets) headers.push(name, value.reveal());
    for (const file of files) headers.push(name, secretFile(file));
  }
  return headers.map(utf8Bytes);
}

/** The headers of `proxy_connect_header`, likewise. */
export function proxyHeaders({ proxy_connect_header }: ProxyConfig): string[] {
  return Object.entries(proxy_connect_header).flatMap(([name, values]) =>
    values.flatMap((value) => [name, utf8Bytes(value.reveal())]),
  );
}

/** The value of an Authorization or Proxy-Authorization header of the Basic scheme. */
export function basicValue(username: string, password: string): string {
  return `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
}

/** A secret given as text or as a file; fails with a `ProbeFailure` of reason `config` where the file cannot be used. */
export function secretText(text: Secret | undefined, file: string | undefined): string {
  return text?.reveal() || (file ? secretFile(file) : '');
}

function secretFile(file: string): string {
  let text: string;
  try {
    text = readFileSync(file, 'utf8').trim();
  } catch (error) {
    throw new ProbeFailure('config', `cannot read ${file}: ${causeOf(error)}`, { cause: error });
  }
  if (!isHeaderValue(text)) throw new ProbeFailure('config', `${file} holds what a header cannot have`);
  return text;
}
