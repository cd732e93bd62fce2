import { expect, test } from 'vitest';
import { infiniband, parseRate, parseState } from '../../../collectors/host/infiniband.ts';
import { NoDataError } from '../../../src/collector.ts';
import { expose, failing, systemOf } from '../../support/expose.ts';
import { sceneFolder, sceneOf } from '../../support/scene.ts';

const server = (): string => sceneFolder('rich-server', ['infiniband']);

test('reports adapters and ports, each counter where there is one', async () => {
  const scrape = await expose(infiniband, server());

  expect(scrape).toContain('# HELP node_infiniband_rate_bytes_per_second Maximum signal transfer rate\n');
  expect(scrape.match(/^# TYPE .* gauge$/gm)).toEqual([
    '# TYPE node_infiniband_info gauge',
    '# TYPE node_infiniband_lifespan_seconds gauge',
    '# TYPE node_infiniband_physical_state_id gauge',
    '# TYPE node_infiniband_rate_bytes_per_second gauge',
    '# TYPE node_infiniband_state_id gauge',
  ]);
  expect(scrape.match(/^node.*$/gm)).toEqual([
    'node_infiniband_info{board_id="MT_0000000010",device="mlx5_0",firmware_version="20.31.1014",hca_type="MT4123"} 1',
    'node_infiniband_info{board_id="",device="rocep1s0",firmware_version="1.70",hca_type=""} 1',
    'node_infiniband_legacy_data_received_bytes_total{device="mlx5_0",port="1"} 12',
    'node_infiniband_lifespan_seconds{device="mlx5_0",port="1"} 0.01',
    'node_infiniband_link_downed_total{device="mlx5_0",port="1"} 1',
    'node_infiniband_out_of_buffer_drops_total{device="mlx5_0",port="1"} 9',
    'node_infiniband_physical_state_id{device="mlx5_0",port="1"} 5',
    'node_infiniband_physical_state_id{device="mlx5_0",port="2"} 3',
    'node_infiniband_port_data_received_bytes_total{device="mlx5_0",port="1"} 18446744073709552000',
    'node_infiniband_port_data_transmitted_bytes_total{device="mlx5_0",port="1"} 106036453180',
    'node_infiniband_port_packets_received_total{device="mlx5_0",port="1"} 87169372',
    'node_infiniband_rate_bytes_per_second{device="mlx5_0",port="1"} 25000000000',
    'node_infiniband_rate_bytes_per_second{device="mlx5_0",port="2"} 312500000',
    'node_infiniband_state_id{device="mlx5_0",port="1"} 4',
    'node_infiniband_state_id{device="mlx5_0",port="2"} 1',
    'node_infiniband_symbol_error_total{device="mlx5_0",port="1"} 2',
  ]);
});

test.each([
  [{ device_include: '^roce' }, 'rocep1s0'],
  [{ device_exclude: '^roce' }, 'mlx5_0'],
])('%j chooses devices by name', async (options, device) => {
  const scrape = await expose(infiniband, server(), options);

  expect(new Set(scrape.match(/device="[^"]*"/g))).toEqual(new Set([`device="${device}"`]));
});

test('what cannot be read is left out alone', async () => {
  const system = systemOf(server());
  const sys = failing(system.sys, {
    'class/infiniband/mlx5_0/ports/1/state': 'EIO',
    'class/infiniband/mlx5_0/ports/1/counters/link_downed': 'EINVAL',
  });
  const scrape = await expose(infiniband, { ...system, sys });

  expect(scrape.match(/^node_infiniband_(?:state_id|link_downed|symbol).*$/gm)).toEqual([
    'node_infiniband_state_id{device="mlx5_0",port="2"} 1',
    'node_infiniband_symbol_error_total{device="mlx5_0",port="1"} 2',
  ]);
});

test('a host without InfiniBand has no data, and one without adapters nothing to report', async () => {
  await expect(expose(infiniband, sceneOf(''))).rejects.toThrow(NoDataError);
  expect(await expose(infiniband, sceneOf('=/ sys/class/infiniband'))).toBe('');
});

test.each(['', 'ACTIVE', '4', undefined])('%j is no state', (text) => {
  expect(parseState(text)).toBeUndefined();
});

test.each(['', '100', 'fast Gb/sec', undefined])('%j is no rate', (text) => {
  expect(parseRate(text)).toBeUndefined();
});
