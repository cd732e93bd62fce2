/** The program of a process that runs one collector for the daemon, which starts it; see `src/isolation/parent.ts`. */
import type { AnyCollector } from './collector.ts';
import { type Finder, serveDaemon } from './isolation/child.ts';

const find: Finder = async (origin, name) => {
  let definitions: readonly AnyCollector[];
  // Only what is needed: a plugin does not pay for all that is built in.
  if (origin.kind === 'plugin') {
    const { loadPlugin } = await import('./plugins/load.ts');
    definitions = (await loadPlugin(origin.file)).collectors;
  } else {
    const { builtIn } = await import('../collectors/index.ts');
    definitions = builtIn[origin.list];
  }
  const definition = definitions.find((each) => each.name === name);
  if (definition === undefined) throw new Error(`there is no collector named ${name} any more`);
  return definition;
};

serveDaemon(find);
