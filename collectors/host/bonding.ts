/**
 * How many links each bonded network device has, and how many of them work.
 *
 * Source  /sys/class/net/bonding_masters names the bonds; MASTER/bonding/slaves names the links of one; the state of a
 *         link is in MASTER/lower_LINK/bonding_slave/mii_status, `slave_LINK` before Linux 3.17
 *         (Documentation/networking/bonding.rst).
 * Labels  master: the bonded device.
 */
import { defineCollector, gauge, NoDataError } from '../../src/collector.ts';
import { z } from '../../src/config/schema.ts';
import { words } from '../../src/system/numbers.ts';

const slaves = gauge('node_bonding_slaves', 'Number of configured slaves per bonding interface.', ['master']);
const active = gauge('node_bonding_active', 'Number of active slaves per bonding interface.', ['master']);

export const bonding = defineCollector({
  name: 'bonding',
  summary: 'Configured and working links of each bonded network device.',
  source: '/sys/class/net/*/bonding',
  differences: ['A bond that cannot be read is left out alone, where node_exporter fails as a whole.'],
  enabled: true,
  families: [slaves, active],
  config: z.strictObject({}),
  create(_config, { system }) {
    const { sys } = system;
    return {
      collect() {
        const masters = sys.attribute('class/net/bonding_masters');
        if (masters === undefined) throw new NoDataError('the bonding driver is not loaded');
        return words(masters).flatMap((master) => {
          const folder = `class/net/${master}`;
          const listed = sys.attribute(`${folder}/bonding/slaves`);
          if (listed === undefined) return [];
          const links = words(listed);
          const states = links.map(
            (link) =>
              sys.attribute(`${folder}/lower_${link}/bonding_slave/mii_status`) ??
              sys.attribute(`${folder}/slave_${link}/bonding_slave/mii_status`),
          );
          const configured = slaves.sample(links.length, { master });
          // A link of unknown state would make the count too low.
          if (states.includes(undefined)) return [configured];
          return [configured, active.sample(states.filter((state) => state === 'up').length, { master })];
        });
      },
    };
  },
});
