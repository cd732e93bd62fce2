import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, readlinkSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { openTree, type Tree, type TreeOptions } from '../../../src/system/tree.ts';
import { fixedClock } from '../../support/expose.ts';

function folderWith(files: Record<string, string>): string {
  const folder = mkdtempSync(join(tmpdir(), 'vitald-tree-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(join(folder, path, '..'), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  return folder;
}

function opened(root: string, options?: TreeOptions): Tree {
  const tree = openTree(root, options);
  onTestFinished(() => tree.close());
  return tree;
}

test('reads a file of a megabyte to its end, as the first read of the process too', () => {
  const large = `${'x'.repeat(999_999)}\n`;
  const tree = opened(folderWith({ first: large, second: large, attribute: large }));

  expect(tree.read('first').length).toBe(1_000_000);
  expect(tree.text('second')).toBe(large);
  expect(tree.attribute('attribute')).toBe(large.trim());
});

test('reads the small files of the kernel after a file of many megabytes', () => {
  const recorded = opened(folderWith({ sockets: `${'x'.repeat(8_999_999)}\n` }));
  const kernel = opened('/proc');
  expect(recorded.read('sockets').length).toBe(9_000_000);

  expect(kernel.attribute('sys/kernel/ostype')).toBe('Linux');
});

test('leaves out the last line of a kernel file where it is not ended, but not of an attribute or a recorded file', () => {
  const folder = folderWith({ table: 'a 1\nb 12\nc 12', torn: 'c 12', label: 'fan' });
  const tree = openTree(folder, { linesEnded: true });

  expect(tree.text('table')).toBe('a 1\nb 12\n');
  expect(tree.textIfAny('torn')).toBe('');
  expect(tree.read('torn').length).toBe(0);
  expect(tree.attribute('label')).toBe('fan');
  expect(opened(folder).text('torn')).toBe('c 12\n');
  expect(opened(folder).text('table')).toBe('a 1\nb 12\nc 12\n');
});

test('a file that is absent is missing at each read, says so with one error, and is read once it comes', () => {
  const folder = folderWith({ other: 'x\n' });
  const tree = opened(folder);
  const failure = (): unknown => {
    try {
      return tree.read('late');
    } catch (error) {
      return error;
    }
  };
  const first = failure();
  const second = failure();
  writeFileSync(join(folder, 'late'), 'here\n');
  const come = tree.text('late');
  rmSync(join(folder, 'late'));
  const third = failure();

  expect(first).toMatchObject({ code: 'SOURCE_MISSING', message: `${folder}/late: ENOENT` });
  expect(second).toBe(first);
  expect(third).toMatchObject({ code: 'SOURCE_MISSING' });
  expect(come).toBe('here\n');
});

test('takes what is absent in a kernel for absent for a while, and then looks again', () => {
  const clock = fixedClock();
  const folder = folderWith({ other: 'x' });
  const tree = opened(folder, { absentForMs: 30_000, clock });
  const seen = (): unknown[] => [
    tree.textIfAny('file'),
    tree.exists('file'),
    tree.listIfPresent('folder'),
    tree.list('folder'),
    tree.exists('folder'),
  ];
  const before = seen();
  writeFileSync(join(folder, 'file'), 'here\n');
  mkdirSync(join(folder, 'folder'));
  writeFileSync(join(folder, 'folder/entry'), '');
  clock.advance(29_999);
  const soon = seen();
  clock.advance(1);
  const later = seen();
  rmSync(join(folder, 'file'));
  const gone = tree.textIfAny('file');

  expect(before).toEqual([undefined, false, undefined, [], false]);
  expect(soon).toEqual(before);
  expect(later).toEqual(['here\n', true, ['entry'], ['entry'], true]);
  expect(gone).toBeUndefined();
});

test('looks each time for what lives as long as a process or a group does, or goes offline', () => {
  const folder = folderWith({ other: 'x' });
  const tree = opened(folder, { absentForMs: 30_000, clock: fixedClock() });
  const paths = ['12/stat', '1/task/7/stat', 'fs/cgroup/a/cpu.stat', 'devices/system/cpu/cpu1/topology/core_id'];
  const seen = (): unknown[] => paths.map((path) => tree.textIfAny(path));
  const before = seen();
  for (const path of paths) {
    mkdirSync(join(folder, path, '..'), { recursive: true });
    writeFileSync(join(folder, path), 'here\n');
  }

  expect(before).toEqual(paths.map(() => undefined));
  expect(seen()).toEqual(paths.map(() => 'here\n'));
});

test('sees that a file of a recorded tree was replaced', () => {
  const folder = folderWith({ value: '1\n' });
  const tree = opened(folder);
  expect(tree.attribute('value')).toBe('1');

  rmSync(join(folder, 'value'));
  writeFileSync(join(folder, 'value'), '2\n');

  expect(tree.attribute('value')).toBe('2');
});

test('tells a missing file from one that cannot be read', () => {
  const tree = opened(folderWith({ 'folder/file': '' }));

  expect(() => tree.read('nothing')).toThrow(expect.objectContaining({ code: 'SOURCE_MISSING' }));
  expect(() => tree.read('folder')).toThrow(expect.objectContaining({ code: 'SOURCE_UNREADABLE' }));
  expect(tree.attribute('folder')).toBeUndefined();
  expect(tree.textIfAny('nothing')).toBeUndefined();
});

test('takes a file that may be absent for none, and tells where it cannot be read', () => {
  const tree = opened(folderWith({ there: 'text\n', 'folder/file': '' }));

  expect(tree.readIfPresent('there')?.toString()).toBe('text\n');
  expect(tree.readIfPresent('absent')).toBeUndefined();
  expect(() => tree.readIfPresent('folder')).toThrow(expect.objectContaining({ code: 'SOURCE_UNREADABLE' }));
});

test('lists, follows and reads links without failing where there is nothing', () => {
  const folder = folderWith({ 'devices/a/name': 'a\n', 'devices/b/name': 'b\n' });
  symlinkSync('devices/a', join(folder, 'link'));
  const tree = opened(folder);

  expect(tree.list('devices')).toEqual(['a', 'b']);
  expect(tree.list('nothing')).toEqual([]);
  expect(tree.link('link')).toBe('devices/a');
  expect(tree.link('devices')).toBeUndefined();
  expect(tree.realPath('link')).toBe(join(folder, 'devices/a'));
  expect(tree.realPath('nothing')).toBeUndefined();
  expect(tree.exists('link/name')).toBe(true);
});

test.runIf(process.platform === 'linux')('keeps the descriptor of a kernel file and reads it anew each time', () => {
  const tree = opened('/proc');

  const first = tree.text('uptime');
  const end = performance.now() + 1_000;
  let second = tree.text('uptime');
  while (second === first && performance.now() < end) second = tree.text('uptime');

  expect(second).not.toBe(first);
  expect(tree.list('self/fd').map((descriptor) => tree.link(`self/fd/${descriptor}`))).toContain('/proc/uptime');
});

test('names the folders in a folder, and nothing else', () => {
  const root = folderWith({ 'b/file': '', 'a/file': '', file: '', 'leaf/file': '' });
  symlinkSync(join(root, 'a'), join(root, 'link'));
  const tree = opened(root);

  expect(tree.folders('')).toEqual(['a', 'b', 'leaf']);
  expect(tree.folders('leaf')).toEqual([]);
  expect(tree.folders('none')).toEqual([]);
});

test('counts the names in a folder', () => {
  const tree = opened(folderWith({ 'fd/0': '', 'fd/1': '', 'fd/2': '' }));

  expect(tree.count('fd')).toBe(3);
  expect(tree.count('none')).toBeUndefined();
});

test('counts the open files of a process of the kernel, and the names in its other folders', () => {
  const tree = opened('/proc');
  // Reading the folder is one more open file while it lasts.
  const listed = tree.list('self/fd').length;

  expect(Math.abs(tree.count('self/fd')! - listed)).toBeLessThan(3);
  expect(tree.count('self/task')).toBe(tree.list('self/task').length);
});

test.runIf(process.platform === 'linux')(
  'a kept file stays open as long as what it tells of lives, or until it is closed',
  async () => {
    const child = spawn('sleep', ['60']);
    onTestFinished(() => void child.kill('SIGKILL'));
    await once(child, 'spawn');
    const tree = opened('/proc');
    const file = tree.keep(`${child.pid}/stat`);
    const isOpen = () => openFiles().includes(`/proc/${child.pid}/stat`);

    expect(file.bytes()?.toString()).toContain(`${child.pid} (`);
    expect(isOpen()).toBe(true);
    file.close();
    expect(isOpen()).toBe(false);
    expect(file.bytes()?.toString()).toContain(`${child.pid} (`);
    expect(isOpen()).toBe(true);

    const exited = once(child, 'exit');
    child.kill('SIGKILL');
    await exited;
    expect(file.bytes()).toBeUndefined();
    expect(isOpen()).toBe(false);
  },
);

test.runIf(process.platform === 'linux')(
  'keeps so many files open and no more, and reads the others all the same',
  () => {
    const tree = opened('/proc', { keptAtMost: 512 });
    const mine = () => openFiles().filter((path) => path === `/proc/${process.pid}/stat`).length;
    const before = mine();
    const files = Array.from({ length: 600 }, () => tree.keep(`${process.pid}/stat`));
    const texts = files.map((file) => file.bytes()?.toString());
    const kept = mine() - before;
    for (const file of files) file.close();

    expect(texts.every((text) => text?.startsWith(`${process.pid} (`))).toBe(true);
    expect(kept).toBe(512);
    expect(mine()).toBe(before);
  },
);

test.runIf(process.platform === 'linux')('keeps so many of the files that it reads, and no more', () => {
  const tree = opened('/proc', { keptAtMost: 2 });
  const names = ['loadavg', 'uptime', 'meminfo', 'vmstat'];
  const texts = names.map((name) => tree.text(name));
  const open = openFiles();

  expect(texts.every((text) => text.length > 0)).toBe(true);
  expect(names.filter((name) => open.includes(`/proc/${name}`))).toEqual(['loadavg', 'uptime']);
});

/** What this process has open. */
function openFiles(): string[] {
  return readdirSync('/proc/self/fd').flatMap((fd) => {
    try {
      return [readlinkSync(`/proc/self/fd/${fd}`)];
    } catch {
      return [];
    }
  });
}
