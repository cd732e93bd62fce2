import { expect, test } from 'vitest';
import { tcpstat } from '../../../collectors/host/tcpstat.ts';
import { expose, text } from '../../support/expose.ts';
import { sceneFolder, sceneOf } from '../../support/scene.ts';

test('counts the sockets of both versions of IP by state', async () => {
  const scrape = await expose(tcpstat, sceneFolder('rich-server', ['tcpstat']));

  expect(scrape).toBe(text`
    # HELP node_tcp_connection_states Number of connection states.
    # TYPE node_tcp_connection_states gauge
    node_tcp_connection_states{state="established"} 2
    node_tcp_connection_states{state="syn_sent"} 0
    node_tcp_connection_states{state="syn_recv"} 0
    node_tcp_connection_states{state="fin_wait1"} 0
    node_tcp_connection_states{state="fin_wait2"} 0
    node_tcp_connection_states{state="time_wait"} 1
    node_tcp_connection_states{state="close"} 0
    node_tcp_connection_states{state="close_wait"} 1
    node_tcp_connection_states{state="last_ack"} 0
    node_tcp_connection_states{state="listen"} 2
    node_tcp_connection_states{state="closing"} 0
    node_tcp_connection_states{state="rx_queued_bytes"} 259
    node_tcp_connection_states{state="tx_queued_bytes"} 17
  `);
});

test('a kernel without IPv6 has no tcp6', async () => {
  const scrape = await expose(tcpstat, sceneOf('== proc/net/tcp\n  sl  local_address\n'));

  expect(scrape).toContain('node_tcp_connection_states{state="listen"} 0\n');
});

test('says which file is missing', async () => {
  await expect(expose(tcpstat, sceneOf(''))).rejects.toMatchObject({ code: 'SOURCE_MISSING' });
});
