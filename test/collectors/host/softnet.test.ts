import { expect, test } from 'vitest';
import { softnet } from '../../../collectors/host/softnet.ts';
import { expose, start, text } from '../../support/expose.ts';
import { sceneFolder, sceneOf } from '../../support/scene.ts';

test('reports each CPU under its own number', async () => {
  const scrape = await expose(softnet, sceneFolder('rich-server', ['softnet']));

  expect(scrape).toBe(text`
    # HELP node_softnet_backlog_len Softnet backlog status
    # TYPE node_softnet_backlog_len gauge
    node_softnet_backlog_len{cpu="0"} 9
    node_softnet_backlog_len{cpu="2"} 0
    # HELP node_softnet_cpu_collision_total Number of collision occur while obtaining device lock while transmitting
    # TYPE node_softnet_cpu_collision_total counter
    node_softnet_cpu_collision_total{cpu="0"} 3
    node_softnet_cpu_collision_total{cpu="2"} 0
    # HELP node_softnet_dropped_total Number of dropped packets
    # TYPE node_softnet_dropped_total counter
    node_softnet_dropped_total{cpu="0"} 7
    node_softnet_dropped_total{cpu="2"} 0
    # HELP node_softnet_flow_limit_count_total Number of times flow limit has been reached
    # TYPE node_softnet_flow_limit_count_total counter
    node_softnet_flow_limit_count_total{cpu="0"} 5
    node_softnet_flow_limit_count_total{cpu="2"} 0
    # HELP node_softnet_processed_total Number of processed packets
    # TYPE node_softnet_processed_total counter
    node_softnet_processed_total{cpu="0"} 123456
    node_softnet_processed_total{cpu="2"} 4294967295
    # HELP node_softnet_received_rps_total Number of times cpu woken up received_rps
    # TYPE node_softnet_received_rps_total counter
    node_softnet_received_rps_total{cpu="0"} 42
    node_softnet_received_rps_total{cpu="2"} 0
    # HELP node_softnet_times_squeezed_total Number of times processing packets ran out of quota
    # TYPE node_softnet_times_squeezed_total counter
    node_softnet_times_squeezed_total{cpu="0"} 18
    node_softnet_times_squeezed_total{cpu="2"} 0
  `);
});

test.each([
  [9, ['processed_total', 'dropped_total', 'times_squeezed_total', 'cpu_collision_total']],
  [
    11,
    [
      'processed_total',
      'dropped_total',
      'times_squeezed_total',
      'cpu_collision_total',
      'received_rps_total',
      'flow_limit_count_total',
    ],
  ],
])('a kernel with %i columns tells less, and counts CPUs by line', async (columns, names) => {
  const line = Array.from({ length: columns }, () => '00000001').join(' ');
  const exposed = start(softnet, sceneOf(`== proc/net/softnet_stat\n${line}\n${line}`));
  const samples = [...(await exposed.collect())];
  exposed.close();

  expect(samples.map(({ family }) => family.name.replace('node_softnet_', ''))).toEqual([...names, ...names]);
  expect(new Set(samples.map(({ labels }) => labels?.cpu))).toEqual(new Set(['0', '1']));
});

test('says which file is missing', async () => {
  await expect(expose(softnet, sceneOf(''))).rejects.toMatchObject({ code: 'SOURCE_MISSING' });
});

test.each(['00000001 00000002', '1 2 3 4 5 6 7 8 x'])('refuses a torn line: %j', async (torn) => {
  await expect(expose(softnet, sceneOf(`== proc/net/softnet_stat\n${torn}`))).rejects.toThrow(/softnet_stat/);
});
