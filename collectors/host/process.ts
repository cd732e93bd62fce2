/**
 * Processes in groups by name, as process-exporter has them: how many, their CPU time, memory, files and I/O.
 *
 * Source  /proc/PID/stat of every process; io, fd, status and every 5 minutes limits of those that belong to a group;
 *         cmdline and others of new ones, where the config asks for them (man 5 proc).
 * Labels  groupname: what the name of an entry gives, such as "nginx"; "other" for what the bounds leave out.
 * Cost    some 12 us for a process, 45 us for one that belongs to a group. The event loop is given turns.
 * Quirks  Processes vanish while they are read. What one did between the last run and its end is not seen. Context
 *         switches are those of the first thread of each process, as the kernel does not add up those of the others.
 */
import { setImmediate } from 'node:timers/promises';
import { counter, defineCollector, gauge, NoDataError, type Sample } from '../../src/collector.ts';
import { duration, z } from '../../src/config/schema.ts';
import { pageSize } from './page-size.ts';
import { groupFamilies, groupSamples } from './process/families.ts';
import { Groups } from './process/groups.ts';
import { groupNamer, processNames } from './process/matchers.ts';
import { ProcessTable } from './process/table.ts';

const scrapeErrors = counter(
  'namedprocess_scrape_errors',
  'general scrape errors: no proc metrics collected during a cycle',
);
const readErrors = counter(
  'namedprocess_scrape_procread_errors',
  "incremented each time a proc's metrics collection fails",
);
const partialErrors = counter(
  'namedprocess_scrape_partial_errors',
  "incremented each time a tracked proc's metrics collection fails partially, e.g. unreadable I/O stats",
);
const refused = gauge(
  'vitald_process_refused_files',
  'Processes in groups of which a file could not be read at the last run.',
  ['file'],
);
const merged = gauge('vitald_process_merged_groups', 'Groups that are summed up in the group "other".');

// Some 5 ms of reading.
const processesATurn = 150;

export const processGroups = defineCollector({
  name: 'process',
  summary:
    'Processes in groups by name: how many, their CPU time, memory, files and I/O, as process-exporter has them.',
  source: '/proc/*/{stat,io,fd,status,limits,cmdline}',
  differences: [
    'Families, labels and `process_names` are those of process-exporter, as node_exporter has nothing like it.',
    'A process that starts another program is named anew; process-exporter leaves it in the group it was first in.',
    'A figure that no process of a group lets us read is absent, where process-exporter serves 0.',
    '`states` counts processes even with `threads` on, where process-exporter adds the threads to it.',
    'Two full paths with one base name in `exe` both match; in process-exporter only the latter does.',
    'Regexps see the first 16 KiB of a command line.',
  ],
  enabled: false,
  schedule: '15s',
  timeout: '10s',
  families: [...groupFamilies, scrapeErrors, readErrors, partialErrors, refused, merged],
  config: z.strictObject({
    process_names: processNames
      .prefault([{ name: '{{.Comm}}', cmdline: ['.+'] }])
      .describe(
        "Which processes belong to which group, as in process-exporter's config; the first entry that matches.",
      ),
    children: z
      .boolean()
      .default(true)
      .describe('Count a process that no entry matches with its parent, where that belongs to a group.'),
    threads: z
      .boolean()
      .default(false)
      .describe('Also report threads by their names, at most 50 names in each group, and what they wait for.'),
    gather_smaps: z
      .boolean()
      .default(false)
      .describe('Also report memory in proportion to its users (PSS), which costs several times as much as all else.'),
    recheck: z.boolean().default(false).describe('Name every process anew at each run.'),
    recheck_with_time_limit: duration('0s').describe('Name a process anew at each run for so long after its start.'),
    remove_empty_groups: z.boolean().default(false).describe('Forget a group when its last process has ended.'),
    top_n: z.int().min(0).default(0).describe('Report only so many groups, and the rest as one, "other"; 0 for all.'),
    top_by: z
      .enum(['cpu', 'memory'])
      .default('cpu')
      .describe('Which groups `top_n` takes: those that use the most of it.'),
    max_groups: z
      .int()
      .min(1)
      .default(200)
      .describe('Groups with series of their own at most; the rest is reported as one, "other".'),
  }),
  create(config, { system }) {
    const table = new ProcessTable(system, {
      nameOf: groupNamer(config.process_names),
      children: config.children,
      threads: config.threads,
      smaps: config.gather_smaps,
      recheckMs: config.recheck ? Infinity : config.recheck_with_time_limit,
    });
    const groups = new Groups({
      maxGroups: config.max_groups,
      top: config.top_n,
      topBy: config.top_by,
      keepEmpty: !config.remove_empty_groups,
    });
    let failures = 0;

    async function read(signal: AbortSignal): Promise<Sample[]> {
      let done = 0;
      const found = await table.read(() => {
        done += 1;
        return done % processesATurn === 0 ? setImmediate() : undefined;
      }, signal);
      if (table.size === 0) throw new NoDataError('no process can be seen');
      const samples: Sample[] = [];
      for (const group of groups.settle(found)) {
        for (const sample of groupSamples(group, pageSize(), table.bootSeconds)) samples.push(sample);
      }
      for (const [file, count] of table.refused) samples.push(refused.sample(count, { file }));
      samples.push(
        merged.sample(groups.merged),
        scrapeErrors.sample(failures),
        readErrors.sample(table.unreadable),
        partialErrors.sample(table.partial),
      );
      return samples;
    }

    return {
      async collect(signal) {
        try {
          return await read(signal);
        } catch (error) {
          failures += 1;
          throw error;
        }
      },
    };
  },
});
