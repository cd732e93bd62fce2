/** What the tests of a run leave in temporary folders ends with the run: its workers are killed, and clean up nothing. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Gives the workers a folder for temporary files; the answer removes it. */
export default function makeRunFolder(): () => void {
  const folder = mkdtempSync(join(tmpdir(), 'vitald-run-'));
  process.env['TMPDIR'] = folder;
  return () => rmSync(folder, { recursive: true, force: true });
}
