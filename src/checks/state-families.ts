/** What a check counts as, and whether that is to be read with care. */
import { gauge } from '../collector.ts';

/** Whether a check counts as up. */
export const up = gauge(
  'vitald_check_up',
  'Whether the check is up: 0 after failing_after failures in a row, 1 after passing_after successes, absent before.',
);
/** Whether it is to be read with care. */
export const suppressed = gauge(
  'vitald_check_suppressed',
  'Whether what the check says is to be read with care: a check that it depends on is down, or it is in maintenance.',
);
/** Whether it is in maintenance. */
export const maintenance = gauge('vitald_check_maintenance', 'Whether a maintenance window of the check is open.');

/** What it depends on, for rules that look for the one failure behind many. */
export const dependsOnInfo = gauge('vitald_check_depends_on_info', 'A check without which this one cannot be up.', [
  'depends_on',
]);

/** All of them. */
export const stateFamilies = [up, suppressed, maintenance, dependsOnInfo] as const;
