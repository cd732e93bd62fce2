/** Runs one collector on a scene and gives the text of the scrape. */
import type { Clock } from '../../src/clock.ts';
import type { Collector, CollectorContext, CollectorDefinition, Samples } from '../../src/collector.ts';
import { loadPatternEngine } from '../../src/config/pattern.ts';
import type { z } from '../../src/config/schema.ts';
import { Encoder } from '../../src/exposition/encode.ts';
import { formatBlocks } from '../../src/exposition/format.ts';
import { InstrumentSet } from '../../src/instrument-set.ts';
import { type Logger, silentLogger } from '../../src/log.ts';
import { openSystem, type System } from '../../src/system/index.ts';
import type { Tree } from '../../src/system/tree.ts';
import { pathsBelow } from './scene.ts';

await loadPatternEngine();

/** A host made of a scene's folder, with what a test wants otherwise laid over it. */
export function systemOf(folder: string, overrides: Partial<System> = {}): System {
  return { ...openSystem(pathsBelow(folder), overrides.clock), ...overrides };
}

/** The same, where a last line that is not ended was torn off, as of a file that the kernel writes. */
export function tornSystemOf(folder: string): System {
  return openSystem(pathsBelow(folder), undefined, { linesEnded: true });
}

/** A tree in which reading some files fails as given, such as `{ 'class/net/lo/speed': 'EINVAL' }`. */
export function failing(tree: Tree, errors: Readonly<Record<string, string>>): Tree {
  const check = (path: string): void => {
    const code = errors[path];
    if (code !== undefined) throw Object.assign(new Error(`${code}: ${path}`), { code });
  };
  const faulty: Tree = {
    ...tree,
    read(path) {
      check(path);
      return tree.read(path);
    },
    readIfPresent(path) {
      check(path);
      return tree.readIfPresent(path);
    },
    text(path) {
      check(path);
      return tree.text(path);
    },
    textIfAny: (path) => (errors[path] === undefined ? tree.textIfAny(path) : undefined),
    attribute: (path) => (errors[path] === undefined ? tree.attribute(path) : undefined),
    attributeBytes: (path) => (errors[path] === undefined ? tree.attributeBytes(path) : undefined),
    keep: (path) => ({ bytes: () => faulty.attributeBytes(path), close() {} }),
  };
  return faulty;
}

/** A collector that is asked for one scrape after the other. */
export interface Exposed {
  /** Runs it once and gives the text. Throws what the run throws. */
  scrape(): Promise<string>;
  /** Runs it once and gives the samples, for a test of one value among many. */
  collect(): Promise<Samples>;
  close(): void;
}

/** What a collector is made with, on a host. */
export function contextOf(system: System, log: Logger = silentLogger): CollectorContext {
  return { system, log, instruments: new InstrumentSet(() => undefined) };
}

/** Makes a collector with options as a user would write them. */
export function start<Options extends z.ZodObject>(
  definition: CollectorDefinition<Options>,
  host: string | System,
  options: z.input<Options> | Record<string, unknown> = {},
): Exposed {
  const system = typeof host === 'string' ? systemOf(host) : host;
  const config = definition.config.parse(options);
  const collector: Collector = definition.create(config, contextOf(system));
  const encoder = new Encoder();
  const collect = async (): Promise<Samples> => collector.collect(new AbortController().signal);
  return {
    collect,
    scrape: async () => formatBlocks(encoder.encode([...(await collect())])),
    close() {
      collector.close?.();
      if (typeof host === 'string') system.close();
    },
  };
}

/** The text of one scrape of a collector on a scene's folder or a host. */
export async function expose<Options extends z.ZodObject>(
  definition: CollectorDefinition<Options>,
  host: string | System,
  options: z.input<Options> | Record<string, unknown> = {},
): Promise<string> {
  const exposed = start(definition, host, options);
  try {
    return await exposed.scrape();
  } finally {
    exposed.close();
  }
}

/** A clock that stands still until it is told otherwise. */
export function fixedClock(nowMs = 1_700_000_000_000): Clock & { advance(ms: number): void } {
  let elapsed = 0;
  return {
    now: () => nowMs + elapsed,
    monotonic: () => elapsed,
    after: () => ({ cancel() {} }),
    advance(ms) {
      elapsed += ms;
    },
  };
}

/** A text written with the indentation of the code around it; ends with one line feed. */
export function text(parts: TemplateStringsArray, ...values: readonly unknown[]): string {
  const raw = String.raw({ raw: parts.raw }, ...values);
  const lines = raw
    .replace(/^\n/, '')
    .replace(/\n[ \t]*$/, '')
    .split('\n');
  const depth = Math.min(...lines.filter((line) => line.trim() !== '').map((line) => /^ */.exec(line)![0].length));
  return `${lines
    .map((line) => line.slice(depth))
    .filter((line) => line !== '')
    .join('\n')}\n`;
}
