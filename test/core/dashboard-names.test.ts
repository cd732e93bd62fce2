import { expect, test } from 'vitest';
import { builtIn } from '../../collectors/index.ts';
import { Instruments } from '../../src/instruments.ts';
import { standsFor } from '../support/declared-names.ts';
import { dashboardNames, impossibleNames } from '../support/dashboard-names.ts';

const declared = new Map(builtIn.collectors.map(({ name, families }) => [name, families.map((family) => family.name)]));

/** What the daemon says of itself: its instruments, and how each collector's last run went. */
async function ownNames(): Promise<string[]> {
  const instruments = new Instruments('0.0.0', { ofProcess: true });
  try {
    const blocks = await instruments.blocks();
    return [...blocks.map(({ family }) => family.name), ...runNames];
  } finally {
    instruments.close();
  }
}

const runNames = ['node_scrape_collector_duration_seconds', 'node_scrape_collector_success'];

test('a pattern stands for the names that fit it, and for no others', () => {
  expect(standsFor('node_vmstat_<field>', 'node_vmstat_pgfault')).toBe(true);
  expect(standsFor('node_vmstat_<field>', 'node_vmstat_')).toBe(false);
  expect(standsFor('node_load1', 'node_load15')).toBe(false);
});

test('every name that dashboards and alert rules of wide use ask for is declared by its collector', async () => {
  const own = await ownNames();
  const asked = Object.entries(dashboardNames).flatMap(([collector, names]) => {
    const families = collector === 'process' || collector === 'daemon' ? own : (declared.get(collector) ?? []);
    return names.map((name) => ({ name, found: families.some((family) => standsFor(family, name)) }));
  });
  const absent = asked.filter(({ found }) => !found).map(({ name }) => name);

  expect(asked.length).toBe(239);
  expect(new Set(asked.map(({ name }) => name)).size).toBe(239);
  expect(absent).toEqual(Object.keys(impossibleNames));
});
