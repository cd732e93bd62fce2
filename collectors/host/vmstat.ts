/**
 * Counters of the memory management: pages read and written, faults, swapping, processes killed for lack of memory.
 *
 * Source  /proc/vmstat, lines `name value` (mm/vmstat.c). Which names there are depends on the kernel and its build.
 * Units   as the kernel has them: pgpgin and pgpgout are KiB, most others pages or events. Some are counters and some
 *         are not, which nothing in the file tells, so all are untyped.
 */
import { defineCollector, familiesByKey, malformed, untyped } from '../../src/collector.ts';
import { nameFilter, patternWithDefault, z } from '../../src/config/schema.ts';
import { FieldLines } from '../../src/system/field-lines.ts';
import { SampleList } from './sample-list.ts';

const families = familiesByKey('untyped', (field) => ({
  name: `node_vmstat_${field}`,
  help: `/proc/vmstat information field ${field}.`,
}));

export const vmstat = defineCollector({
  name: 'vmstat',
  summary: 'Counters of the memory management, such as page faults, swapping and out-of-memory kills.',
  source: '/proc/vmstat',
  enabled: true,
  families: [untyped('node_vmstat_<field>', '/proc/vmstat information field <field>.')],
  config: z.strictObject({
    fields: patternWithDefault('^(oom_kill|pgpg|pswp|pg.*fault).*').describe('Regexp of the fields to report.'),
  }),
  create(config, { system }) {
    const wanted = nameFilter(config.fields, undefined);
    const lines = new FieldLines(line, (name) => (wanted(name) ? families(name) : undefined));
    const samples = new SampleList();
    return {
      collect() {
        const text = system.proc.text('vmstat');
        samples.begin();
        const fields = lines.read(text, (family, value) => samples.pushValue(family, value));
        if (fields === 0) throw malformed('vmstat', 'no field');
        return samples.end();
      },
    };
  },
});

const line = /^([A-Za-z_]\w*) (\d+)$/;
