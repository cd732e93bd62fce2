import { expect, test } from 'vitest';
import { loadavg, parseLoadavg } from '../../../collectors/host/loadavg.ts';
import { expose, text } from '../../support/expose.ts';
import { sceneFolder, sceneOf } from '../../support/scene.ts';

test('reports the three averages', async () => {
  const scrape = await expose(loadavg, sceneFolder('minimal-vm', ['loadavg']));

  expect(scrape).toBe(text`
    # HELP node_load1 1m load average.
    # TYPE node_load1 gauge
    node_load1 0.21
    # HELP node_load15 15m load average.
    # TYPE node_load15 gauge
    node_load15 0.39
    # HELP node_load5 5m load average.
    # TYPE node_load5 gauge
    node_load5 0.37
  `);
});

test('says which file is missing', async () => {
  await expect(expose(loadavg, sceneOf(''))).rejects.toMatchObject({ code: 'SOURCE_MISSING' });
});

test.each(['', '0.21 0.37', '0.21 x 0.39 1/719 19737'])('refuses a torn file: %j', (torn) => {
  expect(() => parseLoadavg(torn)).toThrow(/loadavg/);
});
