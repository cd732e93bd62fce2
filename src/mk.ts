/** From a collector of the config to one that runs: in the daemon, or in a process of its own. */
import type { Clock } from './clock.ts';
import type { Collector } from './collector.ts';
import type { CollectorConfig } from './config/config.ts';
import { IsolatedCollector } from './isolation/parent.ts';
import type { Logger } from './log.ts';
import type { System } from './system/index.ts';

/** What collectors are made with. */
export interface CollectorTools {
  readonly system: System;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Makes it. What throws while it is made throws here, or in the first run of one that is isolated. */
export function makeCollector(config: CollectorConfig, { system, clock, log: logOfAll }: CollectorTools): Collector {
  const { definition, options, isolation, maxSeries } = config;
  const { name } = definition;
  const log = logOfAll.child({ collector: name });
  if (isolation === undefined) return definition.create(options as never, { system, log });
  const { origin, memoryLimit, given } = isolation;
  const setUp = {
    type: 'set-up',
    collector: name,
    origin,
    options: JSON.parse(given.reveal()) as unknown,
    paths: system.paths,
  } as const;
  return new IsolatedCollector({ setUp, maxSeries, memoryLimit, clock, log });
}
