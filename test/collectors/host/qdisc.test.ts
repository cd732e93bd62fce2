import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { parseListing, parseRecording, qdisc } from '../../../collectors/host/qdisc.ts';
import { expose, text } from '../../support/expose.ts';
import { sceneOf } from '../../support/scene.ts';

const counts = { bytes: 876480, packets: 6009, drops: 1, overlimits: 2, requeues: 3, backlog: 4, qlen: 5 };
const listing = JSON.stringify([
  { kind: 'noqueue', handle: '0:', dev: 'lo', root: true, refcnt: 2, options: {} },
  { kind: 'mq', handle: '8001:', dev: 'eth0', root: true, options: {}, ...counts },
  { kind: 'fq_codel', handle: '0:', dev: 'eth0', parent: '8001:1', options: { limit: 10240 }, ...counts },
]);

const pathBefore = process.env['PATH'];
afterEach(() => {
  process.env['PATH'] = pathBefore;
});

/** Makes `tc` a program that writes the given text. */
function tcWrites(output: string): void {
  const folder = sceneOf(`=!= answer\n${output}\n`);
  writeFileSync(join(folder, 'tc'), `#!/bin/sh\n[ "$*" = "-s -j qdisc" ] && cat ${folder}/answer\n`);
  chmodSync(join(folder, 'tc'), 0o755);
  process.env['PATH'] = `${folder}:${pathBefore}`;
}

test('reports the discipline at the root of each device', async () => {
  tcWrites(listing);
  const scrape = await expose(qdisc, sceneOf(''));

  expect(scrape).toBe(text`
    # HELP node_qdisc_backlog Number of bytes currently in queue to be sent.
    # TYPE node_qdisc_backlog gauge
    node_qdisc_backlog{device="lo",kind="noqueue"} 0
    node_qdisc_backlog{device="eth0",kind="mq"} 4
    # HELP node_qdisc_bytes_total Number of bytes sent.
    # TYPE node_qdisc_bytes_total counter
    node_qdisc_bytes_total{device="lo",kind="noqueue"} 0
    node_qdisc_bytes_total{device="eth0",kind="mq"} 876480
    # HELP node_qdisc_current_queue_length Number of packets currently in queue to be sent.
    # TYPE node_qdisc_current_queue_length gauge
    node_qdisc_current_queue_length{device="lo",kind="noqueue"} 0
    node_qdisc_current_queue_length{device="eth0",kind="mq"} 5
    # HELP node_qdisc_drops_total Number of packets dropped.
    # TYPE node_qdisc_drops_total counter
    node_qdisc_drops_total{device="lo",kind="noqueue"} 0
    node_qdisc_drops_total{device="eth0",kind="mq"} 1
    # HELP node_qdisc_overlimits_total Number of overlimit packets.
    # TYPE node_qdisc_overlimits_total counter
    node_qdisc_overlimits_total{device="lo",kind="noqueue"} 0
    node_qdisc_overlimits_total{device="eth0",kind="mq"} 2
    # HELP node_qdisc_packets_total Number of packets sent.
    # TYPE node_qdisc_packets_total counter
    node_qdisc_packets_total{device="lo",kind="noqueue"} 0
    node_qdisc_packets_total{device="eth0",kind="mq"} 6009
    # HELP node_qdisc_requeues_total Number of packets dequeued, not transmitted, and requeued.
    # TYPE node_qdisc_requeues_total counter
    node_qdisc_requeues_total{device="lo",kind="noqueue"} 0
    node_qdisc_requeues_total{device="eth0",kind="mq"} 3
  `);
});

test.each([
  ['device_include', ['eth0']],
  ['device_exclude', ['lo']],
  ['qdisk_device_include', ['eth0']],
  ['qdisk_device_exclude', ['lo']],
])('%s chooses devices by name', async (option, devices) => {
  tcWrites(listing);
  const scrape = await expose(qdisc, sceneOf(''), { [option]: '^eth' });

  expect(Array.from(scrape.matchAll(/^node_qdisc_bytes_total\{device="([^"]*)"/gm), ([, name]) => name)).toEqual(
    devices,
  );
});

test('fixtures names a folder with a recording', async () => {
  const recording = [
    { IfaceName: 'wlan0', Parent: 0, Handle: 0, Kind: 'mq', Bytes: 42, Packets: 3, Qlen: 7 },
    { IfaceName: 'wlan0', Parent: 1, Kind: 'fq' },
  ];
  const folder = sceneOf(`== results.json\n${JSON.stringify(recording)}\n`);
  const scrape = await expose(qdisc, folder, { fixtures: folder });

  expect(scrape.match(/^node.*$/gm)).toEqual([
    'node_qdisc_backlog{device="wlan0",kind="mq"} 0',
    'node_qdisc_bytes_total{device="wlan0",kind="mq"} 42',
    'node_qdisc_current_queue_length{device="wlan0",kind="mq"} 7',
    'node_qdisc_drops_total{device="wlan0",kind="mq"} 0',
    'node_qdisc_overlimits_total{device="wlan0",kind="mq"} 0',
    'node_qdisc_packets_total{device="wlan0",kind="mq"} 3',
    'node_qdisc_requeues_total{device="wlan0",kind="mq"} 0',
  ]);
});

test.each(['', '[{"kind":"mq"', '{}', '[{"kind":"mq","bytes":"many"}]'])('refuses the output %j', (torn) => {
  expect(() => parseListing(torn)).toThrow(/^tc: /);
  expect(() => parseRecording(torn === '' ? '' : '{}')).toThrow(/^results\.json: /);
});
