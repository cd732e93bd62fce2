/** One run of a collector that was asked for as much as it can give. */
import { builtIn } from '../../collectors/index.ts';
import { NoDataError } from '../../src/collector.ts';
import { CollectError } from '../../src/errors.ts';
import { optionDocs } from '../../src/config/options.ts';
import type { System } from '../../src/system/index.ts';
import { start } from './expose.ts';

// These read no files of the trees, or none that a scene can have; their parsers have tests of their own.
const elsewhere = new Set(['ethtool', 'exec', 'inventory', 'logind', 'qdisc', 'systemd', 'textfile', 'timex', 'wifi']);

/** The collectors that read a recorded host. */
export const ofTrees = builtIn.collectors.filter(({ name }) => !elsewhere.has(name));

/** The values by series, or the error that a collector may throw. */
export type Outcome = ReadonlyMap<string, string> | Error;

/** Options that make a collector read as much as it can. */
function richest(definition: (typeof ofTrees)[number]): Record<string, unknown> {
  const switches = optionDocs(definition.config).filter(({ kind }) => kind === 'boolean');
  const options: Record<string, unknown> = Object.fromEntries(switches.map(({ key }) => [key, true]));
  if (definition.name === 'sysctl') options['include'] = ['fs.file-nr', 'kernel.threads-max', 'vm.overcommit_ratio'];
  // All groups of a server would take as many seconds as all other collectors.
  if (definition.name === 'cgroup') Object.assign(options, { cgroups_include: 'nginx|docker|cron', depth: 2 });
  return options;
}

/** One run of a new collector: its series, or the error it may throw. Throws anything else that it throws. */
export async function richestRun(definition: (typeof ofTrees)[number], system: System): Promise<Outcome> {
  const exposed = start(definition as never, system, richest(definition));
  try {
    const lines = (await exposed.scrape()).split('\n').filter((line) => line !== '' && !line.startsWith('#'));
    return new Map(lines.map((line) => [line.slice(0, line.lastIndexOf(' ')), line.slice(line.lastIndexOf(' ') + 1)]));
  } catch (error) {
    if (error instanceof CollectError || error instanceof NoDataError) return error;
    throw error;
  } finally {
    exposed.close();
  }
}
