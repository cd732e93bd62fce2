/**
 * Kernel files of a made machine, with as many CPUs and disks as wanted: what the default collectors read, in the
 * kernel's own layout, with numbers as long as those of a machine that has run for weeks.
 */
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** How large the machine is. */
export interface MachineSize {
  readonly cpus: number;
  readonly disks: number;
}

/** Numbers that look random and are the same in every run. */
function numbers(): (digits: number) => number {
  let state = 12345;
  return (digits) => {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    return Math.floor((state / 2 ** 32) * 9 * 10 ** (digits - 1)) + 10 ** (digits - 1);
  };
}

const list = <T>(count: number, make: (index: number) => T): T[] =>
  Array.from({ length: count }, (_, index) => make(index));

/** Writes the trees `proc`, `sys` and `udev` below a folder. */
export function writeTree(root: string, { cpus, disks }: MachineSize): void {
  const number = numbers();
  const row = (count: number, digits: number): string => list(count, () => number(digits)).join(' ');
  const write = (path: string, text: string): void => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  };
  const file = (path: string, lines: readonly string[]): void => write(path, `${lines.join('\n')}\n`);
  const cpuLine = (name: string): string => `${name} ${row(7, 8)} 0 ${row(1, 6)} 0`;

  file('proc/stat', [
    cpuLine('cpu '),
    ...list(cpus, (cpu) => cpuLine(`cpu${cpu}`)),
    `intr ${number(10)} ${row(300, 6)}`,
    `ctxt ${number(11)}`,
    'btime 1763000000',
    `processes ${number(7)}`,
    'procs_running 7',
    'procs_blocked 1',
    `softirq ${number(10)} ${row(10, 9)}`,
  ]);
  file('proc/schedstat', [
    'version 15',
    `timestamp ${number(10)}`,
    ...list(cpus, (cpu) => `cpu${cpu} 0 0 0 0 0 0 ${row(2, 14)} ${row(1, 9)}\ndomain0 ffffffff ${row(36, 6)}`),
  ]);
  const hex = (): string => number(8).toString(16).padStart(8, '0').slice(0, 8);
  file(
    'proc/net/softnet_stat',
    list(cpus, (cpu) => {
      const columns = [hex(), ...list(11, () => '00000000'), cpu.toString(16).padStart(8, '0'), '00000000', '00000000'];
      return columns.join(' ');
    }),
  );
  const diskName = (disk: number): string =>
    `sd${disk < 26 ? '' : String.fromCharCode(96 + Math.floor(disk / 26))}${String.fromCharCode(97 + (disk % 26))}`;
  file(
    'proc/diskstats',
    list(disks, (disk) => `   8 ${String(disk * 16).padStart(7)} ${diskName(disk)} ${row(8, 8)} 3 ${row(8, 7)}`),
  );
  for (let disk = 0; disk < disks; disk += 1) {
    write(`sys/block/${diskName(disk)}/queue/rotational`, '0\n');
    const serial = number(9);
    file(`udev/b8:${disk * 16}`, [
      'I:2345678',
      `E:ID_MODEL=MODEL_${disk}`,
      `E:ID_SERIAL_SHORT=${serial}`,
      `E:ID_PATH=pci-0000:00:1f.2-ata-${disk}`,
      `E:ID_WWN=0x5000c500${serial.toString(16)}`,
      'E:ID_ATA=1',
      'E:ID_ATA_WRITE_CACHE=1',
      'E:ID_ATA_WRITE_CACHE_ENABLED=1',
      'E:ID_ATA_ROTATION_RATE_RPM=7200',
    ]);
  }
  const cpuFolder = 'sys/devices/system/cpu';
  const range = `0-${cpus - 1}\n`;
  for (const name of ['online', 'present', 'possible']) write(`${cpuFolder}/${name}`, range);
  write(`${cpuFolder}/isolated`, '\n');
  for (let cpu = 0; cpu < cpus; cpu += 1) {
    const own = `${cpuFolder}/cpu${cpu}`;
    write(`${own}/topology/physical_package_id`, `${Math.floor(cpu / 64)}\n`);
    write(`${own}/topology/core_id`, `${cpu % 64}\n`);
    write(`${own}/thermal_throttle/core_throttle_count`, `${cpu}\n`);
    write(`${own}/thermal_throttle/package_throttle_count`, `${cpu}\n`);
    const policy = `${cpuFolder}/cpufreq/policy${cpu}`;
    const attributes = {
      scaling_cur_freq: `${number(7)}`,
      scaling_min_freq: '800000',
      scaling_max_freq: '3400000',
      cpuinfo_min_freq: '800000',
      cpuinfo_max_freq: '3400000',
      cpuinfo_transition_latency: '0',
      scaling_governor: 'schedutil',
      scaling_available_governors: 'performance schedutil',
      scaling_driver: 'acpi-cpufreq',
      related_cpus: `${cpu}`,
      scaling_setspeed: '<unsupported>',
    };
    for (const [name, value] of Object.entries(attributes)) write(`${policy}/${name}`, `${value}\n`);
    symlinkSync(`../cpufreq/policy${cpu}`, join(root, own, 'cpufreq'));
  }
  writeRest(root, write, file, number);
}

