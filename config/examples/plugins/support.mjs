/** What the tests of these plugins share. */
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** A folder that is removed at the end of the test. */
export function temporaryFolder(t) {
  const folder = mkdtempSync(join(tmpdir(), 'vitald-plugin-'));
  t.after(() => rmSync(folder, { recursive: true }));
  return folder;
}

/** Runs the collectors of a plugin once, with these options; 0 where they and the lint succeed. */
export function collect(t, plugin, collectors) {
  // A configuration of its own, so that this host's does not matter. JSON is YAML.
  const config = join(temporaryFolder(t), 'vitald.yml');
  writeFileSync(config, JSON.stringify({ collectors }));
  const command = ['collect', '--plugin', fileURLToPath(plugin), `--config.file=${config}`];
  return new Promise((resolve) => {
    execFile(process.env.VITALD ?? 'vitald', command, { encoding: 'utf8' }, (error, out, err) => {
      resolve({ status: error === null ? 0 : error.code, out, err });
    });
  });
}
