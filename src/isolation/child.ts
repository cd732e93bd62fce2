/**
 * The process of an isolated collector, from within: it runs one collector whenever the daemon asks, and ends with the
 * pipe to it.
 */
import { writeFileSync } from 'node:fs';
import { Socket } from 'node:net';
import type { AnyCollector, Collector } from '../collector.ts';
import { EngineMissing } from '../config/pattern.ts';
import { CollectError, messageOf } from '../errors.ts';
import { InstrumentSet } from '../instrument-set.ts';
import type { Logger } from '../log.ts';
import { openSystem } from '../system/index.ts';
import { failureOf } from './failure.ts';
import {
  frame,
  FrameReader,
  frameOf,
  type FromProcess,
  type LogLevel,
  type Origin,
  type SetUp,
  type ToProcess,
} from './protocol.ts';
import { packSamples } from './samples.ts';

/** The descriptor of the pipe. */
export const pipeDescriptor = 3;

/** Finds the definition of a collector. */
export type Finder = (origin: Origin, name: string) => Promise<AnyCollector>;

// What a collector may log in a run, and how much a message may have; the rest is dropped.
const messagesARun = 50;
const longestMessage = 4_000;

// How long the last words may take to get into the pipe.
const lastWordsMs = 200;

/** Errors have no parts that JSON would show. */
function plainFields(fields: object): object {
  const plain = Object.fromEntries(
    Object.entries(fields).map(([key, value]: [string, unknown]) => [
      key,
      value instanceof Error ? { type: value.name, message: value.message, stack: value.stack } : value,
    ]),
  );
  try {
    return JSON.stringify(plain).length > longestMessage ? {} : plain;
  } catch {
    // It refers to itself, or has a number that JSON lacks.
    return {};
  }
}

/** The kernel shall take this process before the daemon where memory is short. */
function offerToKernel(): void {
  try {
    writeFileSync('/proc/self/oom_score_adj', '500');
  } catch {
    // Not Linux.
  }
}

/** The options as their schema makes them; what engines that takes is loaded. */
async function parseOptions({ config }: AnyCollector, options: unknown): Promise<unknown> {
  for (;;) {
    try {
      return config.parse(options);
    } catch (error) {
      if (!(error instanceof EngineMissing)) throw error;
      await error.load();
    }
  }
}

class Host {
  readonly #pipe = new Socket({ fd: pipeDescriptor, readable: true, writable: true });
  readonly #find: Finder;
  #collector: Collector | undefined;
  #instruments: InstrumentSet | undefined;
  #controller = new AbortController();
  #messages = 0;

  constructor(find: Finder) {
    this.#find = find;
  }

  listen(): void {
    const frames = new FrameReader();
    this.#pipe.on('data', (piece: Buffer) => {
      for (const message of frames.read(piece)) this.#hear(message as ToProcess);
    });
    this.#pipe.on('error', () => process.exit());
    this.#pipe.on('end', () => this.#end());
    process.on('uncaughtException', (error) => this.#die('it threw where nobody caught it', error));
    process.on('unhandledRejection', (error) => this.#die('a promise of it was rejected and nobody heard', error));
  }

  #hear(message: ToProcess): void {
    if (message.type === 'set-up') {
      process.title = `vitald-${message.collector}`;
      void this.#make(message);
    } else if (message.type === 'run') void this.#run(message.maxSeries ?? Infinity);
    else this.#controller.abort(new CollectError('TIMEOUT', 'did not answer in time'));
  }

  async #make({ collector: name, origin, options, paths }: SetUp): Promise<void> {
    try {
      const definition = await this.#find(origin, name);
      const parsed = await parseOptions(definition, options);
      const instrumentsOf = (): InstrumentSet => (this.#instruments ??= new InstrumentSet(() => undefined));
      const collector = definition.create(parsed as never, {
        system: openSystem(paths),
        log: this.#log(),
        get instruments() {
          return instrumentsOf();
        },
      });
      if (typeof collector?.collect !== 'function') throw new Error('create returned nothing that can collect');
      this.#collector = collector;
      this.#say({ type: 'ready' });
    } catch (error) {
      this.#die('the collector cannot be made', error);
    }
  }

  async #run(maxSeries: number): Promise<void> {
    this.#controller = new AbortController();
    this.#messages = 0;
    try {
      const samples: unknown = await this.#collector!.collect(this.#controller.signal);
      const instruments = (await this.#instruments?.samples()) ?? [];
      const counted = [...(this.#collector!.about?.() ?? []), ...instruments];
      this.#pipe.write(frameOf(packSamples(samples, counted, maxSeries, () => process.memoryUsage.rss())));
    } catch (error) {
      this.#say({ type: 'failed', failure: failureOf(error), rss: process.memoryUsage.rss() });
    }
  }

  #say(message: FromProcess, done?: () => void): void {
    this.#pipe.write(frame(message), done);
  }

  #log(): Logger {
    const at =
      (level: LogLevel) =>
      (fields: object, message: string): void => {
        this.#messages += 1;
        if (this.#messages > messagesARun) return;
        this.#say({ type: 'log', level, fields: plainFields(fields), message: message.slice(0, longestMessage) });
      };
    const log: Logger = {
      debug: at('debug'),
      info: at('info'),
      warn: at('warn'),
      error: at('error'),
      child: (bound) => {
        const withBound =
          (level: LogLevel) =>
          (fields: object, message: string): void =>
            log[level]({ ...bound, ...fields }, message);
        return {
          debug: withBound('debug'),
          info: withBound('info'),
          warn: withBound('warn'),
          error: withBound('error'),
          child: (more) => log.child({ ...bound, ...more }),
        };
      },
    };
    return log;
  }

  #die(how: string, error: unknown): void {
    const exit = (): never => process.exit(1);
    setTimeout(exit, lastWordsMs);
    this.#say({ type: 'died', reason: `${how}: ${messageOf(error).slice(0, longestMessage)}` }, exit);
  }

  #end(): void {
    try {
      this.#collector?.close?.();
    } finally {
      process.exit();
    }
  }
}

/** Serves the daemon until it is gone. */
export function serveDaemon(find: Finder): void {
  offerToKernel();
  new Host(find).listen();
}
