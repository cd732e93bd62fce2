/** What systemd's manager says over D-Bus (man 5 org.freedesktop.systemd1). */
import { malformed } from '../../../src/collector.ts';
import { property, propertyIfAny, type Bus } from '../system-bus.ts';

const destination = 'org.freedesktop.systemd1';
const manager = { destination, path: '/org/freedesktop/systemd1', interface: `${destination}.Manager` };

/** A unit as the manager lists it. */
export interface Unit {
  readonly name: string;
  readonly loadState: string;
  readonly activeState: string;
  /** Its D-Bus object. */
  readonly path: string;
}

/** The units that systemd has in memory. */
export async function listUnits(bus: Bus, signal: AbortSignal): Promise<Unit[]> {
  const [units] = await bus.call({ ...manager, member: 'ListUnits' }, signal);
  if (!Array.isArray(units)) throw malformed('systemd', 'ListUnits answered without a list');
  return units.map((row: unknown) => {
    // Name, description, load state, active state, sub state, whom it follows, object, and three fields of its job.
    const [name, , loadState, activeState, , , path] = Array.isArray(row) ? (row as unknown[]) : [];
    if (
      typeof name !== 'string' ||
      typeof loadState !== 'string' ||
      typeof activeState !== 'string' ||
      typeof path !== 'string'
    ) {
      throw malformed('systemd', `ListUnits answered ${JSON.stringify(row)}`);
    }
    return { name, loadState, activeState, path };
  });
}

/** A text of the manager's own; undefined where this systemd does not know it. */
export async function managerText(bus: Bus, name: string, signal: AbortSignal): Promise<string | undefined> {
  const value = await propertyIfAny(bus, manager, name, signal);
  return typeof value === 'string' ? value : undefined;
}

/** A property of a unit, by the interface that has it (`Unit`, `Service`, `Socket`, ...); undefined where it has none. */
export function unitProperty(
  bus: Bus,
  unit: Unit,
  kind: string,
  name: string,
  signal: AbortSignal,
): ReturnType<typeof property> {
  return propertyIfAny(bus, { destination, path: unit.path, interface: `${destination}.${kind}` }, name, signal);
}
