import { expect, test } from 'vitest';
import { filefd } from '../../../collectors/host/filefd.ts';
import { expose, text } from '../../support/expose.ts';
import { sceneFolder, sceneOf } from '../../support/scene.ts';

test('reports open files and their limit', async () => {
  const scrape = await expose(filefd, sceneFolder('rich-server', ['filefd']));

  expect(scrape).toBe(text`
    # HELP node_filefd_allocated File descriptor statistics: allocated.
    # TYPE node_filefd_allocated gauge
    node_filefd_allocated 12448
    # HELP node_filefd_maximum File descriptor statistics: maximum.
    # TYPE node_filefd_maximum gauge
    node_filefd_maximum 9223372036854776000
  `);
});

test.each(['', '1024\t0', '1024\t0\tx'])('refuses a torn file: %j', async (torn) => {
  await expect(expose(filefd, sceneOf(`== proc/sys/fs/file-nr\n${torn}`))).rejects.toMatchObject({
    code: 'SOURCE_MALFORMED',
  });
});

test('says which file is missing', async () => {
  await expect(expose(filefd, sceneOf(''))).rejects.toMatchObject({ code: 'SOURCE_MISSING' });
});
