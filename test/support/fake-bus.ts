/** A bus whose services are objects of a test: no sockets, no daemon. */
import { BusError, type Bus, type BusCall } from '../../collectors/host/system-bus.ts';

/** The properties of each object: by path, then by interface and name as in `Service.Type`. */
export type Objects = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

/** The replies of methods, by name. */
export type Methods = Readonly<Record<string, readonly unknown[] | Error>>;

/** A fake bus, with what it was asked. */
export interface FakeBus extends Bus {
  readonly calls: BusCall[];
  readonly closed: boolean;
}

/** Makes one; a property whose value is an error fails with it, one that is not there is refused. */
export function fakeBus(methods: Methods, objects: Objects): FakeBus {
  const calls: BusCall[] = [];
  let closed = false;
  const answer = (call: BusCall): readonly unknown[] | Error => {
    if (call.member !== 'Get') return methods[call.member] ?? new BusError('org.example.UnknownMethod', call.member);
    const [whole, name] = call.body as [string, string];
    const key = `${whole.slice(whole.lastIndexOf('.') + 1)}.${name}`;
    const value = objects[call.path]?.[key];
    if (value instanceof Error) return value;
    return value === undefined ? new BusError('org.example.UnknownProperty', key) : [{ signature: 'v', value }];
  };
  return {
    calls,
    get closed() {
      return closed;
    },
    call(call) {
      calls.push(call);
      const reply = answer(call);
      return reply instanceof Error ? Promise.reject(reply) : Promise.resolve(reply);
    },
    close() {
      closed = true;
    },
  };
}
