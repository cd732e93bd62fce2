/** What the contract of a collector costs by itself. */
import { emptyRunMicroseconds } from '../contract-cost.ts';
import type { Bench, Measured, Row } from '../row.ts';
import { median } from '../statistics.ts';

export const contract: Row = {
  name: 'contract',
  gives: ['empty-collector'],
  async run(bench: Bench): Promise<Measured[]> {
    const runs = bench.quick ? 5_000 : 20_000;
    const sync: number[] = [];
    const asynchronous: number[] = [];
    for (let round = 0; round < (bench.quick ? 3 : 8); round += 1) {
      sync.push(await emptyRunMicroseconds(runs, { isAsync: false }));
      asynchronous.push(await emptyRunMicroseconds(runs, { isAsync: true }));
    }
    return [
      {
        name: 'empty-collector',
        what: 'a run of an asynchronous collector that gives nothing, CPU time',
        against: 'the goal',
        unit: 'us',
        values: asynchronous,
        goal: 30,
        note: `${median(sync).toFixed(1)} us where it answers at once; ${runs} runs a round`,
      },
    ];
  },
};
