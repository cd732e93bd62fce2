/**
 * The frequency of each CPU and its limits, and the governor that chooses it.
 *
 * Source  /sys/devices/system/cpu/cpuN/cpufreq (Documentation/admin-guide/pm/cpufreq.rst), a link to a policy that
 *         several CPUs may share. cpuinfo_cur_freq may be read by root only.
 * Units   kHz in the files, hertz as served.
 * Labels  cpu: the kernel's number. governor: each that the CPU may have; 1 for the one in force, 0 for the others.
 *
 * Some kernels sleep 20 ms for each frequency that is read, so the CPUs are read one at a time, with other work of the
 * daemon between them.
 */
import { setImmediate } from 'node:timers/promises';
import { defineCollector, gauge, type Sample } from '../../src/collector.ts';
import { z } from '../../src/config/schema.ts';
import { unsigned, words } from '../../src/system/numbers.ts';
import type { Tree } from '../../src/system/tree.ts';
import { cpusAmong, parseCpuList } from './cpu-list.ts';

const current = gauge('node_cpu_frequency_hertz', 'Current CPU thread frequency in hertz.', ['cpu']);
const average = gauge('node_cpu_frequency_avg_hertz', 'Average CPU thread frequency in hertz.', ['cpu']);
const minimum = gauge('node_cpu_frequency_min_hertz', 'Minimum CPU thread frequency in hertz.', ['cpu']);
const maximum = gauge('node_cpu_frequency_max_hertz', 'Maximum CPU thread frequency in hertz.', ['cpu']);
const scaling = gauge('node_cpu_scaling_frequency_hertz', 'Current scaled CPU thread frequency in hertz.', ['cpu']);
const scalingMinimum = gauge('node_cpu_scaling_frequency_min_hertz', 'Minimum scaled CPU thread frequency in hertz.', [
  'cpu',
]);
const scalingMaximum = gauge('node_cpu_scaling_frequency_max_hertz', 'Maximum scaled CPU thread frequency in hertz.', [
  'cpu',
]);
const governor = gauge('node_cpu_scaling_governor', 'Current enabled CPU frequency governor.', ['cpu', 'governor']);

const frequencies = [
  { file: 'cpuinfo_cur_freq', family: current },
  { file: 'cpuinfo_avg_freq', family: average },
  { file: 'cpuinfo_min_freq', family: minimum },
  { file: 'cpuinfo_max_freq', family: maximum },
  { file: 'scaling_cur_freq', family: scaling },
  { file: 'scaling_min_freq', family: scalingMinimum },
  { file: 'scaling_max_freq', family: scalingMaximum },
] as const;

const folder = 'devices/system/cpu';

export const cpufreq = defineCollector({
  name: 'cpufreq',
  summary: 'Frequency, frequency limits and governor of each CPU.',
  source: '/sys/devices/system/cpu/cpuN/cpufreq',
  differences: ['CPUs that share a policy are read once, and one unreadable file costs its own series only.'],
  enabled: true,
  schedule: '15s',
  families: [...frequencies.map(({ family }) => family), governor],
  config: z.strictObject({}),
  create(_config, { system }) {
    return {
      async collect(signal) {
        const offline = new Set(parseCpuList(system.sys.attribute(`${folder}/offline`) ?? ''));
        const policies = new Map<string, Policy>();
        const samples: Sample[] = [];
        for (const number of cpusAmong(system.sys.list(folder))) {
          const path = `${folder}/cpu${number}/cpufreq`;
          if (offline.has(number) || !system.sys.exists(path)) continue;
          const key = system.sys.link(path) ?? path;
          let policy = policies.get(key);
          if (policy === undefined) {
            policy = readPolicy(system.sys, path);
            policies.set(key, policy);
            await setImmediate();
            signal.throwIfAborted();
          }
          samples.push(...policySamples(policy, String(number)));
        }
        return samples;
      },
    };
  },
});

/** What is set and measured for the CPUs that share a frequency. */
interface Policy {
  /** In the order of `frequencies`, in kHz. */
  readonly kilohertz: readonly (number | undefined)[];
  readonly governor: string;
  readonly governors: readonly string[];
}

function readPolicy(sys: Tree, path: string): Policy {
  return {
    kilohertz: frequencies.map(({ file }) => unsigned(sys.attribute(`${path}/${file}`))),
    governor: sys.attribute(`${path}/scaling_governor`) ?? '',
    governors: words(sys.attribute(`${path}/scaling_available_governors`) ?? ''),
  };
}

function* policySamples(policy: Policy, cpu: string): Generator<Sample> {
  for (const [index, { family }] of frequencies.entries()) {
    const kilohertz = policy.kilohertz[index];
    if (kilohertz !== undefined) yield family.sample(kilohertz * 1000, { cpu });
  }
  if (policy.governor === '') return;
  for (const name of new Set([...policy.governors, policy.governor])) {
    yield governor.sample(name === policy.governor ? 1 : 0, { cpu, governor: name });
  }
}
