import { openSync, closeSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { Instruments } from '../../src/instruments.ts';
import { OwnProcess, ownProcessFamilies } from '../../src/own-process.ts';
import { openTree } from '../../src/system/tree.ts';
import { handClock } from '../support/hand-clock.ts';
import { sceneOf } from '../support/scene.ts';

const usage = { user: 1_500_000, system: 250_000 };
const cpu = {
  process_cpu_user_seconds_total: 1.5,
  process_cpu_system_seconds_total: 0.25,
  process_cpu_seconds_total: 1.75,
};

function valuesOf(own: OwnProcess): Record<string, number> {
  return Object.fromEntries(own.samples().map(({ family, value }) => [family.name, value]));
}

test('tells the CPU time, the memory and the open files of the process', () => {
  const folder = sceneOf(`
== proc/self/status
Name:	node
VmPeak:	  900 kB
VmSize:	  800 kB
VmHWM:	  700 kB
VmRSS:	   60 kB
VmData:	   50 kB
== proc/self/fd/0
== proc/self/fd/1
== proc/self/fd/17
`);
  const own = new OwnProcess(openTree(join(folder, 'proc')), () => usage);

  expect(valuesOf(own)).toEqual({
    ...cpu,
    process_open_fds: 3,
    process_resident_memory_bytes: 60 * 1024,
    process_virtual_memory_bytes: 800 * 1024,
    process_heap_bytes: 50 * 1024,
  });
});

test('leaves out what cannot be read', () => {
  const folder = sceneOf('== proc/self/status\nVmRSS:\t60 kB\nVmSize:\tmuch kB\n');
  const own = new OwnProcess(openTree(join(folder, 'proc')), () => usage);

  expect(valuesOf(own)).toEqual({ ...cpu, process_resident_memory_bytes: 60 * 1024 });
});

test('tells of this process, as it is at the moment', () => {
  const own = new OwnProcess();
  const before = valuesOf(own);
  const descriptors = Array.from({ length: 9 }, () => openSync('/dev/null', 'r'));
  const after = valuesOf(own);
  for (const descriptor of descriptors) closeSync(descriptor);
  own.close();
  const resident = Number(/VmRSS:\s+(\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))![1]) * 1024;

  expect(after['process_open_fds']).toBeGreaterThanOrEqual(before['process_open_fds']! + 9);
  expect(after['process_resident_memory_bytes']).toBeGreaterThan(resident / 2);
  expect(after['process_resident_memory_bytes']).toBeLessThan(resident * 2);
});

test('the instruments of the daemon tell each of these once, and hold their names', async () => {
  const instruments = new Instruments('0.0.0', { ofProcess: true });
  const names = (await instruments.blocks()).map(({ family }) => family.name);
  const held = [...ownProcessFamilies, 'nodejs_eventloop_lag_p50_seconds'].filter((name) => instruments.has(name));
  instruments.close();

  expect(names.filter((name) => ownProcessFamilies.has(name)).toSorted()).toEqual([...ownProcessFamilies].toSorted());
  expect(new Set(names).size).toBe(names.length);
  expect(held).toHaveLength(ownProcessFamilies.size + 1);
});

test('what Node.js tells of itself is asked for every 15 s, what changes with each run at once', async () => {
  const clock = handClock();
  const instruments = new Instruments('0.0.0', { clock });
  instruments.knowCollector('cpu');
  const blockOf = async (name: string) => (await instruments.blocks()).find(({ family }) => family.name === name);
  const at = async () => ({
    node: await blockOf('nodejs_heap_size_used_bytes'),
    cpu: await blockOf('process_cpu_seconds_total'),
    runs: await blockOf('vitald_collector_runs_total'),
  });

  const first = await at();
  clock.advance(10_000);
  instruments.collectorRan('cpu', 'success', 0);
  const second = await at();
  clock.advance(5000);
  const third = await at();
  instruments.close();

  expect(second.node).toBe(first.node);
  expect(second.cpu?.lines).not.toBe(first.cpu?.lines);
  expect(second.runs?.lines).toContain('{collector="cpu",result="success"} 1\n');
  expect(third.node?.lines).not.toBe(first.node?.lines);
});
