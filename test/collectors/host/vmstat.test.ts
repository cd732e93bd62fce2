import { expect, test } from 'vitest';
import { vmstat } from '../../../collectors/host/vmstat.ts';
import { expose, text, tornSystemOf } from '../../support/expose.ts';
import { sceneFolder, sceneOf } from '../../support/scene.ts';

test('reports the fields that matter most by default', async () => {
  const scrape = await expose(vmstat, sceneFolder('rich-server', ['vmstat']));

  expect(scrape).toBe(text`
    # HELP node_vmstat_oom_kill /proc/vmstat information field oom_kill.
    # TYPE node_vmstat_oom_kill untyped
    node_vmstat_oom_kill 3
    # HELP node_vmstat_pgfault /proc/vmstat information field pgfault.
    # TYPE node_vmstat_pgfault untyped
    node_vmstat_pgfault 18446744073709552000
    # HELP node_vmstat_pgmajfault /proc/vmstat information field pgmajfault.
    # TYPE node_vmstat_pgmajfault untyped
    node_vmstat_pgmajfault 3302114
    # HELP node_vmstat_pgpgin /proc/vmstat information field pgpgin.
    # TYPE node_vmstat_pgpgin untyped
    node_vmstat_pgpgin 12033445120
    # HELP node_vmstat_pgpgout /proc/vmstat information field pgpgout.
    # TYPE node_vmstat_pgpgout untyped
    node_vmstat_pgpgout 98112233441
    # HELP node_vmstat_pswpin /proc/vmstat information field pswpin.
    # TYPE node_vmstat_pswpin untyped
    node_vmstat_pswpin 120331
    # HELP node_vmstat_pswpout /proc/vmstat information field pswpout.
    # TYPE node_vmstat_pswpout untyped
    node_vmstat_pswpout 312044
  `);
});

test('reports the fields that match', async () => {
  const scrape = await expose(vmstat, sceneFolder('rich-server', ['vmstat']), { fields: '^numa_(hit|miss)$' });

  expect(scrape).toBe(text`
    # HELP node_vmstat_numa_hit /proc/vmstat information field numa_hit.
    # TYPE node_vmstat_numa_hit untyped
    node_vmstat_numa_hit 9914772003341
    # HELP node_vmstat_numa_miss /proc/vmstat information field numa_miss.
    # TYPE node_vmstat_numa_miss untyped
    node_vmstat_numa_miss 120034
  `);
});

test('reports nothing where no field matches', async () => {
  expect(await expose(vmstat, sceneFolder('rich-server', ['vmstat']), { fields: '^none$' })).toBe('');
});

test('takes no number from a line that is cut short or is none', async () => {
  const scrape = await expose(
    vmstat,
    tornSystemOf(sceneOf('=!= proc/vmstat\npgpgin x\npgpgout 5\npgfault\n9bad 1\npswpin 12')),
    {
      fields: '',
    },
  );

  expect(scrape).toBe(text`
    # HELP node_vmstat_pgpgout /proc/vmstat information field pgpgout.
    # TYPE node_vmstat_pgpgout untyped
    node_vmstat_pgpgout 5
  `);
});

test('refuses a file without a field', async () => {
  await expect(expose(vmstat, sceneOf('== proc/vmstat\ngarbage'))).rejects.toMatchObject({ code: 'SOURCE_MALFORMED' });
});

test('says which file is missing', async () => {
  await expect(expose(vmstat, sceneOf(''))).rejects.toMatchObject({ code: 'SOURCE_MISSING' });
});
