/**
 * What the kernel counts since boot: interrupts, context switches, forks; when it booted; processes that run or wait.
 *
 * Source  /proc/stat (Documentation/filesystems/proc.rst, 1.7), the lines after those of the CPUs. `intr` and `softirq`
 *         begin with the total; a number for each interrupt follows, so `intr` may have thousands.
 * Units   btime is in seconds since 1970. The kernel computes it anew at each read, so it follows steps of the clock.
 * Labels  vector: a kind of softirq, in lower case.
 */
import { counter, defineCollector, gauge, malformed, type Sample } from '../../src/collector.ts';
import { z } from '../../src/config/schema.ts';
import { unsigned, words } from '../../src/system/numbers.ts';

const interrupts = counter('node_intr_total', 'Total number of interrupts serviced.');
const contextSwitches = counter('node_context_switches_total', 'Total number of context switches.');
const forks = counter('node_forks_total', 'Total number of forks.');
const bootTime = gauge('node_boot_time_seconds', 'Node boot time, in unixtime.');
const running = gauge('node_procs_running', 'Number of processes in runnable state.');
const blocked = gauge('node_procs_blocked', 'Number of processes blocked waiting for I/O to complete.');
const softirqs = counter('node_softirqs_total', 'Number of softirq calls.', ['vector']);

const familyOfKey = new Map([
  ['intr', interrupts],
  ['ctxt', contextSwitches],
  ['processes', forks],
  ['btime', bootTime],
  ['procs_running', running],
  ['procs_blocked', blocked],
]);

// In the order of the kernel's softirq_to_name.
const vectors = ['hi', 'timer', 'net_tx', 'net_rx', 'block', 'block_iopoll', 'tasklet', 'sched', 'hrtimer', 'rcu'].map(
  (vector) => ({ vector }),
);

export const stat = defineCollector({
  name: 'stat',
  summary: 'Interrupts, context switches, forks, boot time, processes that run or wait.',
  source: '/proc/stat',
  differences: ['A count that the kernel does not report is absent, not 0.'],
  enabled: true,
  families: [interrupts, contextSwitches, forks, bootTime, running, blocked, softirqs],
  config: z.strictObject({
    softirq: z.boolean().default(false).describe('Report node_softirqs_total for each vector.'),
  }),
  create(config, { system }) {
    return {
      collect() {
        const samples: Sample[] = [];
        for (const [key, values] of statLines(system.proc.read('stat'))) {
          const family = familyOfKey.get(key);
          if (family !== undefined) {
            const value = unsigned(words(values)[0]);
            if (value !== undefined) samples.push(family.sample(value));
          } else if (key === 'softirq' && config.softirq) {
            const counts = words(values).slice(1).map(unsigned);
            for (const [index, vector] of vectors.entries()) {
              const count = counts[index];
              if (count !== undefined) samples.push(softirqs.sample(count, vector));
            }
          }
        }
        if (samples.length === 0) throw malformed('stat', 'no known line');
        return samples;
      },
    };
  },
});

const lineFeed = 0x0a;
const letterC = 0x63;
const letterP = 0x70;
// Long enough for the key and the total of `intr`, and for all of `softirq`.
const longest = 300;

/** The key of each line that is not a CPU's, and the values after it, cut after the first few. */
export function* statLines(bytes: Buffer): Generator<[key: string, values: string]> {
  for (let start = 0, end = 0; start < bytes.length; start = end + 1) {
    end = bytes.indexOf(lineFeed, start);
    if (end === -1) return;
    if (bytes[start] === letterC && bytes[start + 1] === letterP) continue;
    const text = bytes.toString('latin1', start, Math.min(end, start + longest));
    const blank = text.indexOf(' ');
    if (blank !== -1) yield [text.slice(0, blank), text.slice(blank + 1)];
  }
}
