import { expect, test } from 'vitest';
import { entropy } from '../../../collectors/host/entropy.ts';
import { expose, failing, systemOf, text } from '../../support/expose.ts';
import { sceneFolder, sceneOf } from '../../support/scene.ts';

test('reports the entropy that there is and that fits', async () => {
  const scrape = await expose(entropy, sceneFolder('rich-server', ['entropy']));

  expect(scrape).toBe(text`
    # HELP node_entropy_available_bits Bits of available entropy.
    # TYPE node_entropy_available_bits gauge
    node_entropy_available_bits 256
    # HELP node_entropy_pool_size_bits Bits of entropy pool.
    # TYPE node_entropy_pool_size_bits gauge
    node_entropy_pool_size_bits 256
  `);
});

test('loses one unreadable attribute only', async () => {
  const system = systemOf(sceneFolder('rich-server', ['entropy']));

  const scrape = await expose(entropy, {
    ...system,
    proc: failing(system.proc, { 'sys/kernel/random/poolsize': 'EIO' }),
  });

  expect(scrape.match(/^node_.*/gm)).toEqual(['node_entropy_available_bits 256']);
});

test.each(['', '-1', 'x'])('refuses %j', async (content) => {
  await expect(expose(entropy, sceneOf(`== proc/sys/kernel/random/entropy_avail\n${content}`))).rejects.toMatchObject({
    code: 'SOURCE_MALFORMED',
  });
});

test('says which file is missing', async () => {
  await expect(expose(entropy, sceneOf(''))).rejects.toMatchObject({ code: 'SOURCE_MISSING' });
});
