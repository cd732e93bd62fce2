/**
 * Echo requests by the `ping` command, where this process may not or cannot open an ICMP socket. Costs a child process
 * for each probe.
 */
import { spawn } from 'node:child_process';
import { errnoOf } from '../../src/errors.ts';
import type { EchoPlan, EchoResult } from './icmp-echo.ts';
import { causeOf, ProbeFailure, timedOut } from './failure.ts';

/** What the command takes beside the plan. */
export interface CommandOptions {
  readonly ttl: number;
  readonly dontFragment: boolean;
  readonly sourceAddress: string | undefined;
  readonly timeoutMs: number;
}

const outputLimit = 65_536;

function commandArguments(plan: EchoPlan, options: CommandOptions): string[] {
  const { address, family, count, intervalMs, payloadSize } = plan;
  const args = [`-${family}`, '-n', '-c', String(count), '-s', String(payloadSize)];
  args.push('-W', String(Math.max(1, Math.ceil(options.timeoutMs / 1000))));
  // Below 0.2 s only root may.
  if (count > 1) args.push('-i', String(Math.max(0.2, intervalMs / 1000)));
  if (options.ttl > 0) args.push('-t', String(options.ttl));
  if (options.dontFragment && family === 4) args.push('-M', 'do');
  if (options.sourceAddress) args.push('-I', options.sourceAddress);
  return [...args, address];
}

/** Reads what iputils and busybox print for each reply. */
export function parseReplies(output: string): Pick<EchoResult, 'rtts' | 'hopLimit'> {
  const rtts: number[] = [];
  let hopLimit: number | undefined;
  for (const [, ttl, ms] of output.matchAll(/(?:(?:ttl|hlim)=(\d+) )?time[=<]([\d.]+) ?ms(?! \(DUP)/g)) {
    rtts.push(Number(ms) / 1000);
    if (ttl !== undefined) hopLimit = Number(ttl);
  }
  return { rtts, hopLimit };
}

/** Why the command has nothing to say. */
export type CommandRefusal = 'no-command' | 'not-allowed';

/** Runs the command; says why where it is not there or may not. Fails with a `ProbeFailure` where nothing came back. */
export function runPingCommand(
  plan: EchoPlan,
  options: CommandOptions,
  signal: AbortSignal,
  command = 'ping',
): Promise<EchoResult | CommandRefusal> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) {
      reject(timedOut('rtt'));
      return;
    }
    const child = spawn(command, commandArguments(plan, options), {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { PATH: process.env['PATH'], LC_ALL: 'C' },
    });
    let output = '';
    let complaint = '';
    let failure: unknown;
    const kill = () => void child.kill('SIGKILL');
    signal.addEventListener('abort', kill, { once: true });
    child.stdout.on('data', (chunk: Buffer) => {
      if (output.length < outputLimit) output += chunk.toString();
    });
    child.stderr.on('data', (chunk: Buffer) => {
      if (complaint.length < outputLimit) complaint += chunk.toString();
    });
    child.once('error', (error) => {
      failure = error;
    });
    child.once('close', () => {
      signal.removeEventListener('abort', kill);
      const found = parseReplies(output);
      // EACCES: a folder of PATH that this user may not search.
      if (errnoOf(failure) === 'ENOENT' || errnoOf(failure) === 'EACCES') resolve('no-command');
      else if (/permi(?:tted|ssion)|privilege/i.test(complaint)) resolve('not-allowed');
      else if (found.rtts.length > 0) resolve({ sent: plan.count, ...found });
      else if (signal.aborted) reject(timedOut('rtt'));
      else reject(refusalOf(failure, complaint, output));
    });
  });
}

function refusalOf(failure: unknown, complaint: string, output: string): ProbeFailure {
  if (failure !== undefined) return new ProbeFailure('connect', causeOf(failure), { cause: failure });
  const words = `${complaint}\n${output}`;
  if (/message too long|frag needed/i.test(words)) return new ProbeFailure('size', 'the packet is too long');
  const [said] =
    /time to live exceeded|time exceeded|(?:host|net|network) unreachable|cannot assign/i.exec(words) ?? [];
  return new ProbeFailure('connect', said?.toLowerCase() ?? 'no reply');
}
