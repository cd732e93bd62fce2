import { expect, test } from 'vitest';
import { udpQueues } from '../../../collectors/host/udp-queues.ts';
import { expose, text } from '../../support/expose.ts';
import { sceneFolder, sceneOf } from '../../support/scene.ts';

test('adds up the queues of all sockets', async () => {
  const scrape = await expose(udpQueues, sceneFolder('rich-server', ['udp_queues']));

  expect(scrape).toBe(text`
    # HELP node_udp_queues Number of allocated memory in the kernel for UDP datagrams in bytes.
    # TYPE node_udp_queues gauge
    node_udp_queues{ip="v4",queue="tx"} 768
    node_udp_queues{ip="v4",queue="rx"} 214400
    node_udp_queues{ip="v6",queue="tx"} 0
    node_udp_queues{ip="v6",queue="rx"} 576
  `);
});

test('either version of IP may be absent', async () => {
  const scrape = await expose(udpQueues, sceneOf('== proc/net/udp6\n  sl  local_address\n'));

  expect(scrape.match(/^[^#].*$/gm)).toEqual([
    'node_udp_queues{ip="v6",queue="tx"} 0',
    'node_udp_queues{ip="v6",queue="rx"} 0',
  ]);
});

test('a host without UDP has nothing to report', async () => {
  await expect(expose(udpQueues, sceneOf(''))).rejects.toThrow(/neither/);
});
