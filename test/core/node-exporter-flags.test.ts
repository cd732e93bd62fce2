import { describe, expect, test } from 'vitest';
import { builtIn } from '../../collectors/index.ts';
import type { Config } from '../../src/config/config.ts';
import { durationMs } from '../../src/config/duration.ts';
import { readFlags } from '../../src/config/flags.ts';
import { loadConfig } from '../../src/config/load.ts';
import { Problems } from '../../src/config/problems.ts';
import { ConfigError } from '../../src/errors.ts';
import { collectorsOff, collectorsOn, type FlagKind, nodeExporterFlags } from '../support/node-exporter-flags.ts';

const allOn = collectorsOff.map((name) => `--collector.${name}`);

function load(...args: string[]): Promise<Config> {
  return loadConfig({ args, environment: {}, platform: 'linux' }, builtIn);
}

/** What the loaded config has at the key that a flag sets, as one would write it. */
async function valueOf(flag: string, ...args: string[]): Promise<unknown> {
  const [path = ''] = readFlags([`--${flag}=1`], builtIn, new Problems()).flags.keys();
  const [section = '', ...keys] = path.split('.');
  const config = await load(...allOn, ...args);
  const [first = '', second = ''] = keys;
  const options: unknown =
    section === 'collectors'
      ? config.collectors.find(({ definition }) => definition.name === first)?.options
      : config[section as 'web' | 'path'];
  const value = (options as Record<string, unknown>)[section === 'collectors' ? second : first];
  // A compiled pattern knows what it was made of.
  return typeof value === 'object' && value !== null && 'source' in value ? value.source : value;
}

/** A value as the config has it, of the text that a flag takes. */
function meant(kind: FlagKind, text: string): unknown {
  if (kind === 'bool') return text === 'true';
  if (kind === 'int') return Number(text);
  if (kind === 'duration') return durationMs(text);
  if (kind === 'strings') return text === '' ? [] : [text];
  return text;
}

// Another value than the default, of each kind.
const others: Record<FlagKind, string> = {
  bool: 'true',
  string: '^a.b$',
  strings: 'kernel.pid_max',
  int: '7',
  duration: '9s',
};
const special: Record<string, string> = {
  'collector.ipvs.backend-labels': 'proto,local_port',
  'path.procfs': '/host/proc',
  'web.telemetry-path': '/m',
};

const flags = nodeExporterFlags.filter(([name]) => name !== 'collector.disable-defaults');

describe.each(flags)('--%s', (name, kind, fallback) => {
  const other = special[name] ?? (kind === 'bool' && fallback === 'true' ? 'false' : others[kind]);

  test('has the default of node_exporter', async () => {
    expect((await valueOf(name)) ?? '').toEqual(meant(kind, fallback));
  });

  test('takes a value after an equals sign', async () => {
    expect(await valueOf(name, `--${name}=${other}`)).toEqual(meant(kind, other));
  });

  test('takes a value apart, or is switched on alone and off by --no-', async () => {
    const isSwitch = kind === 'bool';
    const given = isSwitch ? [`--${name}`] : [`--${name}`, other];
    const otherwise = isSwitch ? [`--no-${name}`] : [];

    expect(await valueOf(name, ...given)).toEqual(isSwitch || meant(kind, other));
    expect((await valueOf(name, ...otherwise)) ?? '').toEqual(isSwitch ? false : meant(kind, fallback));
  });
});

test('a flag that may be repeated makes a list', async () => {
  const args = ['--collector.sysctl.include=kernel.pid_max', '--collector.sysctl.include', 'vm.swappiness'];

  expect(await valueOf('collector.sysctl.include', ...args)).toEqual(['kernel.pid_max', 'vm.swappiness']);
});

test('the same collectors are on by default, and two of ours', async () => {
  const { collectors } = await load();
  const names = collectors.map(({ definition }) => definition.name);

  expect(collectorsOn.length).toBe(49);
  expect(names.filter((name) => !collectorsOn.includes(name))).toEqual(['inventory', 'processes']);
  expect(collectorsOn.filter((name) => !names.includes(name))).toEqual([]);
});

