/**
 * Memory of each NUMA node, and how often it was the wanted one.
 *
 * Source  /sys/devices/system/node/nodeN/meminfo and numastat (Documentation/admin-guide/numastat.rst).
 * Units   bytes, and counts for HugePages_*; numastat counts pages.
 * Labels  node: its number.
 */
import { counter, defineCollector, familiesByKey, gauge, type Sample } from '../../src/collector.ts';
import { z } from '../../src/config/schema.ts';
import { lines, unsigned } from '../../src/system/numbers.ts';

const head = (field: string) => ({ name: `node_memory_numa_${field}`, help: `Memory information field ${field}.` });

export const meminfoNuma = defineCollector({
  name: 'meminfo_numa',
  summary: 'Memory of each NUMA node, and how often it was the wanted one.',
  source: '/sys/devices/system/node/node*/{meminfo,numastat}',
  differences: ['A file or line that cannot be read loses that file or line; node_exporter loses every node.'],
  enabled: false,
  families: [
    gauge('node_memory_numa_<field>', 'Memory information field <field>.', ['node']),
    counter('node_memory_numa_<counter>_total', 'Memory information field <counter>_total.', ['node']),
  ],
  config: z.strictObject({}),
  create(_config, { system: { sys } }) {
    const gauges = familiesByKey('gauge', head, ['node']);
    const counters = familiesByKey('counter', head, ['node']);
    return {
      collect() {
        const samples: Sample[] = [];
        for (const entry of sys.list('devices/system/node')) {
          const [, node] = /^node(\d+)$/.exec(entry) ?? [];
          if (node === undefined) continue;
          const folder = `devices/system/node/${entry}`;
          for (const [field, value] of parseNodeMeminfo(sys.textIfAny(`${folder}/meminfo`) ?? '')) {
            samples.push(gauges(field).sample(value, { node }));
          }
          for (const [field, value] of parseNumastat(sys.textIfAny(`${folder}/numastat`) ?? '')) {
            samples.push(counters(`${field}_total`).sample(value, { node }));
          }
        }
        return samples;
      },
    };
  },
});

/** The fields of a node's meminfo in bytes; `Active(anon)` is `Active_anon`. */
export function parseNodeMeminfo(text: string): Map<string, number> {
  const fields = new Map<string, number>();
  for (const line of lines(text)) {
    const [, name, part, digits, unit] = /^Node \d+ (\w+)(?:\((\w+)\))?:\s+(\d+)( kB)?\s*$/.exec(line) ?? [];
    const value = unsigned(digits);
    if (name === undefined || value === undefined) continue;
    fields.set(part === undefined ? name : `${name}_${part}`, unit === undefined ? value : value * 1024);
  }
  return fields;
}

/** The counters of a node's numastat. */
export function parseNumastat(text: string): Map<string, number> {
  const fields = new Map<string, number>();
  for (const line of lines(text)) {
    const [, name, digits] = /^(\w+) (\d+)\s*$/.exec(line) ?? [];
    const value = unsigned(digits);
    if (name !== undefined && value !== undefined) fields.set(name, value);
  }
  return fields;
}
