/**
 * The options of prometheus/common's HTTP client, which the http and websocket probers have inline: credentials,
 * headers, proxies, redirects, TLS.
 */
import { secret, z } from '../../src/config/schema.ts';
import { userOf } from './http-url.ts';
import { tlsConfigOptions } from './tls.ts';

const proxyOptions = {
  proxy_url: secret()
    .optional()
    .describe('HTTP, HTTPS or SOCKS5 proxy to connect through; may hold a user and password.'),
  no_proxy: z
    .string()
    .default('')
    .describe('Hosts, domains, addresses and networks, separated by commas, to reach without the proxy.'),
  proxy_from_environment: z
    .boolean()
    .default(false)
    .describe('Take the proxy from HTTP_PROXY, HTTPS_PROXY and NO_PROXY of the environment.'),
  proxy_connect_header: z
    .record(z.string(), z.array(secret()))
    .default({})
    .describe('Headers to send to the proxy with CONNECT.'),
};

const basicAuth = z.strictObject({
  username: z.string().default('').describe('User name.'),
  username_file: z.string().optional().describe('File of the user name.'),
  password: secret().optional().describe('Password.'),
  password_file: z.string().optional().describe('File of the password.'),
});

const authorization = z.strictObject({
  type: z.string().default('Bearer').describe('Scheme of the Authorization header.'),
  credentials: secret().optional().describe('What follows the scheme.'),
  credentials_file: z.string().optional().describe('File of what follows the scheme.'),
});

const oauth2 = z.strictObject({
  client_id: z.string().default('').describe('Client identifier.'),
  client_secret: secret().optional().describe('Client secret.'),
  client_secret_file: z.string().optional().describe('File of the client secret.'),
  scopes: z.array(z.string()).default([]).describe('Scopes to ask for.'),
  token_url: z.string().default('').describe('Where to get the token.'),
  endpoint_params: z.record(z.string(), z.string()).default({}).describe('Further parameters of the token request.'),
  tls_config: tlsConfigOptions.prefault({}).describe('TLS towards the token endpoint.'),
  ...proxyOptions,
});

const httpHeader = z.strictObject({
  values: z.array(z.string()).default([]).describe('Values of the header.'),
  secrets: z.array(secret()).default([]).describe('Values of the header that are not shown.'),
  files: z.array(z.string()).default([]).describe('Files that each hold a value of the header.'),
});

/** The options; spread them into the `config` of a prober and call `refineHttpClient` in its `superRefine`. */
export const httpClientOptions = {
  basic_auth: basicAuth.optional().describe('User and password to send.'),
  authorization: authorization.optional().describe('Authorization header to send.'),
  bearer_token: secret().optional().describe('Bearer token to send; authorization does the same.'),
  bearer_token_file: z.string().optional().describe('File of the bearer token to send; authorization does the same.'),
  oauth2: oauth2.optional().describe('OAuth 2.0 client credentials with which to get a bearer token.'),
  tls_config: tlsConfigOptions.prefault({}).describe('TLS towards the target.'),
  follow_redirects: z.boolean().default(true).describe('Follow redirects.'),
  enable_http2: z.boolean().default(true).describe('Offer HTTP/2 over TLS.'),
  ...proxyOptions,
  http_headers: z.record(z.string(), httpHeader).default({}).describe('Headers to send, also from files.'),
};

const httpClientSchema = z.strictObject(httpClientOptions);

/** The options as a prober gets them. */
export type HttpClientConfig = z.output<typeof httpClientSchema>;

/** The proxy options alone, which `oauth2` has too. */
export type ProxyConfig = Pick<
  HttpClientConfig,
  'proxy_url' | 'no_proxy' | 'proxy_from_environment' | 'proxy_connect_header'
>;

/** The OAuth 2.0 options. */
export type OAuth2Config = NonNullable<HttpClientConfig['oauth2']>;

// Headers that frame the message or carry credentials; prometheus/common refuses them in http_headers.
const reservedHeaders = new Set([
  'authorization',
  'host',
  'content-encoding',
  'content-length',
  'content-type',
  'user-agent',
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'www-authenticate',
  'accept-encoding',
  'x-prometheus-remote-write-version',
  'x-prometheus-remote-read-version',
  'x-prometheus-scrape-timeout-seconds',
  'x-amz-date',
  'x-amz-security-token',
  'x-amz-content-sha256',
]);

type Refuse = (path: readonly (string | number)[], message: string) => void;

