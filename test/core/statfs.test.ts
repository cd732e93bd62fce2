import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { systemClock } from '../../src/clock.ts';
import { openFileSystems, type FileSystems, type FileSystemUsage } from '../../src/system/statfs.ts';

const waiting = { timeoutMs: 5_000, atOnce: 4 };
const impatient = { timeoutMs: 300, atOnce: 4 };
const hungMount = fileURLToPath(new URL('../support/hung-mount.py', import.meta.url));

const cleanups: (() => void)[] = [];
afterEach(() => {
  for (const cleanup of cleanups.splice(0).toReversed()) cleanup();
});

function opened(): FileSystems {
  const fileSystems = openFileSystems(systemClock);
  cleanups.push(() => fileSystems.close());
  return fileSystems;
}

/** The processes that this one started to ask file systems, those included that are dead but not yet collected. */
function helpers(): { pid: number; state: string }[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      try {
        const [, title = '', state = '', parent] = /\((.*)\) (\S) (\d+)/.exec(
          readFileSync(`/proc/${name}/stat`, 'utf8'),
        )!;
        return Number(parent) === process.pid && title.startsWith('vitald-stat') ? [{ pid: Number(name), state }] : [];
      } catch {
        return [];
      }
    });
}

// Those of the test before may take a moment to end.
beforeEach(() => until(() => helpers().length === 0));

/** Waits until something holds; the test's own deadline ends a wait in vain. */
async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await holds())) await new Promise((resolve) => setTimeout(resolve, 10));
}

const same = (a: FileSystemUsage, b: FileSystemUsage): boolean =>
  a.blockSize === b.blockSize && a.blocks === b.blocks && a.files === b.files;

test('asks a local file system at once', () => {
  const { bsize, blocks, files } = statfsSync('/proc');

  expect(opened().usage('/proc')).toMatchObject({ blockSize: bsize, blocks, files });
});

test('throws what the system says', () => {
  expect(() => opened().usage('/nowhere')).toThrow(expect.objectContaining({ code: 'ENOENT' }));
});

test('asks one that may hang by a helper, with the same answer', async () => {
  const fileSystems = opened();

  expect(same(await fileSystems.usageWithin('/', waiting), fileSystems.usage('/'))).toBe(true);
});

test('asks any number by one helper', async () => {
  const fileSystems = opened();

  const answers = await Promise.all(
    Array.from({ length: 50 }, (_, index) => fileSystems.usageWithin(index % 2 === 0 ? '/' : '/proc', waiting)),
  );

  expect(answers).toHaveLength(50);
  expect(helpers()).toHaveLength(1);
});

test('passes on what the system says to the helper', async () => {
  await expect(opened().usageWithin('/nowhere', waiting)).rejects.toMatchObject({ code: 'ENOENT', errno: -2 });
});

test('takes a path that is not UTF-8 as bytes', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'vitald-statfs-'));
  cleanups.push(() => rmSync(folder, { recursive: true }));
  const path = Buffer.concat([Buffer.from(`${folder}/caf`), Buffer.from([0xe9])]);
  mkdirSync(path);
  const fileSystems = opened();

  expect(same(await fileSystems.usageWithin(path, waiting), fileSystems.usage(path))).toBe(true);
});

test('starts another helper when one was killed, and asks it the same', async () => {
  const fileSystems = opened();
  await fileSystems.usageWithin('/', waiting);
  const [first] = helpers();

  const answer = fileSystems.usageWithin('/', waiting);
  process.kill(first!.pid, 'SIGKILL');

  expect((await answer).blocks).toBeGreaterThan(0);
  expect((await fileSystems.usageWithin('/', waiting)).blocks).toBeGreaterThan(0);
});

test('leaves no helper behind when it is closed, and answers nothing more', async () => {
  const fileSystems = opened();
  await fileSystems.usageWithin('/', waiting);
  const pending = fileSystems.usageWithin('/', waiting);

  fileSystems.close();

  await expect(pending).rejects.toMatchObject({ code: 'EHELPER' });
  await expect(fileSystems.usageWithin('/', waiting)).rejects.toMatchObject({ code: 'EHELPER' });
  await until(() => helpers().length === 0);
});

