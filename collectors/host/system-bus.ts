/**
 * Calls over D-Bus to services of the host, for the collectors that have no other source.
 *
 * The client is the optional package @jellybrick/dbus-next, loaded at the first call. The connection stays open between
 * runs, as making one costs the bus a handshake; it is made anew when it broke, and dropped when a call met its
 * deadline, so that a bus that hangs is not waited for twice.
 */
import { EventEmitter, setMaxListeners } from 'node:events';
import { Duplex } from 'node:stream';
import type { Message, MessageBus } from '@jellybrick/dbus-next';
import { CollectError, NoDataError } from '../../src/collector.ts';
import { abortReason, orAborted } from '../../src/abort.ts';
import { errnoOf, messageOf } from '../../src/errors.ts';

/** A method of an object of a service. */
export interface BusCall {
  readonly destination: string;
  readonly path: string;
  readonly interface: string;
  readonly member: string;
  /** D-Bus types of the body, such as `ss`; absent where there is none. */
  readonly signature?: string;
  readonly body?: readonly unknown[];
}

/** Services of the host that can be called. */
export interface Bus {
  /**
   * The body of the reply. Rejects with `BusError` where the service refuses, with `NoDataError` where there is no bus or
   * no such service, with the reason of `signal` when that aborts, and with `CollectError` when the connection breaks.
   */
  call(call: BusCall, signal: AbortSignal): Promise<readonly unknown[]>;
  close(): void;
}

/** The service answered with an error, such as for a property that it does not know. */
export class BusError extends CollectError {
  readonly type: string;

  constructor(type: string, message: string) {
    super(type === 'org.freedesktop.DBus.Error.AccessDenied' ? 'SOURCE_FORBIDDEN' : 'SOURCE_UNREADABLE', message);
    this.name = 'BusError';
    this.type = type;
  }
}

/** The value of one property of an object. */
export async function property(
  bus: Bus,
  object: { readonly destination: string; readonly path: string; readonly interface: string },
  name: string,
  signal: AbortSignal,
): Promise<unknown> {
  const [variant] = await bus.call(
    {
      destination: object.destination,
      path: object.path,
      interface: 'org.freedesktop.DBus.Properties',
      member: 'Get',
      signature: 'ss',
      body: [object.interface, name],
    },
    signal,
  );
  return typeof variant === 'object' && variant !== null && 'value' in variant ? variant.value : undefined;
}

/** As `property`, undefined where the service refuses: the property is newer than the service, or the object left. */
export async function propertyIfAny(...request: Parameters<typeof property>): Promise<unknown> {
  try {
    return await property(...request);
  } catch (error) {
    if (error instanceof BusError) return undefined;
    throw error;
  }
}

/** A whole number of any D-Bus type; undefined for any other value, and for the largest, which means "unknown". */
export function countOf(value: unknown): number | undefined {
  if (typeof value === 'bigint') return value === 2n ** 64n - 1n ? undefined : Number(value);
  return typeof value === 'number' ? value : undefined;
}

/** Where the system bus listens, unless the environment says otherwise. */
export const systemBusAddress = process.env['DBUS_SYSTEM_BUS_ADDRESS'] ?? 'unix:path=/run/dbus/system_bus_socket';

// dbus-daemon cuts off a client that waits for more than 128 replies, in the releases that distributions carry.
const callsAtOnce = 32;

const absentServices = new Set([
  'org.freedesktop.DBus.Error.ServiceUnknown',
  'org.freedesktop.DBus.Error.NameHasNoOwner',
  'org.freedesktop.DBus.Error.Spawn.ServiceNotFound',
]);

// What the bus itself says when a service left while it was asked; nothing was refused then.
const withoutAnswer = new Set([
  'org.freedesktop.DBus.Error.NoReply',
  'org.freedesktop.DBus.Error.Disconnected',
  'org.freedesktop.DBus.Error.Timeout',
  'org.freedesktop.DBus.Error.TimedOut',
]);

type Library = typeof import('@jellybrick/dbus-next');

async function loadLibrary(): Promise<Library> {
  try {
    return await import('@jellybrick/dbus-next');
  } catch (error) {
    if (errnoOf(error) !== 'ERR_MODULE_NOT_FOUND') throw error;
    throw new NoDataError('the optional package @jellybrick/dbus-next is not installed');
  }
}

function connectionError(address: string, error: unknown): Error {
  const errno = errnoOf(error);
  if (errno === 'ENOENT' || errno === 'ECONNREFUSED') return new NoDataError(`no D-Bus listens at ${address}`);
  const code = errno === 'EACCES' || errno === 'EPERM' ? 'SOURCE_FORBIDDEN' : 'SOURCE_UNREADABLE';
  return new CollectError(code, `${address}: ${messageOf(error)}`, { cause: error });
}

