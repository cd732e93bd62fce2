/** Tests that need a program which a developer's machine may lack. In CI a missing one is a failure, not a skip. */
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Whether a test that needs a program must be skipped: it is not installed, and nobody claims to have everything. */
export function missing(program: string): boolean {
  if (process.env['CI'] !== undefined) return false;
  return !(process.env['PATH'] ?? '').split(delimiter).some((folder) => existsSync(join(folder, program)));
}
