import { expect, test } from 'vitest';
import { CookieJar } from '../../../collectors/probe/http-cookies.ts';
import { targetUrl } from '../../../collectors/probe/http-url.ts';

/** What a request to a URL has of the cookies that another URL set. */
function sent(from: string, cookies: readonly string[], to: string): string | undefined {
  const jar = new CookieJar();
  jar.store(targetUrl(from)!, cookies);
  return jar.header(targetUrl(to)!);
}

const login = 'http://login.example.com/a/in';

test.each([
  ['s=1', 'http://login.example.com/a/out', true],
  ['s=1', 'http://deep.login.example.com/a/', false],
  ['s=1; Domain=', 'http://app.example.com/a/', false],
  ['s=1; Domain=example.com', 'http://app.example.com/a/', true],
  ['s=1; domain=.Example.COM', 'http://example.com/a/', true],
  ['s=1; Domain=login.example.com', 'http://deep.login.example.com/a/', true],
  ['s=1; Domain=login.example.com', 'http://app.example.com/a/', false],
  ['s=1; Domain=example.com', 'http://notexample.com/a/', false],
  // Who sets it has to be within the domain, and the domain has to have a dot.
  ['s=1; Domain=app.example.com', 'http://app.example.com/a/', false],
  ['s=1; Domain=evil.example', 'http://login.example.com/a/', false],
  ['s=1; Domain=com', 'http://login.example.com/a/', false],
  ['s=1; Domain=.', 'http://login.example.com/a/', false],
  ['s=1; Domain=..example.com', 'http://app.example.com/a/', false],
  ['s=1; Domain=example.com.', 'http://app.example.com/a/', false],
])('%s goes to %s: %s', (cookie, to, goes) => {
  expect(sent(login, [cookie], to)).toBe(goes ? 's=1' : undefined);
});

test.each([
  ['http://127.0.0.1/', 's=1; Domain=127.0.0.1', 'http://127.0.0.1/', true],
  ['http://127.0.0.1/', 's=1; Domain=0.0.1', 'http://127.0.0.1/', false],
  ['http://localhost/', 's=1; Domain=localhost', 'http://localhost/', true],
  ['http://localhost/', 's=1; Domain=localhost', 'http://a.localhost/', false],
])('from %s %s goes to %s: %s', (from, cookie, to, goes) => {
  expect(sent(from, [cookie], to)).toBe(goes ? 's=1' : undefined);
});

test('a later cookie of a domain takes the place of an earlier one, and can end it', () => {
  const first = 's=1; Domain=example.com; Path=/';

  expect(sent(login, [first, 's=2; Domain=.example.com; Path=/'], login)).toBe('s=2');
  expect(sent(login, [first, 's=; Domain=example.com; Path=/; Max-Age=0'], login)).toBeUndefined();
  expect(sent(login, [first, 's=2; Path=/'], login)).toBe('s=1; s=2');
});
