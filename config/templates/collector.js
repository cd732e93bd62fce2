/**
 * How many files wait in a folder, and since when: a collector to start from. Try it with
 *
 *     vitald collect --plugin template-name.js
 *
 * and serve it with `plugins: [./template-name.js]` in the configuration of vitald.
 */
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { CollectError, defineCollector, gauge, NoDataError, z } from 'vitald';

// A family is a metric name with its type, its help and its labels. Names end in a base unit: seconds, bytes, ratio.
const files = gauge('template_name_files', 'Files in the folder.', ['folder']);
const oldest = gauge('template_name_oldest_timestamp_seconds', 'When the oldest of them was last written.', ['folder']);

export const templateName = defineCollector({
  // The key under `collectors:` in the configuration, and the `collector` label of what vitald says of its runs.
  name: 'template_name',
  summary: 'Files that wait in a folder.',
  source: 'a folder',
  // On where the plugin is named, unless the configuration says `template_name: false`.
  enabled: true,
  // Unless the configuration says otherwise: when it runs, and how long a run may take.
  schedule: '30s',
  timeout: '5s',
  families: [files, oldest],
  // Options, as zod declares them; vitald checks them, and tells a mistake with its line. For passwords there is secret().
  config: z.strictObject({
    folder: z.string().default('/tmp').describe('The folder whose files are counted.'),
  }),
  // Called once; what has to be kept between runs lives here. `log` and `system` (the host's paths, a clock) are at hand.
  create({ folder }, { log }) {
    log.debug({ folder }, 'the collector was made');
    return {
      // Called at every run. `signal` aborts at the deadline: hand it to what waits.
      async collect(signal) {
        const times = await modificationTimes(folder, signal);
        const samples = [files.sample(times.length, { folder })];
        if (times.length > 0) samples.push(oldest.sample(Math.min(...times) / 1000, { folder }));
        return samples;
      },
    };
  },
});

/** When each file was last written, in milliseconds since 1970. */
async function modificationTimes(folder, signal) {
  const times = [];
  for (const name of await namesIn(folder)) {
    signal.throwIfAborted();
    // A file that went away in the meantime no longer waits.
    const facts = await stat(join(folder, name)).catch(() => undefined);
    if (facts?.isFile()) times.push(facts.mtimeMs);
  }
  return times;
}

async function namesIn(folder) {
  try {
    return await readdir(folder);
  } catch (error) {
    // Where there is nothing to report this is not a failure; anything else fails this run, and no other collector.
    if (error.code === 'ENOENT') throw new NoDataError(`there is no folder ${folder}`);
    throw new CollectError('SOURCE_UNREADABLE', `${folder} cannot be read`, { cause: error });
  }
}
