import { expect, test } from 'vitest';
import { ksmd } from '../../../collectors/host/ksmd.ts';
import { expose, failing, systemOf, text } from '../../support/expose.ts';
import { sceneFolder, sceneOf } from '../../support/scene.ts';

const server = sceneFolder('rich-server', ['ksmd']);

test('reports what merging saves, below zero as well', async () => {
  expect(await expose(ksmd, server)).toBe(text`
    # HELP node_ksmd_full_scans_total How many times all mergeable areas have been scanned.
    # TYPE node_ksmd_full_scans_total counter
    node_ksmd_full_scans_total 323
    # HELP node_ksmd_general_profit_bytes How effective is KSM. ksm_saved_pages * sizeof(page) - (all_rmap_items) * sizeof(rmap_item)
    # TYPE node_ksmd_general_profit_bytes gauge
    node_ksmd_general_profit_bytes -201384320
    # HELP node_ksmd_merge_across_nodes Specifies if pages from different NUMA nodes can be merged.
    # TYPE node_ksmd_merge_across_nodes gauge
    node_ksmd_merge_across_nodes 1
    # HELP node_ksmd_pages_shared How many shared pages are being used.
    # TYPE node_ksmd_pages_shared gauge
    node_ksmd_pages_shared 1024
    # HELP node_ksmd_pages_sharing How many more sites are sharing them i.e. how much saved.
    # TYPE node_ksmd_pages_sharing gauge
    node_ksmd_pages_sharing 8731
    # HELP node_ksmd_pages_to_scan How many pages to scan before ksmd goes to sleep.
    # TYPE node_ksmd_pages_to_scan gauge
    node_ksmd_pages_to_scan 100
    # HELP node_ksmd_pages_unshared How many pages unique but repeatedly checked for merging.
    # TYPE node_ksmd_pages_unshared gauge
    node_ksmd_pages_unshared 19021
    # HELP node_ksmd_pages_volatile How many pages changing too fast to be placed in a tree.
    # TYPE node_ksmd_pages_volatile gauge
    node_ksmd_pages_volatile 217
    # HELP node_ksmd_run The status of ksmd. stopped = 0, running = 1
    # TYPE node_ksmd_run gauge
    node_ksmd_run 1
    # HELP node_ksmd_sleep_seconds How many seconds ksmd should sleep before next scan.
    # TYPE node_ksmd_sleep_seconds gauge
    node_ksmd_sleep_seconds 0.02
  `);
});

test('leaves out what an older kernel lacks or does not answer', async () => {
  const host = systemOf(sceneOf('== sys/kernel/mm/ksm/run\n1\n== sys/kernel/mm/ksm/pages_shared\n5\n'));
  const sys = failing(host.sys, { 'kernel/mm/ksm/pages_shared': 'EIO' });

  expect(await expose(ksmd, { ...host, sys })).toBe(text`
    # HELP node_ksmd_run The status of ksmd. stopped = 0, running = 1
    # TYPE node_ksmd_run gauge
    node_ksmd_run 1
  `);
});

test('takes torn text for an absent value', async () => {
  expect(await expose(ksmd, sceneOf('== sys/kernel/mm/ksm/run\n\n'))).toBe('');
});

test('has nothing to report on a kernel without merging', async () => {
  expect(await expose(ksmd, sceneOf(''))).toBe('');
});
