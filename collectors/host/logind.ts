/**
 * Sessions that systemd-logind knows: who sits at the machine, and who came over the network.
 *
 * Source  D-Bus, org.freedesktop.login1.
 * Labels  seat: such as "seat0", empty for sessions without one, such as those of SSH; remote; type; class. Each
 *         combination is served, most of them as 0.
 */
import { defineCollector, gauge, malformed, type CollectorDefinition } from '../../src/collector.ts';
import { z } from '../../src/config/schema.ts';
import { openBus, propertyIfAny, systemBusAddress, type Bus } from './system-bus.ts';

const sessions = gauge('node_logind_sessions', 'Number of sessions registered in logind.', [
  'seat',
  'remote',
  'type',
  'class',
]);

// What is not listed counts as "other", so that the number of series is bounded.
const types = ['other', 'unspecified', 'tty', 'x11', 'wayland', 'mir', 'web'];
const classes = ['other', 'user', 'greeter', 'lock-screen', 'background'];

const destination = 'org.freedesktop.login1';
const manager = { destination, path: '/org/freedesktop/login1', interface: `${destination}.Manager` };

async function list(bus: Bus, member: string, signal: AbortSignal): Promise<unknown[][]> {
  const [rows] = await bus.call({ ...manager, member }, signal);
  if (!Array.isArray(rows) || !rows.every((row) => Array.isArray(row))) {
    throw malformed('logind', `${member} answered without a list`);
  }
  return rows as unknown[][];
}

interface Session {
  readonly seat: string;
  readonly remote: boolean;
  readonly type: string;
  readonly class: string;
}

const keyOf = (seat: string, remote: boolean, type: string, kind: string): string =>
  JSON.stringify([seat, remote, type, kind]);

/** One session; undefined where it ended meanwhile. */
async function sessionOf(bus: Bus, row: readonly unknown[], signal: AbortSignal): Promise<Session | undefined> {
  // Id, number of the user, name of the user, seat, object.
  const [, , , seat, path] = row;
  if (typeof seat !== 'string' || typeof path !== 'string')
    throw malformed('logind', 'ListSessions answered otherwise');
  const object = { destination, path, interface: `${destination}.Session` };
  const [remote, type, kind] = await Promise.all(
    ['Remote', 'Type', 'Class'].map((name) => propertyIfAny(bus, object, name, signal)),
  );
  if (typeof remote !== 'boolean' || typeof type !== 'string' || typeof kind !== 'string') return undefined;
  return {
    seat,
    remote,
    type: types.includes(type) ? type : 'other',
    class: classes.includes(kind) ? kind : 'other',
  };
}

const options = z.strictObject({});

/** The collector on a bus. */
export function logindOn(open: () => Bus): CollectorDefinition<typeof options> {
  return defineCollector({
    name: 'logind',
    summary: 'Sessions that systemd-logind knows.',
    source: 'D-Bus, org.freedesktop.login1',
    differences: ['A host without logind has no data instead of failing.'],
    enabled: false,
    schedule: '15s',
    timeout: '10s',
    families: [sessions],
    config: options,
    create() {
      const bus = open();
      return {
        async collect(signal) {
          const [seatRows, sessionRows] = await Promise.all([
            list(bus, 'ListSeats', signal),
            list(bus, 'ListSessions', signal),
          ]);
          const counts = new Map<string, number>();
          for (const session of await Promise.all(sessionRows.map((row) => sessionOf(bus, row, signal)))) {
            if (session === undefined) continue;
            const key = keyOf(session.seat, session.remote, session.type, session.class);
            counts.set(key, (counts.get(key) ?? 0) + 1);
          }
          const seats = [...seatRows.map(([seat]) => String(seat)), ''];
          return [true, false].flatMap((remote) =>
            types.flatMap((type) =>
              classes.flatMap((kind) =>
                seats.map((seat) =>
                  sessions.sample(counts.get(keyOf(seat, remote, type, kind)) ?? 0, {
                    seat,
                    remote: String(remote),
                    type,
                    class: kind,
                  }),
                ),
              ),
            ),
          );
        },
        close: () => bus.close(),
      };
    },
  });
}

/** Sessions of the host, over its system bus. */
export const logind = logindOn(() => openBus(systemBusAddress));
