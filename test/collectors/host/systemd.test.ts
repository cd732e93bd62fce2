import { Variant } from '@jellybrick/dbus-next';
import { describe, expect, test } from 'vitest';
import { systemdOn } from '../../../collectors/host/systemd.ts';
import { openBus } from '../../../collectors/host/system-bus.ts';
import { CollectError, NoDataError } from '../../../src/collector.ts';
import { expose, start, text } from '../../support/expose.ts';
import { fakeBus, type FakeBus, type Objects } from '../../support/fake-bus.ts';
import { canRunBus, startBus } from '../../support/private-bus.ts';
import { sceneOf } from '../../support/scene.ts';

const nowhere = sceneOf('');
const managerPath = '/org/freedesktop/systemd1';
const unlimited = 2n ** 64n - 1n;

/** A row of ListUnits. */
function row(name: string, activeState: string, loadState = 'loaded'): unknown[] {
  const path = `${managerPath}/unit/${name.replaceAll(/[^a-z]/g, '_')}`;
  return [name, 'Some unit', loadState, activeState, 'sub', '', path, 0, '', '/'];
}

const rows = [
  row('ssh.service', 'active'),
  row('backup.service', 'failed'),
  row('backup.timer', 'active'),
  row('dbus.socket', 'active'),
  row('home.mount', 'active'),
  row('swapfile.swap', 'reloading'),
  row('ghost.service', 'inactive', 'not-found'),
];

const objects: Objects = {
  [managerPath]: {
    'Manager.Version': '252.39-1~deb12u1',
    'Manager.Virtualization': 'kvm',
    'Manager.SystemState': 'running',
  },
  [`${managerPath}/unit/ssh_service`]: {
    'Service.Type': 'notify',
    'Service.NRestarts': 3,
    'Service.TasksCurrent': 5n,
    'Service.TasksMax': 28_000n,
    'Unit.ActiveEnterTimestamp': 1_700_000_000_123_456n,
  },
  [`${managerPath}/unit/backup_service`]: {
    'Service.Type': 'oneshot',
    'Service.NRestarts': 0,
    'Service.TasksCurrent': unlimited,
    'Service.TasksMax': unlimited,
  },
  [`${managerPath}/unit/backup_timer`]: {
    'Timer.LastTriggerUSec': 1_700_003_600_000_001n,
    'Unit.ActiveEnterTimestamp': 1_699_000_000_000_000n,
  },
  [`${managerPath}/unit/dbus_socket`]: {
    'Socket.NAccepted': 12,
    'Socket.NConnections': 2,
    'Socket.NRefused': 1,
    'Unit.ActiveEnterTimestamp': 1_699_000_000_500_000n,
  },
  [`${managerPath}/unit/home_mount`]: { 'Mount.Type': 'ext4' },
};

const hostBus = (changed: Objects = {}): FakeBus => fakeBus({ ListUnits: [rows] }, { ...objects, ...changed });

const scrapeOf = (bus: FakeBus, options: Record<string, unknown> = {}): Promise<string> =>
  expose(
    systemdOn(() => bus),
    nowhere,
    options,
  );

