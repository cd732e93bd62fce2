/** Starts the process that only probes, and sends it on tours. */
import { type ChildProcess, fork } from 'node:child_process';
import { onTestFinished } from 'vitest';
import type { Tour, TourReport } from './zoo-visitor.ts';

/** A process that makes tours; it ends with the test. */
export async function startVisitor(
  deadlineMs: number,
): Promise<(tour: Omit<Tour, 'deadlineMs'>) => Promise<TourReport>> {
  const path = new URL('zoo-visitor.ts', import.meta.url).pathname;
  const child: ChildProcess = fork(path, { execArgv: ['--import', 'tsx', '--expose-gc'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  const message = () =>
    new Promise<unknown>((resolve, reject) => {
      child.once('message', resolve);
      child.once('exit', (status) => reject(new Error(`the visitor ended with ${status}`)));
    });
  await message();
  return async (tour) => {
    const report = message();
    child.send({ ...tour, deadlineMs } satisfies Tour);
    return (await report) as TourReport;
  };
}
