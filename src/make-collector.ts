/** From a collector of the config to one that runs, whoever wrote it: in the daemon, or in a process of its own. */
import type { Clock } from './clock.ts';
import type { Collector } from './collector.ts';
import type { CollectorConfig, Isolation } from './config/config.ts';
import { messageOf } from './errors.ts';
import type { InstrumentSets } from './instrument-sets.ts';
import type { InstrumentSet } from './instrument-set.ts';
import type { ProcessKeeper } from './isolation/keeper.ts';
import { IsolatedCollector } from './isolation/parent.ts';
import type { Logger } from './log.ts';
import type { System } from './system/index.ts';

/** What collectors are made with. */
export interface CollectorTools {
  readonly system: System;
  readonly clock: Clock;
  readonly log: Logger;
  readonly instrumentSets: InstrumentSets;
  readonly keeper: ProcessKeeper;
}

/**
 * Makes a collector; throws where its definition does, or gives something else. One that is isolated is made in its
 * process, at its first run, which fails where it cannot be made.
 */
export function makeCollector(config: CollectorConfig, tools: CollectorTools): Collector {
  const { name } = config;
  const { plugin } = config.definition;
  const log = tools.log.child(plugin === undefined ? { collector: name } : { collector: name, plugin: plugin.file });
  const own = { ...tools, log };
  return config.isolation === undefined ? makeHere(config, own) : makeIsolated(config, config.isolation, own);
}

function makeIsolated(
  { definition, maxSeries }: CollectorConfig,
  { origin, memoryLimit, given }: Isolation,
  { system, clock, log, keeper }: CollectorTools,
): Collector {
  const options = JSON.parse(given.reveal()) as unknown;
  const setUp = { type: 'set-up', collector: definition.name, origin, options, paths: system.paths } as const;
  return new IsolatedCollector({ setUp, maxSeries, memoryLimit, clock, log, keeper });
}

function makeHere(
  { name, definition, options }: CollectorConfig,
  { system, log, instrumentSets }: CollectorTools,
): Collector {
  const { plugin } = definition;
  let instruments: InstrumentSet | undefined;
  const endInstruments = (): void => {
    if (instruments !== undefined) instrumentSets.close(instruments);
  };
  try {
    const collector = definition.create(options as never, {
      system,
      log,
      get instruments() {
        return (instruments ??= instrumentSets.open({ kind: 'collector', name }));
      },
    });
    if (typeof collector?.collect !== 'function') throw new Error('create returned nothing that can collect');
    return {
      // Bound, not wrapped: how many parameters it takes says whether it heeds the signal.
      collect: collector.collect.bind(collector),
      ...(collector.about === undefined ? {} : { about: collector.about.bind(collector) }),
      close() {
        try {
          collector.close?.();
        } catch (error) {
          log.error({ err: error }, 'the collector did not close');
        }
        endInstruments();
      },
    };
  } catch (error) {
    endInstruments();
    if (plugin === undefined) throw error;
    throw new Error(`the collector ${name} of ${plugin.file} cannot be made: ${messageOf(error)}`, { cause: error });
  }
}
