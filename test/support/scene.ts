/**
 * Recorded hosts: each scene is a folder of `*.tree` files, one a topic, unpacked into real folders for a test.
 *
 * A `.tree` file is a list of entries. `== PATH` opens a file: its text follows, up to the next entry (or `=!= PATH`, a
 * file without the line feed at the end). `=> PATH -> TARGET` is a symbolic link, `=/ PATH` an empty folder. A line that
 * would look like an entry is written with a `\` before it. Lines before the first entry are comments.
 */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Paths } from '../../src/system/index.ts';

const scenes = new URL('../fixtures/', import.meta.url).pathname;

/** Unpacks the text of a `.tree` file below a folder. */
export function unpackTree(text: string, root: string): void {
  let open: { path: string; lines: string[]; lineFeed: boolean } | undefined;
  const finish = (): void => {
    if (open === undefined) return;
    const path = join(root, open.path);
    mkdirSync(dirname(path), { recursive: true });
    const body = open.lines.join('\n');
    writeFileSync(path, open.lineFeed && open.lines.length > 0 ? `${body}\n` : body);
    open = undefined;
  };
  for (const line of text.replace(/\n$/, '').split('\n')) {
    const [, kind, rest = ''] = /^(==|=!=|=>|=\/) (.+)$/.exec(line) ?? [];
    if (kind === undefined) {
      open?.lines.push(line.replace(/^\\(?==)/, ''));
      continue;
    }
    finish();
    if (kind === '=/') mkdirSync(join(root, rest), { recursive: true });
    else if (kind === '=>') {
      const [path = '', target = ''] = rest.split(' -> ');
      mkdirSync(dirname(join(root, path)), { recursive: true });
      symlinkSync(target, join(root, path));
    } else open = { path: rest, lines: [], lineFeed: kind === '==' };
  }
  finish();
}

/** Where the trees of an unpacked scene are. */
export function pathsBelow(root: string): Paths {
  return { procfs: join(root, 'proc'), sysfs: join(root, 'sys'), rootfs: root, udev_data: join(root, 'udev') };
}

const unpacked = new Map<string, string>();
process.on('exit', () => {
  for (const folder of unpacked.values()) rmSync(folder, { recursive: true, force: true });
});

/**
 * The folder of a scene such as `rich-server`, or of one step of it such as `hotplug/step-1`, unpacked once a process.
 * `topics` names the `.tree` files to unpack; all of them where absent.
 */
export function sceneFolder(name: string, topics?: readonly string[]): string {
  const key = `${name}:${topics?.join() ?? '*'}`;
  let folder = unpacked.get(key);
  if (folder === undefined) {
    folder = mkdtempSync(join(tmpdir(), 'vitald-scene-'));
    for (const file of readdirSync(join(scenes, name)).filter((entry) => entry.endsWith('.tree'))) {
      if (topics !== undefined && !topics.includes(file.slice(0, -'.tree'.length))) continue;
      unpackTree(readFileSync(join(scenes, name, file), 'utf8'), folder);
    }
    unpacked.set(key, folder);
  }
  return folder;
}

/** A scene made of the text of a `.tree` file, for what only one test needs. */
export function sceneOf(text: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'vitald-scene-'));
  unpacked.set(folder, folder);
  unpackTree(text, folder);
  return folder;
}
