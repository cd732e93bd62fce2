import { Variant } from '@jellybrick/dbus-next';
import { expect, test } from 'vitest';
import { logindOn } from '../../../collectors/host/logind.ts';
import { openBus } from '../../../collectors/host/system-bus.ts';
import { NoDataError } from '../../../src/collector.ts';
import { expose, start } from '../../support/expose.ts';
import { fakeBus, type Objects } from '../../support/fake-bus.ts';
import { canRunBus, startBus } from '../../support/private-bus.ts';
import { sceneOf } from '../../support/scene.ts';

const nowhere = sceneOf('');
const root = '/org/freedesktop/login1';

const seats = [['seat0', `${root}/seat/seat0`]];
const sessions = [
  ['2', 1000, 'ada', 'seat0', `${root}/session/_2`],
  ['5', 1000, 'ada', '', `${root}/session/_5`],
  ['6', 1001, 'bob', '', `${root}/session/_6`],
  ['7', 1001, 'bob', '', `${root}/session/_7`],
  ['8', 1001, 'bob', '', `${root}/session/_8`],
];

const session = (remote: boolean, type: string, kind: string): Objects[string] => ({
  'Session.Remote': remote,
  'Session.Type': type,
  'Session.Class': kind,
});

const objects: Objects = {
  [`${root}/session/_2`]: session(false, 'wayland', 'user'),
  [`${root}/session/_5`]: session(true, 'tty', 'user'),
  [`${root}/session/_6`]: session(true, 'tty', 'user'),
  [`${root}/session/_7`]: session(false, 'hologram', 'manager'),
  // The last one ended between the list and the question.
};

const expected = [
  'node_logind_sessions{class="user",remote="true",seat="",type="tty"} 2',
  'node_logind_sessions{class="other",remote="false",seat="",type="other"} 1',
  'node_logind_sessions{class="user",remote="false",seat="seat0",type="wayland"} 1',
];

const hostBus = () => fakeBus({ ListSeats: [seats], ListSessions: [sessions] }, objects);

test('counts sessions by seat, kind and where they come from', async () => {
  const scrape = await expose(logindOn(hostBus), nowhere);
  const lines = scrape.trimEnd().split('\n');

  expect(lines.slice(0, 2)).toEqual([
    '# HELP node_logind_sessions Number of sessions registered in logind.',
    '# TYPE node_logind_sessions gauge',
  ]);
  expect(lines.filter((line) => line.startsWith('node') && !line.endsWith(' 0'))).toEqual(expected);
  // Two seats, remote or not, seven types, five classes.
  expect(lines).toHaveLength(2 + 2 * 2 * 7 * 5);
});

test('knows the empty seat where there is no other', async () => {
  const scrape = await expose(
    logindOn(() => fakeBus({ ListSeats: [[]], ListSessions: [[]] }, {})),
    nowhere,
  );

  expect(scrape.trimEnd().split('\n')).toHaveLength(2 + 2 * 7 * 5);
  expect(scrape).toContain('node_logind_sessions{class="greeter",remote="false",seat="",type="x11"} 0\n');
});

test('has no data where there is no logind', async () => {
  const absent = new NoDataError('nobody on the bus is called org.freedesktop.login1');

  await expect(
    expose(
      logindOn(() => fakeBus({ ListSeats: absent, ListSessions: absent }, {})),
      nowhere,
    ),
  ).rejects.toBe(absent);
});

test.each([
  [{ ListSeats: [seats], ListSessions: [[['2', 1000, 'ada']]] }],
  [{ ListSeats: ['seat0'], ListSessions: [sessions] }],
])('fails where a list is none: %j', async (methods) => {
  await expect(
    expose(
      logindOn(() => fakeBus(methods, objects)),
      nowhere,
    ),
  ).rejects.toMatchObject({
    code: 'SOURCE_MALFORMED',
  });
});

test('closes its bus', () => {
  const bus = hostBus();
  start(
    logindOn(() => bus),
    nowhere,
  ).close();

  expect(bus.closed).toBe(true);
});

test.runIf(canRunBus)('reads the same over a real bus', async () => {
  const host = await startBus();
  try {
    await host.serve('org.freedesktop.login1', ({ path, member, body }) => {
      if (member === 'ListSeats') return ['a(so)', seats];
      if (member === 'ListSessions') return ['a(susso)', sessions];
      const value = objects[path]?.[`Session.${String(body[1])}`];
      return value === undefined ? undefined : ['v', new Variant(typeof value === 'boolean' ? 'b' : 's', value)];
    });
    const scrape = await expose(
      logindOn(() => openBus(host.address)),
      nowhere,
    );

    expect(scrape.split('\n').filter((line) => line.startsWith('node') && !line.endsWith(' 0'))).toEqual(expected);
  } finally {
    await host.stop();
  }
});
