import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { parseExposition } from '../../src/exposition/parse.ts';
import { dashboardNames, impossibleNames } from '../support/dashboard-names.ts';
import { fetchText, startDaemon, until } from '../support/program.ts';

const config = `
collectors:
  interrupts: {}
  processes: {}
  tcpstat: {}
  netstat: { fields: ".*" }
`;

function anyIn(folder: string, pattern = /./): boolean {
  return existsSync(folder) && readdirSync(folder).some((name) => pattern.test(name));
}

function says(file: string, words: string): boolean {
  return existsSync(file) && readFileSync(file, 'utf8').includes(words);
}

// What a host may lack, and how to see that it does: a name is excused only there. The recorded hosts show these too.
const lacking: readonly { names: RegExp; without: string; has(): boolean }[] = [
  { names: /^node_bonding_/, without: 'bonded devices', has: () => existsSync('/sys/class/net/bonding_masters') },
  { names: /^node_cooling_/, without: 'cooling devices', has: () => anyIn('/sys/class/thermal', /^cooling/) },
  {
    names: /^node_cpu_scaling_/,
    without: 'frequency scaling',
    has: () => anyIn('/sys/devices/system/cpu/cpu0/cpufreq'),
  },
  { names: /^node_edac_/, without: 'error counts of memory', has: () => anyIn('/sys/devices/system/edac/mc', /^mc\d/) },
  { names: /^node_hwmon_/, without: 'sensors', has: () => anyIn('/sys/class/hwmon') },
  { names: /^node_md_/, without: 'software RAID', has: () => says('/proc/mdstat', 'active') },
  { names: /^node_power_supply_/, without: 'power supplies', has: () => anyIn('/sys/class/power_supply') },
  { names: /^node_schedstat_/, without: 'schedstat', has: () => existsSync('/proc/schedstat') },
  {
    names: /^node_nf_conntrack_/,
    without: 'conntrack',
    has: () => anyIn('/proc/sys/net/netfilter', /^nf_conntrack_max/),
  },
  { names: /^node_pressure_/, without: 'pressure stall information', has: () => anyIn('/proc/pressure') },
  { names: /^node_pressure_irq_/, without: 'pressure of interrupts', has: () => anyIn('/proc/pressure', /^irq$/) },
  // Off here: it needs systemd, and tests of its own show it on a real one.
  { names: /^node_systemd_/, without: 'systemd', has: () => false },
  ...['HardwareCorrupted', 'DirectMap1G', 'NFS_Unstable', 'Zswap', 'Zswapped', 'AnonHugePages', 'Percpu'].map(
    (line) => ({
      names: new RegExp(`^node_memory_${line}_bytes$`),
      without: `${line} in meminfo`,
      has: () => says('/proc/meminfo', `${line}:`),
    }),
  ),
  {
    names: /^node_memory_Shmem(?:Huge|Pmd)/,
    without: 'huge pages',
    has: () => says('/proc/meminfo', 'ShmemHugePages:'),
  },
  { names: /UdpLite|UDPLITE/, without: 'UDP-Lite', has: () => says('/proc/net/snmp', 'UdpLite:') },
];

test('serves every name of the dashboards and alert rules that this host can have', async () => {
  const daemon = await startDaemon(config);
  const scrape = async () => {
    const families = parseExposition(await fetchText(`${daemon.url}/metrics`));
    return new Set(families.map(({ family }) => family.name));
  };
  // The first run of the slowest is over a moment after the daemon serves.
  await until(async () => (await scrape()).has('node_processes_pids'), daemon.output);
  const served = await scrape();
  const asked = Object.values(dashboardNames).flat();
  const absent = asked.filter((name) => !served.has(name) && !(name in impossibleNames));
  const excused = absent.filter((name) => lacking.some(({ names, has }) => names.test(name) && !has()));
  const kinds = lacking.filter(({ names }) => excused.some((name) => names.test(name))).map(({ without }) => without);

  process.stdout.write(
    `of ${asked.length} names ${asked.length - absent.length - Object.keys(impossibleNames).length} are served; ` +
      `${excused.length} need what this host lacks (${kinds.join(', ')}); ` +
      `nobody has ${Object.keys(impossibleNames).join(', ')}\n`,
  );
  expect(absent.filter((name) => !excused.includes(name))).toEqual([]);
  // A virtual machine without any such hardware has all but these.
  expect(excused.length).toBeLessThan(35);
});
