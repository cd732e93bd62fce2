/**
 * How well the clock is kept: whether it is synchronized, its offset, its errors and the state of its control loop.
 *
 * Source  adjtimex(2), through the optional package koffi; without it there is no data.
 * Units   the kernel has offset and jitter in nanoseconds while STA_NANO is set, else in microseconds; the errors and the
 *         tick in microseconds; frequencies in parts per million with a fraction of 16 bits.
 */
import { type Collector, counter, defineCollector, gauge, type Sample } from '../../src/collector.ts';
import { z } from '../../src/config/schema.ts';
import { openAdjtimex, type ReadTimex, type Timex } from './adjtimex.ts';

const syncStatus = gauge('node_timex_sync_status', 'Is clock synchronized to a reliable server (1 = yes, 0 = no).');
const offset = gauge('node_timex_offset_seconds', 'Time offset in between local system and reference clock.');
const frequency = gauge('node_timex_frequency_adjustment_ratio', 'Local clock frequency adjustment.');
const maximumError = gauge('node_timex_maxerror_seconds', 'Maximum error in seconds.');
const estimatedError = gauge('node_timex_estimated_error_seconds', 'Estimated error in seconds.');
const status = gauge('node_timex_status', 'Value of the status array bits.');
const constant = gauge('node_timex_loop_time_constant', 'Phase-locked loop time constant.');
const tick = gauge('node_timex_tick_seconds', 'Seconds between clock ticks.');
const ppsFrequency = gauge('node_timex_pps_frequency_hertz', 'Pulse per second frequency.');
const ppsJitter = gauge('node_timex_pps_jitter_seconds', 'Pulse per second jitter.');
const ppsShift = gauge('node_timex_pps_shift_seconds', 'Pulse per second interval duration.');
const ppsStability = gauge(
  'node_timex_pps_stability_hertz',
  'Pulse per second stability, average of recent frequency changes.',
);
const ppsJitterEvents = counter(
  'node_timex_pps_jitter_total',
  'Pulse per second count of jitter limit exceeded events.',
);
const ppsCalibrations = counter('node_timex_pps_calibration_total', 'Pulse per second count of calibration intervals.');
const ppsErrors = counter('node_timex_pps_error_total', 'Pulse per second count of calibration errors.');
const ppsStabilityEvents = counter(
  'node_timex_pps_stability_exceeded_total',
  'Pulse per second count of stability limit exceeded events.',
);
const taiOffset = gauge('node_timex_tai_offset_seconds', 'International Atomic Time (TAI) offset.');

export const timex = defineCollector({
  name: 'timex',
  summary: 'Whether the clock is synchronized, its offset and its errors.',
  source: 'adjtimex(2)',
  differences: ['Needs the optional package koffi; without it the collector has no data.'],
  enabled: true,
  families: [
    syncStatus,
    offset,
    frequency,
    maximumError,
    estimatedError,
    status,
    constant,
    tick,
    ppsFrequency,
    ppsJitter,
    ppsShift,
    ppsStability,
    ppsJitterEvents,
    ppsCalibrations,
    ppsErrors,
    ppsStabilityEvents,
    taiOffset,
  ],
  config: z.strictObject({}),
  create: () => timexFrom(openAdjtimex),
});

/** The collector for a kernel that is asked as `open` says; it is opened at the first run, and kept. */
export function timexFrom(open: () => Promise<ReadTimex>): Collector {
  let opening: Promise<ReadTimex> | undefined;
  let read: ReadTimex | undefined;

  async function openFirst(): Promise<Sample[]> {
    read = await (opening ??= open());
    return timexSamples(read());
  }

  return {
    // At once where it can: what is waited for needs a deadline, which costs more than this.
    collect: () => (read === undefined ? openFirst() : timexSamples(read())),
  };
}

const timeError = 5;
const staNano = 0x2000;
const nanosecond = 1e9;
const microsecond = 1e6;
const scaledPpm = 1e6 * 65_536;

function timexSamples(kernel: Timex): Sample[] {
  const fraction = (kernel.status & staNano) === 0 ? microsecond : nanosecond;
  return [
    syncStatus.sample(kernel.state === timeError ? 0 : 1),
    offset.sample(kernel.offset / fraction),
    frequency.sample(1 + kernel.freq / scaledPpm),
    maximumError.sample(kernel.maxerror / microsecond),
    estimatedError.sample(kernel.esterror / microsecond),
    status.sample(kernel.status),
    constant.sample(kernel.constant),
    tick.sample(kernel.tick / microsecond),
    ppsFrequency.sample(kernel.ppsfreq / scaledPpm),
    ppsJitter.sample(kernel.jitter / fraction),
    ppsShift.sample(kernel.shift),
    ppsStability.sample(kernel.stabil / scaledPpm),
    ppsJitterEvents.sample(kernel.jitcnt),
    ppsCalibrations.sample(kernel.calcnt),
    ppsErrors.sample(kernel.errcnt),
    ppsStabilityEvents.sample(kernel.stbcnt),
    taiOffset.sample(kernel.tai),
  ];
}
