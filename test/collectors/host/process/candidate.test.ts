import { expect, test } from 'vitest';
import { argvOf, cgroupPathsOf, usersOf } from '../../../../collectors/host/process/candidate.ts';

test.each([
  ['', []],
  ['\0\0', []],
  ['/sbin/init\0', ['/sbin/init']],
  ['sh\0-c\0\0x\0', ['sh', '-c', '', 'x']],
  ['nginx: worker process\0\0\0\0', ['nginx: worker process']],
])('the command line %j has the words %j', (cmdline, argv) => {
  expect(argvOf(Buffer.from(cmdline))).toEqual(argv);
});

test('has no words for a command line that cannot be read', () => {
  expect(argvOf(undefined)).toEqual([]);
});

test('takes the first 16 KiB of a command line', () => {
  expect(argvOf(Buffer.alloc(3_000_000, 'a'))).toEqual(['a'.repeat(16 * 1024)]);
});

test('takes the paths of control groups, whatever is in them', () => {
  expect(cgroupPathsOf('9:name=systemd:/a.slice\n4:cpu,cpuacct:/b:c\n0::/\ntorn\n5:memory\n')).toEqual([
    '/a.slice',
    '/b:c',
    '/',
  ]);
});

test('takes the first name of a user that has several, and puts up with lines that are none', () => {
  expect(usersOf('root:x:0:0::/root:/bin/sh\ntoor:x:0:0::/root:/bin/sh\n# note\nwww:x:33:33::/:/bin/false\n')).toEqual(
    new Map([
      ['0', 'root'],
      ['33', 'www'],
    ]),
  );
});
