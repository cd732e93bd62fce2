/**
 * Which kernel runs, on which machine and under which name.
 *
 * Source  /proc/sys/kernel/{ostype,osrelease,version,hostname,domainname,arch}
 *         (Documentation/admin-guide/sysctl/kernel.rst), which say what uname(2) does. Kernels before 6.1 have no
 *         `arch`; for that, and for whatever else a recorded tree lacks, Node.js asks uname(2).
 * Quirks  A host may have no name, or an empty domain: that is an empty label. Node.js cannot ask for the domain; a host
 *         that was given none has the kernel's "(none)".
 */
import { hostname, machine, release, type, version } from 'node:os';
import { defineCollector, gauge } from '../../src/collector.ts';
import { z } from '../../src/config/schema.ts';

const info = gauge('node_uname_info', 'Labeled system information as provided by the uname system call.', [
  'sysname',
  'release',
  'version',
  'machine',
  'nodename',
  'domainname',
]);

const noDomain = '(none)';

export const uname = defineCollector({
  name: 'uname',
  summary: 'Kernel release and version, machine type, host name.',
  source: '/proc/sys/kernel',
  enabled: true,
  families: [info],
  config: z.strictObject({}),
  create(_config, { system }) {
    const read = (file: string): string | undefined => system.proc.textIfAny(`sys/kernel/${file}`)?.trimEnd();
    // One kernel runs as long as this process does; its host may get another name.
    let kernel: Kernel | undefined;
    return {
      collect() {
        kernel ??= {
          sysname: read('ostype') || type(),
          release: read('osrelease') || release(),
          version: read('version') || version(),
          machine: read('arch') || machine(),
        };
        const names = { nodename: read('hostname') ?? hostname(), domainname: read('domainname') ?? noDomain };
        return [info.sample(1, { ...kernel, ...names })];
      },
    };
  },
});

interface Kernel {
  readonly sysname: string;
  readonly release: string;
  readonly version: string;
  readonly machine: string;
}
