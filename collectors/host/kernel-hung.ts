/**
 * Tasks that the kernel found hung: in uninterruptible sleep for longer than hung_task_timeout_secs.
 *
 * Source  /proc/sys/kernel/hung_task_detect_count (Documentation/admin-guide/sysctl/kernel.rst), since Linux 6.13 with
 *         CONFIG_DETECT_HUNG_TASK. An operator may write 0 to it.
 */
import { counter, defineCollector, malformed } from '../../src/collector.ts';
import { z } from '../../src/config/schema.ts';
import { unsigned } from '../../src/system/numbers.ts';

const tasks = counter(
  'node_kernel_hung_tasks_total',
  'Total number of tasks that have been detected as hung since the system booted.',
);

const file = 'sys/kernel/hung_task_detect_count';

export const kernelHung = defineCollector({
  name: 'kernel_hung',
  summary: 'Tasks that the kernel found hung.',
  source: `/proc/${file}`,
  enabled: true,
  families: [tasks],
  config: z.strictObject({}),
  create(_config, { system }) {
    return {
      collect() {
        const text = system.proc.text(file).trim();
        const count = unsigned(text);
        if (count === undefined) throw malformed(file, JSON.stringify(text));
        return [tasks.sample(count)];
      },
    };
  },
});
