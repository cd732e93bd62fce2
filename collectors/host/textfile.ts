/**
 * Metrics that other programs leave in files: a cron job writes `NAME.prom`, this collector serves what it says.
 *
 * Source  *.prom in the directories given, in the Prometheus text format. Write to another name and rename, or half a
 *         file will be read.
 * Labels  file: the path of the file.
 * Quirks  A file that cannot be read or parsed is left out whole and sets node_textfile_scrape_error; so is one with
 *         timestamps, as Prometheus would take its samples for old ones long after the file stopped changing.
 */
import { defineCollector, gauge, type Sample } from '../../src/collector.ts';
import { duration, list, z } from '../../src/config/schema.ts';
import { messageOf } from '../../src/errors.ts';
import { openTextFiles } from './textfile/files.ts';
import { mergeFiles } from './textfile/merge.ts';

const mtime = gauge('node_textfile_mtime_seconds', 'Unixtime mtime of textfiles successfully read.', ['file']);
const scrapeError = gauge(
  'node_textfile_scrape_error',
  '1 if there was an error opening or reading a file, 0 otherwise',
);
const staleFiles = gauge('vitald_textfile_stale_files', 'Text files whose metrics are left out as older than max_age.');
const ownNames = new Set([mtime, scrapeError, staleFiles].map(({ name }) => name));
const served = gauge('<family>', 'Whatever the files hold.');

export const textfile = defineCollector({
  name: 'textfile',
  summary: 'Metrics from files that other programs write.',
  source: '*.prom in the configured directories',
  differences: [
    'A family that only some files give a help text gets that one in all of them.',
    'A series that a second file repeats, or a family of which it says another type, costs that file only and sets the error.',
    'Files that did not change are not parsed again, and a named pipe called *.prom is an error instead of a hang.',
    'Blanks at the end of a line and a byte order mark are no error. Quoted names, and samples of a histogram or summary that are none of its parts, are one: nothing is dropped in silence.',
    'Of files that disagree about a help text only those with another text than the first are left out.',
  ],
  enabled: true,
  families: [mtime, scrapeError, staleFiles, served],
  config: z.strictObject({
    directory: list().describe('Directories to read *.prom files from; may hold the wildcards *, ? and [a-z].'),
    max_age: duration()
      .optional()
      .describe('Leave out the metrics of files that did not change for this long; node_textfile_mtime_seconds stays.'),
  }),
  create({ directory, max_age }, { system, log }) {
    const files = openTextFiles(ownNames);
    const complained = new Map<string, string>();

    /** Says once what is wrong with a path, until something else is. */
    function complain(path: string, error: unknown): void {
      const message = messageOf(error);
      if (complained.get(path) === message) return;
      complained.set(path, message);
      log.warn({ file: path, error: message }, 'a text file cannot be served');
    }

    return {
      collect() {
        const { readable, failed } = files.read(directory);
        const fresh = readable.filter(
          ({ mtimeMs }) => max_age === undefined || system.clock.now() - mtimeMs <= max_age,
        );
        const { samples, conflicts } = mergeFiles(fresh);
        const problems = new Map([...failed, ...conflicts].toReversed().map(({ path, error }) => [path, error]));
        for (const path of complained.keys()) if (!problems.has(path)) complained.delete(path);
        for (const [path, error] of problems) complain(path, error);

        const all: Sample[] = [...samples];
        for (const { path, mtimeMs } of readable) all.push(mtime.sample(Math.floor(mtimeMs / 1000), { file: path }));
        all.push(scrapeError.sample(problems.size > 0 ? 1 : 0));
        if (max_age !== undefined) all.push(staleFiles.sample(readable.length - fresh.length));
        return all;
      },
    };
  },
});
