/**
 * How much randomness the kernel has gathered.
 *
 * Source  /proc/sys/kernel/random/{entropy_avail,poolsize} (Documentation/admin-guide/sysctl/kernel.rst). Since Linux
 *         5.18 both are 256 once the generator is seeded.
 * Units   bits.
 */
import { defineCollector, gauge, malformed, type Sample } from '../../src/collector.ts';
import { z } from '../../src/config/schema.ts';
import { unsigned } from '../../src/system/numbers.ts';

const available = gauge('node_entropy_available_bits', 'Bits of available entropy.');
const poolSize = gauge('node_entropy_pool_size_bits', 'Bits of entropy pool.');

export const entropy = defineCollector({
  name: 'entropy',
  summary: 'How much randomness the kernel has gathered.',
  source: '/proc/sys/kernel/random',
  enabled: true,
  families: [available, poolSize],
  config: z.strictObject({}),
  create(_config, { system }) {
    return {
      collect() {
        const text = system.proc.text('sys/kernel/random/entropy_avail').trim();
        const bits = unsigned(text);
        if (bits === undefined) throw malformed('sys/kernel/random/entropy_avail', JSON.stringify(text));
        const samples: Sample[] = [available.sample(bits)];
        const size = unsigned(system.proc.textIfAny('sys/kernel/random/poolsize')?.trim());
        if (size !== undefined) samples.push(poolSize.sample(size));
        return samples;
      },
    };
  },
});
