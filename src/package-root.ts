/** Files that come with the program, wherever it was built to. */
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

function findRoot(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, 'package.json')) && dirname(folder) !== folder) folder = dirname(folder);
  return folder;
}

/** The absolute path of a file of the package, such as `config/vitald.yml`. */
export function packaged(path: string): string {
  return join(findRoot(), path);
}
