import { expect, test } from 'vitest';
import type { Timex } from '../../../collectors/host/adjtimex.ts';
import { timex, timexFrom } from '../../../collectors/host/timex.ts';
import { NoDataError } from '../../../src/collector.ts';
import { expose, start, text } from '../../support/expose.ts';
import { sceneOf } from '../../support/scene.ts';

// A clock that chrony keeps, with a GPS receiver's pulse.
const kept: Timex = {
  state: 0,
  status: 0x2001 | 0x2 | 0x100,
  offset: -123_456,
  freq: -1_181_116,
  maxerror: 12_500,
  esterror: 31,
  constant: 7,
  tick: 10_000,
  ppsfreq: 65_536,
  jitter: 1_500,
  shift: 4,
  stabil: 32_768,
  jitcnt: 17,
  calcnt: 4_012,
  errcnt: 2,
  stbcnt: 5,
  tai: 37,
};

const clockOf = (kernel: Partial<Timex>) => ({
  ...timex,
  create: () => timexFrom(async () => () => ({ ...kept, ...kernel })),
});

test('reports a clock that is synchronized', async () => {
  const scrape = await expose(clockOf({}), sceneOf(''));

  expect(scrape).toBe(text`
    # HELP node_timex_estimated_error_seconds Estimated error in seconds.
    # TYPE node_timex_estimated_error_seconds gauge
    node_timex_estimated_error_seconds 0.000031
    # HELP node_timex_frequency_adjustment_ratio Local clock frequency adjustment.
    # TYPE node_timex_frequency_adjustment_ratio gauge
    node_timex_frequency_adjustment_ratio 0.9999819776000977
    # HELP node_timex_loop_time_constant Phase-locked loop time constant.
    # TYPE node_timex_loop_time_constant gauge
    node_timex_loop_time_constant 7
    # HELP node_timex_maxerror_seconds Maximum error in seconds.
    # TYPE node_timex_maxerror_seconds gauge
    node_timex_maxerror_seconds 0.0125
    # HELP node_timex_offset_seconds Time offset in between local system and reference clock.
    # TYPE node_timex_offset_seconds gauge
    node_timex_offset_seconds -0.000123456
    # HELP node_timex_pps_calibration_total Pulse per second count of calibration intervals.
    # TYPE node_timex_pps_calibration_total counter
    node_timex_pps_calibration_total 4012
    # HELP node_timex_pps_error_total Pulse per second count of calibration errors.
    # TYPE node_timex_pps_error_total counter
    node_timex_pps_error_total 2
    # HELP node_timex_pps_frequency_hertz Pulse per second frequency.
    # TYPE node_timex_pps_frequency_hertz gauge
    node_timex_pps_frequency_hertz 0.000001
    # HELP node_timex_pps_jitter_seconds Pulse per second jitter.
    # TYPE node_timex_pps_jitter_seconds gauge
    node_timex_pps_jitter_seconds 0.0000015
    # HELP node_timex_pps_jitter_total Pulse per second count of jitter limit exceeded events.
    # TYPE node_timex_pps_jitter_total counter
    node_timex_pps_jitter_total 17
    # HELP node_timex_pps_shift_seconds Pulse per second interval duration.
    # TYPE node_timex_pps_shift_seconds gauge
    node_timex_pps_shift_seconds 4
    # HELP node_timex_pps_stability_exceeded_total Pulse per second count of stability limit exceeded events.
    # TYPE node_timex_pps_stability_exceeded_total counter
    node_timex_pps_stability_exceeded_total 5
    # HELP node_timex_pps_stability_hertz Pulse per second stability, average of recent frequency changes.
    # TYPE node_timex_pps_stability_hertz gauge
    node_timex_pps_stability_hertz 5e-7
    # HELP node_timex_status Value of the status array bits.
    # TYPE node_timex_status gauge
    node_timex_status 8451
    # HELP node_timex_sync_status Is clock synchronized to a reliable server (1 = yes, 0 = no).
    # TYPE node_timex_sync_status gauge
    node_timex_sync_status 1
    # HELP node_timex_tai_offset_seconds International Atomic Time (TAI) offset.
    # TYPE node_timex_tai_offset_seconds gauge
    node_timex_tai_offset_seconds 37
    # HELP node_timex_tick_seconds Seconds between clock ticks.
    # TYPE node_timex_tick_seconds gauge
    node_timex_tick_seconds 0.01
  `);
});

test('takes offset and jitter for microseconds while the kernel does not count nanoseconds', async () => {
  const scrape = await expose(clockOf({ status: 1, offset: 250, jitter: 4 }), sceneOf(''));

  expect(scrape).toContain('\nnode_timex_offset_seconds 0.00025\n');
  expect(scrape).toContain('\nnode_timex_pps_jitter_seconds 0.000004\n');
});

test.each([
  [4, '1'],
  [5, '0'],
])('takes the state %i for a synchronization of %s', async (state, synchronized) => {
  const scrape = await expose(clockOf({ state }), sceneOf(''));

  expect(scrape).toContain(`\nnode_timex_sync_status ${synchronized}\n`);
});

test('opens the kernel once for all runs', async () => {
  let opened = 0;
  const counted = {
    ...timex,
    create: () =>
      timexFrom(async () => {
        opened += 1;
        return () => kept;
      }),
  };
  const exposed = start(counted, sceneOf(''));
  await exposed.scrape();
  await exposed.scrape();
  exposed.close();

  expect(opened).toBe(1);
});

test('has no data where the kernel may not be asked', async () => {
  const denied = { ...timex, create: () => timexFrom(() => Promise.reject(new NoDataError('no koffi'))) };

  await expect(expose(denied, sceneOf(''))).rejects.toThrow(new NoDataError('no koffi'));
});
