import { expect, test } from 'vitest';
import { notifyDescriptor, openNotifier } from '../../../src/systemd/notify.ts';

const pid = 77;
const inherited = {
  NOTIFY_SOCKET: '/run/systemd/notify',
  LISTEN_PID: '77',
  LISTEN_FDS: '2',
  LISTEN_FDNAMES: 'metrics:notify',
};

/** A notifier with what it wrote and ran written down; `finish` ends the program that runs. */
function notifying(environment: NodeJS.ProcessEnv, { writable = true } = {}) {
  const written: string[] = [];
  const ran: string[][] = [];
  const failures: string[] = [];
  const ends: ((error: Error | null) => void)[] = [];
  const notifier = openNotifier(environment, (reason) => void failures.push(reason), {
    pid,
    channels: {
      write(descriptor, text) {
        if (!writable) throw new Error('ECONNREFUSED');
        written.push(`${descriptor} ${text}`);
      },
      run(assignments, done) {
        ran.push([...assignments]);
        ends.push(done);
      },
    },
  });
  return { notifier, written, ran, failures, finish: (error: Error | null = null) => ends.shift()!(error) };
}

test('is silent where no service manager listens', () => {
  expect(notifying({ ...inherited, NOTIFY_SOCKET: undefined }).notifier).toBeUndefined();
});

test('writes a message to the descriptor named notify, without a process', () => {
  const { notifier, written, ran } = notifying(inherited);

  notifier!.send({ READY: '1', STATUS: 'serving' });

  expect(written).toEqual(['4 READY=1\nSTATUS=serving']);
  expect(ran).toEqual([]);
});

test.each([
  ['was meant for another process', { ...inherited, LISTEN_PID: '78' }],
  ['has another name', { ...inherited, LISTEN_FDNAMES: 'metrics:page' }],
  ['is beyond the number of those that were passed', { ...inherited, LISTEN_FDS: '1' }],
  ['is not there at all', { NOTIFY_SOCKET: '/run/systemd/notify' }],
])('takes no descriptor that %s, and runs systemd-notify', (_case, environment) => {
  expect(notifyDescriptor(environment, pid)).toBeUndefined();
  const { notifier, written, ran } = notifying(environment);

  notifier!.send({ WATCHDOG: '1' });

  expect(written).toEqual([]);
  expect(ran).toEqual([['WATCHDOG=1']]);
});

test('runs systemd-notify where the descriptor takes nothing any more', () => {
  const { notifier, ran } = notifying(inherited, { writable: false });

  notifier!.send({ WATCHDOG: '1' });

  expect(ran).toEqual([['WATCHDOG=1']]);
});

test('runs one systemd-notify at a time, and sends what came meanwhile as one message', () => {
  const { notifier, ran, finish } = notifying({ NOTIFY_SOCKET: 'x' });

  notifier!.send({ READY: '1', STATUS: 'first' });
  notifier!.send({ WATCHDOG: '1', STATUS: 'second' });
  notifier!.send({ STATUS: 'third' });
  expect(ran).toEqual([['READY=1', 'STATUS=first']]);
  finish();

  expect(ran.slice(1)).toEqual([['WATCHDOG=1', 'STATUS=third']]);
});

test('keeps the end of a reload apart from its beginning', () => {
  const { notifier, ran, finish } = notifying({ NOTIFY_SOCKET: 'x' });

  notifier!.send({ WATCHDOG: '1' });
  notifier!.send({ RELOADING: '1', STATUS: 'reloading' });
  notifier!.send({ READY: '1', STATUS: 'serving' });
  finish();
  finish();

  expect(ran.slice(1)).toEqual([
    ['RELOADING=1', 'STATUS=reloading'],
    ['READY=1', 'STATUS=serving'],
  ]);
});

test('lets no value begin a line of its own', () => {
  const { notifier, written } = notifying(inherited);

  notifier!.send({ STATUS: 'bad file:\nREADY=1' });

  expect(written).toEqual(['4 STATUS=bad file: READY=1']);
});

test('tells of the first failure of systemd-notify only, and not of one that systemd ended at the stop', () => {
  const { notifier, failures, finish } = notifying({ NOTIFY_SOCKET: 'x' });

  notifier!.send({ STOPPING: '1' });
  finish(new Error('killed'));
  expect(failures).toEqual([]);

  for (let turn = 0; turn < 3; turn += 1) {
    notifier!.send({ WATCHDOG: '1' });
    finish(new Error('spawn systemd-notify ENOENT'));
  }
  expect(failures).toEqual(['spawn systemd-notify ENOENT']);
});
