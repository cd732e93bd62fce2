/** The table for people, and what stands in the file for machines. */
import { execFileSync } from 'node:child_process';
import { cpus, loadavg, release, totalmem } from 'node:os';
import type { Measured, Result, Unit } from './row.ts';
import { median, spread } from './statistics.ts';

const formats: Record<Unit, (value: number) => string> = {
  ratio: (value) => value.toPrecision(value < 0.1 ? 2 : 3),
  ms: (value) => `${value < 10 ? value.toFixed(2) : value.toFixed(0)} ms`,
  us: (value) => `${value.toFixed(1)} us`,
  MB: (value) => `${value.toFixed(1)} MB`,
  percent: (value) => `${value.toFixed(1)} %`,
};

/** How a figure stands to its goal, or, without one, to 1 where it is a ratio. */
export function standing({ values, goal, unit }: Measured): 'ahead' | 'behind' | '' {
  const limit = goal ?? (unit === 'ratio' ? 1 : undefined);
  // A difference of two measurements can come out below nothing, which says only that it is lost between them.
  if (limit === undefined || !(median(values) > 0)) return '';
  return median(values) <= limit ? 'ahead' : 'behind';
}

function verdict(result: Measured): string {
  const stands = standing(result);
  const { goal = 1, values } = result;
  const factor = median(values) / goal;
  if (stands === '') return median(values) > 0 ? '' : 'too small to tell';
  return stands === 'ahead' ? `ahead, ${(1 / factor).toPrecision(2)} x` : `BEHIND, ${factor.toPrecision(3)} x`;
}

/** The table. */
export function table(results: readonly Result[]): string {
  const rows = results.map((result) => {
    if ('missing' in result) return [result.what, '', `missing: ${result.missing}`, '', '', ''];
    const format = formats[result.unit];
    const percent = result.values.length === 1 ? '' : `±${((spread(result.values) / 2) * 100).toFixed(0)} %`;
    const goal = result.goal === undefined ? '' : format(result.goal);
    return [result.what, result.against, format(median(result.values)), percent, goal, verdict(result)];
  });
  const head = ['what', 'against', 'median', 'spread', 'goal', ''];
  const widths = head.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column]!.length)));
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, column) => cell.padEnd(widths[column]!))
      .join('  ')
      .trimEnd();
  return [line(head), ...rows.map(line)].join('\n');
}

/** The figures behind the table, a line each. */
export function notes(results: readonly Result[]): string {
  return results.flatMap((result) => ('note' in result ? [`${result.name}: ${result.note}`] : [])).join('\n');
}

/** What is behind, what is ahead, and what was not measured. */
export function summary(results: readonly Result[]): string {
  const named = (wanted: string): string[] =>
    results.filter((result) => 'values' in result && standing(result) === wanted).map(({ name }) => name);
  const missing = results.filter((result) => 'missing' in result).map(({ name }) => name);
  return [['ahead', named('ahead')] as const, ['behind', named('behind')] as const, ['not measured', missing] as const]
    .map(([title, names]) => `${title}: ${names.length === 0 ? 'none' : names.join(', ')}`)
    .join('\n');
}

function versionOf(command: string, pattern: RegExp): string {
  try {
    const text = execFileSync('sh', ['-c', `${command} 2>&1`], { encoding: 'utf8' });
    return pattern.exec(text)?.[1] ?? 'of unknown version';
  } catch {
    return 'missing';
  }
}

/** On what it was measured. */
export interface Machine {
  readonly date: string;
  readonly cpu: string;
  readonly memoryGb: number;
  readonly kernel: string;
  /** The load before the run: how much else went on. */
  readonly load: number;
  readonly versions: Readonly<Record<string, string>>;
}

/** The same in a line. */
export function aboutLine({ date, cpu, memoryGb, kernel, load, versions }: Machine): string {
  const programs = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
  return `${date}, ${cpu}, ${memoryGb} GB, Linux ${kernel}, load before ${load}; ${programs.join(', ')}`;
}

/** The machine and the versions of all programs. */
export function machine(): Machine {
  const all = cpus();
  return {
    date: new Date().toISOString().slice(0, 10),
    cpu: `${all.length} x ${all[0]?.model.trim() ?? 'unknown'}`,
    memoryGb: Math.round(totalmem() / 1e9),
    kernel: release(),
    load: Number(loadavg()[0]!.toFixed(2)),
    versions: {
      node: process.versions.node,
      node_exporter: versionOf('prometheus-node-exporter --version', /version (\S+)/),
      blackbox_exporter: versionOf('prometheus-blackbox-exporter --version', /version (\S+)/),
      aiohttp: versionOf(`${aiohttpPython()} -c 'import aiohttp; print(aiohttp.__version__)'`, /^(\S+)$/m),
      nginx: versionOf('nginx -v', /nginx\/(\S+)/),
    },
  };
}

/** The Python that Debian's packages are for, which need not be the first on the path. */
export function aiohttpPython(): string {
  for (const python of ['/usr/bin/python3', 'python3']) {
    try {
      execFileSync(python, ['-c', 'import aiohttp'], { stdio: 'ignore' });
      return python;
    } catch {
      // The next one.
    }
  }
  return 'python3';
}
