/** The packages, built from what is in dist/. */
import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';

/** Builds both packages into a folder, and gives their paths. */
export function buildPackages(folder: string): { deb: string; tarball: string } {
  execFileSync(process.execPath, ['scripts/package.mjs', folder], { stdio: ['ignore', 'pipe', 'pipe'] });
  const find = (ending: string): string => {
    const name = readdirSync(folder).find((file) => file.endsWith(ending));
    if (name === undefined) throw new Error(`scripts/package.mjs made no ${ending}`);
    return join(folder, name);
  };
  return { deb: find('.deb'), tarball: find('.tgz') };
}
