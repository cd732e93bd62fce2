import { expect, test } from 'vitest';
import { parseProcessStat } from '../../../../collectors/host/process/stat.ts';

const rest = '1 7 7 0 -1 64 100 200 3 400 55 66 1 2 20 0 4 0 12345 1048576 256 18446744073709551615 1 1';

test('takes the figures of a process from its stat', () => {
  expect(parseProcessStat(Buffer.from(`7 (nginx) S ${rest}\n`))).toEqual({
    comm: 'nginx',
    state: 'S',
    parent: 1,
    minorFaults: 100,
    majorFaults: 3,
    userTicks: 55,
    systemTicks: 66,
    threads: 4,
    startTicks: 12345,
    virtualBytes: 1048576,
    residentPages: 256,
  });
});

test('counts fields from the last parenthesis of a name that imitates them', () => {
  const stat = parseProcessStat(Buffer.from(`7 (a) R 9 (b) D ${rest}\n`));

  expect(stat).toMatchObject({ comm: 'a) R 9 (b', state: 'D', parent: 1 });
});

test.each([
  '',
  '\n',
  '7 (sh',
  '7 )sh( S 1\n',
  `7 (sh) S ${rest}`,
  `7 (sh) 5 ${rest}\n`,
  `7 (sh) S ${rest.replace(' 55 ', '  ')}\n`,
  `7 (sh) S ${rest.replace(' 55 ', ' x5 ')}\n`,
  `7 (sh) S ${rest.replace(' 55 ', ' -5 ')}\n`,
  '7 (sh) S 1 7 7 0 -1 64 100 200 3 400 55 66 1 2 20 0 4 0 12345 1048576\n',
])('takes a torn stat for none: %j', (torn) => {
  expect(parseProcessStat(Buffer.from(torn))).toBeUndefined();
});
