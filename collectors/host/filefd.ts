/**
 * How many files are open on the whole host, and how many may be.
 *
 * Source  /proc/sys/fs/file-nr (Documentation/admin-guide/sysctl/fs.rst): allocated, free (0 since Linux 2.6), maximum.
 */
import { defineCollector, gauge, malformed } from '../../src/collector.ts';
import { z } from '../../src/config/schema.ts';
import { unsigned, words } from '../../src/system/numbers.ts';

const allocated = gauge('node_filefd_allocated', 'File descriptor statistics: allocated.');
const maximum = gauge('node_filefd_maximum', 'File descriptor statistics: maximum.');

export const filefd = defineCollector({
  name: 'filefd',
  summary: 'Open files of the whole host, and their limit.',
  source: '/proc/sys/fs/file-nr',
  enabled: true,
  families: [allocated, maximum],
  config: z.strictObject({}),
  create(_config, { system }) {
    return {
      collect() {
        const text = system.proc.text('sys/fs/file-nr');
        const [open, , limit] = words(text).map(unsigned);
        if (open === undefined || limit === undefined) throw malformed('sys/fs/file-nr', JSON.stringify(text));
        return [allocated.sample(open), maximum.sample(limit)];
      },
    };
  },
});
