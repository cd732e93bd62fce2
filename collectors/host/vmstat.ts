/**
 * Counters of the memory management: pages read and written, faults, swapping, processes killed for lack of memory.
 *
 * Source  /proc/vmstat, lines `name value` (mm/vmstat.c). Which names there are depends on the kernel and its build.
 * Units   as the kernel has them: pgpgin and pgpgout are KiB, most others pages or events. Some are counters and some
 *         are not, which nothing in the file tells, so all are untyped.
 */
import { defineCollector, familiesByKey, malformed, type Sample, untyped } from '../../src/collector.ts';
import { nameFilter, patternWithDefault, z } from '../../src/config/schema.ts';
import { FieldLines } from '../../src/system/field-lines.ts';

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
    return {
      collect() {
        const text = system.proc.text('vmstat');
        const samples: Sample[] = [];
        const fields = lines.read(text, (family, value) => samples.push(family.sample(value)));
        if (fields === 0) throw malformed('vmstat', 'no field');
        return samples;
      },
    };
  },
});

const line = /^([A-Za-z_]\w*) (\d+)$/;
