/**
 * Memory that UDP datagrams take while they wait to be sent or to be read.
 *
 * Source  /proc/net/udp and /proc/net/udp6 (net/ipv4/udp.c), one line per socket; either may be absent.
 * Units   bytes, the bookkeeping of the kernel's buffers included.
 * Labels  queue: tx or rx; ip: v4 or v6.
 */
import { defineCollector, gauge, NoDataError, type Sample } from '../../src/collector.ts';
import { z } from '../../src/config/schema.ts';
import { addSockets, noSockets } from './socket-table.ts';

const queues = gauge('node_udp_queues', 'Number of allocated memory in the kernel for UDP datagrams in bytes.', [
  'queue',
  'ip',
]);

const tables = [
  { file: 'net/udp', ip: 'v4' },
  { file: 'net/udp6', ip: 'v6' },
];

export const udpQueues = defineCollector({
  name: 'udp_queues',
  summary: 'Memory of queued UDP datagrams.',
  source: '/proc/net/udp, /proc/net/udp6',
  enabled: true,
  families: [queues],
  config: z.strictObject({}),
  create(_config, { system }) {
    const { proc } = system;
    return {
      collect() {
        const samples: Sample[] = [];
        for (const { file, ip } of tables) {
          const table = proc.readIfPresent(file);
          if (table === undefined) continue;
          const totals = noSockets();
          addSockets(file, table, totals);
          samples.push(queues.sample(totals.sendQueue, { queue: 'tx', ip }));
          samples.push(queues.sample(totals.receiveQueue, { queue: 'rx', ip }));
        }
        if (samples.length === 0) throw new NoDataError('neither /proc/net/udp nor /proc/net/udp6 exists');
        return samples;
      },
    };
  },
});
