/**
 * Keeps the model like the daemon: fetches everything once, then follows the events. It is not EventSource that follows,
 * as that hides the heartbeats: a line that died without a word would look like a daemon that has nothing to say.
 */
import type {
  AnswerHead,
  ChecksAnswer,
  CollectorsAnswer,
  HostAnswer,
  StatusAnswer,
  UpdateEvent,
} from '../api/types.ts';
import { EventStreamParser } from './event-stream.ts';
import { type Check, checksOf, type Model, updated } from './model.ts';

/** How the page stands with the daemon. */
export type Link =
  | { readonly phase: 'starting' | 'live' }
  | {
      readonly phase: 'lost';
      /** When it was heard of last; undefined where it never was. Times are the browser's. */
      readonly heardAt: number | undefined;
      readonly why: string;
      readonly retryAt: number;
    };

/** What a connection needs of the browser. */
export interface Browser {
  fetch(url: string, init?: { signal?: AbortSignal; headers?: Record<string, string> }): Promise<Response>;
  now(): number;
  after(ms: number, run: () => void): () => void;
  /** From 0 to 1, so that many pages do not come back at the same moment. */
  random(): number;
}

/** Where news goes. */
export interface Listener {
  change(next: (model: Model) => Model): void;
  link(link: Link): void;
}

/** A line that is silent for longer is taken for dead; the daemon says something every 15 seconds. */
const silentMs = 25_000;
const firstRetryMs = 1_000;
const longestRetryMs = 30_000;
/** A check in the list costs some hundred bytes, so this many at once are quick to parse. */
const checksAtOnce = 5_000;

/** How long to wait before the n-th try in a row, give or take a fifth. */
export function retryDelayMs(failures: number, random: number): number {
  return Math.min(longestRetryMs, firstRetryMs * 2 ** (failures - 1)) * (0.8 + 0.4 * random);
}

/** What is known no longer fits what the daemon tells. */
class Outdated extends Error {}

/** The connection of a page. */
export class Connection {
  readonly #browser: Browser;
  readonly #listener: Listener;
  #generation = -1;
  /** The last event that was heard of; undefined where everything must be fetched. */
  #event: string | undefined;
  #heardAt: number | undefined;
  #failures = 0;
  /** Whether everything was fetched anew and no update has been heard since. */
  #renewed = false;
  #stop = new AbortController();
  #wake: (() => void) | undefined;

  constructor(browser: Browser, listener: Listener) {
    this.#browser = browser;
    this.#listener = listener;
  }

  /** Connects, and connects again whenever it must, until it is told to stop. */
  async start(): Promise<void> {
    this.#stop = new AbortController();
    while (!this.#stop.signal.aborted) {
      const end = await this.#session().catch((error: unknown) => error);
      // A daemon with a new configuration is not lost; one that says so at every turn is not well.
      const renews = end instanceof Outdated && !this.#renewed;
      this.#renewed = renews;
      if (!renews && !this.#stop.signal.aborted) await this.#pause(reasonOf(end));
    }
  }

  /** Ends it. */
  stop(): void {
    this.#stop.abort();
    this.#wake?.();
  }

  /** Tries again at once where it waits to. */
  retry(): void {
    this.#wake?.();
  }

  /** Asks the API for JSON. */
  async get<T>(path: string, signal = this.#stop.signal): Promise<T> {
    const response = await this.#browser.fetch(`api/v1/${path}`, { signal });
    if (!response.ok) throw new Error(`it answers with ${response.status}`);
    const body = (await response.json()) as T;
    this.#heardAt = this.#browser.now();
    return body;
  }

  async #pause(why: string): Promise<void> {
    this.#failures += 1;
    const delay = retryDelayMs(this.#failures, this.#browser.random());
    const retryAt = this.#browser.now() + delay;
    this.#listener.link({ phase: 'lost', heardAt: this.#heardAt, why, retryAt });
    await new Promise<void>((resolve) => {
      const cancel = this.#browser.after(delay, resolve);
      this.#wake = () => {
        cancel();
        resolve();
      };
    });
    this.#wake = undefined;
  }

