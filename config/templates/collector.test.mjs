/** Run it with `node --test`. It needs `vitald` on the path, or its place in the environment variable VITALD. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const plugin = fileURLToPath(new URL('./template-name.js', import.meta.url));

/** A folder that is removed at the end of the test. */
function temporaryFolder(t) {
  const folder = mkdtempSync(join(tmpdir(), 'template-name-'));
  t.after(() => rmSync(folder, { recursive: true }));
  return folder;
}

/** Runs the plugin once; fails where the run does, and where the lint finds something to better. */
function collect(t, options) {
  // A configuration of its own, so that this host's does not matter. JSON is YAML.
  const config = join(temporaryFolder(t), 'vitald.yml');
  writeFileSync(config, JSON.stringify({ collectors: { template_name: options } }));
  const command = ['collect', '--plugin', plugin, `--config.file=${config}`];
  return execFileSync(process.env.VITALD ?? 'vitald', command, { encoding: 'utf8' });
}

test('counts the files of a folder and tells when the oldest was written', (t) => {
  const folder = temporaryFolder(t);
  writeFileSync(join(folder, 'a'), '');
  writeFileSync(join(folder, 'b'), '');
  utimesSync(join(folder, 'a'), 1_700_000_000, 1_700_000_000);

  assert.equal(
    collect(t, { folder }),
    `# HELP template_name_files Files in the folder.
# TYPE template_name_files gauge
template_name_files{folder="${folder}"} 2
# HELP template_name_oldest_timestamp_seconds When the oldest of them was last written.
# TYPE template_name_oldest_timestamp_seconds gauge
template_name_oldest_timestamp_seconds{folder="${folder}"} 1700000000
`,
  );
});

test('has nothing to say of a folder that is not there', (t) => {
  assert.equal(collect(t, { folder: '/no/such/folder' }), '');
});
