/**
 * What a module demands of a response. Bodies and headers come from targets, so their regexps run on re2js, whose time
 * is linear in the text; it is loaded when the first module needs it.
 */
import { loadPatternEngine, type Pattern } from '../../src/config/pattern.ts';
import { messageOf } from '../../src/errors.ts';
import { ProbeFailure } from './failure.ts';
import { compileCel, type CelProgram } from './http-cel.ts';
import { headerText, headerValues } from './http-message.ts';
import type { HttpConfig } from './http-options.ts';

type Test = (text: string) => boolean;

interface BodyRule {
  readonly source: string;
  readonly test: Test;
}

interface HeaderRule extends BodyRule {
  readonly header: string;
  readonly allowMissing: boolean;
}

interface Compiled {
  readonly bodyForbidden: readonly BodyRule[];
  readonly bodyWanted: readonly BodyRule[];
  readonly headerForbidden: readonly HeaderRule[];
  readonly headerWanted: readonly HeaderRule[];
  readonly celForbidden: CelProgram | undefined;
  readonly celWanted: CelProgram | undefined;
}

/** The conditions of one module. */
export class HttpConditions {
  /** Whether a regexp or an expression looks at the body. */
  readonly onBody: boolean;
  /** Whether a regexp does. */
  readonly onBodyRegexp: boolean;
  /** Whether `probe_failed_due_to_cel` is served. */
  readonly onCel: boolean;
  /** Whether a regexp looks at the headers. */
  readonly onHeaders: boolean;
  readonly #config: HttpConfig;
  readonly #goodStatus: ReadonlySet<number>;
  #compiled: Promise<Compiled> | undefined;

  constructor(config: HttpConfig) {
    this.#config = config;
    this.#goodStatus = new Set(config.valid_status_codes);
    this.onCel = [config.fail_if_body_json_matches_cel, config.fail_if_body_json_not_matches_cel].some(Boolean);
    this.onBodyRegexp =
      config.fail_if_body_matches_regexp.length > 0 || config.fail_if_body_not_matches_regexp.length > 0;
    this.onBody = this.onCel || this.onBodyRegexp;
    this.onHeaders = config.fail_if_header_matches.length > 0 || config.fail_if_header_not_matches.length > 0;
  }

  /** Compiles what is to be compiled, once; fails with a `ProbeFailure` of reason `config`. */
  async prepare(): Promise<void> {
    await this.#rules();
  }

  /** Whether there is anything to prepare. */
  get needPreparing(): boolean {
    return this.onHeaders || this.onBody;
  }

  /** What is wrong with a status code. */
  status(code: number): ProbeFailure | undefined {
    const good = this.#goodStatus.size > 0 ? this.#goodStatus.has(code) : code >= 200 && code < 300;
    return good ? undefined : new ProbeFailure('status', `status ${code}`);
  }

  /** What is wrong with the headers; undefined or a promise of nothing where all is well. */
  async headers(headers: readonly string[]): Promise<ProbeFailure | undefined> {
    if (!this.onHeaders) return undefined;
    const { headerForbidden, headerWanted } = await this.#rules();
    for (const rule of headerForbidden) {
      const values = headerValues(headers, rule.header).map(headerText);
      if (values.length === 0 && !rule.allowMissing) return missing(rule);
      if (values.some(rule.test)) return new ProbeFailure('header', `header ${rule.header} matches ${rule.source}`);
    }
    for (const rule of headerWanted) {
      const values = headerValues(headers, rule.header).map(headerText);
      if (values.length === 0) {
        if (!rule.allowMissing) return missing(rule);
      } else if (!values.some(rule.test)) {
        return new ProbeFailure('header', `header ${rule.header} does not match ${rule.source}`);
      }
    }
    return undefined;
  }

  /** What the regexps say against the body. */
  async bodyRegexps(bytes: Buffer): Promise<ProbeFailure | undefined> {
    const { bodyForbidden, bodyWanted } = await this.#rules();
    const text = bytes.toString('utf8');
    const found = bodyForbidden.find(({ test }) => test(text));
    if (found !== undefined) return new ProbeFailure('body', `the body matches ${found.source}`);
    const lacking = bodyWanted.find(({ test }) => !test(text));
    return lacking === undefined ? undefined : new ProbeFailure('body', `the body does not match ${lacking.source}`);
  }

  /** What the CEL expressions say against the body. */
  async bodyCel(bytes: Buffer): Promise<ProbeFailure | undefined> {
    const { celForbidden, celWanted } = await this.#rules();
    let body: unknown;
    try {
      body = JSON.parse(bytes.toString('utf8'));
    } catch {
      return new ProbeFailure('body', 'the body is not JSON');
    }
    return celFailure(celForbidden, body, true) ?? celFailure(celWanted, body, false);
  }

  /** What is wrong with the protocol version, as Go writes it. */
  version(protocol: string): ProbeFailure | undefined {
    const { valid_http_versions } = this.#config;
    if (valid_http_versions.length === 0) return undefined;
    const fits = valid_http_versions.some((version) => (version === 'HTTP/2' ? 'HTTP/2.0' : version) === protocol);
    return fits ? undefined : new ProbeFailure('protocol', `the response came over ${protocol}`);
  }

  #rules(): Promise<Compiled> {
    this.#compiled ??= compile(this.#config);
    return this.#compiled;
  }
}

function missing({ header }: HeaderRule): ProbeFailure {
  return new ProbeFailure('header', `header ${header} is missing`);
}

function celFailure(program: CelProgram | undefined, body: unknown, forbidden: boolean): ProbeFailure | undefined {
  if (program === undefined) return undefined;
  const value = program.evaluate(body);
  if (typeof value !== 'boolean') return new ProbeFailure('body', `the CEL expression failed: ${value.problem}`);
  if (value !== forbidden) return undefined;
  return new ProbeFailure(
    'body',
    forbidden ? 'the body matches the CEL expression' : 'the body does not match the CEL expression',
  );
}

async function compile(config: HttpConfig): Promise<Compiled> {
  return {
    bodyForbidden: await Promise.all(config.fail_if_body_matches_regexp.map(bodyRule)),
    bodyWanted: await Promise.all(config.fail_if_body_not_matches_regexp.map(bodyRule)),
    headerForbidden: await Promise.all(config.fail_if_header_matches.map(headerRule)),
    headerWanted: await Promise.all(config.fail_if_header_not_matches.map(headerRule)),
    celForbidden: await celProgram(config.fail_if_body_json_matches_cel),
    celWanted: await celProgram(config.fail_if_body_json_not_matches_cel),
  };
}

async function headerRule({
  header,
  regexp,
  allow_missing,
}: HttpConfig['fail_if_header_matches'][number]): Promise<HeaderRule> {
  return { ...(await bodyRule(regexp)), header, allowMissing: allow_missing };
}

async function bodyRule({ source }: Pattern): Promise<BodyRule> {
  // Text without any operator needs no engine, and is what most modules look for.
  if (/^[^\\.+*?()|[\]{}^$]*$/u.test(source)) return { source, test: (text) => text.includes(source) };
  const compiled = (await loadPatternEngine()).compile(source);
  return { source, test: (text) => compiled.matcher(text).find() };
}

async function celProgram(source: string | undefined): Promise<CelProgram | undefined> {
  if (source === undefined || source === '') return undefined;
  try {
    return await compileCel(source);
  } catch (error) {
    const [problem] = messageOf(error).split('\n', 1);
    throw new ProbeFailure('config', `not a CEL expression: ${problem}`, { cause: error });
  }
}
