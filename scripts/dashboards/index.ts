/** All dashboards, and where each is written. */
import { checksDashboard } from './checks.ts';
import type { Dashboard } from './dashboard.ts';
import { hostDashboard } from './host.ts';
import { vitaldDashboard } from './vitald.ts';

/** By the name of the file in `config/grafana`. */
export const dashboards: Readonly<Record<string, Dashboard>> = {
  host: hostDashboard,
  checks: checksDashboard,
  vitald: vitaldDashboard,
};
