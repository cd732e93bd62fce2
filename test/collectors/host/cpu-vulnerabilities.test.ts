import { expect, test } from 'vitest';
import { cpuVulnerabilities, parseVulnerability } from '../../../collectors/host/cpu-vulnerabilities.ts';
import { expose, failing, systemOf, text } from '../../support/expose.ts';
import { sceneFolder, sceneOf } from '../../support/scene.ts';

test('reports the state of each vulnerability', async () => {
  const scrape = await expose(cpuVulnerabilities, sceneFolder('rich-server', ['cpu-vulnerabilities']));

  expect(scrape).toBe(text`
    # HELP node_cpu_vulnerabilities_info Details of each CPU vulnerability reported by sysfs. The value of the series is an int encoded state of the vulnerability. The same state is stored as a string in the label
    # TYPE node_cpu_vulnerabilities_info gauge
    node_cpu_vulnerabilities_info{codename="gather_data_sampling",mitigation="Microcode",state="mitigation"} 1
    node_cpu_vulnerabilities_info{codename="itlb_multihit",mitigation="KVM: Mitigation: VMX disabled",state="unknown"} 1
    node_cpu_vulnerabilities_info{codename="l1tf",mitigation="",state="not affected"} 1
    node_cpu_vulnerabilities_info{codename="mds",mitigation="SMT vulnerable",state="vulnerable"} 1
    node_cpu_vulnerabilities_info{codename="meltdown",mitigation="",state="vulnerable"} 1
    node_cpu_vulnerabilities_info{codename="mmio_stale_data",mitigation="Clear CPU buffers; SMT disabled",state="mitigation"} 1
    node_cpu_vulnerabilities_info{codename="spec_rstack_overflow",mitigation="Safe RET, no microcode",state="vulnerable"} 1
    node_cpu_vulnerabilities_info{codename="srbds",mitigation="Dependent on hypervisor status",state="unknown"} 1
  `);
});

test.each([
  ['Not affected', 'not affected', ''],
  ['Vulnerable, IBPB: disabled, STIBP: disabled', 'vulnerable', 'IBPB: disabled, STIBP: disabled'],
  [
    'Unknown (XEN PV detected, hypervisor mitigation required)',
    'unknown',
    '(XEN PV detected, hypervisor mitigation required)',
  ],
  ['Processor vulnerable', 'unknown', 'Processor vulnerable'],
  ['', 'unknown', ''],
])('reads %j', (written, state, mitigation) => {
  expect(parseVulnerability(written)).toEqual({ state, mitigation });
});

test('loses one unreadable attribute only', async () => {
  const system = systemOf(sceneFolder('rich-server', ['cpu-vulnerabilities']));
  const sys = failing(system.sys, { 'devices/system/cpu/vulnerabilities/mds': 'EACCES' });

  const scrape = await expose(cpuVulnerabilities, { ...system, sys });

  expect(scrape.match(/^node_/gm)).toHaveLength(7);
});

test('reports nothing where the kernel tells nothing', async () => {
  expect(await expose(cpuVulnerabilities, sceneOf(''))).toBe('');
});
