import { expect, test } from 'vitest';
import { bcachefs, humanNumber } from '../../../collectors/host/bcachefs.ts';
import { NoDataError } from '../../../src/collector.ts';
import { expose, failing, systemOf, text } from '../../support/expose.ts';
import { sceneFolder, sceneOf } from '../../support/scene.ts';

test('reports a file system, its counters and its devices', async () => {
  expect(await expose(bcachefs, sceneFolder('rich-server', ['bcachefs']))).toBe(text`
    # HELP node_bcachefs_btree_cache_size_bytes Btree cache memory usage in bytes.
    # TYPE node_bcachefs_btree_cache_size_bytes gauge
    node_bcachefs_btree_cache_size_bytes{uuid="6d1f0a2e-8f52-4b0c-9f0e-2f7a7e1c9b11"} 549978112
    # HELP node_bcachefs_btree_node_read_total Bcachefs counter btree_node_read since filesystem creation.
    # TYPE node_bcachefs_btree_node_read_total counter
    node_bcachefs_btree_node_read_total{uuid="6d1f0a2e-8f52-4b0c-9f0e-2f7a7e1c9b11"} 285091
    # HELP node_bcachefs_btree_write_average_size_bytes Average btree write size by type.
    # TYPE node_bcachefs_btree_write_average_size_bytes gauge
    node_bcachefs_btree_write_average_size_bytes{type="initial",uuid="6d1f0a2e-8f52-4b0c-9f0e-2f7a7e1c9b11"} 110592
    node_bcachefs_btree_write_average_size_bytes{type="cache_reclaim",uuid="6d1f0a2e-8f52-4b0c-9f0e-2f7a7e1c9b11"} 34713
    node_bcachefs_btree_write_average_size_bytes{type="journal_reclaim",uuid="6d1f0a2e-8f52-4b0c-9f0e-2f7a7e1c9b11"} 30412
    # HELP node_bcachefs_btree_writes_total Number of btree writes by type.
    # TYPE node_bcachefs_btree_writes_total counter
    node_bcachefs_btree_writes_total{type="initial",uuid="6d1f0a2e-8f52-4b0c-9f0e-2f7a7e1c9b11"} 19088
    node_bcachefs_btree_writes_total{type="cache_reclaim",uuid="6d1f0a2e-8f52-4b0c-9f0e-2f7a7e1c9b11"} 541
    node_bcachefs_btree_writes_total{type="journal_reclaim",uuid="6d1f0a2e-8f52-4b0c-9f0e-2f7a7e1c9b11"} 7223
    # HELP node_bcachefs_compression_compressed_bytes Compressed size by algorithm.
    # TYPE node_bcachefs_compression_compressed_bytes gauge
    node_bcachefs_compression_compressed_bytes{algorithm="none",uuid="6d1f0a2e-8f52-4b0c-9f0e-2f7a7e1c9b11"} 12348030976
    node_bcachefs_compression_compressed_bytes{algorithm="zstd",uuid="6d1f0a2e-8f52-4b0c-9f0e-2f7a7e1c9b11"} 5368709120
    node_bcachefs_compression_compressed_bytes{algorithm="incompressible",uuid="6d1f0a2e-8f52-4b0c-9f0e-2f7a7e1c9b11"} 1374389534720
    # HELP node_bcachefs_compression_uncompressed_bytes Uncompressed size by algorithm.
    # TYPE node_bcachefs_compression_uncompressed_bytes gauge
    node_bcachefs_compression_uncompressed_bytes{algorithm="none",uuid="6d1f0a2e-8f52-4b0c-9f0e-2f7a7e1c9b11"} 12348030976
    node_bcachefs_compression_uncompressed_bytes{algorithm="zstd",uuid="6d1f0a2e-8f52-4b0c-9f0e-2f7a7e1c9b11"} 10737418240
    node_bcachefs_compression_uncompressed_bytes{algorithm="incompressible",uuid="6d1f0a2e-8f52-4b0c-9f0e-2f7a7e1c9b11"} 1374389534720
    # HELP node_bcachefs_data_write_total Bcachefs counter data_write since filesystem creation.
    # TYPE node_bcachefs_data_write_total counter
    node_bcachefs_data_write_total{uuid="6d1f0a2e-8f52-4b0c-9f0e-2f7a7e1c9b11"} 1610612736
    # HELP node_bcachefs_device_bucket_size_bytes Bucket size in bytes.
    # TYPE node_bcachefs_device_bucket_size_bytes gauge
    node_bcachefs_device_bucket_size_bytes{device="0",uuid="6d1f0a2e-8f52-4b0c-9f0e-2f7a7e1c9b11"} 524288
    node_bcachefs_device_bucket_size_bytes{device="1",uuid="6d1f0a2e-8f52-4b0c-9f0e-2f7a7e1c9b11"} 524288
    # HELP node_bcachefs_device_buckets Total number of buckets.
    # TYPE node_bcachefs_device_buckets gauge
    node_bcachefs_device_buckets{device="0",uuid="6d1f0a2e-8f52-4b0c-9f0e-2f7a7e1c9b11"} 524288
    # HELP node_bcachefs_device_durability Device durability setting.
    # TYPE node_bcachefs_device_durability gauge
    node_bcachefs_device_durability{device="0",uuid="6d1f0a2e-8f52-4b0c-9f0e-2f7a7e1c9b11"} 1
    # HELP node_bcachefs_device_info Device information.
    # TYPE node_bcachefs_device_info gauge
    node_bcachefs_device_info{device="0",label="ssd.nvme0",state="[rw] ro evacuating spare",uuid="6d1f0a2e-8f52-4b0c-9f0e-2f7a7e1c9b11"} 1
    node_bcachefs_device_info{device="1",label="",state="",uuid="6d1f0a2e-8f52-4b0c-9f0e-2f7a7e1c9b11"} 1
    # HELP node_bcachefs_device_io_done_bytes_total IO bytes by operation type and data type.
    # TYPE node_bcachefs_device_io_done_bytes_total counter
    node_bcachefs_device_io_done_bytes_total{data_type="sb",device="0",operation="read",uuid="6d1f0a2e-8f52-4b0c-9f0e-2f7a7e1c9b11"} 17408
    node_bcachefs_device_io_done_bytes_total{data_type="journal",device="0",operation="read",uuid="6d1f0a2e-8f52-4b0c-9f0e-2f7a7e1c9b11"} 0
    node_bcachefs_device_io_done_bytes_total{data_type="user",device="0",operation="read",uuid="6d1f0a2e-8f52-4b0c-9f0e-2f7a7e1c9b11"} 69523202048
    node_bcachefs_device_io_done_bytes_total{data_type="sb",device="0",operation="write",uuid="6d1f0a2e-8f52-4b0c-9f0e-2f7a7e1c9b11"} 135168
    node_bcachefs_device_io_done_bytes_total{data_type="btree",device="0",operation="write",uuid="6d1f0a2e-8f52-4b0c-9f0e-2f7a7e1c9b11"} 1234567890
    node_bcachefs_device_io_done_bytes_total{data_type="sb",device="1",operation="read",uuid="6d1f0a2e-8f52-4b0c-9f0e-2f7a7e1c9b11"} 17408
    node_bcachefs_device_io_done_bytes_total{data_type="journal",device="1",operation="read",uuid="6d1f0a2e-8f52-4b0c-9f0e-2f7a7e1c9b11"} 0
    node_bcachefs_device_io_done_bytes_total{data_type="user",device="1",operation="read",uuid="6d1f0a2e-8f52-4b0c-9f0e-2f7a7e1c9b11"} 69523202048
    node_bcachefs_device_io_done_bytes_total{data_type="sb",device="1",operation="write",uuid="6d1f0a2e-8f52-4b0c-9f0e-2f7a7e1c9b11"} 135168
    node_bcachefs_device_io_done_bytes_total{data_type="btree",device="1",operation="write",uuid="6d1f0a2e-8f52-4b0c-9f0e-2f7a7e1c9b11"} 1234567890
    # HELP node_bcachefs_device_io_errors_total IO errors by error type.
    # TYPE node_bcachefs_device_io_errors_total counter
    node_bcachefs_device_io_errors_total{device="0",type="read",uuid="6d1f0a2e-8f52-4b0c-9f0e-2f7a7e1c9b11"} 0
    node_bcachefs_device_io_errors_total{device="0",type="write",uuid="6d1f0a2e-8f52-4b0c-9f0e-2f7a7e1c9b11"} 0
    node_bcachefs_device_io_errors_total{device="0",type="checksum",uuid="6d1f0a2e-8f52-4b0c-9f0e-2f7a7e1c9b11"} 197
    node_bcachefs_device_io_errors_total{device="1",type="read",uuid="6d1f0a2e-8f52-4b0c-9f0e-2f7a7e1c9b11"} 1
    node_bcachefs_device_io_errors_total{device="1",type="write",uuid="6d1f0a2e-8f52-4b0c-9f0e-2f7a7e1c9b11"} 0
    node_bcachefs_device_io_errors_total{device="1",type="checksum",uuid="6d1f0a2e-8f52-4b0c-9f0e-2f7a7e1c9b11"} 197
    # HELP node_bcachefs_errors_total Error count by error type.
    # TYPE node_bcachefs_errors_total counter
    node_bcachefs_errors_total{error_type="btree_node_read_err",uuid="6d1f0a2e-8f52-4b0c-9f0e-2f7a7e1c9b11"} 0
    node_bcachefs_errors_total{error_type="checksum_err",uuid="6d1f0a2e-8f52-4b0c-9f0e-2f7a7e1c9b11"} 7
    # HELP node_bcachefs_info Filesystem information.
    # TYPE node_bcachefs_info gauge
    node_bcachefs_info{uuid="6d1f0a2e-8f52-4b0c-9f0e-2f7a7e1c9b11"} 1
    # HELP node_bcachefs_io_odd_name_total Bcachefs counter io-odd.name since filesystem creation.
    # TYPE node_bcachefs_io_odd_name_total counter
    node_bcachefs_io_odd_name_total{uuid="6d1f0a2e-8f52-4b0c-9f0e-2f7a7e1c9b11"} 2
  `);
});