  /** Throws for why it came to an end. */
  async #session(): Promise<never> {
    const watch = this.#watch();
    try {
      this.#event ??= await this.#load(watch);
      return await this.#follow(this.#event, watch);
    } catch (error) {
      if (error instanceof Outdated) this.#event = undefined;
      throw watch.signal.aborted && !this.#stop.signal.aborted ? new Error('it is silent') : error;
    } finally {
      watch.end();
    }
  }

  /** A signal that aborts where nothing is heard for too long. */
  #watch(): Watch {
    const silence = new AbortController();
    const giveUp = (): void => silence.abort();
    let cancel = this.#browser.after(silentMs, giveUp);
    const stop = this.#stop.signal;
    stop.addEventListener('abort', giveUp);
    return {
      signal: silence.signal,
      heard: () => {
        this.#heardAt = this.#browser.now();
        cancel();
        cancel = this.#browser.after(silentMs, giveUp);
      },
      end: () => {
        cancel();
        stop.removeEventListener('abort', giveUp);
      },
    };
  }

  /** Fetches everything at once; gives the event up to which all of it is complete. */
  async #load(watch: Watch): Promise<string> {
    const heads: AnswerHead[] = [];
    const get = async <T extends AnswerHead>(path: string): Promise<T> => {
      const answer = await this.get<T>(path, watch.signal);
      watch.heard();
      heads.push(answer);
      return answer;
    };
    const [{ config }, generation] = await Promise.all([
      get<StatusAnswer>('status').then((status) => {
        const skewMs = status.at - this.#browser.now();
        this.#listener.change((model) => ({ ...model, status, skewMs }));
        return status;
      }),
      this.#loadChecks(get),
      get<CollectorsAnswer>('collectors').then(({ collectors }) =>
        this.#listener.change((model) => ({ ...model, collectors })),
      ),
      get<HostAnswer>('host').then((host) => this.#listener.change((model) => ({ ...model, host }))),
    ]);
    if (config.generation !== generation) throw new Outdated('its configuration changed');
    this.#generation = generation;
    // Answers that know more hear it again.
    return heads.reduce((one, other) => (other.at < one.at ? other : one)).event;
  }

  /** Gives the generation of the configuration that the checks are of. */
  async #loadChecks(get: <T extends AnswerHead>(path: string) => Promise<T>): Promise<number> {
    const checks: Check[] = [];
    for (let generation: number | undefined; ;) {
      const answer = await get<ChecksAnswer>(`checks?offset=${checks.length}&limit=${checksAtOnce}`);
      generation ??= answer.generation;
      if (answer.generation !== generation) throw new Outdated('its configuration changed');
      const more = checksOf(answer.checks, answer.offset);
      checks.push(...more);
      const loaded = [...checks];
      this.#listener.change((model) => ({ ...model, checks: loaded, runCodes: answer.runCodes }));
      if (more.length === 0 || checks.length >= answer.total) return generation;
    }
  }

  async #follow(since: string, watch: Watch): Promise<never> {
    const response = await this.#browser.fetch(`api/v1/events?since=${encodeURIComponent(since)}`, {
      signal: watch.signal,
      headers: { accept: 'text/event-stream' },
    });
    if (!response.ok || response.body === null) throw new Error(`it answers with ${response.status}`);
    watch.heard();
    this.#failures = 0;
    this.#listener.link({ phase: 'live' });
    const parser = new EventStreamParser();
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    for (;;) {
      const { done, value } = await reader.read();
      if (done) throw new Error('it has closed the connection');
      watch.heard();
      for (const { type, data, id } of parser.push(value)) {
        if (type === 'reset') throw new Outdated('it has begun anew');
        if (type === 'update') this.#apply(JSON.parse(data) as UpdateEvent);
        if (id !== '') this.#event = id;
      }
    }
  }

  #apply(update: UpdateEvent): void {
    if (update.generation !== this.#generation) throw new Outdated('its configuration changed');
    this.#renewed = false;
    const now = this.#browser.now();
    this.#listener.change((model) => updated(model, update, now));
  }
}

interface Watch {
  readonly signal: AbortSignal;
  heard(): void;
  end(): void;
}

function reasonOf(error: unknown): string {
  // A browser does not say why a request came to nothing.
  if (error instanceof TypeError) return 'it does not answer';
  return error instanceof Error ? error.message : String(error);
}
