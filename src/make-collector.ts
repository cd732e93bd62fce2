/** A collector out of its definition and its options, whoever wrote it. */
import type { AnyCollector, Collector } from './collector.ts';
import { messageOf } from './errors.ts';
import type { InstrumentSets } from './instrument-sets.ts';
import type { InstrumentSet } from './instruments.ts';
import type { Logger } from './log.ts';
import type { System } from './system/index.ts';

/** What collectors are made with. */
export interface CollectorTools {
  readonly system: System;
  readonly log: Logger;
  readonly instrumentSets: InstrumentSets;
}

/** Makes a collector; throws where its definition does, or gives something else. */
export function makeCollector(
  definition: AnyCollector,
  options: object,
  { system, log: daemonLog, instrumentSets }: CollectorTools,
): Collector {
  const { name, plugin } = definition;
  const log = daemonLog.child(plugin === undefined ? { collector: name } : { collector: name, plugin: plugin.file });
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