/** One connection, from its making to its end. */
class Connection {
  readonly #address: string;
  readonly #library: Library;
  readonly #messages: MessageBus;
  /** How calls that wait for a reply learn that the connection broke. */
  readonly #waiting = new Set<(error: Error) => void>();
  #brokenBy: Error | undefined;

  constructor(address: string, library: Library) {
    this.#address = address;
    this.#library = library;
    this.#messages = library.sessionBus({ busAddress: address });
  }

  /**
   * Resolves when calls can be made. `peer` is for a socket behind which one service listens without a bus, so that
   * nobody answers the greeting of a bus; its refusal shows that the connection works.
   */
  open(peer: boolean): Promise<void> {
    const events: EventEmitter = this.#messages;
    const ready = new Promise<void>((resolve, reject) => {
      this.#waiting.add(reject);
      events.once('connect', () => resolve());
      events.on('error', (error: unknown) => {
        if (peer && error instanceof this.#library.DBusError) resolve();
        else this.#break(connectionError(this.#address, error));
      });
    });
    // The library tells nobody that the other side hung up, and calls under way would wait for ever.
    const wire: unknown = Reflect.get(this.#messages, '_connection');
    if (wire instanceof EventEmitter) {
      wire.once('end', () => this.#break(connectionError(this.#address, 'the other side hung up')));
    }
    return ready;
  }

  get broken(): boolean {
    return this.#brokenBy !== undefined;
  }

  async call({ body = [], ...head }: BusCall): Promise<readonly unknown[]> {
    try {
      const reply = await this.#reply(new this.#library.Message({ ...head, body: [...body] }));
      return reply?.body ?? [];
    } catch (error) {
      if (error instanceof CollectError || error instanceof NoDataError) throw error;
      if (!(error instanceof this.#library.DBusError)) throw connectionError(this.#address, error);
      if (absentServices.has(error.type)) throw new NoDataError(`nobody on the bus is called ${head.destination}`);
      if (withoutAnswer.has(error.type)) throw connectionError(this.#address, error);
      throw new BusError(error.type, `${head.destination} refuses ${head.member}: ${error.text}`);
    }
  }

  #reply(message: Message): Promise<Message | null> {
    return new Promise((resolve, reject) => {
      if (this.#brokenBy !== undefined) throw this.#brokenBy;
      this.#waiting.add(reject);
      this.#messages
        .call(message)
        .then(resolve, reject)
        .finally(() => this.#waiting.delete(reject));
    });
  }

  #break(error: Error): void {
    this.#brokenBy ??= error;
    for (const reject of this.#waiting) reject(error);
    this.#waiting.clear();
    this.close();
  }

  /** Hangs up; replies that are under way are not waited for. */
  close(): void {
    this.#messages.disconnect();
    // Disconnecting only says goodbye, which one that hangs does not hear.
    const wire: unknown = Reflect.get(this.#messages, '_connection');
    const stream: unknown = typeof wire === 'object' && wire !== null ? Reflect.get(wire, 'stream') : undefined;
    if (stream instanceof Duplex) stream.destroy();
  }
}

/** Opens a bus by its address; nothing is connected before the first call. */
export function openBus(address: string, { peer = false }: { readonly peer?: boolean } = {}): Bus {
  let current: { connection: Connection; ready: Promise<void> } | undefined;
  let free = callsAtOnce;
  const waiting: (() => void)[] = [];

  /** The connection in use, or a new one where that broke. */
  function connected(library: Library): { connection: Connection; ready: Promise<void> } {
    if (current === undefined || current.connection.broken) {
      const connection = new Connection(address, library);
      current = { connection, ready: connection.open(peer) };
    }
    return current;
  }

  async function send(call: BusCall, signal: AbortSignal): Promise<readonly unknown[]> {
    const { connection, ready } = connected(await loadLibrary());
    try {
      return await orAborted(
        ready.then(() => connection.call(call)),
        signal,
      );
    } catch (error) {
      if (signal.aborted) {
        connection.close();
        if (current?.connection === connection) current = undefined;
      }
      throw error;
    }
  }

  async function turn(): Promise<void> {
    if (free > 0) {
      free -= 1;
      return;
    }
    await new Promise<void>((resolve) => {
      waiting.push(resolve);
    });
  }

  function endTurn(): void {
    const next = waiting.shift();
    if (next === undefined) free += 1;
    else next();
  }

  return {
    async call(call, signal) {
      await turn();
      try {
        if (signal.aborted) throw abortReason(signal);
        // One listener for each call under way is no leak.
        setMaxListeners(0, signal);
        return await send(call, signal);
      } finally {
        endTurn();
      }
    },
    close() {
      current?.connection.close();
      current = undefined;
    },
  };
}