/** What does not grow with the machine. */
function writeRest(
  root: string,
  write: (path: string, text: string) => void,
  file: (path: string, lines: readonly string[]) => void,
  number: (digits: number) => number,
): void {
  const memory = `MemTotal MemFree MemAvailable Buffers Cached SwapCached Active Inactive Active(anon) Inactive(anon)
    Active(file) Inactive(file) Unevictable Mlocked SwapTotal SwapFree Dirty Writeback AnonPages Mapped Shmem KReclaimable
    Slab SReclaimable SUnreclaim KernelStack PageTables NFS_Unstable Bounce WritebackTmp CommitLimit Committed_AS
    VmallocTotal VmallocUsed VmallocChunk Percpu`.split(/\s+/);
  file(
    'proc/meminfo',
    memory.map((name) => `${`${name}:`.padEnd(16)}${String(number(8)).padStart(10)} kB`),
  );
  const vmstat = `pgpgin pgpgout pswpin pswpout pgfault pgmajfault oom_kill nr_free_pages nr_dirty pgalloc_normal pgfree`;
  file(
    'proc/vmstat',
    [...vmstat.split(' '), ...list(140, (index) => `nr_other_${index}`)].map((name) => `${name} ${number(8)}`),
  );
  write('proc/loadavg', '12.30 11.20 10.10 7/4321 98765\n');
  write('proc/uptime', '1234567.89 9876543.21\n');
  const traffic = (): string => list(16, () => number(9)).join(' ');
  file('proc/net/dev', [
    'Inter-|   Receive                                                |  Transmit',
    ' face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed',
    ...['lo', 'eth0', 'eth1', 'docker0'].map((name) => `${name.padStart(6)}: ${traffic()}`),
  ]);
  const counters = (prefix: string, names: readonly string[]): string[] => [
    `${prefix}: ${names.join(' ')}`,
    `${prefix}: ${names.map(() => number(7)).join(' ')}`,
  ];
  file('proc/net/snmp', [
    ...counters('Ip', ['Forwarding', 'DefaultTTL', 'InReceives', 'InDelivers', 'OutRequests']),
    ...counters('Icmp', ['InMsgs', 'InErrors', 'OutMsgs']),
    ...counters('Tcp', [
      'ActiveOpens',
      'PassiveOpens',
      'CurrEstab',
      'InSegs',
      'OutSegs',
      'RetransSegs',
      'InErrs',
      'OutRsts',
    ]),
    ...counters('Udp', ['InDatagrams', 'NoPorts', 'InErrors', 'OutDatagrams', 'RcvbufErrors', 'SndbufErrors']),
    ...counters('UdpLite', ['InErrors']),
  ]);
  file('proc/net/snmp6', [...list(80, (index) => `Ip6Other${index} \t${number(6)}`)]);
  file('proc/net/netstat', [
    ...counters('TcpExt', [
      'SyncookiesSent',
      'SyncookiesRecv',
      'ListenOverflows',
      'ListenDrops',
      'TCPTimeouts',
      ...list(110, (index) => `Other${index}`),
    ]),
    ...counters('IpExt', ['InOctets', 'OutOctets', ...list(15, (index) => `Other${index}`)]),
  ]);
  file('proc/net/sockstat', [
    'sockets: used 1234',
    'TCP: inuse 321 orphan 1 tw 45 alloc 400 mem 120',
    'UDP: inuse 12 mem 5',
    'UDPLITE: inuse 0',
    'RAW: inuse 0',
    'FRAG: inuse 0 memory 0',
  ]);
  for (const resource of ['cpu', 'memory', 'io']) {
    file(`proc/pressure/${resource}`, [
      `some avg10=0.12 avg60=0.34 avg300=0.56 total=${number(10)}`,
      `full avg10=0.01 avg60=0.02 avg300=0.03 total=${number(9)}`,
    ]);
  }
  write('proc/sys/fs/file-nr', '12345\t0\t9223372036854775807\n');
  write('proc/sys/kernel/random/entropy_avail', '256\n');
  write('proc/sys/kernel/random/poolsize', '256\n');
  write('proc/sys/kernel/threads-max', '1000000\n');
  write('proc/sys/kernel/pid_max', '4194304\n');
  const process = (pid: number): string =>
    `${pid} (worker ${pid}) S 1 ${pid} ${pid} 0 -1 4194560 ${list(8, () => number(5)).join(' ')} 20 0 1 0 ${list(16, () => number(5)).join(' ')} 0 0 0 17 3 0 0 0 0 0 0 0 0 0 0 0 0 0\n`;
  for (let pid = 1; pid <= 400; pid += 1) {
    write(`proc/${pid}/stat`, process(pid));
    mkdirSync(join(root, `proc/${pid}/task/${pid}`), { recursive: true });
    write(`proc/${pid}/task/${pid}/stat`, process(pid));
  }
  write('proc/1/mountinfo', '20 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda rw\n');
  write('proc/1/mounts', '/dev/sda / ext4 rw,relatime 0 0\n');
  for (const device of ['lo', 'eth0', 'eth1', 'docker0']) {
    const attributes = {
      address: '52:54:00:12:34:56',
      broadcast: 'ff:ff:ff:ff:ff:ff',
      carrier: '1',
      carrier_changes: '3',
      carrier_down_count: '1',
      carrier_up_count: '2',
      dev_id: '0x0',
      dormant: '0',
      duplex: 'full',
      flags: '0x1003',
      ifindex: '2',
      iflink: '2',
      link_mode: '0',
      mtu: '1500',
      operstate: 'up',
      speed: '10000',
      tx_queue_len: '1000',
      type: '1',
    };
    for (const [name, value] of Object.entries(attributes)) write(`sys/class/net/${device}/${name}`, `${value}\n`);
  }
}
