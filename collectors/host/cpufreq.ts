/**
 * The frequency of each CPU and its limits, and the governor that chooses it.
 *
 * Source  /sys/devices/system/cpu/cpuN/cpufreq (Documentation/admin-guide/pm/cpufreq.rst), a link to a policy that
 *         several CPUs may share. cpuinfo_cur_freq may be read by root only.
 * Units   kHz in the files, hertz as served.
 * Labels  cpu: the kernel's number. governor: each that the CPU may have; 1 for the one in force, 0 for the others.
 *
 * Some kernels sleep 20 ms for each frequency that is read, so other work of the daemon comes between the CPUs.
 */
import { setImmediate } from 'node:timers/promises';
import {
  defineCollector,
  type Family,
  type FamilyHead,
  gauge,
  type KeptSample,
  type Sample,
} from '../../src/collector.ts';
import { z } from '../../src/config/schema.ts';
import { Held } from '../../src/system/held.ts';
import { unsigned, words } from '../../src/system/numbers.ts';
import type { Tree } from '../../src/system/tree.ts';
import { cpusAmong, parseCpuList } from './cpu-list.ts';
import { SampleList } from './sample-list.ts';

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

/** What changes by itself; what an operator sets, or the hardware is built for. */
const measured = [
  { file: 'cpuinfo_cur_freq', family: current },
  { file: 'cpuinfo_avg_freq', family: average },
  { file: 'scaling_cur_freq', family: scaling },
] as const;
const limits = [
  { file: 'cpuinfo_min_freq', family: minimum },
  { file: 'cpuinfo_max_freq', family: maximum },
  { file: 'scaling_min_freq', family: scalingMinimum },
  { file: 'scaling_max_freq', family: scalingMaximum },
] as const;

// Eight of eleven files do not change by themselves, and opening those of 256 CPUs takes 15 ms.
const settingsHoldMs = 60_000;

// Longer than this nothing else waits.
const stretchMs = 2;

const folder = 'devices/system/cpu';

export const cpufreq = defineCollector({
  name: 'cpufreq',
  summary: 'Frequency, frequency limits and governor of each CPU.',
  source: '/sys/devices/system/cpu/cpuN/cpufreq',
  differences: [
    'CPUs that share a policy are read once, and one unreadable file costs its own series only.',
    'Limits and governors are read once a minute, frequencies at each run.',
    'The governor in force is reported also where it is not among those that the driver lists as available.',
  ],
  enabled: true,
  schedule: '15s',
  families: [...measured, ...limits].map(({ family }): FamilyHead => family).concat(governor),
  config: z.strictObject({}),
  create(_config, { system }) {
    const { sys, clock } = system;
    const layout = new Held<Layout>(clock);
    const samples = new SampleList();
    let run = 0;

    async function giveWay(signal: AbortSignal): Promise<void> {
      await setImmediate();
      signal.throwIfAborted();
    }

    async function readLayout(present: string, offline: string, signal: AbortSignal): Promise<Layout> {
      const names = sys.list(folder);
      const absent = new Set(parseCpuList(offline));
      const policies = new Map<string, Policy>();
      const cpus: Layout['cpus'][number][] = [];
      for (const number of cpusAmong(names)) {
        const path = `${folder}/cpu${number}/cpufreq`;
        if (absent.has(number) || !sys.exists(path)) continue;
        const key = sys.link(path) ?? path;
        let policy = policies.get(key);
        if (policy === undefined) {
          policy = readPolicy(sys, path, run);
          policies.set(key, policy);
          await giveWay(signal);
        }
        const cpu = String(number);
        cpus.push({
          policy,
          measured: policy.measured.map(({ family }) => family.kept({ cpu })),
          settings: [...settingSamples(policy, cpu)],
        });
      }
      return { present, offline, cpus };
    }

    return {
      async collect(signal) {
        run += 1;
        const offline = sys.attribute(`${folder}/offline`) ?? '';
        // Every kernel since 2.6.28 has the file; to list the folder costs ten times as much.
        const present = sys.attribute(`${folder}/present`) ?? sys.list(folder).join();
        if (layout.value?.offline !== offline || layout.value.present !== present) layout.forget();
        const { cpus } = layout.value ?? layout.keep(await readLayout(present, offline, signal), settingsHoldMs);
        samples.begin();
        let sinceMs = clock.monotonic();
        for (const { policy, measured: kept, settings } of cpus) {
          if (policy.run !== run) {
            measure(sys, policy);
            policy.run = run;
            if (clock.monotonic() - sinceMs > stretchMs) {
              await giveWay(signal);
              sinceMs = clock.monotonic();
            }
          }
          for (let index = 0; index < kept.length; index += 1) {
            const { kilohertz } = policy.measured[index]!;
            if (kilohertz === undefined) continue;
            kept[index]!.value = kilohertz * 1000;
            samples.push(kept[index]!);
          }
          for (const sample of settings) samples.push(sample);
        }
        return samples.end();
      },
    };
  },
});

/** The CPUs and what they share, as last read. */
interface Layout {
  readonly present: string;
  readonly offline: string;
  readonly cpus: readonly Cpu[];
}

interface Cpu {
  readonly policy: Policy;
  /** Of what its policy measures, in that order. */
  readonly measured: readonly KeptSample[];
  readonly settings: readonly Sample[];
}

/** What is set and measured for the CPUs that share a frequency. */
interface Policy {
  /** The files that answered when the layout was read, with what they said last. */
  readonly measured: { readonly path: string; readonly family: Family<'cpu'>; kilohertz: number | undefined }[];
  readonly limits: readonly (readonly [Family<'cpu'>, number | undefined])[];
  readonly governor: string;
  readonly governors: readonly string[];
  /** The number of the run that measured it last. */
  run: number;
}

function readPolicy(sys: Tree, folderOfPolicy: string, run: number): Policy {
  return {
    measured: measured.flatMap(({ file, family }) => {
      const path = `${folderOfPolicy}/${file}`;
      const text = sys.attribute(path);
      return text === undefined ? [] : [{ path, family, kilohertz: unsigned(text) }];
    }),
    limits: limits.map(({ file, family }) => [family, unsigned(sys.attribute(`${folderOfPolicy}/${file}`))]),
    governor: sys.attribute(`${folderOfPolicy}/scaling_governor`) ?? '',
    governors: words(sys.attribute(`${folderOfPolicy}/scaling_available_governors`) ?? ''),
    run,
  };
}

function measure(sys: Tree, policy: Policy): void {
  for (const one of policy.measured) one.kilohertz = unsigned(sys.attribute(one.path));
}

function* settingSamples(policy: Policy, cpu: string): Generator<Sample> {
  for (const [family, kilohertz] of policy.limits) {
    if (kilohertz !== undefined) yield family.standing(kilohertz * 1000, { cpu });
  }
  if (policy.governor === '') return;
  for (const name of new Set([...policy.governors, policy.governor])) {
    yield governor.standing(name === policy.governor ? 1 : 0, { cpu, governor: name });
  }
}