const namesIn = (scrape: string): string[] =>
  [...scrape.matchAll(/unit_state\{name="([^"]+)",state="active"/g)].map(([, name]) => name!);

const defaults = text`
  # HELP node_systemd_socket_accepted_connections_total Total number of accepted socket connections
  # TYPE node_systemd_socket_accepted_connections_total counter
  node_systemd_socket_accepted_connections_total{name="dbus.socket"} 12
  # HELP node_systemd_socket_current_connections Current number of socket connections
  # TYPE node_systemd_socket_current_connections gauge
  node_systemd_socket_current_connections{name="dbus.socket"} 2
  # HELP node_systemd_socket_refused_connections_total Total number of refused socket connections
  # TYPE node_systemd_socket_refused_connections_total gauge
  node_systemd_socket_refused_connections_total{name="dbus.socket"} 1
  # HELP node_systemd_system_running Whether the system is operational (see 'systemctl is-system-running')
  # TYPE node_systemd_system_running gauge
  node_systemd_system_running 1
  # HELP node_systemd_timer_last_trigger_seconds Seconds since epoch of last trigger.
  # TYPE node_systemd_timer_last_trigger_seconds gauge
  node_systemd_timer_last_trigger_seconds{name="backup.timer"} 1700003600.000001
  # HELP node_systemd_unit_state Systemd unit
  # TYPE node_systemd_unit_state gauge
  node_systemd_unit_state{name="ssh.service",state="active",type="notify"} 1
  node_systemd_unit_state{name="ssh.service",state="activating",type="notify"} 0
  node_systemd_unit_state{name="ssh.service",state="deactivating",type="notify"} 0
  node_systemd_unit_state{name="ssh.service",state="inactive",type="notify"} 0
  node_systemd_unit_state{name="ssh.service",state="failed",type="notify"} 0
  node_systemd_unit_state{name="backup.service",state="active",type="oneshot"} 0
  node_systemd_unit_state{name="backup.service",state="activating",type="oneshot"} 0
  node_systemd_unit_state{name="backup.service",state="deactivating",type="oneshot"} 0
  node_systemd_unit_state{name="backup.service",state="inactive",type="oneshot"} 0
  node_systemd_unit_state{name="backup.service",state="failed",type="oneshot"} 1
  node_systemd_unit_state{name="backup.timer",state="active",type=""} 1
  node_systemd_unit_state{name="backup.timer",state="activating",type=""} 0
  node_systemd_unit_state{name="backup.timer",state="deactivating",type=""} 0
  node_systemd_unit_state{name="backup.timer",state="inactive",type=""} 0
  node_systemd_unit_state{name="backup.timer",state="failed",type=""} 0
  node_systemd_unit_state{name="dbus.socket",state="active",type=""} 1
  node_systemd_unit_state{name="dbus.socket",state="activating",type=""} 0
  node_systemd_unit_state{name="dbus.socket",state="deactivating",type=""} 0
  node_systemd_unit_state{name="dbus.socket",state="inactive",type=""} 0
  node_systemd_unit_state{name="dbus.socket",state="failed",type=""} 0
  node_systemd_unit_state{name="swapfile.swap",state="active",type=""} 0
  node_systemd_unit_state{name="swapfile.swap",state="activating",type=""} 0
  node_systemd_unit_state{name="swapfile.swap",state="deactivating",type=""} 0
  node_systemd_unit_state{name="swapfile.swap",state="inactive",type=""} 0
  node_systemd_unit_state{name="swapfile.swap",state="failed",type=""} 0
  # HELP node_systemd_units Summary of systemd unit states
  # TYPE node_systemd_units gauge
  node_systemd_units{state="active"} 4
  node_systemd_units{state="activating"} 0
  node_systemd_units{state="deactivating"} 0
  node_systemd_units{state="inactive"} 1
  node_systemd_units{state="failed"} 1
  node_systemd_units{state="reloading"} 1
  # HELP node_systemd_version Detected systemd version
  # TYPE node_systemd_version gauge
  node_systemd_version{version="252.39-1~deb12u1"} 252.39
  # HELP node_systemd_virtualization_info Detected virtualization technology
  # TYPE node_systemd_virtualization_info gauge
  node_systemd_virtualization_info{virtualization_type="kvm"} 1
`;

test('reports the states of units, and what sockets and timers tell', async () => {
  expect(await scrapeOf(hostBus())).toBe(defaults);
});

test('reports tasks, restarts and start times when asked to', async () => {
  const options = { enable_task_metrics: true, enable_restarts_metrics: true, enable_start_time_metrics: true };
  const scrape = await scrapeOf(hostBus(), options);
  const added = scrape
    .split('\n')
    .filter((line) => !defaults.split('\n').includes(line))
    .join('\n');

  expect(`${added}\n`).toBe(text`
    # HELP node_systemd_service_restart_total Service unit count of Restart triggers
    # TYPE node_systemd_service_restart_total counter
    node_systemd_service_restart_total{name="ssh.service"} 3
    node_systemd_service_restart_total{name="backup.service"} 0
    # HELP node_systemd_unit_start_time_seconds Start time of the unit since unix epoch in seconds.
    # TYPE node_systemd_unit_start_time_seconds gauge
    node_systemd_unit_start_time_seconds{name="ssh.service"} 1700000000.123456
    node_systemd_unit_start_time_seconds{name="backup.service"} 0
    node_systemd_unit_start_time_seconds{name="backup.timer"} 1699000000
    node_systemd_unit_start_time_seconds{name="dbus.socket"} 1699000000.5
    node_systemd_unit_start_time_seconds{name="swapfile.swap"} 0
    # HELP node_systemd_unit_tasks_current Current number of tasks per Systemd unit
    # TYPE node_systemd_unit_tasks_current gauge
    node_systemd_unit_tasks_current{name="ssh.service"} 5
    # HELP node_systemd_unit_tasks_max Maximum number of tasks per Systemd unit
    # TYPE node_systemd_unit_tasks_max gauge
    node_systemd_unit_tasks_max{name="ssh.service"} 28000
  `);
});

describe('chooses units by their whole name', () => {
  test.each([
    [{}, ['ssh.service', 'backup.service', 'backup.timer', 'dbus.socket', 'swapfile.swap']],
    [{ unit_include: 'backup' }, []],
    [{ unit_include: String.raw`backup\..+|home.*`, unit_exclude: '.+timer' }, ['backup.service', 'home.mount']],
    [{ unit_include: String.raw`(?i)SSH\.SERVICE` }, ['ssh.service']],
    [{ unit_exclude: 'ssh|backup.*|dbus.*|swap.*' }, ['ssh.service', 'home.mount']],
    [{ unit_whitelist: 'ssh.*', unit_blacklist: '.*mount' }, ['ssh.service']],
  ])('%j', async (options, names) => {
    expect(namesIn(await scrapeOf(hostBus(), options))).toEqual(names);
  });

  test('and tells the file system of a mount', async () => {
    const scrape = await scrapeOf(hostBus(), { unit_exclude: '', unit_include: 'home.mount' });

    expect(scrape).toContain('{name="home.mount",state="active",type="ext4"} 1\n');
  });

  test('and asks nothing of those that are left out', async () => {
    const bus = hostBus();
    await scrapeOf(bus, { unit_include: 'none' });

    expect(bus.calls.filter(({ path }) => path !== managerPath)).toEqual([]);
  });
});

describe('where something is refused', () => {
  test('leaves out what an older systemd does not know', async () => {
    const scrape = await scrapeOf(
      hostBus({
        [managerPath]: { 'Manager.Version': '208' },
        [`${managerPath}/unit/ssh_service`]: {},
        [`${managerPath}/unit/dbus_socket`]: { 'Socket.NAccepted': 12, 'Socket.NConnections': 2 },
      }),
      { unit_exclude: '.*mount', enable_restarts_metrics: true, enable_task_metrics: true },
    );

    expect(scrape).toContain('\nnode_systemd_version{version="208"} 208\n');
    expect(scrape).toContain('\nnode_systemd_virtualization_info{virtualization_type="unknown"} 1\n');
    expect(scrape).toContain('{name="ssh.service",state="active",type=""} 1\n');
    expect(scrape).toContain('node_systemd_socket_accepted_connections_total{name="dbus.socket"} 12\n');
    expect(scrape).not.toMatch(/refused|system_running|timer_last_trigger|restart_total\{name="ssh/);
  });

  test.each([
    ['', 'none'],
    ['oracle', 'oracle'],
  ])('names the virtualization %j', async (told, label) => {
    const scrape = await scrapeOf(hostBus({ [managerPath]: { 'Manager.Virtualization': told } }));

    expect(scrape).toContain(`{virtualization_type="${label}"} 1\n`);
    expect(scrape).toContain('\nnode_systemd_version{version=""} 0\n');
  });

  test.each(['degraded', 'starting', 'maintenance'])('does not take %s for running', async (state) => {
    const manager = { ...objects[managerPath], 'Manager.SystemState': state };

    expect(await scrapeOf(hostBus({ [managerPath]: manager }))).toContain('\nnode_systemd_system_running 0\n');
  });

  test('fails where the connection does', async () => {
    const broken = new CollectError('SOURCE_UNREADABLE', 'the other side hung up');

    await expect(scrapeOf(hostBus({ [`${managerPath}/unit/ssh_service`]: { 'Service.Type': broken } }))).rejects.toBe(
      broken,
    );
  });

  test.each([[[]], [['units']], [[[['ssh.service', 1]]]]])('fails where the list is none: %j', async (reply) => {
    await expect(scrapeOf(fakeBus({ ListUnits: reply }, objects))).rejects.toMatchObject({ code: 'SOURCE_MALFORMED' });
  });

  test('has no data where there is no systemd', async () => {
    const absent = new NoDataError('nobody on the bus is called org.freedesktop.systemd1');

    await expect(scrapeOf(fakeBus({ ListUnits: absent }, {}))).rejects.toThrow(NoDataError);
  });
});

test('closes its bus, and asks systemd itself when told to', async () => {
  const bus = hostBus();
  const asked: boolean[] = [];
  const exposed = start(
    systemdOn((peer) => {
      asked.push(peer);
      return bus;
    }),
    nowhere,
    { private: true },
  );
  exposed.close();

  expect(asked).toEqual([true]);
  expect(bus.closed).toBe(true);
});

test.runIf(canRunBus)('reads the same over a real bus', async () => {
  const types: Record<string, string> = { string: 's', number: 'u', bigint: 't' };
  const host = await startBus();
  try {
    await host.serve('org.freedesktop.systemd1', ({ path, member, body }) => {
      if (member === 'ListUnits') return ['a(ssssssouso)', rows];
      const [whole, name] = body as [string, string];
      const value = objects[path]?.[`${whole.slice(whole.lastIndexOf('.') + 1)}.${name}`];
      return value === undefined ? undefined : ['v', new Variant(types[typeof value]!, value)];
    });

    expect(
      await expose(
        systemdOn(() => openBus(host.address)),
        nowhere,
      ),
    ).toBe(defaults);
  } finally {
    await host.stop();
  }
});
