/**
 * Which kernel runs, on which machine and under which name.
 *
 * Source  /proc/sys/kernel/{ostype,osrelease,version,hostname,domainname,arch}
 *         (Documentation/admin-guide/sysctl/kernel.rst), which say what uname(2) does. Kernels before 6.1 have no
 *         `arch`; there Node.js asks uname(2).
 */
import { machine } from 'node:os';
import { defineCollector, gauge, malformed } from '../../src/collector.ts';
import { z } from '../../src/config/schema.ts';

const info = gauge('node_uname_info', 'Labeled system information as provided by the uname system call.', [
  'sysname',
  'release',
  'version',
  'machine',
  'nodename',
  'domainname',
]);

export const uname = defineCollector({
  name: 'uname',
  summary: 'Kernel release and version, machine type, host name.',
  source: '/proc/sys/kernel',
  enabled: true,
  families: [info],
  config: z.strictObject({}),
  create(_config, { system }) {
    const read = (file: string): string => {
      const text = system.proc.text(`sys/kernel/${file}`).trimEnd();
      if (text === '') throw malformed(`sys/kernel/${file}`, 'nothing');
      return text;
    };
    // One kernel runs as long as this process does; its host may get another name.
    let kernel: Kernel | undefined;
    return {
      collect() {
        kernel ??= {
          sysname: read('ostype'),
          release: read('osrelease'),
          version: read('version'),
          machine: system.proc.attribute('sys/kernel/arch') || machine(),
        };
        return [info.sample(1, { ...kernel, nodename: read('hostname'), domainname: read('domainname') })];
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
