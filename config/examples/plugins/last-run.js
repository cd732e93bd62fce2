/**
 * When things that should happen now and then last happened: services that systemd timers start, and backups or other
 * scripts that touch a file when they are done.
 *
 *     plugins: [./last-run.js]
 *     collectors:
 *       last_run: { units: [certbot.service], files: { backup: /var/backups/last-success } }
 *
 * An alert on `time() - last_run_success_timestamp_seconds > 86400 * 2` hears of a script that fails as well as of one that
 * no longer starts, which an alert on failures cannot.
 * What this example shows: a child process that ends with the deadline, its output read by a function that a test can
 * call, and two sources of which one may be missing.
 */
import { execFile } from 'node:child_process';
import { stat } from 'node:fs/promises';
import { promisify } from 'node:util';
import { CollectError, defineCollector, gauge, z } from 'vitald';

const run = promisify(execFile);

const succeeded = gauge('last_run_success_timestamp_seconds', 'When the task last succeeded.', ['task']);
const ended = gauge('last_run_end_timestamp_seconds', 'When the task last ended, with or without success.', ['task']);
const ok = gauge('last_run_ok', 'Whether the last run of the task succeeded.', ['task']);

export const lastRun = defineCollector({
  name: 'last_run',
  summary: 'When scheduled tasks last ran.',
  source: 'systemctl show, and files that are touched',
  enabled: true,
  schedule: '1m',
  timeout: '5s',
  families: [succeeded, ended, ok],
  config: z.strictObject({
    units: z.array(z.string()).default([]).describe('Services that timers start.'),
    files: z.record(z.string(), z.string()).default({}).describe('Files that are touched at each success, by task.'),
    systemctl: z.string().default('systemctl').describe('The program that is asked about units.'),
  }),
  create({ units, files, systemctl }) {
    return {
      async collect(signal) {
        const samples = [];
        for (const [task, file] of Object.entries(files)) {
          // A backup that never ran has no series: `absent()` in an alert finds that.
          const facts = await stat(file).catch(() => undefined);
          if (facts !== undefined) samples.push(succeeded.sample(facts.mtimeMs / 1000, { task }));
        }
        if (units.length === 0) return samples;
        for (const { unit, endedAt, success } of await askSystemd(systemctl, units, signal)) {
          samples.push(ended.sample(endedAt, { task: unit }), ok.sample(success ? 1 : 0, { task: unit }));
          if (success) samples.push(succeeded.sample(endedAt, { task: unit }));
        }
        return samples;
      },
    };
  },
});

async function askSystemd(systemctl, units, signal) {
  const properties = '--property=Id,Result,ExecMainExitTimestamp';
  try {
    // One call for all of them, only read, and with the signal: a child that hangs is killed at the deadline.
    const { stdout } = await run(systemctl, ['show', properties, '--timestamp=unix', '--', ...units], { signal });
    return parseUnits(stdout);
  } catch (error) {
    signal.throwIfAborted();
    throw new CollectError('SOURCE_UNREADABLE', `${systemctl} show failed: ${error.message}`, { cause: error });
  }
}

/** The units that ran since the host started: blocks of `Key=value`, with an empty line between two units. */
export function parseUnits(text) {
  return text.split('\n\n').flatMap((block) => {
    const facts = new Map(
      block.split('\n').map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
    );
    const [, seconds] = /^@(\d+)$/.exec(facts.get('ExecMainExitTimestamp') ?? '') ?? [];
    if (seconds === undefined) return [];
    return [{ unit: facts.get('Id'), endedAt: Number(seconds), success: facts.get('Result') === 'success' }];
  });
}
