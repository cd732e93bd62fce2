import { expect, test } from 'vitest';
import { kernelHung } from '../../../collectors/host/kernel-hung.ts';
import { expose, text } from '../../support/expose.ts';
import { sceneFolder, sceneOf } from '../../support/scene.ts';

test('reports the tasks that hung', async () => {
  const scrape = await expose(kernelHung, sceneFolder('rich-server', ['kernel-hung']));

  expect(scrape).toBe(text`
    # HELP node_kernel_hung_tasks_total Total number of tasks that have been detected as hung since the system booted.
    # TYPE node_kernel_hung_tasks_total counter
    node_kernel_hung_tasks_total 2
  `);
});

test.each(['', '-1', 'x'])('refuses %j', async (content) => {
  await expect(
    expose(kernelHung, sceneOf(`== proc/sys/kernel/hung_task_detect_count\n${content}`)),
  ).rejects.toMatchObject({
    code: 'SOURCE_MALFORMED',
  });
});

test('says that an older kernel has no such file', async () => {
  await expect(expose(kernelHung, sceneOf(''))).rejects.toMatchObject({ code: 'SOURCE_MISSING' });
});
