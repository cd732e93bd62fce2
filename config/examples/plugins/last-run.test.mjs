/** Run it with `node --test`. It needs `vitald` on the path, or its place in the environment variable VITALD. */
import assert from 'node:assert/strict';
import { chmodSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { collect, temporaryFolder } from './support.mjs';

const plugin = new URL('./last-run.js', import.meta.url);

/** A program that answers as systemctl does. */
function fakeSystemctl(folder, script) {
  const file = join(folder, 'systemctl');
  writeFileSync(file, `#!/bin/sh\n${script}\n`);
  chmodSync(file, 0o755);
  return file;
}

test('tells when files were touched, and leaves out those that are not there', async (t) => {
  const folder = temporaryFolder(t);
  const file = join(folder, 'done');
  writeFileSync(file, '');
  utimesSync(file, 1_700_000_000, 1_700_000_000);

  const { status, out } = await collect(t, plugin, {
    last_run: { files: { backup: file, none: join(folder, 'none') } },
  });

  assert.equal(status, 0);
  assert.match(out, /^last_run_success_timestamp_seconds\{task="backup"\} 1700000000$/m);
  assert.doesNotMatch(out, /task="none"/);
});

test('tells of units how their last run ended, and leaves out those that never ran', async (t) => {
  const answer = `cat <<'END'
Id=good.service
Result=success
ExecMainExitTimestamp=@1700000001

Id=bad.service
Result=exit-code
ExecMainExitTimestamp=@1700000002

Id=never.service
Result=success
ExecMainExitTimestamp=
END`;
  const systemctl = fakeSystemctl(temporaryFolder(t), answer);
  const units = ['good.service', 'bad.service', 'never.service'];

  const { status, out } = await collect(t, plugin, { last_run: { units, systemctl } });

  assert.equal(status, 0);
  assert.match(out, /^last_run_success_timestamp_seconds\{task="good\.service"\} 1700000001$/m);
  assert.match(out, /^last_run_end_timestamp_seconds\{task="bad\.service"\} 1700000002$/m);
  assert.match(out, /^last_run_ok\{task="bad\.service"\} 0$/m);
  assert.doesNotMatch(out, /never\.service/);
});

test('fails, and says why, where systemctl does, and ends at its deadline where it hangs', async (t) => {
  const failing = fakeSystemctl(temporaryFolder(t), 'echo "no bus" >&2; exit 1');
  const hanging = fakeSystemctl(temporaryFolder(t), 'exec sleep 60');

  const failed = await collect(t, plugin, { last_run: { units: ['a.service'], systemctl: failing } });
  const late = await collect(t, plugin, { last_run: { units: ['a.service'], systemctl: hanging, timeout: '300ms' } });

  assert.deepEqual([failed.status, late.status], [1, 1]);
  assert.match(failed.err, /no bus/);
  assert.match(late.err, /last_run: timeout/);
});
