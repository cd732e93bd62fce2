/**
 * The options of the http prober: those of blackbox_exporter, with what it refuses refused here too.
 */
import { byteSize, pattern, secret, z } from '../../src/config/schema.ts';
import { celProblem } from './http-cel.ts';
import { httpClientOptions, isHeaderName, isHeaderValue, refineHttpClient } from './http-client-options.ts';
import { addressChoiceOptions } from './resolve.ts';

const headerMatch = z.strictObject({
  header: z.string().min(1, 'a header match needs a header').describe('Name of the header.'),
  regexp: pattern()
    .refine(({ source }) => source !== '', 'a header match needs a regexp')
    .describe('Regexp to look for in each value of the header.'),
  allow_missing: z.boolean().default(false).describe('Do not fail where the response lacks the header.'),
});

const compressions = ['gzip', 'deflate', 'br', 'identity', ''] as const;
// The last two are of blackbox_exporter's; no answer here has them.
const httpVersions = ['HTTP/1.0', 'HTTP/1.1', 'HTTP/2.0', 'HTTP/2', 'HTTP/3.0', 'HTTP/3'] as const;

/** The schema of `http:` in a module. */
export const httpOptions = z
  .strictObject({
    valid_status_codes: z.array(z.number().int()).default([]).describe('Status codes that are good; 2xx if empty.'),
    valid_http_versions: z
      .array(z.enum(httpVersions))
      .default([])
      .describe('HTTP versions that are good; any if empty.'),
    ...addressChoiceOptions,
    skip_resolve_phase_with_proxy: z
      .boolean()
      .default(false)
      .describe('Leave resolving the target to the proxy of proxy_url.'),
    method: z.string().default('GET').describe('Method of the request.'),
    headers: z
      .record(z.string(), secret())
      // The key with nothing below it, as blackbox_exporter takes it.
      .nullish()
      .transform((given) => given ?? {})
      .describe(
        'Headers of the request; Host also sets the server name. Of these and of http_headers a redirect takes only ' +
          'Accept, Accept-Charset, Accept-Encoding, Accept-Language, Cache-Control, Pragma and User-Agent to another ' +
          'origin, since each of the others may hold a token; blackbox_exporter takes all but a few.',
      ),
    body: z
      .string()
      .default('')
      .describe(
        'Body of the request. It may hold credentials, so a redirect that wants it sent to another origin (307, 308) ' +
          'fails with the reason redirect and its own status; blackbox_exporter sends it.',
      ),
    body_file: z.string().default('').describe('File of the body of the request.'),
    compression: z
      .enum(compressions)
      .default('')
      .describe('Content coding to ask for and to decode; the response must have it.'),
    body_size_limit: byteSize()
      .default(0)
      .describe(
        'Largest decoded body to accept. Where 0: 10 MiB, or 1 MiB where the body is matched, which may take its time.',
      ),
    no_follow_redirects: z.boolean().optional().describe('Do not follow redirects; follow_redirects does the same.'),
    fail_if_ssl: z.boolean().default(false).describe('Fail where the last response came over TLS.'),
    fail_if_not_ssl: z.boolean().default(false).describe('Fail where the last response did not come over TLS.'),
    fail_if_body_matches_regexp: z.array(pattern()).default([]).describe('Fail where one of these matches the body.'),
    fail_if_body_not_matches_regexp: z
      .array(pattern())
      .default([])
      .describe('Fail where one of these does not match the body.'),
    fail_if_body_json_matches_cel: z
      .string()
      .optional()
      .describe('CEL expression over `body`, the JSON of the response; fail where it is true.'),
    fail_if_body_json_not_matches_cel: z
      .string()
      .optional()
      .describe('CEL expression over `body`, the JSON of the response; fail where it is false.'),
    fail_if_header_matches: z.array(headerMatch).default([]).describe('Fail where a value of a header matches.'),
    fail_if_header_not_matches: z.array(headerMatch).default([]).describe('Fail where no value of a header matches.'),
    enable_h2c: z
      .boolean()
      .default(false)
      .describe(
        'Speak HTTP/2 with prior knowledge to http:// URLs (h2c), through a proxy in a tunnel; blackbox_exporter cannot.',
      ),
    enable_http3: z.boolean().default(false).describe('Refused: HTTP/3 is not supported.'),
    ...httpClientOptions,
  })
  .superRefine((config, context) => {
    const refuse = (path: readonly (string | number)[], message: string) =>
      context.addIssue({ code: 'custom', path: [...path], message });
    refineHttpClient(config, refuse);
    if (config.body !== '' && config.body_file !== '') refuse(['body_file'], 'set only one of body and body_file');
    if (!isHeaderName(config.method) && config.method !== '') refuse(['method'], 'not an HTTP method');
    if (config.method.toUpperCase() === 'CONNECT') refuse(['method'], 'CONNECT is for proxies, not for targets');
    if (config.enable_http3) refuse(['enable_http3'], 'HTTP/3 is not supported; leave enable_http3 out');
    if (config.enable_h2c && !config.enable_http2) refuse(['enable_h2c'], 'needs enable_http2');
    for (const [name, value] of Object.entries(config.headers)) {
      if (!isHeaderName(name)) refuse(['headers', name], `${JSON.stringify(name)} is not a header name`);
      else if (!isHeaderValue(value.reveal())) refuse(['headers', name], 'not a value that a header can have');
      else if (name.toLowerCase() === 'accept-encoding' && !accepts(value.reveal(), config.compression)) {
        refuse(['headers', name], `does not accept the compression ${config.compression}`);
      }
    }
    for (const key of ['fail_if_body_json_matches_cel', 'fail_if_body_json_not_matches_cel'] as const) {
      const problem = config[key] === undefined ? undefined : celProblem(config[key]);
      if (problem !== undefined) refuse([key], `not a CEL expression: ${problem}`);
    }
  });

/** The options as the prober gets them. */
export type HttpConfig = z.output<typeof httpOptions>;

/** Whether an Accept-Encoding header leaves room for the expected coding (RFC 9110 section 12.5.3). */
function accepts(header: string, compression: string): boolean {
  if (compression === '' || header === '') return true;
  let wildcard = false;
  for (const entry of header.split(',')) {
    const [coding = '', parameter] = entry.split(';', 2).map((part) => part.trim());
    const wanted = parameter === undefined || Number(parameter.replace(/^q=/u, '')) > 0;
    if (coding === compression) return wanted;
    if (coding === '*') wildcard = wanted;
  }
  return wildcard;
}
