import { describe, expect, test } from 'vitest';
import { flagNames, isConfigFlag, readFlags } from '../../../src/config/flags.ts';
import { Problems } from '../../../src/config/problems.ts';
import { ConfigError } from '../../../src/errors.ts';
import { smallRegistry } from '../../support/registry.ts';

/** What arguments set, and what is wrong with them. */
function read(...args: string[]) {
  const problems = new Problems();
  const { tree, flags } = readFlags(args, smallRegistry, problems);
  let mistakes: string[] = [];
  try {
    problems.throwIfAny();
  } catch (error) {
    mistakes = (error as ConfigError).problems.map(({ where, message }) => `${where}: ${message}`);
  }
  return { tree, flags, mistakes };
}

describe('a flag', () => {
  test.each<[string[], unknown]>([
    [['--log.level=debug'], { log: { level: 'debug' } }],
    [['--log.level', 'debug'], { log: { level: 'debug' } }],
    [['--path.procfs=/host/proc'], { path: { procfs: '/host/proc' } }],
    [['--web.telemetry-path=/m'], { web: { telemetry_path: '/m' } }],
    [['--web.telemetry_path=/m'], { web: { telemetry_path: '/m' } }],
    [['--web.max-requests=5'], { web: { max_requests: 5 } }],
    [['--web.listen-address=:9100'], { web: { listen_addresses: ':9100' } }],
    [['--defaults.schedule=*/10 * * * * *'], { defaults: { schedule: '*/10 * * * * *' } }],
    [['--path.procfs='], { path: { procfs: '' } }],
    [['--path.procfs=a=b'], { path: { procfs: 'a=b' } }],
    [['--collector.disks.size-factor=1.5'], { collectors: { disks: { size_factor: 1.5 } } }],
    [['--collector.disks.device-exclude=^ram'], { collectors: { disks: { device_exclude: '^ram' } } }],
    [['--collector.disks.device.exclude=^ram'], { collectors: { disks: { device_exclude: '^ram' } } }],
    [['--collector.disks.schedule=30s'], { collectors: { disks: { schedule: '30s' } } }],
    [['--collector.disks.stale-after=30s'], { collectors: { disks: { stale_after: '30s' } } }],
    [['--collector.mail_queues.url=5'], { collectors: { mail_queues: { url: '5' } } }],
    [['--collector.mail-queues.depth=5'], { collectors: { mail_queues: { depth: 5 } } }],
    [['--collector.disable-defaults'], { collectors: { disable_defaults: true } }],
  ])('sets the key that it is named after: %j', (args, tree) => {
    expect(read(...args)).toMatchObject({ tree, mistakes: [] });
  });

  test.each<[string[], unknown]>([
    [['--collector.mail_queues'], { collectors: { mail_queues: true } }],
    [['--no-collector.disks'], { collectors: { disks: false } }],
    [['--collector.disks.extended'], { collectors: { disks: { extended: true } } }],
    [['--collector.disks.extended=true'], { collectors: { disks: { extended: true } } }],
    [['--no-collector.disks.extended'], { collectors: { disks: { extended: false } } }],
    [['--collector.disks.extended=false'], { collectors: { disks: { extended: false } } }],
    [['--web.disable-exporter-metrics'], { web: { disable_exporter_metrics: true } }],
  ])('that is a switch takes no value apart: %j', (args, tree) => {
    expect(read(...args, '--log.level=info')).toMatchObject({ tree: { ...(tree as object), log: { level: 'info' } } });
  });

  test('that is repeated makes a list', () => {
    expect(read('--web.listen-address=:1', '--web.listen-address=:2', '--web.listen-address', ':3').tree).toEqual({
      web: { listen_addresses: [':1', ':2', ':3'] },
    });
  });

  test('that turns a collector on does not wipe out its options, before or after', () => {
    const tree = { collectors: { disks: { size_factor: 2 } } };

    expect(read('--collector.disks', '--collector.disks.size-factor=2').tree).toEqual(tree);
    expect(read('--collector.disks.size-factor=2', '--collector.disks').tree).toEqual(tree);
  });

  test('is remembered with the path that it set', () => {
    const { flags } = read('--collector.disks.size-factor=2', '--no-collector.mail_queues');

    expect([...flags]).toEqual([
      ['collectors.disks.size_factor', '--collector.disks.size-factor'],
      ['collectors.mail_queues', '--no-collector.mail_queues'],
    ]);
  });

  test('of node_exporter that has nothing to set here is let pass, with its value', () => {
    expect(read('--runtime.gomaxprocs=2', '--runtime.gomaxprocs', '1', '--log.level=warn')).toMatchObject({
      tree: { log: { level: 'warn' } },
      mistakes: [],
    });
  });

  test.each([
    [['--collector.disk'], '--collector.disk: unknown flag; did you mean "collector.disks"?'],
    [['--collector.disks.nonsense=1'], '--collector.disks.nonsense: unknown flag'],
    [['--log.levle=info'], '--log.levle: unknown flag; did you mean "log.level"?'],
    [['--log.level'], '--log.level: needs a value'],
    [['--no-log.level'], '--no-log.level: takes a value, so it has no --no- form'],
    [
      ['--no-collector.mail_queues.password=hunter2'],
      '--no-collector.mail_queues.password: takes a value, so it has no --no- form',
    ],
    [['--no-collector.nobody'], '--no-collector.nobody: unknown flag'],
  ])('that is wrong is told as it was written: %j', (args, message) => {
    expect(read(...args).mistakes).toHaveLength(1);
    expect(read(...args).mistakes[0]).toContain(message);
  });

  test('does not keep others from being read when it is wrong', () => {
    expect(read('--log.levle=info', '--log.level=warn', '--zzz.zzz=1')).toMatchObject({
      tree: { log: { level: 'warn' } },
      mistakes: [expect.stringContaining('--log.levle'), expect.stringContaining('--zzz.zzz')],
    });
  });
});

test('every flag of the help is understood', () => {
  const names = flagNames(smallRegistry);
  expect(names.length).toBeGreaterThan(20);

  for (const { flag } of names) {
    const isSwitch = flag.startsWith('--[no-]');
    const plain = flag.replace('[no-]', '');
    const args = isSwitch ? [plain, plain.replace('--', '--no-')] : [`${plain}=1`];

    expect(args.map((arg) => [arg, isConfigFlag(arg), read(arg).mistakes])).toEqual(args.map((arg) => [arg, true, []]));
  }
});

test.each(['--config.file=x', '--help', '-V', 'run', '--module=http_2xx', 'https://web.example', '--collectors'])(
  'an argument that is no config key is left to others: %s',
  (argument) => {
    expect(isConfigFlag(argument)).toBe(false);
  },
);
