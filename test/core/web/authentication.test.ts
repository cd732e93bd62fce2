import { expect, test } from 'vitest';
import { Authentication, parseBasic } from '../../../src/web/authentication.ts';
import { decoyHash, hashProblem, openPasswordHasher, type PasswordHasher } from '../../../src/web/password-hash.ts';

const hashOfSesame = '$2b$04$YMUEuagLXxBgO7hBKeL7Xuh1Y0tHsvyAWfM2Xvr5sP9xRCEOFUQZC';
const users = new Map([
  ['alice', `$2b$10$${'a'.repeat(53)}`],
  ['bob', `$2b$05$${'b'.repeat(53)}`],
]);

interface Asked {
  readonly password: string;
  readonly hash: string;
  answer(matches: boolean): void;
}

/** A hasher that answers when it is told to. */
function manualHasher(): PasswordHasher & { asked: Asked[] } {
  const asked: Asked[] = [];
  return {
    asked,
    verify: (password, hash) => new Promise((resolve) => asked.push({ password, hash, answer: resolve })),
    close() {},
  };
}

const settled = () => new Promise((resolve) => setImmediate(resolve));

test('a password is verified once and remembered after that', async () => {
  const hasher = manualHasher();
  const authentication = new Authentication(hasher);
  const given = { user: 'alice', password: 'right' };

  const first = authentication.judge(users, given);
  await settled();
  hasher.asked[0]!.answer(true);

  expect(await first).toBe('granted');
  expect(authentication.judge(users, given)).toBe('granted');
  expect(hasher.asked).toHaveLength(1);
});

test('a wrong password is remembered too, and the right one is still verified', async () => {
  const hasher = manualHasher();
  const authentication = new Authentication(hasher);

  const first = authentication.judge(users, { user: 'alice', password: 'wrong' });
  await settled();
  hasher.asked[0]!.answer(false);

  expect(await first).toBe('denied');
  expect(authentication.judge(users, { user: 'alice', password: 'wrong' })).toBe('denied');
  expect(authentication.judge(users, { user: 'alice', password: 'right' })).toBeInstanceOf(Promise);
});

test('a changed hash makes a remembered password count for nothing', async () => {
  const hasher = manualHasher();
  const authentication = new Authentication(hasher);
  const given = { user: 'alice', password: 'right' };
  const first = authentication.judge(users, given);
  await settled();
  hasher.asked[0]!.answer(true);
  await first;

  expect(authentication.judge(new Map([['alice', `$2b$10$${'c'.repeat(53)}`]]), given)).toBeInstanceOf(Promise);
  expect(await authentication.judge(new Map(), undefined)).toBe('denied');
});

test('the same credentials many times at once are one verification', async () => {
  const hasher = manualHasher();
  const authentication = new Authentication(hasher);

  const judge = async () => authentication.judge(users, { user: 'alice', password: 'right' });
  const verdicts = Array.from({ length: 50 }, judge);
  await settled();
  expect(hasher.asked).toHaveLength(1);
  hasher.asked[0]!.answer(true);

  expect(new Set(await Promise.all(verdicts))).toEqual(new Set(['granted']));
});

test('guesses at one user wait in a short line of their own, one verification at a time', async () => {
  const hasher = manualHasher();
  const authentication = new Authentication(hasher, { waitingPerUser: 2 });

  void authentication.judge(users, { user: 'alice', password: 'guess 1' });
  void authentication.judge(users, { user: 'alice', password: 'guess 2' });
  const third = authentication.judge(users, { user: 'alice', password: 'guess 3' });
  const other = authentication.judge(users, { user: 'bob', password: 'right' });
  await settled();

  expect(third).toBe('busy');
  expect(hasher.asked.map(({ password }) => password)).toEqual(['guess 1', 'right']);
  hasher.asked[1]!.answer(true);
  expect(await other).toBe('granted');
});

test('made-up names share one line, cost as much as the dearest user, and are never let in', async () => {
  const hasher = manualHasher();
  const authentication = new Authentication(hasher, { waitingPerUser: 2 });

  const first = authentication.judge(users, { user: 'eve', password: 'a' });
  void authentication.judge(users, { user: 'mallory', password: 'b' });
  expect(authentication.judge(users, { user: 'trudy', password: 'c' })).toBe('busy');
  await settled();

  expect(hasher.asked.map(({ hash }) => hash.slice(0, 7))).toEqual(['$2b$10$']);
  hasher.asked[0]!.answer(true);
  expect(await first).toBe('denied');
});

test('all lines together are bounded', async () => {
  const authentication = new Authentication(manualHasher(), { waiting: 2 });

  void authentication.judge(users, { user: 'alice', password: 'a' });
  void authentication.judge(users, { user: 'bob', password: 'b' });

  expect(authentication.judge(users, { user: 'eve', password: 'c' })).toBe('busy');
});

test('a verification that fails is not remembered', async () => {
  let failing = true;
  const authentication = new Authentication({
    verify: async () => {
      if (failing) throw new Error('no thread');
      return true;
    },
    close() {},
  });
  const given = { user: 'alice', password: 'right' };

  await expect(authentication.judge(users, given)).rejects.toThrow('no thread');
  failing = false;

  expect(await authentication.judge(users, given)).toBe('granted');
});

test('credentials are taken from a Basic header and nothing else', () => {
  const basic = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`;

  expect(parseBasic(basic('alice:a:b'))).toEqual({ user: 'alice', password: 'a:b' });
  expect(parseBasic(`bAsIc ${Buffer.from('é:ü').toString('base64')}`)).toEqual({ user: 'é', password: 'ü' });
  expect(parseBasic(basic(':'))).toEqual({ user: '', password: '' });
  expect(parseBasic(basic('alice'))).toBeUndefined();
  expect(parseBasic('Basic !!!')).toBeUndefined();
  expect(parseBasic('Bearer YTpi')).toBeUndefined();
  expect(parseBasic(undefined)).toBeUndefined();
});

test('bcrypt is asked in a thread, for all the prefixes that it has had', async () => {
  const hasher = openPasswordHasher();
  try {
    expect(await hasher.verify('open sesame', hashOfSesame)).toBe(true);
    expect(await hasher.verify('open sesame', hashOfSesame.replace('$2b$', '$2y$'))).toBe(true);
    expect(await hasher.verify('open sesame', hashOfSesame.replace('$2b$', '$2a$'))).toBe(true);
    expect(await hasher.verify('close sesame', hashOfSesame)).toBe(false);
    expect(await hasher.verify('', decoyHash([]))).toBe(false);
  } finally {
    hasher.close();
  }
});

test('the loop goes on while a password is verified', async () => {
  const hasher = openPasswordHasher();
  let turns = 0;
  const ticking = setInterval(() => (turns += 1), 1);
  try {
    await hasher.verify('open sesame', decoyHash([`$2b$12$${'a'.repeat(53)}`]));
  } finally {
    clearInterval(ticking);
    hasher.close();
  }

  // In the loop's own thread the quarter of a second would have let it turn three times.
  expect(turns).toBeGreaterThan(20);
});

test('a decoy is a well-formed hash', () => {
  expect(hashProblem(decoyHash(users.values()))).toBeUndefined();
});
