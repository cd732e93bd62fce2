/** A new config in place of the running one: the whole of it or none. */
import type { Config } from './config/config.ts';
import { sameValue } from './config/same.ts';
import { messageOf } from './errors.ts';
import type { Logger } from './log.ts';

/** What a reload needs. */
export interface ReloadParts {
  /** Reads the config anew; throws what is wrong with it. */
  readonly load: () => Promise<Config>;
  /** Puts it in place; throws, with everything as before, where that cannot be. */
  readonly apply: (config: Config) => Promise<void>;
  /** Hears how each reload went. */
  readonly done: (result: ReloadResult) => void;
  readonly log: Logger;
}

/** How a reload went. */
export type ReloadResult = { readonly ok: true } | { readonly ok: false; readonly reason: string };

/** Loads and applies, one reload at a time. */
export class Reloader {
  readonly #parts: ReloadParts;
  #underWay: Promise<ReloadResult> | undefined;
  #waiting: Promise<ReloadResult> | undefined;

  constructor(parts: ReloadParts) {
    this.#parts = parts;
  }

  /**
   * Reloads; `cause` says in the log what asked for it. Requests that come while one is under way share the next, as the
   * files may have changed since that one read them.
   */
  reload(cause: string): Promise<ReloadResult> {
    if (this.#underWay === undefined && this.#waiting === undefined) return this.#start(cause);
    this.#waiting ??= this.#underWay!.then(() => {
      this.#waiting = undefined;
      return this.#start(cause);
    });
    return this.#waiting;
  }

  #start(cause: string): Promise<ReloadResult> {
    this.#underWay = this.#run(cause).finally(() => {
      this.#underWay = undefined;
    });
    return this.#underWay;
  }

  async #run(cause: string): Promise<ReloadResult> {
    const { load, apply, done, log } = this.#parts;
    try {
      await apply(await load());
      done({ ok: true });
      log.info({ cause }, 'the configuration was loaded anew');
      return { ok: true };
    } catch (error) {
      const reason = messageOf(error);
      done({ ok: false, reason });
      log.error({ cause, reason }, 'the configuration cannot be loaded; the one before stays in force');
      return { ok: false, reason };
    }
  }
}

/** The options of a new config that differ and cannot be put in place while the daemon runs. */
export function changedForRestart(before: Config, next: Config): string[] {
  const changed = sameValue(before.log, next.log) ? [] : ['log'];
  const metrics = before.web.disable_exporter_metrics === next.web.disable_exporter_metrics;
  return metrics ? changed : [...changed, 'web.disable_exporter_metrics'];
}
