/** Commands of the exec collector, run as told. */
import { exec } from '../../collectors/host/exec.ts';
import type { Collector, Sample } from '../../src/collector.ts';
import { Encoder } from '../../src/exposition/encode.ts';
import { formatBlocks } from '../../src/exposition/format.ts';
import { recordedLog } from './daemons.ts';
import { contextOf, systemOf } from './expose.ts';

/** A command that can be run again and again. */
export interface Commanded {
  readonly lines: readonly string[];
  /** What a run gives: the lines of its samples, or why it gives none. */
  run(signal?: AbortSignal): Promise<string>;
  /** What is told of the runs, by series. */
  about(): Record<string, number>;
  readonly collector: Collector;
}

const linesOf = (samples: Iterable<Sample>): string =>
  formatBlocks(new Encoder().encode([...samples])).replaceAll(/^#.*\n/gm, '');

/** The command `job`: a program with its arguments, or a script for the shell. */
export function commanded(command: string[] | string, options: Record<string, unknown> = {}): Commanded {
  const log = recordedLog();
  const argv = typeof command === 'string' ? ['/bin/sh', '-c', command] : command;
  const config = exec.config.parse({ name: 'job', command: argv, ...options });
  const collector = exec.create(config, contextOf(systemOf('test/fixtures'), log));
  return {
    collector,
    lines: log.lines,
    run: async (signal = new AbortController().signal) => {
      try {
        return linesOf(await collector.collect(signal));
      } catch (error) {
        return `failed: ${(error as Error).message}`;
      }
    },
    about: () =>
      Object.fromEntries(
        linesOf(collector.about!())
          .trim()
          .split('\n')
          .map((line) => [line.replace(/ \S+$/, ''), Number(line.split(' ').at(-1))]),
      ),
  };
}

/** How often runs failed, by reason; without those that never occurred. */
export const failuresOf = (about: Record<string, number>): Record<string, number> =>
  Object.fromEntries(
    Object.entries(about).flatMap(([series, count]) => {
      const [, reason] = /^vitald_exec_failures_total\{.*reason="(\w+)"/.exec(series) ?? [];
      return reason === undefined || count === 0 ? [] : [[reason, count]];
    }),
  );
