/**
 * TCP sockets by the state of their connection, and the bytes in their queues.
 *
 * Source  /proc/net/tcp and /proc/net/tcp6 (Documentation/networking/proc_net_tcp.rst), the latter absent without IPv6.
 * Labels  state: a state of TCP in lower case, or `rx_queued_bytes` and `tx_queued_bytes`.
 * Quirks  The kernel hands these files out by the page while connections come and go, so totals of a busy host are near
 *         rather than exact. For a listener the queue to receive is the number of connections to accept, not bytes.
 */
import { defineCollector, gauge } from '../../src/collector.ts';
import { z } from '../../src/config/schema.ts';
import { addSockets, noSockets } from './socket-table.ts';

const connectionStates = gauge('node_tcp_connection_states', 'Number of connection states.', ['state']);

// In the order of include/net/tcp_states.h, which starts at 1.
const states = [
  'established',
  'syn_sent',
  'syn_recv',
  'fin_wait1',
  'fin_wait2',
  'time_wait',
  'close',
  'close_wait',
  'last_ack',
  'listen',
  'closing',
];

export const tcpstat = defineCollector({
  name: 'tcpstat',
  summary: 'TCP sockets by state, and the bytes in their queues.',
  source: '/proc/net/tcp, /proc/net/tcp6',
  differences: [
    'A state without sockets is reported as 0, where node_exporter leaves it out.',
    'Reads the text tables where node_exporter asks by netlink, which counts the backlog of listeners as bytes to send.',
  ],
  enabled: false,
  schedule: '15s',
  families: [connectionStates],
  config: z.strictObject({}),
  create(_config, { system }) {
    const { proc } = system;
    return {
      collect() {
        const totals = noSockets();
        addSockets('net/tcp', proc.read('net/tcp'), totals);
        const ofVersion6 = proc.readIfPresent('net/tcp6');
        if (ofVersion6 !== undefined) addSockets('net/tcp6', ofVersion6, totals);
        return [
          ...states.map((state, index) => connectionStates.sample(totals.byState.get(index + 1) ?? 0, { state })),
          connectionStates.sample(totals.receiveQueue, { state: 'rx_queued_bytes' }),
          connectionStates.sample(totals.sendQueue, { state: 'tx_queued_bytes' }),
        ];
      },
    };
  },
});
