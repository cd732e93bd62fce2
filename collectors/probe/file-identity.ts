/** Whether a file is still the one that was read. */
import { statSync } from 'node:fs';

/** Another text once a file was replaced or written; empty where there is none, or none that may be looked at. */
export function fileIdentity(path: string): string {
  try {
    const { ino, size, mtimeMs } = statSync(path);
    return `${path} ${ino} ${size} ${mtimeMs}`;
  } catch {
    return '';
  }
}
