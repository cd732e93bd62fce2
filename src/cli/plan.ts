/** `vitald plan`: what runs when. */
import { hostname } from 'node:os';
import { systemClock } from '../clock.ts';
import { byteSizeText } from '../config/byte-size.ts';
import { isOfHost, type Timing } from '../config/config.ts';
import { loadConfig } from '../config/load.ts';
import { Scheduler } from '../schedule/scheduler.ts';
import type { CommandContext } from './context.ts';
import { table } from './table.ts';

/** Lists every slot with its schedule, its offset, its deadline, when it goes stale, its limits and its next start. */
export async function showPlan({ registry, input, out }: CommandContext): Promise<number> {
  const config = await loadConfig(input, registry);
  const { timezone, spread } = config.scheduling;
  const listener = { jumped() {}, missed() {}, failed() {} };
  const scheduler = new Scheduler({ clock: systemClock, timezone, spread, host: hostname(), listener });
  const slots = [
    ...config.collectors.map((collector) => ({
      id: `collector:${collector.name}`,
      together: isOfHost(collector),
      timing: collector as Timing,
      memoryLimit: collector.isolation?.memoryLimit,
    })),
    ...config.checks.map((check) => ({
      id: `check:${check.name}`,
      together: false,
      timing: check as Timing,
      memoryLimit: undefined,
    })),
  ];
  scheduler.set(slots.map(({ id, together, timing: { schedule } }) => ({ name: id, schedule, together, run() {} })));
  scheduler.start();
  const rows = slots.map(({ id, memoryLimit, timing: { schedule, timeoutMs, staleAfterMs, maxSeries } }) => {
    const slot = { name: id, schedule };
    const next = scheduler.nextRun(slot);
    return [
      id,
      schedule.source,
      schedule.expression,
      `+${scheduler.offsetOf(slot)} ms`,
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
