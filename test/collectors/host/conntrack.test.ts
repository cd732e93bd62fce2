import { expect, test } from 'vitest';
import { conntrack, statisticSamples } from '../../../collectors/host/conntrack.ts';
import { expose, failing, systemOf, text } from '../../support/expose.ts';
import { sceneFolder, sceneOf } from '../../support/scene.ts';

const server = (): string => sceneFolder('rich-server', ['conntrack']);

test('reports the table and the sums of all CPUs', async () => {
  const scrape = await expose(conntrack, server());

  expect(scrape).toBe(text`
    # HELP node_nf_conntrack_entries Number of currently allocated flow entries for connection tracking.
    # TYPE node_nf_conntrack_entries gauge
    node_nf_conntrack_entries 123456
    # HELP node_nf_conntrack_entries_limit Maximum size of connection tracking table.
    # TYPE node_nf_conntrack_entries_limit gauge
    node_nf_conntrack_entries_limit 262144
    # HELP node_nf_conntrack_stat_drop Number of packets dropped due to conntrack failure.
    # TYPE node_nf_conntrack_stat_drop gauge
    node_nf_conntrack_stat_drop 8
    # HELP node_nf_conntrack_stat_early_drop Number of dropped conntrack entries to make room for new ones, if maximum table size was reached.
    # TYPE node_nf_conntrack_stat_early_drop gauge
    node_nf_conntrack_stat_early_drop 5
    # HELP node_nf_conntrack_stat_found Number of searched entries which were successful.
    # TYPE node_nf_conntrack_stat_found gauge
    node_nf_conntrack_stat_found 4294967311
    # HELP node_nf_conntrack_stat_ignore Number of packets seen which are already connected to a conntrack entry.
    # TYPE node_nf_conntrack_stat_ignore gauge
    node_nf_conntrack_stat_ignore 2
    # HELP node_nf_conntrack_stat_insert Number of entries inserted into the list.
    # TYPE node_nf_conntrack_stat_insert gauge
    node_nf_conntrack_stat_insert 2
    # HELP node_nf_conntrack_stat_insert_failed Number of entries for which list insertion was attempted but failed.
    # TYPE node_nf_conntrack_stat_insert_failed gauge
    node_nf_conntrack_stat_insert_failed 3
    # HELP node_nf_conntrack_stat_invalid Number of packets seen which can not be tracked.
    # TYPE node_nf_conntrack_stat_invalid gauge
    node_nf_conntrack_stat_invalid 256
    # HELP node_nf_conntrack_stat_search_restart Number of conntrack table lookups which had to be restarted due to hashtable resizes.
    # TYPE node_nf_conntrack_stat_search_restart gauge
    node_nf_conntrack_stat_search_restart 21
  `);
});

test('the table is good without the statistics', async () => {
  const system = systemOf(server());
  const scrape = await expose(conntrack, {
    ...system,
    proc: failing(system.proc, { 'net/stat/nf_conntrack': 'ENOENT' }),
  });

  expect(scrape.match(/^[^#].*$/gm)).toEqual([
    'node_nf_conntrack_entries 123456',
    'node_nf_conntrack_entries_limit 262144',
  ]);
});

test('a host without connection tracking has nothing to report', async () => {
  await expect(expose(conntrack, sceneOf(''))).rejects.toThrow(/not loaded/);
});

test('a kernel that lacks columns has them left out, but for searches that it never restarts', () => {
  const names = statisticSamples('entries  searched found\n00000001  00000002 00000003\n').map(
    ({ family }) => family.name,
  );

  expect(names).toEqual(['node_nf_conntrack_stat_found', 'node_nf_conntrack_stat_search_restart']);
});

test.each(['entries found\n00000001\n', 'entries found\n00000001 0000000x\n'])('refuses a torn table: %j', (torn) => {
  expect(() => statisticSamples(torn)).toThrow(/nf_conntrack/);
});
