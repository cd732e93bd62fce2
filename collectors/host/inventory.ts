/**
 * What the machine is made of: hardware, operating system, processors, memory modules, graphics, disks and batteries.
 *
 * Source  systeminformation, which asks files, firmware and commands such as lsblk, lspci and dmidecode; many answer in
 *         part without root. Facts are info metrics with the value 1; an empty label says that the fact is not known.
 * Labels  bounded by the hardware: slots and devices of this machine. Serial numbers and UUIDs are left out unless the
 *         option asks for them.
 * Quirks  Each part is taken by itself, and one that fails or hangs costs that part only: vitald_inventory_part_success
 *         says which ones came.
 */
import { CollectError, defineCollector, gauge, type CollectorDefinition, type Sample } from '../../src/collector.ts';
import { z } from '../../src/config/schema.ts';
import { hostSysinfo, type Sysinfo } from '../../src/system/sysinfo.ts';
import { messageOf } from '../../src/errors.ts';
import { familiesOfParts, parts, type Part } from './inventory/parts.ts';

const success = gauge('vitald_inventory_part_success', 'Whether this part of the inventory could be taken.', ['part']);

// Parts are asked one after the other, as each starts processes. One that takes longer goes on beside the next ones, and
// what has not answered at the end is given up.
const patienceMs = 2_000;
const endMs = 25_000;

const options = z.strictObject({
  serials: z
    .boolean()
    .default(false)
    .describe('Whether labels may hold serial numbers and UUIDs of hardware, operating system and disks.'),
});

/** The collector on a source. */
export function inventoryOf(sysinfo: Sysinfo): CollectorDefinition<typeof options> {
  return defineCollector({
    name: 'inventory',
    summary: 'Hardware and operating system as info metrics, and the state of batteries.',
    source: 'systeminformation',
    enabled: true,
    schedule: '1h',
    timeout: '30s',
    families: [success, ...familiesOfParts],
    config: options,
    create({ serials }, { system, log }) {
      /** Resolves after some time. */
      const after = (ms: number): Promise<void> =>
        new Promise((resolve) => {
          system.clock.after(ms, resolve);
        });

      return {
        async collect(signal) {
          const giveUp = new AbortController();
          const end = after(endMs);
          const patience = AbortSignal.any([signal, giveUp.signal]);
          const found = new Map<string, readonly Sample[]>();

          async function take(part: Part): Promise<void> {
            try {
              found.set(part.name, await part.take({ ask: (question) => sysinfo.ask(question, patience), serials }));
            } catch (error) {
              log.debug({ part: part.name, error: messageOf(error) }, 'a part of the inventory could not be taken');
            }
          }

          const underWay: Promise<void>[] = [];
          for (const part of parts) {
            const taking = take(part);
            underWay.push(taking);
            await Promise.race([taking, after(patienceMs)]);
          }
          await Promise.race([Promise.all(underWay), end]);
          const samples = [
            ...parts.map(({ name }) => success.sample(found.has(name) ? 1 : 0, { part: name })),
            ...[...found.values()].flat(),
          ];
          giveUp.abort(new CollectError('TIMEOUT', `did not answer within ${endMs} ms`));
          return samples;
        },
      };
    },
  });
}

/** The machine that this process runs on. */
export const inventory = inventoryOf(hostSysinfo);
