/** `vitald collectors`: every collector, on or off. */
import { loadConfig } from '../config/load.ts';
import type { CommandContext } from './context.ts';
import { table } from './table.ts';

/** Lists the collectors with their schedules. */
export async function listCollectors({ registry, input, out }: CommandContext): Promise<number> {
  const config = await loadConfig(input, registry);
  const on = new Map(config.collectors.map((collector) => [collector.definition.name, collector]));
  const { portable, collectors } = config.registry;
  const definitions = config.source === 'portable' ? [...portable, ...collectors] : collectors;
  const unique = [...new Map(definitions.toReversed().map((definition) => [definition.name, definition])).values()];
  const rows = unique
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
    .map(({ name, summary }) => {
      const collector = on.get(name);
      const state = collector === undefined ? 'off' : collector.isolation === undefined ? 'on' : 'on, isolated';
      return [name, state, collector?.schedule.source ?? '', summary];
    });
  out(table(['collector', 'state', 'schedule', 'what it reports'], rows));
  return 0;
}
