/** Starts the process that only probes, and sends it on tours. */
import { type ChildProcess, fork } from 'node:child_process';
import { buildSync } from 'esbuild';
import { onTestFinished } from 'vitest';
import type { Tour, TourReport } from './zoo-visitor.ts';

/** A process that makes tours; it ends with the test. */
export async function startVisitor(
  deadlineMs: number,
): Promise<(tour: Omit<Tour, 'deadlineMs'>) => Promise<TourReport>> {
  // Bundled as the daemon is: what a loader adds to every function would be measured, too.
  const outfile = new URL('../../node_modules/.cache/vitald-zoo-visitor.mjs', import.meta.url).pathname;
  const entry = new URL('zoo-visitor.ts', import.meta.url).pathname;
  buildSync({ entryPoints: [entry], outfile, bundle: true, platform: 'node', format: 'esm', packages: 'external' });
  const child: ChildProcess = fork(outfile, { execArgv: ['--expose-gc'] });
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
