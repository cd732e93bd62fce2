import { expect, test } from 'vitest';
import { CollectError } from '../../src/errors.ts';
import { openSysinfo } from '../../src/system/sysinfo.ts';

const patient = new AbortController().signal;

interface Waiting {
  resolve(value: string): void;
  reject(error: Error): void;
}

/** A library whose answers come when the test says so. */
function library() {
  const waiting: Waiting[] = [];
  const ask = () =>
    new Promise<never>((resolve, reject) => {
      waiting.push({ resolve: (value) => resolve(value as never), reject });
    });
  return { ask, waiting };
}

test('waits no longer than the signal allows', async () => {
  const { ask } = library();
  const controller = new AbortController();
  const late = new CollectError('TIMEOUT', 'did not answer within 10 ms');

  const answer = openSysinfo('linux', ask).ask('mem', controller.signal);
  controller.abort(late);

  await expect(answer).rejects.toBe(late);
  await expect(openSysinfo('linux', ask).ask('mem', controller.signal)).rejects.toBe(late);
});

test('asks nothing again that is still under way, and hands its answer to all who wait', async () => {
  const { ask, waiting } = library();
  const sysinfo = openSysinfo('linux', ask);
  const impatient = new AbortController();

  const first = sysinfo.ask('mem', impatient.signal);
  impatient.abort();
  await expect(first).rejects.toThrow(/aborted/);
  const second = sysinfo.ask('mem', patient);
  const third = sysinfo.ask('mem', patient);
  waiting[0]!.resolve('memory');

  expect(await second).toBe('memory');
  expect(await third).toBe('memory');
  expect(waiting).toHaveLength(1);
});

test('gives the last answer where the library would answer from its cache', async () => {
  const { ask, waiting } = library();
  let now = 0;
  const sysinfo = openSysinfo('linux', ask, () => now);
  const first = sysinfo.ask('networkStats', patient);
  waiting[0]!.resolve('full');
  await first;

  now = 599;
  expect(await sysinfo.ask('networkStats', patient)).toBe('full');
  now = 600;
  const second = sysinfo.ask('networkStats', patient);
  waiting[1]!.resolve('fresh');

  expect(await second).toBe('fresh');
});

test('names the question that failed', async () => {
  const { ask, waiting } = library();
  const answer = openSysinfo('linux', ask).ask('graphics', patient);
  waiting[0]!.reject(new Error('spawn lspci ENOENT'));

  await expect(answer).rejects.toMatchObject({
    code: 'SOURCE_UNREADABLE',
    message: 'systeminformation: graphics failed',
    cause: { message: 'spawn lspci ENOENT' },
  });
});
