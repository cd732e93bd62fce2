/** Whether a file is still the one that was read. */
import { statSync } from 'node:fs';

/** Another text once a file was replaced or written; links are followed. Empty where there is none, or none that may be looked at. */
export function fileIdentity(path: string): string {
  try {
    const { dev, ino, size, mtimeMs, ctimeMs } = statSync(path);
    return `${path} ${dev} ${ino} ${size} ${mtimeMs} ${ctimeMs}`;
  } catch {
    return '';
  }
}
