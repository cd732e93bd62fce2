/**
 * How the memory of the host is used.
 *
 * Source  /proc/meminfo (Documentation/filesystems/proc.rst): lines such as `Active(anon):   1560 kB`.
 * Units   bytes where the line says kB (which are 1024 bytes), with `_bytes` in the name; the HugePages_* lines have no
 *         unit: they count pages.
 */
import { defineCollector, familiesByKey, gauge, malformed } from '../../src/collector.ts';
import { z } from '../../src/config/schema.ts';

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
    return {
      collect() {
        return [...parseMeminfo(system.proc.text('meminfo'))].map(([field, value]) => families(field).sample(value));
      },
    };
  },
});

// A line that was cut short lacks its line feed, and maybe its unit, so it is no line.
const line = /^([A-Za-z][\w()]*):\s+(\d+)( kB)?\n/gm;

/** The fields by the names they have in families, such as `Active_anon_bytes`; throws `CollectError` where there are none. */
export function parseMeminfo(text: string): Map<string, number> {
  const fields = new Map<string, number>();
  for (const [, key = '', value, unit] of text.matchAll(line)) {
    const name = key.replace('(', '_').replaceAll(/[()]/g, '');
    if (unit === undefined) fields.set(name, Number(value));
    else fields.set(`${name}_bytes`, Number(value) * 1024);
  }
  if (fields.size === 0) throw malformed('meminfo', 'no field');
  return fields;
}
