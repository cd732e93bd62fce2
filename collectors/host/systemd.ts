/**
 * States of systemd's units, and of systemd itself.
 *
 * Source  D-Bus, org.freedesktop.systemd1: one call that lists all units, then one for each property of a unit.
 * Units   seconds since 1970; systemd counts microseconds.
 * Labels  name: the unit, such as "ssh.service"; state: active, activating, deactivating, inactive or failed; type: what
 *         a service says of its start ("notify") or a mount of its file system, empty for other units.
 * Quirks  A property that is newer than the systemd at hand is refused: NRestarts is of 235, NRefused of 239. The largest
 *         64-bit number stands for "no limit" and for "not counted".
 */
import { counter, defineCollector, gauge, type CollectorDefinition, type Sample } from '../../src/collector.ts';
import { nameFilter, pattern, patternWithDefault, z, type Pattern } from '../../src/config/schema.ts';
import { decimal } from '../../src/system/numbers.ts';
import { countOf, openBus, systemBusAddress, type Bus } from './system-bus.ts';
import { listUnits, managerText, unitProperty, type Unit } from './systemd/manager.ts';

const unitState = gauge('node_systemd_unit_state', 'Systemd unit', ['name', 'state', 'type']);
const startTime = gauge('node_systemd_unit_start_time_seconds', 'Start time of the unit since unix epoch in seconds.', [
  'name',
]);
const tasksCurrent = gauge('node_systemd_unit_tasks_current', 'Current number of tasks per Systemd unit', ['name']);
const tasksMax = gauge('node_systemd_unit_tasks_max', 'Maximum number of tasks per Systemd unit', ['name']);
const systemRunning = gauge(
  'node_systemd_system_running',
  "Whether the system is operational (see 'systemctl is-system-running')",
);
const units = gauge('node_systemd_units', 'Summary of systemd unit states', ['state']);
const restarts = counter('node_systemd_service_restart_total', 'Service unit count of Restart triggers', ['name']);
const lastTrigger = gauge('node_systemd_timer_last_trigger_seconds', 'Seconds since epoch of last trigger.', ['name']);
const accepted = counter(
  'node_systemd_socket_accepted_connections_total',
  'Total number of accepted socket connections',
  ['name'],
);
const connections = gauge('node_systemd_socket_current_connections', 'Current number of socket connections', ['name']);
// A count, but node_exporter serves it as a gauge.
const refused = gauge('node_systemd_socket_refused_connections_total', 'Total number of refused socket connections', [
  'name',
]);
const version = gauge('node_systemd_version', 'Detected systemd version', ['version']);
const virtualization = gauge('node_systemd_virtualization_info', 'Detected virtualization technology', [
  'virtualization_type',
]);

const states = ['active', 'activating', 'deactivating', 'inactive', 'failed'];

// From this release on the manager tells its state, and timers when they ran.
const tellsState = 212;

const options = z.strictObject({
  unit_include: patternWithDefault('.+').describe(
    'Regexp of units to report, by their whole name; both this and the exclude option may be given.',
  ),
  unit_exclude: patternWithDefault(String.raw`.+\.(automount|device|mount|scope|slice)`).describe(
    'Regexp of units to leave out, by their whole name.',
  ),
  unit_whitelist: pattern().optional().describe('Deprecated alias of unit_include.'),
  unit_blacklist: pattern().optional().describe('Deprecated alias of unit_exclude.'),
  enable_task_metrics: z.boolean().default(false).describe('Whether to report the tasks of services.'),
  enable_restarts_metrics: z.boolean().default(false).describe('Whether to report how often services were restarted.'),
  enable_start_time_metrics: z.boolean().default(false).describe('Whether to report when units became active.'),
  private: z
    .boolean()
    .default(false)
    .describe('Whether to ask systemd at its own socket instead of the bus; needs root, for tests only.'),
});

/** The pattern for whole names; flags such as `(?i)` stay at its start. */
function whole({ source }: Pattern): Pattern {
  const [flags = ''] = /^\(\?[imsU]+\)/.exec(source) ?? [];
  return pattern().parse(`${flags}^(?:${source.slice(flags.length)})$`);
}

