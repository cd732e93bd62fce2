/**
 * The web config: TLS, users, headers and rate limit, in the format that Prometheus' exporters share
 * (`--web.config.file`). What they refuse is refused, each mistake at its place; so is what could not be kept here.
 */
import { dirname, resolve } from 'node:path';
import { goValue } from '../config/go-value.ts';
import { Problems, type Source, suggestion } from '../config/problems.ts';
import type { Located } from '../config/locate.ts';
import { z } from '../config/schema.ts';
import { readYaml, writtenValue } from '../config/yaml-file.ts';
import { configurableHeaders } from './headers.ts';
import { hashProblem } from './password-hash.ts';
import type { RateLimitOptions } from './rate-limit.ts';
import { burst, interval, onOff } from './scalars.ts';
import { readTlsOptions, type TlsOptions, tlsSection } from './tls-options.ts';

/** A web config that can be used. */
export interface WebConfig {
  /** Every file that it was read from, itself first. */
  readonly files: readonly string[];
  /** Undefined where it is served without TLS. */
  readonly tls: TlsOptions | undefined;
  readonly http2: boolean;
  readonly headers: Readonly<Record<string, string>>;
  /** The bcrypt hash of each user; without any user everything is open. */
  readonly users: ReadonlyMap<string, string>;
  readonly rateLimit: RateLimitOptions | undefined;
}

const section = <Schema extends z.ZodType>(schema: Schema) => z.preprocess((value) => value ?? {}, schema);

const webConfigSchema = z.strictObject({
  tls_server_config: section(tlsSection).prefault({}),
  http_server_config: section(
    z.strictObject({
      http2: onOff(true),
      headers: z.record(z.string(), z.string().nullable()).nullish(),
    }),
  ).prefault({}),
  basic_auth_users: z.record(z.string(), z.string().nullable()).nullish(),
  rate_limit: section(z.strictObject({ interval, burst })).prefault({}),
});

interface Ranged {
  readonly range?: readonly [number, number, number] | null;
  readonly items?: readonly { readonly value?: Ranged | null }[];
}

/** The hashes of the users and an inline key: a mistake in them must not print them. */
function secretsOf({ document, text }: Located): [number, number][] {
  if (document.errors.length > 0) {
    // Of a file that could not be parsed nobody knows where they begin or end.
    const from = /basic_auth_users|\bkey\b/.exec(text)?.index;
    return from === undefined ? [] : [[from, text.length]];
  }
  const users = document.getIn(['basic_auth_users'], true) as Ranged | undefined;
  const hashes = users?.items?.map(({ value }) => value) ?? [users];
  const nodes = [...hashes, document.getIn(['tls_server_config', 'key'], true) as Ranged | undefined];
  return nodes
    .flatMap((node): [number, number][] => (node?.range ? [[node.range[0], node.range[1]]] : []))
    .sort(([a], [b]) => a - b);
}

function checkHeaders(given: Readonly<Record<string, string | null>>, source: Source, problems: Problems) {
  const headers: Record<string, string> = {};
  const known = Object.keys(configurableHeaders);
  for (const [name, written] of Object.entries(given)) {
    const path = ['http_server_config', 'headers', name];
    const value = written ?? '';
    const values = configurableHeaders[name];
    if (!known.includes(name)) {
      const match = known.find((candidate) => candidate.toLowerCase() === name.toLowerCase());
      const hint = match === undefined ? suggestion(name, known) : `; did you mean "${match}"?`;
      problems.add(source, path, `this header cannot be set${hint}`, true);
    } else if (values !== undefined && !values.includes(value)) {
      problems.add(source, path, `expected one of ${values.join(', ')}, found ${JSON.stringify(value)}`);
    } else if (/[^\t\u0020-\u007e\u0080-\u00ff]/.test(value)) {
      problems.add(source, path, 'a header cannot hold a line break or another control character');
    } else if (value !== '') headers[name] = value;
  }
  return headers;
}

function checkUsers(given: Readonly<Record<string, string | null>>, source: Source, problems: Problems) {
  const users = new Map<string, string>();
  for (const [name, hash] of Object.entries(given)) {
    const problem = hashProblem(hash ?? '');
    if (problem === undefined) users.set(name, hash!);
    else problems.add(source, ['basic_auth_users', name], problem, true);
    // A request could never name it: the first colon ends the name (RFC 7617).
    if (name.includes(':')) {
      problems.add(source, ['basic_auth_users', name], 'the name of a user cannot hold a colon', true);
    }
  }
  return users;
}

/** Reads and checks a web config and every file it names; throws `ConfigError` with all mistakes. */
export function loadWebConfig(path: string): WebConfig {
  const problems = new Problems();
  const located = readYaml(path, problems, { secretsOf });
  problems.throwIfAny();
  const source: Source = { file: located, flags: new Map() };
  const written = located === undefined ? undefined : writtenValue(located);
  const raw = goValue(webConfigSchema, written ?? {});
  const checked = problems.check(webConfigSchema, raw, source, []);
  if (checked === undefined) problems.throwIfAny();
  const { tls_server_config, http_server_config, basic_auth_users, rate_limit } = checked!;
  const folder = dirname(resolve(path));
  const { http2 } = http_server_config;
  const tls = readTlsOptions(tls_server_config, { folder, http2, source, problems });
  const headers = checkHeaders(http_server_config.headers ?? {}, source, problems);
  const users = checkUsers(basic_auth_users ?? {}, source, problems);
  const { interval: intervalMs } = rate_limit;
  if (intervalMs > 0 && rate_limit.burst === 0) {
    const words = 'must be at least 1 with an interval, as a bucket that holds nothing lets no request pass';
    problems.add(source, ['rate_limit', 'burst'], words);
  }
  problems.throwIfAny();
  return {
    files: [path, ...(tls?.files ?? [])],
    tls: tls?.options,
    http2,
    headers,
    users,
    rateLimit: intervalMs > 0 ? { intervalMs, burst: rate_limit.burst } : undefined,
  };
}
