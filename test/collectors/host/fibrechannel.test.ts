import { expect, test } from 'vitest';
import { fibrechannel, parseStatistic } from '../../../collectors/host/fibrechannel.ts';
import { NoDataError } from '../../../src/collector.ts';
import { expose, failing, systemOf } from '../../support/expose.ts';
import { sceneFolder, sceneOf } from '../../support/scene.ts';

const server = (): string => sceneFolder('rich-server', ['fibrechannel']);

test('reports the port and what its driver counts', async () => {
  const scrape = await expose(fibrechannel, server());

  expect(scrape).toMatch(
    /^# HELP node_fibrechannel_error_frames_total Number of errors in frames\n# TYPE \S+ counter\n/,
  );
  expect(scrape.match(/^node.*$/gm)).toEqual([
    'node_fibrechannel_error_frames_total{fc_host="host1"} 0',
    'node_fibrechannel_fcp_packet_aborts_total{fc_host="host1"} 19',
    'node_fibrechannel_info{dev_loss_tmo="30",fabric_name="100050eb1a2b3c4d",fc_host="host1",port_id="000002",port_name="1000e0071bce95f2",port_state="Online",port_type="NPort (fabric via point-to-point)",speed="16 Gbit",supported_classes="Class 3",supported_speeds="4 Gbit, 8 Gbit, 16 Gbit",symbolic_name="Emulex 16G FC Adapter"} 1',
    'node_fibrechannel_invalid_crc_total{fc_host="host1"} 2',
    'node_fibrechannel_invalid_tx_words_total{fc_host="host1"} 8',
    'node_fibrechannel_link_failure_total{fc_host="host1"} 9',
    'node_fibrechannel_loss_of_signal_total{fc_host="host1"} 17',
    'node_fibrechannel_loss_of_sync_total{fc_host="host1"} 16',
    'node_fibrechannel_nos_total{fc_host="host1"} 18',
    'node_fibrechannel_rx_frames_total{fc_host="host1"} 3',
    'node_fibrechannel_rx_words_total{fc_host="host1"} 4',
    'node_fibrechannel_seconds_since_last_reset_total{fc_host="host1"} 7',
    'node_fibrechannel_tx_frames_total{fc_host="host1"} 5',
    'node_fibrechannel_tx_words_total{fc_host="host1"} 6',
  ]);
});

test('what cannot be read is left out alone', async () => {
  const system = systemOf(server());
  const sys = failing(system.sys, {
    'class/fc_host/host1/speed': 'EINVAL',
    'class/fc_host/host1/statistics/tx_words': 'EIO',
  });
  const scrape = await expose(fibrechannel, { ...system, sys });

  expect(scrape).toContain(',speed="",');
  expect(scrape).not.toContain('node_fibrechannel_tx_words');
  expect(scrape).toContain('node_fibrechannel_tx_frames_total{fc_host="host1"} 5');
});

test('a host without adapters has no data, and one without ports nothing to report', async () => {
  await expect(expose(fibrechannel, sceneOf(''))).rejects.toThrow(NoDataError);
  expect(await expose(fibrechannel, sceneOf('=/ sys/class/fc_host'))).toBe('');
});

test.each([
  ['0xffffffffffffffff', undefined],
  ['0xFFFFFFFFFFFFFFFF', undefined],
  ['18446744073709551615', undefined],
  ['0xfffffffffffffffe', 2 ** 64],
  ['0x', undefined],
  ['12', 12],
  ['', undefined],
])('reads the statistic %j as %j', (text, value) => {
  expect(parseStatistic(text)).toBe(value);
});
