/** Plugins as texts, for tests that load them. */

/** The source of a collector: its name, and what stands in place of the usual parts. */
export function collectorSource(
  name: string,
  {
    head = '',
    family = `test_${name}_value`,
    type = 'gauge',
    config = 'z.strictObject({ value: z.number().default(1) })',
    enabled = 'true',
    more = '',
    create = '(options) => ({ collect: () => [family.sample(options.value)] })',
  }: Partial<Record<'head' | 'family' | 'type' | 'config' | 'enabled' | 'more' | 'create', string>> = {},
): string {
  return `import { apiVersion as version, ${type}, defineCollector, NoDataError, secret, z } from 'vitald';
${head}
const family = ${type}('${family}', 'A value.');
export const ${name} = defineCollector({
  name: '${name}',
  summary: 'Gives a value.',
  source: 'nowhere',
  enabled: ${enabled},
  families: [family],
  config: ${config},
  ${more}
  create: ${create},
});
`;
}

/** The source of a prober that finds every target up whose name is not \`down\`. */
export function proberSource(name: string): string {
  return `import { defineProber, gauge, secret, z } from 'vitald';
const length = gauge('probe_${name}_target_bytes', 'Length of the target.');
export const prober = defineProber({
  name: '${name}',
  summary: 'Looks at the target.',
  families: [length],
  phases: ['look'],
  reasons: ['protocol'],
  config: z.strictObject({ factor: z.number().default(1), password: secret().optional() }),
  create: ({ factor }, { instruments }) => {
    const probes = instruments.counter('test_${name}_probes_total', 'Probes.');
    return {
      async probe({ target }) {
        probes.add(1);
        const samples = [length.sample(target.length * factor)];
        if (target !== 'down') return { success: true, samples };
        return { success: false, reason: 'protocol', phase: 'look', detail: 'it is down', samples };
      },
    };
  },
});
`;
}
