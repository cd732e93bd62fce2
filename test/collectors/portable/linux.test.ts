/**
 * The portable collectors against the kernel files of the Linux machine that runs the tests. Both are read one after the
 * other, so figures that grow may grow a little in between.
 */
import { existsSync, readdirSync, readFileSync, statfsSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { cpu } from '../../../collectors/portable/cpu.ts';
import { diskstats } from '../../../collectors/portable/diskstats.ts';
import { filesystem } from '../../../collectors/portable/filesystem.ts';
import { meminfo } from '../../../collectors/portable/meminfo.ts';
import { netdev } from '../../../collectors/portable/netdev.ts';
import type { AnyCollector, Sample } from '../../../src/collector.ts';
import { words } from '../../../src/system/numbers.ts';
import { start } from '../../support/expose.ts';
import { sceneOf } from '../../support/scene.ts';

const MiB = 1024 * 1024;

async function samplesOf(collector: AnyCollector): Promise<Sample[]> {
  return [...(await start(collector as never, sceneOf('')).collect())];
}

const valueOf = (samples: readonly Sample[], name: string, labels: Record<string, string> = {}): number | undefined =>
  samples.find(
    ({ family, labels: own }) =>
      family.name === name && Object.entries(labels).every(([label, value]) => own?.[label] === value),
  )?.value;

describe.runIf(process.platform === 'linux')('on Linux', () => {
  test('memory is that of /proc/meminfo, to 64 MiB where it moves', async () => {
    const samples = await samplesOf(meminfo);
    const kernel = new Map(
      readFileSync('/proc/meminfo', 'utf8')
        .split('\n')
        .map((line) => /^(\w+): +(\d+) kB$/.exec(line))
        .filter((match) => match !== null)
        .map(([, name, kB]) => [name!, Number(kB) * 1024]),
    );

    for (const name of ['MemTotal', 'SwapTotal']) {
      expect(valueOf(samples, `node_memory_${name}_bytes`)).toBe(kernel.get(name));
    }
    for (const name of ['MemFree', 'MemAvailable', 'Buffers', 'Cached', 'SwapFree', 'Slab', 'SReclaimable']) {
      const difference = valueOf(samples, `node_memory_${name}_bytes`)! - kernel.get(name)!;
      expect(Math.abs(difference)).toBeLessThanOrEqual(64 * MiB);
    }
  });

  test('CPU seconds are those of /proc/stat, to 2 seconds a mode', async () => {
    const samples = await samplesOf(cpu);
    const lines = readFileSync('/proc/stat', 'utf8')
      .split('\n')
      .filter((line) => /^cpu\d/.test(line));

    expect(samples).toHaveLength(lines.length * 5);
    for (const line of lines) {
      const [name = '', user, nice, system, idle, , irq] = line.split(' ');
      const modes = { user, nice, system, idle, irq };
      for (const [mode, ticks] of Object.entries(modes)) {
        const portable = valueOf(samples, 'node_cpu_seconds_total', { cpu: name.slice(3), mode });
        expect(Math.abs(portable! - Number(ticks) / 100)).toBeLessThanOrEqual(2);
      }
    }
  });

  test('the root file system has the size that statfs tells, to a block of df, and its space to 64 MiB', async () => {
    const samples = await samplesOf(filesystem);
    const { bsize, blocks, bavail } = statfsSync('/');
    const root = { mountpoint: '/' };

    expect(Math.abs(valueOf(samples, 'node_filesystem_size_bytes', root)! - bsize * blocks)).toBeLessThanOrEqual(1024);
    expect(Math.abs(valueOf(samples, 'node_filesystem_avail_bytes', root)! - bsize * bavail)).toBeLessThanOrEqual(
      64 * MiB,
    );
  });

  test('network bytes are those of /proc/net/dev, to 1 MiB', async () => {
    const samples = await samplesOf(netdev);
    const kernel = readFileSync('/proc/net/dev', 'utf8')
      .split('\n')
      .map((line) => /^ *(\S+): *(.*)$/.exec(line))
      .filter((match) => match !== null)
      .map(([, device, counts]) => ({ device: device!, counts: counts!.split(/ +/).map(Number) }));
    // The library knows interfaces that have an address.
    const known = kernel.filter(
      ({ device }) => valueOf(samples, 'node_network_receive_bytes_total', { device }) !== undefined,
    );

    expect(known.map(({ device }) => device)).toContain('lo');
    for (const { device, counts } of known) {
      const received = valueOf(samples, 'node_network_receive_bytes_total', { device })!;
      const sent = valueOf(samples, 'node_network_transmit_bytes_total', { device })!;
      expect(Math.abs(received - counts[0]!)).toBeLessThanOrEqual(MiB);
      expect(Math.abs(sent - counts[8]!)).toBeLessThanOrEqual(MiB);
    }
  });

  test.runIf(existsSync('/usr/bin/lsblk'))('reads and writes are those of whole disks, to 1,000', async () => {
    const samples = await samplesOf(diskstats);
    const disks = readdirSync('/sys/block').filter((device) => !/^(?:loop|ram|zram|dm-|md|nbd|fd|zd|sr)/.test(device));
    const stats = disks.map((device) => words(readFileSync(`/sys/block/${device}/stat`, 'utf8')).map(Number));
    const sum = (column: number): number => stats.reduce((total, line) => total + line[column]!, 0);

    expect(Math.abs(valueOf(samples, 'vitald_disks_reads_completed_total')! - sum(0))).toBeLessThanOrEqual(1000);
    expect(Math.abs(valueOf(samples, 'vitald_disks_writes_completed_total')! - sum(4))).toBeLessThanOrEqual(1000);
  });
});