/** The collector on a bus. */
export function systemdOn(open: (peer: boolean) => Bus): CollectorDefinition<typeof options> {
  return defineCollector({
    name: 'systemd',
    summary: 'States of systemd units.',
    source: 'D-Bus, org.freedesktop.systemd1',
    differences: [
      'The connection to the bus is kept, and a run ends at its deadline instead of waiting for the bus for minutes.',
      'A host without systemd has no data instead of failing.',
    ],
    enabled: false,
    schedule: '15s',
    timeout: '10s',
    families: [
      unitState,
      startTime,
      tasksCurrent,
      tasksMax,
      systemRunning,
      units,
      restarts,
      lastTrigger,
      accepted,
      connections,
      refused,
      version,
      virtualization,
    ],
    aliases: { unit_whitelist: 'unit_include', unit_blacklist: 'unit_exclude' },
    combinable: ['unit'],
    config: options,
    create(config) {
      const bus = open(config.private);
      const wanted = nameFilter(
        whole(config.unit_whitelist ?? config.unit_include),
        whole(config.unit_blacklist ?? config.unit_exclude),
      );

      async function ofManager(signal: AbortSignal): Promise<{ samples: Sample[]; release: number }> {
        const [text, virtual] = await Promise.all([
          managerText(bus, 'Version', signal),
          managerText(bus, 'Virtualization', signal),
        ]);
        const release = decimal(/\d{3,}(?:\.\d+)?/.exec(text ?? '')?.[0]);
        const samples = [
          version.sample(release ?? 0, { version: release === undefined ? '' : (text ?? '') }),
          // On bare metal the text is empty.
          virtualization.sample(1, { virtualization_type: virtual === '' ? 'none' : (virtual ?? 'unknown') }),
        ];
        if (release !== undefined && release >= tellsState) {
          const state = await managerText(bus, 'SystemState', signal);
          if (state !== undefined) samples.push(systemRunning.sample(state === 'running' ? 1 : 0));
        }
        return { samples, release: release ?? 0 };
      }

      async function ofService({ name }: Unit, ask: Ask): Promise<Sample[]> {
        const samples: Sample[] = [];
        if (config.enable_restarts_metrics) {
          const count = countOf(await ask('Service', 'NRestarts'));
          if (count !== undefined) samples.push(restarts.sample(count, { name }));
        }
        if (config.enable_task_metrics) {
          const [current, limit] = await Promise.all([ask('Service', 'TasksCurrent'), ask('Service', 'TasksMax')]);
          const tasks = [
            [tasksCurrent, countOf(current)],
            [tasksMax, countOf(limit)],
          ] as const;
          for (const [family, count] of tasks) if (count !== undefined) samples.push(family.sample(count, { name }));
        }
        return samples;
      }

      async function ofUnit(unit: Unit, release: number, signal: AbortSignal): Promise<Sample[]> {
        const { name, activeState } = unit;
        const ask: Ask = (kind, property) => unitProperty(bus, unit, kind, property, signal);
        const kind = name.slice(name.lastIndexOf('.') + 1);
        const told = kind === 'service' ? ask('Service', 'Type') : kind === 'mount' ? ask('Mount', 'Type') : undefined;
        const [type, since, own] = await Promise.all([
          told,
          config.enable_start_time_metrics && activeState === 'active' ? ask('Unit', 'ActiveEnterTimestamp') : 0,
          kind === 'service'
            ? ofService(unit, ask)
            : kind === 'socket'
              ? ofSocket(unit, ask)
              : kind === 'timer' && release >= tellsState
                ? ofTimer(unit, ask)
                : [],
        ]);
        const samples = states.map((state) =>
          unitState.sample(state === activeState ? 1 : 0, { name, state, type: typeof type === 'string' ? type : '' }),
        );
        const startUsec = countOf(since);
        if (config.enable_start_time_metrics && startUsec !== undefined) {
          samples.push(startTime.sample(startUsec / 1e6, { name }));
        }
        return [...samples, ...own];
      }

      return {
        async collect(signal) {
          const [all, { samples, release }] = await Promise.all([listUnits(bus, signal), ofManager(signal)]);
          const counts = new Map(states.map((state) => [state, 0]));
          for (const { activeState } of all) counts.set(activeState, (counts.get(activeState) ?? 0) + 1);
          for (const [state, count] of counts) samples.push(units.sample(count, { state }));

          const chosen = all.filter(({ name, loadState }) => loadState === 'loaded' && wanted(name));
          const perUnit = await Promise.all(chosen.map((unit) => ofUnit(unit, release, signal)));
          return [...samples, ...perUnit.flat()];
        },
        close: () => bus.close(),
      };
    },
  });
}

/** Asks one property of the unit at hand. */
type Ask = (kind: string, property: string) => Promise<unknown>;

async function ofSocket({ name }: Unit, ask: Ask): Promise<Sample[]> {
  const values = await Promise.all([
    ask('Socket', 'NAccepted'),
    ask('Socket', 'NConnections'),
    ask('Socket', 'NRefused'),
  ]);
  return [accepted, connections, refused].flatMap((family, index) => {
    const count = countOf(values[index]);
    return count === undefined ? [] : [family.sample(count, { name })];
  });
}

async function ofTimer({ name }: Unit, ask: Ask): Promise<Sample[]> {
  const usec = countOf(await ask('Timer', 'LastTriggerUSec'));
  return usec === undefined ? [] : [lastTrigger.sample(usec / 1e6, { name })];
}

/** Units of the host, over its system bus. */
export const systemd = systemdOn((peer) =>
  peer ? openBus('unix:path=/run/systemd/private', { peer }) : openBus(systemBusAddress),
);
