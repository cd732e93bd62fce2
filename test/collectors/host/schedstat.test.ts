import { expect, test } from 'vitest';
import { schedstat } from '../../../collectors/host/schedstat.ts';
import { expose, text, tornSystemOf } from '../../support/expose.ts';
import { sceneFolder, sceneOf } from '../../support/scene.ts';

test('reports running, waiting and timeslices of each CPU', async () => {
  const scrape = await expose(schedstat, sceneFolder('rich-server', ['schedstat']));

  expect(scrape).toBe(text`
    # HELP node_schedstat_running_seconds_total Number of seconds CPU spent running a process.
    # TYPE node_schedstat_running_seconds_total counter
    node_schedstat_running_seconds_total{cpu="0"} 9007199.254740993
    node_schedstat_running_seconds_total{cpu="1"} 8807199.254740123
    node_schedstat_running_seconds_total{cpu="2"} 1.23e-7
    node_schedstat_running_seconds_total{cpu="3"} 0
    # HELP node_schedstat_timeslices_total Number of timeslices executed by CPU.
    # TYPE node_schedstat_timeslices_total counter
    node_schedstat_timeslices_total{cpu="0"} 12033445
    node_schedstat_timeslices_total{cpu="1"} 11033441
    node_schedstat_timeslices_total{cpu="2"} 1
    node_schedstat_timeslices_total{cpu="3"} 0
    # HELP node_schedstat_waiting_seconds_total Number of seconds spent by processing waiting for this CPU.
    # TYPE node_schedstat_waiting_seconds_total counter
    node_schedstat_waiting_seconds_total{cpu="0"} 1203.344557788
    node_schedstat_waiting_seconds_total{cpu="1"} 1103.344557001
    node_schedstat_waiting_seconds_total{cpu="2"} 0
    node_schedstat_waiting_seconds_total{cpu="3"} 0
  `);
});

test('takes no number from a line that is cut short or has garbage', async () => {
  const lines = [
    'cpu0 0 0 0 0 0 0 1 2',
    'cpu1 0 0 0 0 0 0 1 x 3',
    'cpu2 0 0 0 0 0 0 2000000000 0 5',
    'cpu3 0 0 0 0 0 0 1 2 3',
  ];
  const scrape = await expose(schedstat, tornSystemOf(sceneOf(`=!= proc/schedstat\n${lines.join('\n')}`)));

  expect(scrape.match(/^node_.*/gm)).toEqual([
    'node_schedstat_running_seconds_total{cpu="2"} 2',
    'node_schedstat_timeslices_total{cpu="2"} 5',
    'node_schedstat_waiting_seconds_total{cpu="2"} 0',
  ]);
});

test('refuses a file without a CPU', async () => {
  await expect(expose(schedstat, sceneOf('== proc/schedstat\nversion 15'))).rejects.toMatchObject({
    code: 'SOURCE_MALFORMED',
  });
});

test('says which file is missing', async () => {
  await expect(expose(schedstat, sceneOf(''))).rejects.toMatchObject({ code: 'SOURCE_MISSING' });
});
