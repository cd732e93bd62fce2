/** A web config that follows its files: certificates and users are taken up soon after they change. */
import type { Clock } from '../clock.ts';
import { messageOf } from '../errors.ts';
import type { Logger } from '../log.ts';
import { fileIdentity } from '../system/file-identity.ts';
import { loadWebConfig, type WebConfig } from './web-config.ts';

// Renewed certificates need not be there at once, and a burst of requests must not be a burst of file calls.
const lookEveryMs = 1_000;

function identityOf(files: readonly string[]): string {
  return files.map(fileIdentity).join('\n');
}

/** What a change would need that a server that listens cannot do. */
function needsRestart(before: WebConfig, after: WebConfig): string | undefined {
  if ((before.tls === undefined) !== (after.tls === undefined)) return 'TLS cannot be turned on or off';
  if (before.tls !== undefined && before.http2 !== after.http2) return 'HTTP/2 cannot be turned on or off';
  const policy = ({ tls }: WebConfig): string => JSON.stringify(tls?.clientAuth);
  return policy(before) === policy(after) ? undefined : 'client_auth_type cannot be changed';
}

/** A web config and its files. */
export class WebConfigFile {
  readonly #path: string;
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #changed: ((config: WebConfig) => void)[] = [];
  #current: WebConfig;
  #identity: string;
  #lookedAt: number;

  /** Throws `ConfigError` where it cannot be used. */
  constructor(path: string, clock: Clock, log: Logger) {
    this.#path = path;
    this.#clock = clock;
    this.#log = log;
    this.#current = loadWebConfig(path);
    this.#identity = identityOf(this.#current.files);
    this.#lookedAt = clock.monotonic();
  }

  /** What to do with a config that has changed. */
  onChange(take: (config: WebConfig) => void): void {
    this.#changed.push(take);
  }

  /** The config as the files have it; what cannot be used is logged once, and the one before stays. */
  current(): WebConfig {
    const now = this.#clock.monotonic();
    if (now - this.#lookedAt < lookEveryMs) return this.#current;
    this.#lookedAt = now;
    const identity = identityOf(this.#current.files);
    if (identity === this.#identity) return this.#current;
    this.#identity = identity;
    try {
      const config = loadWebConfig(this.#path);
      const reason = needsRestart(this.#current, config);
      if (reason !== undefined) throw new Error(`${reason} before the next start`);
      this.#current = config;
      // It may name other files now.
      this.#identity = identityOf(config.files);
      for (const take of this.#changed) take(config);
      this.#log.info({ file: this.#path }, 'the web config was read anew');
    } catch (error) {
      this.#log.error({ file: this.#path, reason: messageOf(error) }, 'the web config stays as it was');
    }
    return this.#current;
  }
}
