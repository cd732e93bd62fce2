import { expect, test } from 'vitest';
import { lnstat, lnstatSamples } from '../../../collectors/host/lnstat.ts';
import { expose, failing, systemOf, text } from '../../support/expose.ts';
import { sceneFolder, sceneOf } from '../../support/scene.ts';

const server = (): string => sceneFolder('rich-server', ['lnstat']);

test('reports each column of each file by CPU', async () => {
  const scrape = await expose(lnstat, server());

  expect(scrape).toBe(text`
    # HELP node_lnstat_allocs_total linux network cache stats
    # TYPE node_lnstat_allocs_total counter
    node_lnstat_allocs_total{cpu="0",subsystem="arp_cache"} 123456
    node_lnstat_allocs_total{cpu="1",subsystem="arp_cache"} 1
    # HELP node_lnstat_cookie_invalid_total linux network cache stats
    # TYPE node_lnstat_cookie_invalid_total counter
    node_lnstat_cookie_invalid_total{cpu="0",subsystem="synproxy"} 1
    node_lnstat_cookie_invalid_total{cpu="1",subsystem="synproxy"} 4294967295
    # HELP node_lnstat_destroys_total linux network cache stats
    # TYPE node_lnstat_destroys_total counter
    node_lnstat_destroys_total{cpu="0",subsystem="arp_cache"} 123449
    node_lnstat_destroys_total{cpu="1",subsystem="arp_cache"} 0
    # HELP node_lnstat_entries_total linux network cache stats
    # TYPE node_lnstat_entries_total counter
    node_lnstat_entries_total{cpu="0",subsystem="arp_cache"} 20
    node_lnstat_entries_total{cpu="1",subsystem="arp_cache"} 20
    node_lnstat_entries_total{cpu="0",subsystem="synproxy"} 0
    node_lnstat_entries_total{cpu="1",subsystem="synproxy"} 0
    # HELP node_lnstat_hash_grows_total linux network cache stats
    # TYPE node_lnstat_hash_grows_total counter
    node_lnstat_hash_grows_total{cpu="0",subsystem="arp_cache"} 2
    node_lnstat_hash_grows_total{cpu="1",subsystem="arp_cache"} 0
    # HELP node_lnstat_syn_received_total linux network cache stats
    # TYPE node_lnstat_syn_received_total counter
    node_lnstat_syn_received_total{cpu="0",subsystem="synproxy"} 255
    node_lnstat_syn_received_total{cpu="1",subsystem="synproxy"} 0
  `);
});

test('a file that cannot be read is left out alone', async () => {
  const system = systemOf(server());
  const scrape = await expose(lnstat, { ...system, proc: failing(system.proc, { 'net/stat/arp_cache': 'EACCES' }) });

  expect(scrape).toContain('subsystem="synproxy"');
  expect(scrape).not.toContain('subsystem="arp_cache"');
});

test('a kernel without caches has nothing to report', async () => {
  expect(await expose(lnstat, sceneOf(''))).toBe('');
});

test.each(['entries\n00000001 00000002\n', 'entries\nxyz\n', 'en-tries\n00000001\n'])(
  'refuses a torn file: %j',
  (torn) => {
    expect(() => lnstatSamples('arp_cache', torn)).toThrow(/arp_cache/);
  },
);
