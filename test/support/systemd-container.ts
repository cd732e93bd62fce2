/**
 * A Debian 13 with its own systemd and its own Node.js, booted in a container. Needs root, and the packages debootstrap
 * and systemd-container; the host need not run systemd itself. The system is installed once and kept as an archive
 * in the folder VITALD_TEST_CACHE, or in one of the temporary folder.
 */
import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { childrenOf, isAlive } from './processes.ts';
import { until } from './program.ts';

const suite = 'trixie';
const packages = ['systemd', 'systemd-sysv', 'dbus', 'nodejs'];
const cache = process.env['VITALD_TEST_CACHE'] ?? join(tmpdir(), 'vitald-test-cache');

/** How a command within the container ended. */
export interface Ended {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A container that runs. */
export interface SystemdContainer {
  /** Its root folder, as the host sees it. */
  readonly root: string;
  /** Runs a command in it to its end. */
  run(...command: readonly string[]): Ended;
  /** What a command writes; throws where it fails. */
  output(...command: readonly string[]): string;
  /** Runs a program of the host in the network of the container. */
  inItsNetwork(...command: readonly string[]): string;
  end(): Promise<void>;
}

/** The archive of the installed system; made where it is not there yet. */
function installedSystem(): string {
  const archive = join(cache, `${suite}-nodejs.tar`);
  if (existsSync(archive)) return archive;
  mkdirSync(cache, { recursive: true });
  const folder = mkdtempSync(join(cache, 'new-'));
  try {
    const root = join(folder, 'root');
    const include = `--include=${packages.join(',')}`;
    execFileSync('debootstrap', ['--variant=minbase', include, suite, root], { stdio: ['ignore', 'pipe', 'pipe'] });
    for (const unneeded of ['var/cache/apt/archives', 'var/lib/apt/lists']) {
      rmSync(join(root, unneeded), { recursive: true });
      mkdirSync(join(root, unneeded, 'partial'), { recursive: true });
    }
    execFileSync('tar', ['-C', root, '-cf', join(folder, 'archive'), '.']);
    renameSync(join(folder, 'archive'), archive);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return archive;
}

/** nspawn leaves its control groups behind where it was not started by systemd. */
function removeControlGroups(parent: string, depth = 2): void {
  if (!existsSync(parent)) return;
  for (const entry of readdirSync(parent, { withFileTypes: true })) {
    if (!entry.isDirectory()) continue;
    const path = join(parent, entry.name);
    if (entry.name === 'payload' || entry.name === 'supervisor') removeTree(path);
    else if (depth > 0) removeControlGroups(path, depth - 1);
  }
}

function removeTree(path: string): void {
  for (const entry of readdirSync(path, { withFileTypes: true })) {
    if (entry.isDirectory()) removeTree(join(path, entry.name));
  }
  try {
    rmdirSync(path);
  } catch {
    // Another container is in it.
  }
}

async function stop(nspawn: ChildProcess, leader: number | undefined): Promise<void> {
  const gone = (): boolean => nspawn.exitCode !== null || nspawn.signalCode !== null;
  if (leader !== undefined && isAlive(leader)) {
    spawnSync('nsenter', ['-t', String(leader), '-a', 'systemctl', 'poweroff']);
  }
  await until(gone, () => 'the container does not power off', 10_000).catch(() => {
    // A killed nspawn leaves its container alive: its first process goes first.
    if (leader !== undefined && isAlive(leader)) process.kill(leader, 'SIGKILL');
    nspawn.kill('SIGKILL');
  });
  for (const hierarchy of ['systemd', 'unified', '.']) removeControlGroups(join('/sys/fs/cgroup', hierarchy));
}

/** Boots a container of its own. */
export async function bootSystemd(): Promise<SystemdContainer> {
  const archive = installedSystem();
  const folder = mkdtempSync(join(tmpdir(), 'vitald-systemd-'));
  const root = join(folder, 'root');
  mkdirSync(root);
  execFileSync('tar', ['-C', root, '-xf', archive]);
  // Both of register and keep-unit, as there is no systemd to ask outside.
  const own = [
    '--register=no',
    '--keep-unit',
    '--private-network',
    '--console=pipe',
    '--system-call-filter=@clock',
    `--machine=vitald${process.pid}`,
  ];
  const nspawn = spawn('systemd-nspawn', ['-q', '-b', '-D', root, ...own], { stdio: ['ignore', 'pipe', 'pipe'] });
  let console = '';
  for (const stream of [nspawn.stdout, nspawn.stderr]) stream.on('data', (chunk: Buffer) => (console += chunk));
  let leader: number | undefined;
  const enter = (namespaces: readonly string[], command: readonly string[]): Ended => {
    const clean = ['/usr/bin/env', '-i', 'PATH=/usr/sbin:/usr/bin:/sbin:/bin', 'SYSTEMD_PAGER=', 'SYSTEMD_COLORS=0'];
    const [program, args] = ['nsenter', ['-t', String(leader), ...namespaces, ...clean, 'LC_ALL=C', ...command]];
    return spawnSync(program, args, { encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 });
  };
  const outputOf = (namespaces: readonly string[], command: readonly string[]): string => {
    const { status, stdout, stderr } = enter(namespaces, command);
    if (status !== 0) throw new Error(`${command.join(' ')}: status ${status}\n${stdout}${stderr}`);
    return stdout;
  };
  const end = async (): Promise<void> => {
    await stop(nspawn, leader);
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    await until(
      () => {
        if (nspawn.exitCode !== null) throw new Error(console);
        // Helpers of nspawn come and go before the one child that stays, the first process of the container.
        leader = childrenOf(nspawn.pid!).at(-1) ?? leader;
        return (
          leader !== undefined && /^(?:running|degraded)/.test(enter(['-a'], ['systemctl', 'is-system-running']).stdout)
        );
      },
      () => console,
      30_000,
    );
  } catch (error) {
    await end();
    throw error;
  }
  return {
    root,
    run: (...command) => enter(['-a'], command),
    output: (...command) => outputOf(['-a'], command),
    inItsNetwork: (...command) => outputOf(['-n'], command),
    end,
  };
}
