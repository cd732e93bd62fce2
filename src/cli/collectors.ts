/** `vitald collectors`: every collector, on or off. */
import type { CollectorConfig } from '../config/config.ts';
import { loadConfig } from '../config/load.ts';
import type { CommandContext } from './context.ts';
import { table } from './table.ts';

/** Lists the collectors with their schedules. */
export async function listCollectors({ registry, input, out }: CommandContext): Promise<number> {
  const config = await loadConfig(input, registry);
  const on = new Map<string, CollectorConfig[]>();
  for (const collector of config.collectors) {
    const { name } = collector.definition;
    on.set(name, [...(on.get(name) ?? []), collector]);
  }
  const { portable, collectors } = config.registry;
  const definitions = config.source === 'portable' ? [...portable, ...collectors] : collectors;
  const unique = [...new Map(definitions.toReversed().map((definition) => [definition.name, definition])).values()];
  const rows = unique
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
    .map(({ name, summary }) => {
      const [first, ...others] = on.get(name) ?? [];
      if (first === undefined) return [name, 'off', '', summary];
      const schedules = new Set([first, ...others].map(({ schedule }) => schedule.source));
      return [name, first.isolation === undefined ? 'on' : 'on, isolated', [...schedules].join(', '), summary];
    });
  out(table(['collector', 'state', 'schedule', 'what it reports'], rows));
  return 0;
}