test('does not keep a process from ending, nor outlives it', async () => {
  const script = `
    import { openFileSystems } from ${JSON.stringify(new URL('../../src/system/statfs.ts', import.meta.url).href)};
    import { systemClock } from ${JSON.stringify(new URL('../../src/clock.ts', import.meta.url).href)};
    import { readdirSync, readFileSync } from 'node:fs';
    await openFileSystems(systemClock).usageWithin('/', { timeoutMs: 20000, atOnce: 1 });
    const children = readFileSync('/proc/self/task/' + process.pid + '/children', 'utf8');
    console.log(children.trim());
  `;
  const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let printed = '';
  child.stdout.on('data', (data: Buffer) => (printed += data.toString()));
  const status = await new Promise((resolve) => child.on('close', resolve));

  expect(status).toBe(0);
  // The loader may have a child of its own; the helper is the last one.
  const pid = printed.trim().split(' ').at(-1)!;
  expect(pid).toMatch(/^\d+$/);
  await until(() => !existsSync(`/proc/${pid}`));
}, 30_000);

interface Mount {
  readonly folder: string;
  readonly tell: (command: 'deaf' | 'away' | 'well') => Promise<void>;
}

const canMount = process.getuid?.() === 0 && existsSync('/dev/fuse');

async function mountHung(): Promise<Mount> {
  const folder = mkdtempSync(join(tmpdir(), 'vitald-hung-'));
  const server: ChildProcess = spawn('python3', [hungMount, folder], { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface({ input: server.stdout! })[Symbol.asyncIterator]();
  cleanups.push(() => {
    server.stdin!.end();
    // The folder is free once the server unmounted it.
    server.on('close', () => rmSync(folder, { recursive: true, force: true }));
  });
  const said = async (word: string): Promise<void> => expect((await lines.next()).value).toBe(word);
  await said('mounted');
  return {
    folder,
    async tell(command) {
      server.stdin!.write(`${command}\n`);
      await said(command);
    },
  };
}

// In continuous integration these must run; elsewhere a run without them says so.
const cannotMount = !canMount && !process.env['CI'];

test.skipIf(cannotMount).each(['deaf', 'away'] as const)(
  'knows a hung mount (%s) as stuck, asks the others, and notices when it is well again (root, /dev/fuse)',
  async (mood) => {
    const { folder, tell } = await mountHung();
    const fileSystems = opened();
    const usage = {
      blockSize: 4096,
      blocks: 4000,
      blocksFree: 3000,
      blocksAvailable: 2500,
      files: 800,
      filesFree: 700,
    };
    expect(await fileSystems.usageWithin(folder, waiting)).toEqual(usage);

    await tell(mood);
    const hung = fileSystems.usageWithin(folder, impatient);
    const other = fileSystems.usageWithin('/', waiting);
    await expect(hung).rejects.toMatchObject({ code: 'ESTUCK' });
    expect((await other).blocks).toBeGreaterThan(0);
    // It is not asked again now, so this is answered in the same turn.
    await expect(fileSystems.usageWithin(folder, { ...waiting, timeoutMs: 60_000 })).rejects.toMatchObject({
      code: 'ESTUCK',
    });
    expect((await fileSystems.usageWithin('/', waiting)).blocks).toBeGreaterThan(0);
    // A helper that cannot be killed waits alone; never a second one for the same mount.
    expect(helpers().filter(({ state }) => state === 'D' || state === 'Z').length).toBeLessThanOrEqual(1);

    await tell('well');
    await until(() =>
      fileSystems.usageWithin(folder, impatient).then(
        ({ blocks }) => blocks === usage.blocks,
        () => false,
      ),
    );
    await until(() => helpers().length === 1);
  },
  20_000,
);

test.skipIf(cannotMount)(
  'does not let one hung mount hold up the others until its time is over (root, /dev/fuse)',
  async () => {
    const { folder, tell } = await mountHung();
    const fileSystems = opened();
    await fileSystems.usageWithin(folder, waiting);
    await tell('deaf');

    let stuck = false;
    const hung = fileSystems.usageWithin(folder, { ...waiting, timeoutMs: 10_000 }).catch(() => {
      stuck = true;
    });
    await fileSystems.usageWithin('/', waiting);

    expect(stuck).toBe(false);
    await tell('well');
    await hung;
    expect(stuck).toBe(false);
    await until(() => helpers().length === 1);
  },
  20_000,
);

test.skipIf(cannotMount)(
  'closes at once while a mount hangs, and the helper goes when it can (root, /dev/fuse)',
  async () => {
    const { folder, tell } = await mountHung();
    const fileSystems = opened();
    await fileSystems.usageWithin(folder, waiting);
    await tell('deaf');
    const hung = fileSystems.usageWithin(folder, waiting);
    const started = performance.now();

    fileSystems.close();

    await expect(hung).rejects.toMatchObject({ code: 'EHELPER' });
    expect(performance.now() - started).toBeLessThan(1_000);
    await tell('well');
    await until(() => helpers().length === 0);
  },
  20_000,
);