/** Refuses what prometheus/common refuses; give it a function that adds an issue at a path. */
export function refineHttpClient(config: HttpClientConfig, refuse: Refuse): void {
  const { basic_auth, authorization, oauth2, bearer_token, bearer_token_file } = config;
  const ways = [
    basic_auth && 'basic_auth',
    authorization && 'authorization',
    oauth2 && 'oauth2',
    hasText(bearer_token) && 'bearer_token',
    bearer_token_file && 'bearer_token_file',
  ].filter((way) => typeof way === 'string' && way !== '') as string[];
  for (const way of ways.slice(1)) refuse([way], `set only one of ${ways.join(' and ')}`);
  if (basic_auth?.username && basic_auth.username_file) {
    refuse(['basic_auth', 'username_file'], 'set only one of username and username_file');
  }
  if (hasText(basic_auth?.password) && basic_auth?.password_file) {
    refuse(['basic_auth', 'password_file'], 'set only one of password and password_file');
  }
  if (authorization !== undefined) {
    if (authorization.type.trim().toLowerCase() === 'basic') {
      refuse(['authorization', 'type'], 'the type cannot be "basic"; use basic_auth');
    }
    if (hasText(authorization.credentials) && authorization.credentials_file) {
      refuse(['authorization', 'credentials_file'], 'set only one of credentials and credentials_file');
    }
  }
  if (oauth2 !== undefined) refineOauth2(oauth2, (path, message) => refuse(['oauth2', ...path], message));
  refineProxy(config, refuse);
  for (const [name, header] of Object.entries(config.http_headers)) {
    if (reservedHeaders.has(name.toLowerCase()))
      refuse(['http_headers', name], `the header ${name} cannot be set here`);
    else if (!isHeaderName(name)) refuse(['http_headers', name], `${JSON.stringify(name)} is not a header name`);
    header.values.forEach((value, index) => {
      if (!isHeaderValue(value)) refuse(['http_headers', name, 'values', index], 'not a value that a header can have');
    });
  }
}

function refineOauth2(config: OAuth2Config, refuse: Refuse): void {
  if (config.client_id === '') refuse(['client_id'], 'oauth2 needs a client_id');
  if (config.token_url === '') refuse(['token_url'], 'oauth2 needs a token_url');
  else if (!isHttpUrl(config.token_url)) refuse(['token_url'], 'not an http or https URL');
  if (hasText(config.client_secret) && config.client_secret_file) {
    refuse(['client_secret_file'], 'set only one of client_secret and client_secret_file');
  }
  refineProxy(config, refuse);
}

function refineProxy(config: ProxyConfig, refuse: Refuse): void {
  const proxyUrl = config.proxy_url?.reveal() ?? '';
  if (proxyUrl !== '' && !isProxyUrl(proxyUrl)) {
    refuse(['proxy_url'], 'not a proxy URL; write it like "http://proxy.example:3128"');
  }
  if (Object.keys(config.proxy_connect_header).length > 0 && proxyUrl === '' && !config.proxy_from_environment) {
    refuse(['proxy_connect_header'], 'needs proxy_url or proxy_from_environment');
  }
  if (config.proxy_from_environment && proxyUrl !== '') {
    refuse(['proxy_url'], 'set only one of proxy_url and proxy_from_environment');
  }
  if (config.proxy_from_environment && config.no_proxy !== '') {
    refuse(['no_proxy'], 'cannot be combined with proxy_from_environment, which reads NO_PROXY');
  }
  if (!config.proxy_from_environment && config.no_proxy !== '' && proxyUrl === '') {
    refuse(['no_proxy'], 'needs proxy_url');
  }
}

/** Whether text can be the name of a header (RFC 9110 section 5.1). */
export function isHeaderName(name: string): boolean {
  return /^[\w!#$%&'*+.^`|~-]+$/u.test(name);
}

/** Whether text can be the value of a header, where it goes out in UTF-8: no line ends, no other control characters. */
export function isHeaderValue(value: string): boolean {
  return /^[\t\x20-\x7e\x80-\u{10ffff}]*$/u.test(value);
}

function isHttpUrl(text: string): boolean {
  return URL.canParse(text) && /^https?:/iu.test(text);
}

function isProxyUrl(text: string): boolean {
  return /^(?:https?|socks5h?):/iu.test(text) && URL.canParse(text) && userOf(new URL(text)) !== undefined;
}

function hasText(value: { reveal(): string } | undefined): boolean {
  return value !== undefined && value.reveal() !== '';
}
