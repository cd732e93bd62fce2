import { expect, test } from 'vitest';
import { countStates, groupByOf, groupings, type Line, linesOf, searched } from '../../../src/page/selection.ts';
import { turnsBetween } from '../../../src/page/turns.ts';
import { hashOf, viewOf, wholeList } from '../../../src/page/views.ts';
import { pageChecks } from '../../support/page-model.ts';

const checks = pageChecks(
  { name: 'shop', group: 'front', labels: { team: 'web' } },
  { name: 'mail', group: 'office', target: 'smtp://mail.example', state: 'down', reason: 'tls', detail: 'has expired' },
  { name: 'Search', group: 'front', state: 'down', reason: 'timeout' },
  { name: 'ntp', labels: { team: 'ops' }, state: 'maintenance' },
);
const names = (lines: readonly Line[]): string[] =>
  lines.map((line) => (line.kind === 'check' ? line.check.name : `[${line.name} ${line.down}/${line.total}]`));

test.each([
  ['', 'shop mail Search ntp'],
  ['SEARCH', 'Search'],
  ['smtp', 'mail'],
  ['expired', 'mail'],
  ['team=ops', 'ntp'],
  ['  front  timeout ', 'Search'],
  ['nothing like it', ''],
])('a search for %j finds %j', (search, found) => {
  expect(
    searched(checks, search)
      .map(({ name }) => name)
      .join(' '),
  ).toBe(found);
});

test('what needs a look comes first, else the order of the config holds', () => {
  expect(names(linesOf(checks, ''))).toEqual(['mail', 'Search', 'ntp', 'shop']);
  expect(countStates(checks)).toEqual({ up: 1, down: 2, waiting: 0, suppressed: 0, maintenance: 1 });
});

test('groups with something down come first, and what has no group is a group', () => {
  expect(names(linesOf(checks, 'group'))).toEqual([
    '[front 1/2]',
    'Search',
    'shop',
    '[office 1/1]',
    'mail',
    '[ 0/1]',
    'ntp',
  ]);
  expect(names(linesOf(checks, 'team')).filter((name) => name.startsWith('['))).toEqual([
    '[ 2/2]',
    '[web 0/1]',
    '[ops 0/1]',
  ]);
});

test('a list is grouped by group where there are any, unless the reader chose', () => {
  expect(groupings(checks)).toEqual(['group', 'team']);
  expect(groupByOf(checks, wholeList)).toBe('group');
  expect(groupByOf(checks, { ...wholeList, groupBy: '' })).toBe('');
  expect(groupByOf(pageChecks({}), wholeList)).toBe('');
});

test.each([
  '#/checks/shop',
  '#/checks/%3Cimg%20src%3Dx%20onerror%3Dalert(1)%3E',
  '#/checks/a%2Fb%3Fc%23d%25',
  '#/?search=a+b&state=down&group=team',
  '#/?group=',
  '#/',
])('the address %s leads to a view whose address it is', (hash) => {
  expect(hashOf(viewOf(hash))).toBe(hash);
});

test.each(['', '#', '#/nowhere', '#/checks/', '#/checks/%E0%A4%A', '#/?state=sideways'])(
  'the address %j is the whole list',
  (hash) => {
    expect(viewOf(hash)).toEqual(wholeList);
  },
);

test('checks that turned are told by name, many of them by number, and a first result is no turn', () => {
  const [shop, mail, search, ntp] = checks as [
    (typeof checks)[0],
    (typeof checks)[0],
    (typeof checks)[0],
    (typeof checks)[0],
  ];
  const back = { ...mail, state: 'up', reason: null } as const;
  const gone = { ...shop, state: 'down', reason: 'dns' } as const;

  expect(turnsBetween(checks, [gone, back, search, ntp])).toBe('shop is down: dns. mail is up.');
  expect(turnsBetween([{ ...shop, state: 'waiting' }], [shop])).toBe('');
  expect(turnsBetween(checks, checks)).toBe('');
  const many = [gone, gone, gone, gone].map((check, at) => ({ ...check, name: `c${at}` }));
  const before = many.map((check) => ({ ...check, state: 'up' as const }));
  expect(turnsBetween(before, many)).toBe('4 checks went down, 0 turned otherwise.');
});
