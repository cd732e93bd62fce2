/**
 * Control groups: how many there are for each controller, and which controllers are on.
 *
 * Source  /proc/cgroups (Documentation/admin-guide/cgroup-v1/cgroups.rst): controller, hierarchy, groups, enabled.
 * Labels  subsys_name: the controller, such as "memory".
 * Quirks  With cgroup v2 all controllers share one hierarchy, so the counts are alike.
 */
import { defineCollector, gauge, malformed } from '../../src/collector.ts';
import { z } from '../../src/config/schema.ts';
import { lines, unsigned, words } from '../../src/system/numbers.ts';

// Both have the same help in node_exporter.
const help = 'Current cgroup number of the subsystem.';
const groups = gauge('node_cgroups_cgroups', help, ['subsys_name']);
const enabled = gauge('node_cgroups_enabled', help, ['subsys_name']);

export const cgroups = defineCollector({
  name: 'cgroups',
  summary: 'Control groups: how many there are for each controller, and which controllers are on.',
  source: '/proc/cgroups',
  enabled: false,
  families: [groups, enabled],
  config: z.strictObject({}),
  create(_config, { system }) {
    return {
      collect: () =>
        parseCgroups(system.proc.text('cgroups')).flatMap((controller) => [
          groups.sample(controller.groups, { subsys_name: controller.name }),
          enabled.sample(controller.enabled, { subsys_name: controller.name }),
        ]),
    };
  },
});

interface Controller {
  readonly name: string;
  readonly groups: number;
  readonly enabled: number;
}

/** The controllers; throws `CollectError` where a line is torn. */
export function parseCgroups(text: string): Controller[] {
  return lines(text)
    .filter((line) => !line.startsWith('#'))
    .map((line) => {
      const [name, , count, on] = words(line);
      const groups = unsigned(count);
      const enabled = unsigned(on);
      if (name === undefined || groups === undefined || enabled === undefined) {
        throw malformed('cgroups', JSON.stringify(line));
      }
      return { name, groups, enabled };
    });
}
