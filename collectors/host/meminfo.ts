/**
 * How the memory of the host is used.
 *
 * Source  /proc/meminfo (Documentation/filesystems/proc.rst): lines such as `Active(anon):   1560 kB`.
 * Units   bytes where the line says kB (which are 1024 bytes), with `_bytes` in the name; the HugePages_* lines have no
 *         unit: they count pages.
 */
import { defineCollector, familiesByKey, gauge, malformed } from '../../src/collector.ts';
import { z } from '../../src/config/schema.ts';
import { FieldLines } from '../../src/system/field-lines.ts';
import { SampleList } from './sample-list.ts';

const families = familiesByKey('gauge', (field) => ({
  name: `node_memory_${field}`,
  help: `Memory information field ${field}.`,
}));

export const meminfo = defineCollector({
  name: 'meminfo',
  summary: 'How the memory of the host is used, every line of /proc/meminfo.',
  source: '/proc/meminfo',
  differences: ['Lines that node_exporter does not know, such as Balloon or KReclaimable, are served too.'],
  enabled: true,
  families: [gauge('node_memory_<field>', 'Memory information field <field>.')],
  config: z.strictObject({}),
  create(_config, { system }) {
    const lines = meminfoLines();
    const samples = new SampleList();
    return {
      collect() {
        samples.begin();
        for (const [field, value] of parseMeminfo(system.proc.text('meminfo'), lines)) {
          samples.pushValue(families(field), value);
        }
        return samples.end();
      },
    };
  },
});

/** The field that a line tells, and what one of its units is in bytes or pages. */
interface Field {
  readonly name: string;
  readonly unit: number;
}

/** What makes sense of the lines; for one reader. */
export function meminfoLines(): FieldLines<Field> {
  return new FieldLines(/^([A-Za-z][\w()]*):\s+(\d+)( kB)?$/, (key, unit) => {
    const name = key.replace('(', '_').replaceAll(/[()]/g, '');
    return unit === '' ? { name, unit: 1 } : { name: `${name}_bytes`, unit: 1024 };
  });
}

/** The fields by the names they have in families, such as `Active_anon_bytes`; throws `CollectError` where there are none. */
export function parseMeminfo(text: string, lines: FieldLines<Field>): Map<string, number> {
  const fields = new Map<string, number>();
  lines.read(text, ({ name, unit }, value) => fields.set(name, value * unit));
  if (fields.size === 0) throw malformed('meminfo', 'no field');
  return fields;
}
