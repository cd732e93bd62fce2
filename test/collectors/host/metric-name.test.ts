import { expect, test } from 'vitest';
import { metricNamePart } from '../../../collectors/host/metric-name.ts';

test.each([
  ['fs.file-nr', 'fs_file_nr'],
  ['net.ipv4.conf.eth0:1', 'net_ipv4_conf_eth0_1'],
  ['package-0-die-1', 'package_0_die_1'],
  ['a_.-_b', 'a_b'],
  ['plain_name', 'plain_name'],
])('makes a part of a metric name of %s', (text, part) => {
  expect(metricNamePart(text)).toBe(part);
});