test('every collector is switched by its flag, and all by one', async () => {
  const names = [...collectorsOn, ...collectorsOff];
  const on = await load('--collector.disable-defaults', ...names.map((name) => `--collector.${name}`));
  const off = await load(...names.map((name) => `--no-collector.${name}`));

  expect(on.collectors.map(({ definition }) => definition.name)).toEqual(names.toSorted());
  expect(off.collectors.map(({ definition }) => definition.name)).toEqual(['inventory']);
});

/** The mistakes that are found in a command line. */
async function mistakes(...args: string[]): Promise<string[]> {
  try {
    await load(...allOn, ...args);
    return [];
  } catch (error) {
    return (error as ConfigError).problems.map(({ where, message }) => `${where}: ${message}`);
  }
}

test.each([
  ['netdev.device-blacklist', 'netdev.device-exclude', 'device_exclude'],
  ['netdev.device-whitelist', 'netdev.device-include', 'device_include'],
  ['diskstats.ignored-devices', 'diskstats.device-exclude', 'device_exclude'],
  ['filesystem.ignored-mount-points', 'filesystem.mount-points-exclude', 'mount_points_exclude'],
  ['filesystem.ignored-fs-types', 'filesystem.fs-types-exclude', 'fs_types_exclude'],
  ['qdisk.device-include', 'qdisc.device-include', 'device_include'],
  ['qdisk.device-exclude', 'qdisc.device-exclude', 'device_exclude'],
  ['systemd.unit-whitelist', 'systemd.unit-include', 'unit_include'],
  ['systemd.unit-blacklist', 'systemd.unit-exclude', 'unit_exclude'],
  ['netdev.device-exclude', 'netdev.device-include', 'device_include'],
  ['netdev.device-blacklist', 'netdev.device-include', 'device_include'],
  ['netdev.device-exclude', 'netdev.device-whitelist', 'device_whitelist'],
  ['diskstats.device-exclude', 'diskstats.device-include', 'device_include'],
  ['diskstats.ignored-devices', 'diskstats.device-include', 'device_include'],
  ['filesystem.mount-points-exclude', 'filesystem.mount-points-include', 'mount_points_include'],
  ['filesystem.ignored-fs-types', 'filesystem.fs-types-include', 'fs_types_include'],
  ['qdisc.device-exclude', 'qdisc.device-include', 'device_include'],
])('--collector.%s is refused beside --collector.%s, in either order', async (refused, rival, key) => {
  const pair = [`--collector.${refused}=a`, `--collector.${rival}=b`];
  const expected = [`--collector.${refused}: cannot be given together with ${key}`];

  expect(await mistakes(...pair)).toEqual(expected);
  expect(await mistakes(...pair.toReversed())).toEqual(expected);
  expect(await mistakes(`--collector.${refused}=a`)).toEqual([]);
  expect(await mistakes(`--collector.${rival}=a`)).toEqual([]);
});

test.each([
  'arp.device',
  'ethtool.device',
  'hwmon.chip',
  'hwmon.sensor',
  'infiniband.device',
  'interrupts.name',
  'slabinfo.slabs',
  'systemd.unit',
])('--collector.%s-include and -exclude work together', async (filter) => {
  expect(await mistakes(`--collector.${filter}-include=a`, `--collector.${filter}-exclude=b`)).toEqual([]);
});

test('a flag for the Go runtime is taken, with nothing to set', async () => {
  expect(await mistakes('--runtime.gomaxprocs=2')).toEqual([]);
  expect(await mistakes('--runtime.gomaxprocs', '2', '--log.level=warn')).toEqual([]);
});

test('an empty exclude makes room for an include', async () => {
  expect(await mistakes('--collector.diskstats.device-exclude=', '--collector.diskstats.device-include=^sd')).toEqual(
    [],
  );
});
