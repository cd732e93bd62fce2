import { expect, test } from 'vitest';
import { pageSize } from '../../../collectors/host/page-size.ts';
import { sockstat, sockstatSamples } from '../../../collectors/host/sockstat.ts';
import { expose } from '../../support/expose.ts';
import { sceneFolder, sceneOf } from '../../support/scene.ts';

test('reports the sockets of each protocol, and memory in pages and in bytes', async () => {
  const page = pageSize()!;
  const scrape = await expose(sockstat, sceneFolder('rich-server', ['sockstat']));

  expect(scrape).toMatch(
    /^# HELP node_sockstat_FRAG6_inuse Number of FRAG6 sockets in state inuse\.\n# TYPE \S+ gauge\n/,
  );
  expect(scrape).toContain('# HELP node_sockstat_sockets_used Number of IPv4 sockets in use.\n');
  expect(scrape.match(/^[^#].*$/gm)).toEqual([
    'node_sockstat_FRAG6_inuse 0',
    'node_sockstat_FRAG6_memory 0',
    'node_sockstat_FRAG_inuse 2',
    'node_sockstat_FRAG_memory 8192',
    'node_sockstat_RAW6_inuse 1',
    'node_sockstat_RAW_inuse 1',
    'node_sockstat_TCP6_inuse 17',
    'node_sockstat_TCP_alloc 830',
    'node_sockstat_TCP_inuse 812',
    'node_sockstat_TCP_mem 214',
    `node_sockstat_TCP_mem_bytes ${214 * page}`,
    'node_sockstat_TCP_orphan 3',
    'node_sockstat_TCP_tw 1407',
    'node_sockstat_UDP6_inuse 6',
    'node_sockstat_UDPLITE6_inuse 0',
    'node_sockstat_UDPLITE_inuse 0',
    'node_sockstat_UDP_inuse 9',
    'node_sockstat_UDP_mem 5',
    `node_sockstat_UDP_mem_bytes ${5 * page}`,
    'node_sockstat_sockets_used 1602',
  ]);
});

test('a kernel without IPv6 has no sockstat6, one without both has nothing', async () => {
  expect(await expose(sockstat, sceneOf('== proc/net/sockstat\nsockets: used 3\n'))).toContain('sockets_used 3');
  expect(await expose(sockstat, sceneOf(''))).toBe('');
});

test('counts all sockets once, though both files may tell', async () => {
  const host = sceneOf(
    '== proc/net/sockstat\nsockets: used 7\n== proc/net/sockstat6\nsockets: used 9\nTCP6: inuse 3\n',
  );

  expect((await expose(sockstat, host)).match(/^node_.*/gm)).toEqual([
    'node_sockstat_TCP6_inuse 3',
    'node_sockstat_sockets_used 7',
  ]);
});

test('leaves the bytes out where the size of a page is not known', () => {
  const names = sockstatSamples('net/sockstat', 'TCP: mem 3\n', undefined).map(({ family }) => family.name);

  expect(names).toEqual(['node_sockstat_TCP_mem']);
});

test.each(['TCP: inuse', 'TCP:', 'TCP: inuse x', 'T-P: inuse 3'])('refuses a torn line: %j', (torn) => {
  expect(() => sockstatSamples('net/sockstat', torn, 4096)).toThrow(/net\/sockstat/);
});
