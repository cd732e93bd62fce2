/**
 * What the scheduler counts on each CPU: time spent running tasks, time that tasks waited to run, timeslices.
 *
 * Source  /proc/schedstat (Documentation/scheduler/sched-stats.rst), with CONFIG_SCHEDSTATS: lines `cpuN` with nine
 *         numbers, of which the last three are served. The lines of domains between them are not.
 * Units   nanoseconds in the file (its documentation once said jiffies), seconds as served.
 */
import { counter, defineCollector, malformed, type Sample } from '../../src/collector.ts';
import { z } from '../../src/config/schema.ts';

const running = counter('node_schedstat_running_seconds_total', 'Number of seconds CPU spent running a process.', [
  'cpu',
]);
const waiting = counter(
  'node_schedstat_waiting_seconds_total',
  'Number of seconds spent by processing waiting for this CPU.',
  ['cpu'],
);
const timeslices = counter('node_schedstat_timeslices_total', 'Number of timeslices executed by CPU.', ['cpu']);

export const schedstat = defineCollector({
  name: 'schedstat',
  summary: 'Time that tasks ran and waited to run on each CPU.',
  source: '/proc/schedstat',
  enabled: true,
  families: [running, waiting, timeslices],
  config: z.strictObject({}),
  create(_config, { system }) {
    return {
      collect() {
        const samples: Sample[] = [];
        for (const [, cpu = '', ran, waited, slices] of system.proc.text('schedstat').matchAll(cpuLine)) {
          const labels = { cpu };
          samples.push(
            running.sample(Number(ran) / 1e9, labels),
            waiting.sample(Number(waited) / 1e9, labels),
            timeslices.sample(Number(slices), labels),
          );
        }
        if (samples.length === 0) throw malformed('schedstat', 'no line of a CPU');
        return samples;
      },
    };
  },
});

const cpuLine = /^cpu(\d+)(?: \d+){6} (\d+) (\d+) (\d+)(?: \d+)*\n/gm;
