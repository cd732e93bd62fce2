/**
 * What the scheduler counts on each CPU: time spent running tasks, time that tasks waited to run, timeslices.
 *
 * Source  /proc/schedstat (Documentation/scheduler/sched-stats.rst), with CONFIG_SCHEDSTATS: lines `cpuN` with nine
 *         numbers, of which the last three are served. The lines of domains between them are not.
 * Units   nanoseconds in the file (its documentation once said jiffies), seconds as served.
 */
import { counter, defineCollector, type KeptSample, malformed } from '../../src/collector.ts';
import { z } from '../../src/config/schema.ts';
import { SampleList } from './sample-list.ts';

const running = counter('node_schedstat_running_seconds_total', 'Number of seconds CPU spent running a process.', [
  'cpu',
]);
const waiting = counter(
  'node_schedstat_waiting_seconds_total',
  'Number of seconds spent by processing waiting for this CPU.',
  ['cpu'],
);
const timeslices = counter('node_schedstat_timeslices_total', 'Number of timeslices executed by CPU.', ['cpu']);

const families = [running, waiting, timeslices] as const;

export const schedstat = defineCollector({
  name: 'schedstat',
  summary: 'Time that tasks ran and waited to run on each CPU.',
  source: '/proc/schedstat',
  enabled: true,
  families,
  config: z.strictObject({}),
  create(_config, { system }) {
    const kept = new Map<string, readonly KeptSample[]>();
    const samples = new SampleList();

    /** The samples of a line, with the values that it tells; undefined where it is none of a CPU. */
    function samplesOf(line: string): readonly KeptSample[] | undefined {
      const [, cpu = '', ran, waited, slices] = cpuLine.exec(line) ?? [];
      if (slices === undefined) return undefined;
      let ofCpu = kept.get(cpu);
      if (ofCpu === undefined) kept.set(cpu, (ofCpu = families.map((family) => family.kept({ cpu }))));
      ofCpu[0]!.value = Number(ran) / 1e9;
      ofCpu[1]!.value = Number(waited) / 1e9;
      ofCpu[2]!.value = Number(slices);
      return ofCpu;
    }

    return {
      collect() {
        samples.begin();
        let found = false;
        const text = system.proc.text('schedstat');
        let from = 0;
        for (let end = text.indexOf('\n'); end !== -1; end = text.indexOf('\n', from)) {
          // Most of the file are lines of domains, longer by far.
          const ofCpu = text.startsWith('cpu', from) ? samplesOf(text.slice(from, end)) : undefined;
          if (ofCpu !== undefined) for (const sample of ofCpu) samples.push(sample);
          found ||= ofCpu !== undefined;
          from = end + 1;
        }
        if (!found) throw malformed('schedstat', 'no line of a CPU');
        return samples.end();
      },
    };
  },
});

const cpuLine = /^cpu(\d+)(?: \d+){6} (\d+) (\d+) (\d+)(?: \d+)*$/;
