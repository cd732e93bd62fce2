/** `vitald plan`: what runs when. */
import { systemClock } from '../clock.ts';
import { byteSizeText } from '../config/byte-size.ts';
import type { Timing } from '../config/config.ts';
import { loadConfig } from '../config/load.ts';
import { offsetOf, Scheduler } from '../schedule/scheduler.ts';
import type { CommandContext } from './context.ts';
import { table } from './table.ts';

/** Lists every slot with its schedule, its offset, its deadline, when it goes stale, its limits and its next start. */
export async function showPlan({ registry, input, out }: CommandContext): Promise<number> {
  const config = await loadConfig(input, registry);
  const { timezone, spread } = config.scheduling;
  const listener = { jumped() {}, missed() {}, log() {} };
  const scheduler = new Scheduler({ clock: systemClock, timezone, spread, listener });
  const slots = [
    ...config.collectors.map(({ name, isolation, ...timing }) => ({
      id: `collector:${name}`,
      timing,
      memoryLimit: isolation?.memoryLimit,
    })),
    ...config.checks.map((check) => ({ id: `check:${check.name}`, timing: check as Timing, memoryLimit: undefined })),
  ];
  scheduler.set(slots.map(({ id, timing }) => ({ name: id, schedule: timing.schedule, run() {} })));
  scheduler.start();
  const rows = slots.map(({ id, memoryLimit, timing: { schedule, timeoutMs, staleAfterMs, maxSeries } }) => {
    const next = scheduler.nextRun({ name: id, schedule });
    return [
      id,
      schedule.source,
      schedule.expression,
      `+${spread ? offsetOf(id, schedule) : 0} ms`,
      `${timeoutMs} ms`,
      `${staleAfterMs} ms`,
      maxSeries === undefined ? '' : String(maxSeries),
      memoryLimit === undefined ? '' : byteSizeText(memoryLimit),
      next === undefined ? '' : new Date(next).toISOString(),
    ];
  });
  scheduler.stop();
  out(
    table(
      ['slot', 'schedule', 'cron', 'offset', 'deadline', 'stale after', 'max series', 'isolated', 'next start'],
      rows,
    ),
  );
  return 0;
}
