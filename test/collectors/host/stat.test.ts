import { expect, test } from 'vitest';
import { stat } from '../../../collectors/host/stat.ts';
import { expose, text, tornSystemOf } from '../../support/expose.ts';
import { sceneFolder, sceneOf } from '../../support/scene.ts';

test('reports the totals since boot', async () => {
  const scrape = await expose(stat, sceneFolder('rich-server', ['stat']));

  expect(scrape).toBe(text`
    # HELP node_boot_time_seconds Node boot time, in unixtime.
    # TYPE node_boot_time_seconds gauge
    node_boot_time_seconds 1693526400
    # HELP node_context_switches_total Total number of context switches.
    # TYPE node_context_switches_total counter
    node_context_switches_total 18446744073709552000
    # HELP node_forks_total Total number of forks.
    # TYPE node_forks_total counter
    node_forks_total 201331954
    # HELP node_intr_total Total number of interrupts serviced.
    # TYPE node_intr_total counter
    node_intr_total 9123372036854776000
    # HELP node_procs_blocked Number of processes blocked waiting for I/O to complete.
    # TYPE node_procs_blocked gauge
    node_procs_blocked 2
    # HELP node_procs_running Number of processes in runnable state.
    # TYPE node_procs_running gauge
    node_procs_running 7
  `);
});

test('reports each vector of softirqs on request', async () => {
  const scrape = await expose(stat, sceneFolder('minimal-vm', ['stat']), { softirq: true });

  expect(scrape).toBe(text`
    # HELP node_boot_time_seconds Node boot time, in unixtime.
    # TYPE node_boot_time_seconds gauge
    node_boot_time_seconds 1700000000
    # HELP node_context_switches_total Total number of context switches.
    # TYPE node_context_switches_total counter
    node_context_switches_total 1310940
    # HELP node_forks_total Total number of forks.
    # TYPE node_forks_total counter
    node_forks_total 17960
    # HELP node_intr_total Total number of interrupts serviced.
    # TYPE node_intr_total counter
    node_intr_total 941916
    # HELP node_procs_blocked Number of processes blocked waiting for I/O to complete.
    # TYPE node_procs_blocked gauge
    node_procs_blocked 0
    # HELP node_procs_running Number of processes in runnable state.
    # TYPE node_procs_running gauge
    node_procs_running 2
    # HELP node_softirqs_total Number of softirq calls.
    # TYPE node_softirqs_total counter
    node_softirqs_total{vector="hi"} 0
    node_softirqs_total{vector="timer"} 20683
    node_softirqs_total{vector="net_tx"} 7
    node_softirqs_total{vector="net_rx"} 10795
    node_softirqs_total{vector="block"} 35406
    node_softirqs_total{vector="block_iopoll"} 0
    node_softirqs_total{vector="tasklet"} 3
    node_softirqs_total{vector="sched"} 41461
    node_softirqs_total{vector="hrtimer"} 0
    node_softirqs_total{vector="rcu"} 62850
  `);
});

test('leaves out what a line does not say', async () => {
  const scrape = await expose(stat, sceneOf('== proc/stat\nintr x\nctxt\nprocesses 5\nsoftirq 9 1 y 3\nbtime -1'), {
    softirq: true,
  });

  expect(scrape).toBe(text`
    # HELP node_forks_total Total number of forks.
    # TYPE node_forks_total counter
    node_forks_total 5
    # HELP node_softirqs_total Number of softirq calls.
    # TYPE node_softirqs_total counter
    node_softirqs_total{vector="hi"} 1
    node_softirqs_total{vector="net_tx"} 3
  `);
});

test('reads the total of a line with thousands of interrupts, and the lines after it', async () => {
  const scrape = await expose(stat, sceneOf(`== proc/stat\nintr 7${' 0'.repeat(20_000)}\nctxt 8`));

  expect(scrape).toContain('\nnode_intr_total 7\n');
  expect(scrape).toContain('\nnode_context_switches_total 8\n');
});

test('takes no number from a line that is cut short', async () => {
  await expect(expose(stat, tornSystemOf(sceneOf('=!= proc/stat\ncpu0 1 2 3 4\nctxt 131')))).rejects.toMatchObject({
    code: 'SOURCE_MALFORMED',
  });
});

test('says which file is missing', async () => {
  await expect(expose(stat, sceneOf(''))).rejects.toMatchObject({ code: 'SOURCE_MISSING' });
});
