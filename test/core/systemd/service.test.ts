import { expect, test } from 'vitest';
import type { Logger } from '../../../src/log.ts';
import { openService } from '../../../src/systemd/service.ts';
import { handClock } from '../../support/hand-clock.ts';

const unit = { NOTIFY_SOCKET: 'x', LISTEN_PID: '77', LISTEN_FDS: '1', LISTEN_FDNAMES: 'notify' };

/** A service of a process 77, with the messages and log lines that it sent. */
function serving(environment: NodeJS.ProcessEnv) {
  const clock = handClock();
  const messages: string[] = [];
  const lines: string[] = [];
  const note = (_fields: object, message: string): void => void lines.push(message);
  const log: Logger = { debug: note, info: note, warn: note, error: note, child: () => log };
  const life = { text: 'all well', overdue: -1 };
  const service = openService({
    clock,
    environment,
    log,
    pid: 77,
    channels: { write: (_fd, text) => void messages.push(text.replaceAll('\n', ' ')), run() {} },
  });
  return {
    clock,
    service,
    life,
    messages,
    lines,
    watch: () => service.watch({ status: () => life.text, overdueMs: () => life.overdue }),
  };
}

test('tells when it serves, reloads and stops', () => {
  const { service, messages } = serving(unit);

  service.ready('24 collectors');
  service.reloading();
  service.status('the file is bad');
  service.ready('25 collectors');
  service.stopping();

  expect(messages).toEqual([
    'READY=1 STATUS=24 collectors',
    'RELOADING=1 STATUS=reloading',
    'STATUS=the file is bad',
    'READY=1 STATUS=25 collectors',
    'STOPPING=1 STATUS=stopping',
  ]);
});

test('sends the status with the food of the watchdog, and neither once it stops', () => {
  const { clock, service, life, messages, watch } = serving({ ...unit, WATCHDOG_USEC: '30000000' });

  watch();
  life.text = '1 failing';
  clock.advance(10_000);
  service.stopping();
  clock.advance(60_000);

  expect(messages).toEqual(['WATCHDOG=1 STATUS=all well', 'WATCHDOG=1 STATUS=1 failing', 'STOPPING=1 STATUS=stopping']);
});

test('does not feed the watchdog of a schedule that stands still, and says why the end is near', () => {
  const { clock, life, messages, lines, watch } = serving({ ...unit, WATCHDOG_USEC: '30000000' });

  watch();
  life.overdue = 60_000;
  clock.advance(30_000);

  expect(messages).toEqual(['WATCHDOG=1 STATUS=all well', 'STATUS=the schedule stands still']);
  expect(lines).toEqual(['the schedule stands still: the watchdog will end this']);
});

test('keeps the status up to date where the unit has no watchdog', () => {
  const { clock, messages, watch } = serving(unit);

  watch();
  clock.advance(10_000);

  expect(messages).toEqual(['STATUS=all well', 'STATUS=all well']);
});

test('does nothing for a process that nobody manages', () => {
  const { clock, service, messages, lines, watch } = serving({});

  service.ready('24 collectors');
  watch();
  clock.advance(60_000);
  service.stopping();

  expect([messages, lines]).toEqual([[], []]);
});