test.each([
  ['67043', 67043],
  ['  285091 ', 285091],
  ['33.9k', 34713],
  ['1.25T', 1374389534720],
  ['5 G', 5368709120],
  ['', undefined],
  ['k', undefined],
  ['1.5x', undefined],
  [undefined, undefined],
])('reads %j', (written, expected) => {
  expect(humanNumber(written)).toBe(expected);
});

test('loses only the file that cannot be read', async () => {
  const folder = 'fs/bcachefs/6d1f0a2e-8f52-4b0c-9f0e-2f7a7e1c9b11';
  const system = systemOf(sceneFolder('rich-server', ['bcachefs']));
  const sys = failing(system.sys, {
    [`${folder}/compression_stats`]: 'EOPNOTSUPP',
    [`${folder}/counters/data_write`]: 'EIO',
    [`${folder}/dev-0/io_errors`]: 'EIO',
  });
  const scrape = await expose(bcachefs, { ...system, sys });

  expect(scrape).not.toMatch(/compression|data_write_total|io_errors_total\{device="0"/);
  expect(scrape).toMatch(/btree_node_read_total.*io_errors_total\{device="1"/s);
});

test('has no data on a host without bcachefs', async () => {
  await expect(expose(bcachefs, sceneOf(''))).rejects.toThrow(NoDataError);
});
