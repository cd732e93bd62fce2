/** Recorded hosts with control groups, and what the collector says of them. */
import { cgroup } from '../../collectors/host/cgroup.ts';
import type { System } from '../../src/system/index.ts';
import type { Exposed } from './expose.ts';
import { sceneFolder, sceneOf } from './scene.ts';
import { seriesOf, started as startedOf } from './started.ts';

/** With version 2. */
export const server = sceneFolder('rich-server', ['cgroup']);
/** With version 1. */
export const old = sceneFolder('v1-host');
/** With both. */
export const hybrid = sceneFolder('hybrid-host');

/** The collector on a host, until the test ends. */
export const started = (host: string | System, options?: Record<string, unknown>): Exposed =>
  startedOf(cgroup, host, options);

/** The series of a scrape in which a part occurs. */
export const series = (scraped: Exposed, part: string): Promise<string[]> => seriesOf(scraped, part, 'vitald_cgroup_');

/** The paths of the groups that are reported. */
export async function paths(scraped: Exposed): Promise<string[]> {
  return (await series(scraped, 'info{')).map((line) => /cgroup="([^"]*)"/.exec(line)![1]!);
}

/** A host of version 2 with groups of which nothing but cpu.stat is told. */
export function hostOf(...groups: readonly string[]): string {
  return sceneOf(['== sys/fs/cgroup/cgroup.controllers\ncpu', ...groups.map(groupAt)].join('\n'));
}

/** A group of which nothing but cpu.stat is told. */
export function groupAt(path: string): string {
  return `== sys/fs/cgroup${path}/cpu.stat\nusage_usec 1000000\nuser_usec 600000\nsystem_usec 400000`;
}
