/**
 * Which hardware vulnerabilities the CPUs have, and what the kernel does about them.
 *
 * Source  /sys/devices/system/cpu/vulnerabilities (Documentation/ABI/testing/sysfs-devices-system-cpu): one file for each,
 *         such as `Mitigation: PTI`.
 * Labels  codename: the name of the file. state: "not affected", "vulnerable", "mitigation", or "unknown" for text that
 *         begins otherwise. mitigation: the rest of the text.
 */
import { defineCollector, gauge } from '../../src/collector.ts';
import { z } from '../../src/config/schema.ts';

const info = gauge(
  'node_cpu_vulnerabilities_info',
  'Details of each CPU vulnerability reported by sysfs. The value of the series is an int encoded state of the vulnerability. The same state is stored as a string in the label',
  ['codename', 'state', 'mitigation'],
);

const folder = 'devices/system/cpu/vulnerabilities';

export const cpuVulnerabilities = defineCollector({
  name: 'cpu_vulnerabilities',
  summary: 'Hardware vulnerabilities of the CPUs and their mitigations.',
  source: `/sys/${folder}`,
  enabled: false,
  schedule: '5m',
  families: [info],
  config: z.strictObject({}),
  create(_config, { system }) {
    return {
      collect() {
        return system.sys.list(folder).flatMap((codename) => {
          const text = system.sys.attribute(`${folder}/${codename}`);
          return text === undefined ? [] : [info.sample(1, { codename, ...parseVulnerability(text) })];
        });
      },
    };
  },
});

const states = ['vulnerable', 'mitigation', 'unknown'];

/** The state that a text begins with, and the rest. */
export function parseVulnerability(text: string): { state: string; mitigation: string } {
  const lower = text.toLowerCase();
  if (lower.startsWith('not affected')) return { state: 'not affected', mitigation: '' };
  const state = states.find((prefix) => lower.startsWith(prefix));
  // Some name a part of the system first, such as `KVM: Mitigation: VMX disabled`.
  if (state === undefined) return { state: 'unknown', mitigation: text };
  // The first word is the state, with the colon, comma or semicolon after it.
  return { state, mitigation: text.split(/\s+/).slice(1).join(' ') };
}
