import { EventEmitter, once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Variant } from '@jellybrick/dbus-next';
import { afterEach, describe, expect, test } from 'vitest';
import { BusError, countOf, openBus, property, propertyIfAny, type Bus } from '../../../collectors/host/system-bus.ts';
import { NoDataError } from '../../../src/collector.ts';
import { canRunBus, silent, startBus, type PrivateBus, type ServiceReply } from '../../support/private-bus.ts';

const patient = new AbortController().signal;
const echo = { destination: 'org.example.Echo', path: '/org/example', interface: 'org.example.Echo', member: 'Say' };
const object = { destination: echo.destination, path: echo.path, interface: echo.interface };

const cleanUps: (() => unknown)[] = [];

afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).toReversed()) await cleanUp();
});

function opened(address: string, options: { peer?: boolean } = {}): Bus {
  const bus = openBus(address, options);
  cleanUps.push(() => bus.close());
  return bus;
}

async function started(): Promise<PrivateBus> {
  const bus = await startBus();
  cleanUps.push(() => bus.stop());
  return bus;
}

/** Listens on a socket of its own and does with each connection as told. */
async function listening(connected: (socket: Socket) => void): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'vitald-socket-'));
  const sockets: Socket[] = [];
  const server: Server = createServer((socket) => {
    sockets.push(socket);
    socket.on('error', () => {});
    connected(socket);
  });
  await new Promise<void>((resolve) => {
    server.listen(join(folder, 'bus'), resolve);
  });
  cleanUps.push(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
    rmSync(folder, { recursive: true });
  });
  return `unix:path=${join(folder, 'bus')}`;
}

describe.runIf(canRunBus)('on a bus', () => {
  test('calls a method and gives the body of its reply', async () => {
    const host = await started();
    await host.serve(echo.destination, ({ body }) => ['su', `${String(body[0])}!`, 7]);

    const reply = await opened(host.address).call({ ...echo, signature: 's', body: ['hello'] }, patient);

    expect(reply).toEqual(['hello!', 7]);
  });

  test('reads properties, and tells one that is refused', async () => {
    const host = await started();
    const answers: Record<string, ServiceReply> = { Size: ['v', new Variant('t', 5n)] };
    await host.serve(echo.destination, ({ member, body }) => (member === 'Get' ? answers[String(body[1])] : undefined));
    const bus = opened(host.address);

    expect(await property(bus, object, 'Size', patient)).toBe(5n);
    await expect(property(bus, object, 'Colour', patient)).rejects.toThrow(BusError);
    expect(await propertyIfAny(bus, object, 'Colour', patient)).toBeUndefined();
  });

  test('fails, rather than taking it for a refusal, where the service leaves while it is asked', async () => {
    const host = await started();
    const service = await host.serve(echo.destination, () => {
      service.disconnect();
      return silent;
    });

    await expect(propertyIfAny(opened(host.address), object, 'Size', patient)).rejects.toMatchObject({
      code: 'SOURCE_UNREADABLE',
    });
  });

  test('has no data where nobody has the name', async () => {
    const host = await started();

    await expect(opened(host.address).call(echo, patient)).rejects.toThrow(NoDataError);
  });

  test('keeps the connection from call to call', async () => {
    const host = await started();
    const senders = new Set<unknown>();
    const service = await host.serve(echo.destination, () => ['s', 'yes']);
    service.on('message', ({ sender, member }) => member === 'Say' && senders.add(sender));
    const bus = opened(host.address);

    for (let turn = 0; turn < 3; turn += 1) await bus.call(echo, patient);

    expect(senders.size).toBe(1);
  });

  test('never has more than 32 calls under way, and answers all of 200', async () => {
    const host = await started();
    let underWay = 0;
    let most = 0;
    await host.serve(echo.destination, ({ body }) => {
      underWay += 1;
      most = Math.max(most, underWay);
      return ['s', String(body[0])];
    });
    const bus = opened(host.address);

    const replies = await Promise.all(
      Array.from({ length: 200 }, async (_, index) => {
        const [reply] = await bus.call({ ...echo, signature: 's', body: [String(index)] }, patient);
        underWay -= 1;
        return reply;
      }),
    );

    expect(replies).toEqual(Array.from({ length: 200 }, (_, index) => String(index)));
    expect(most).toBeGreaterThan(1);
    expect(most).toBeLessThanOrEqual(32);
  });

  test('ends at the deadline where a service does not answer, and connects anew for the next call', async () => {
    const host = await started();
    let answer: ServiceReply = silent;
    const events = new EventEmitter();
    const senders: string[] = [];
    const service = await host.serve(echo.destination, () => {
      events.emit('asked');
      return answer;
    });
    service.on('message', ({ sender, member }) => member === 'Say' && senders.push(sender));
    const bus = opened(host.address);
    const controller = new AbortController();
    const late = new Error('late');

    const heard = once(events, 'asked');
    const call = bus.call(echo, controller.signal);
    await heard;
    controller.abort(late);
    await expect(call).rejects.toBe(late);
    answer = ['s', 'yes'];

    expect(await bus.call(echo, patient)).toEqual(['yes']);
    expect(new Set(senders).size).toBe(2);
    await expect(bus.call(echo, controller.signal)).rejects.toBe(late);
  });

  test('fails the calls under way when the bus ends, and finds the next bus', async () => {
    const first = await startBus();
    const events = new EventEmitter();
    await first.serve(echo.destination, () => {
      events.emit('asked');
      return silent;
    });
    const bus = opened(first.address);
    const heard = once(events, 'asked');

    const call = bus.call(echo, patient);
    await heard;
    const [outcome] = await Promise.allSettled([call, first.stop()]);

    expect(outcome).toMatchObject({ status: 'rejected', reason: { code: 'SOURCE_UNREADABLE' } });
    await expect(bus.call(echo, patient)).rejects.toThrow(NoDataError);
  });
});

describe('without a bus', () => {
  test('has no data where there is no socket', async () => {
    const bus = opened('unix:path=/nowhere/bus');

    await expect(bus.call(echo, patient)).rejects.toThrow(
      new NoDataError('no D-Bus listens at unix:path=/nowhere/bus'),
    );
    await expect(bus.call(echo, patient)).rejects.toThrow(NoDataError);
  });

  test('fails where the other side hangs up', async () => {
    const address = await listening((socket) => socket.destroy());

    await expect(opened(address).call(echo, patient)).rejects.toMatchObject({ code: 'SOURCE_UNREADABLE' });
  });

  test('ends at the deadline where the other side accepts and says nothing, and lets go of it', async () => {
    const events = new EventEmitter();
    const accepted = once(events, 'accepted');
    const closed = once(events, 'closed');
    const address = await listening((socket) => {
      socket.on('close', () => events.emit('closed'));
      socket.resume();
      events.emit('accepted');
    });
    const controller = new AbortController();
    const late = new Error('late');

    const call = opened(address).call(echo, controller.signal);
    await accepted;
    controller.abort(late);

    await expect(call).rejects.toBe(late);
    await closed;
  });
});

test.each([
  [7, 7],
  [5n, 5],
  [2n ** 64n - 2n, 18_446_744_073_709_552_000],
  [2n ** 64n - 1n, undefined],
  ['7', undefined],
  [undefined, undefined],
])('takes a count of any type: %s', (value, count) => {
  expect(countOf(value)).toBe(count);
});
