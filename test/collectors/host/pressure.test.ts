import { expect, test } from 'vitest';
import { pressure } from '../../../collectors/host/pressure.ts';
import { CollectError, NoDataError } from '../../../src/collector.ts';
import { expose, systemOf, text, tornSystemOf } from '../../support/expose.ts';
import { sceneFolder, sceneOf } from '../../support/scene.ts';

/** The rich server, on which reading any file of pressure fails. */
function failingAs(code: 'SOURCE_UNREADABLE' | 'SOURCE_FORBIDDEN', errno: string) {
  const system = systemOf(sceneFolder('rich-server', ['pressure']));
  const fail = (path: string): never => {
    throw new CollectError(code, `${path}: ${errno}`, { cause: Object.assign(new Error(errno), { code: errno }) });
  };
  return { ...system, proc: { ...system.proc, readIfPresent: fail } };
}

test('reports the totals in seconds', async () => {
  const scrape = await expose(pressure, sceneFolder('rich-server', ['pressure']));

  expect(scrape).toBe(text`
    # HELP node_pressure_cpu_waiting_seconds_total Total time in seconds that processes have waited for CPU time
    # TYPE node_pressure_cpu_waiting_seconds_total counter
    node_pressure_cpu_waiting_seconds_total 14036.781344
    # HELP node_pressure_io_stalled_seconds_total Total time in seconds no process could make progress due to IO congestion
    # TYPE node_pressure_io_stalled_seconds_total counter
    node_pressure_io_stalled_seconds_total 1592.295101
    # HELP node_pressure_io_waiting_seconds_total Total time in seconds that processes have waited due to IO congestion
    # TYPE node_pressure_io_waiting_seconds_total counter
    node_pressure_io_waiting_seconds_total 1590.081279
    # HELP node_pressure_irq_stalled_seconds_total Total time in seconds no process could make progress due to IRQ congestion
    # TYPE node_pressure_irq_stalled_seconds_total counter
    node_pressure_irq_stalled_seconds_total 0.008494
    # HELP node_pressure_memory_stalled_seconds_total Total time in seconds no process could make progress due to memory congestion
    # TYPE node_pressure_memory_stalled_seconds_total counter
    node_pressure_memory_stalled_seconds_total 0.000008999999999999999
    # HELP node_pressure_memory_waiting_seconds_total Total time in seconds that processes have waited for memory
    # TYPE node_pressure_memory_waiting_seconds_total counter
    node_pressure_memory_waiting_seconds_total 0.012044000000000001
  `);
});

test('reports what an older kernel has, without irq and without a full line for the CPU', async () => {
  const scrape = await expose(
    pressure,
    sceneOf('== proc/pressure/cpu\nsome avg10=0.00 avg60=0.00 avg300=0.00 total=1\n== proc/pressure/io\nnew line=1'),
  );

  expect(scrape).toBe(text`
    # HELP node_pressure_cpu_waiting_seconds_total Total time in seconds that processes have waited for CPU time
    # TYPE node_pressure_cpu_waiting_seconds_total counter
    node_pressure_cpu_waiting_seconds_total 0.000001
  `);
});

test('says that the kernel has no pressure information', async () => {
  await expect(expose(pressure, sceneOf(''))).rejects.toThrow(
    new NoDataError('no pressure information: needs Linux 4.20 with CONFIG_PSI'),
  );
});

test('says how to turn it on where it was turned off at boot', async () => {
  await expect(expose(pressure, failingAs('SOURCE_UNREADABLE', 'ENOTSUP'))).rejects.toThrow(/psi=1/);
});

test('fails where the files may not be read', async () => {
  await expect(expose(pressure, failingAs('SOURCE_FORBIDDEN', 'EACCES'))).rejects.toMatchObject({
    code: 'SOURCE_FORBIDDEN',
  });
});

test.each(['', 'some avg10=0.00', 'some avg10=0.00 avg60=0.00 avg300=0.00 total=12'])(
  'refuses a torn file: %j',
  async (torn) => {
    await expect(expose(pressure, tornSystemOf(sceneOf(`=!= proc/pressure/cpu\n${torn}`)))).rejects.toMatchObject({
      code: 'SOURCE_MALFORMED',
    });
  },
);
