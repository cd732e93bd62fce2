import { expect, test } from 'vitest';
import { swap } from '../../../collectors/host/swap.ts';
import { expose, text } from '../../support/expose.ts';
import { sceneFolder, sceneOf } from '../../support/scene.ts';

const titles = 'Filename Type Size Used Priority';

test('reports each swap device', async () => {
  expect(await expose(swap, sceneFolder('rich-server', ['swap']))).toBe(text`
    # HELP node_swap_priority Swap device priority.
    # TYPE node_swap_priority gauge
    node_swap_priority{device="/dev/dm-3",swap_type="partition"} 100
    node_swap_priority{device="/swap\\040file",swap_type="file"} -2
    # HELP node_swap_size_bytes Swap device size in bytes.
    # TYPE node_swap_size_bytes gauge
    node_swap_size_bytes{device="/dev/dm-3",swap_type="partition"} 8589930496
    node_swap_size_bytes{device="/swap\\040file",swap_type="file"} 2147479552
    # HELP node_swap_used_bytes Swap device used in bytes.
    # TYPE node_swap_used_bytes gauge
    node_swap_used_bytes{device="/dev/dm-3",swap_type="partition"} 1231028224
    node_swap_used_bytes{device="/swap\\040file",swap_type="file"} 0
  `);
});

test('reports nothing on a host without swap', async () => {
  expect(await expose(swap, sceneOf(`== proc/swaps\n${titles}\n`))).toBe('');
});

test('says which file is missing', async () => {
  await expect(expose(swap, sceneOf(''))).rejects.toMatchObject({ code: 'SOURCE_MISSING' });
});

test.each(['/dev/sda2 partition 100', '/dev/sda2 partition x 0 -2', '/dev/sda2 partition 100 0 -'])(
  'refuses a torn line: %j',
  async (line) => {
    const host = sceneOf(`== proc/swaps\n${titles}\n${line}\n`);

    await expect(expose(swap, host)).rejects.toMatchObject({ code: 'SOURCE_MALFORMED' });
  },
);
