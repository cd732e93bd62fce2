/** All rows, in the order of the table. */
import type { Row } from '../row.ts';
import { concurrency } from './concurrency.ts';
import { contract } from './contract.ts';
import { host } from './host.ts';
import { machines } from './machines.ts';
import { manyChecks } from './many-checks.ts';
import { memory } from './memory.ts';
import { http, https } from './probes.ts';
import { scrapers } from './scrapers.ts';
import { soak } from './soak.ts';
import { start } from './start.ts';
import { steadyChecks } from './steady-checks.ts';

export const rows: readonly Row[] = [
  host,
  http,
  https,
  concurrency,
  memory,
  manyChecks,
  steadyChecks,
  soak,
  start,
  contract,
  machines,
  scrapers,
];
