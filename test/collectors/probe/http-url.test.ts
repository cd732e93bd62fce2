import { expect, test } from 'vitest';
import { locationUrl, shownUrl, targetUrl, type HttpUrl } from '../../../collectors/probe/http-url.ts';

function written({ site, path, query }: HttpUrl): string {
  return `${site.origin}${path}${query}`;
}

test.each([
  ['http://h', 'http://h/'],
  ['http://h?q', 'http://h/?q'],
  ['HTTP://H:80/x#f?g', 'http://h/x'],
  ['https://u:p@h:444/x', 'https://h:444/x'],
  ['http://h/a/../b/%2e%2E/./c', 'http://h/a/../b/%2e%2E/./c'],
  ["http://h/[it's](1)!*;a=b,c", "http://h/[it's](1)!*;a=b,c"],
  ['http://h/a%2fb/%7e', 'http://h/a%2fb/%7e'],
  // What is not valid is encoded anew as a whole.
  ["http://h/a b'%2f%3f", 'http://h/a%20b%27/%3F'],
  ['http://h/größe/日', 'http://h/gr%C3%B6%C3%9Fe/%E6%97%A5'],
  ['http://h/"{|}^`\\<>"', 'http://h/%22%7B%7C%7D%5E%60%5C%3C%3E%22'],
  ['http://h/100%', 'http://h/100%'],
  ['http://h/?q=\'a\'&"x"=%zz|y', 'http://h/?q=\'a\'&"x"=%zz|y'],
  ['http://h/?q=ö 1', 'http://h/?q=%C3%B6%201'],
  ['http://größe.example/', 'http://xn--gre-6ka8i.example/'],
])('the target %s is asked for as %s', (text, expected) => {
  expect(written(targetUrl(text)!)).toBe(expected);
});

test.each(['http://', 'http:///x', 'http://[::1', 'http://h\\@x/', 'http://h/a\nb', 'http://h:p/', 'http:/h'])(
  'the target %j is no URL',
  (text) => {
    expect(targetUrl(text)).toBeUndefined();
  },
);

const from = targetUrl('http://u:p@h:81/dir/start?q=1')!;

test.each([
  ['next', 'http://h:81/dir/next'],
  ['?p=2', 'http://h:81/dir/start?p=2'],
  ['#f', 'http://h:81/dir/start?q=1'],
  ['/a/../b', 'http://h:81/b'],
  ['/a/%2e%2e/b', 'http://h:81/a/%2e%2e/b'],
  ['../../up/.', 'http://h:81/up/'],
  ['..', 'http://h:81/'],
  ['/a//../b', 'http://h:81/a/b'],
  ['//other/x', 'http://other/x'],
  ['https://other?x', 'https://other/?x'],
  ['http://a:b@other/./x', 'http://other/x'],
  ['/\\other/x', 'http://h:81/%5Cother/x'],
  ['/x:y', 'http://h:81/x:y'],
])('the Location %s leads to %s', (location, expected) => {
  const url = locationUrl(location, from) as HttpUrl;

  expect(written(url)).toBe(expected);
  // A user in a Location is not taken; that of the URL stays with it.
  expect(url.site === from.site ? '' : url.site.username + url.site.password).toBe('');
});

test.each([
  ['ftp://other/x', 'ftp'],
  ['Mailto:x@y', 'mailto'],
  ['http:x', undefined],
  ['//', undefined],
  ['//other\\x/', undefined],
  ['/a\tb', undefined],
])('the Location %j leads nowhere', (location, expected) => {
  expect(locationUrl(location, from)).toBe(expected);
});

test('what is shown has neither user nor query', () => {
  expect(shownUrl(from)).toBe('http://h:81/dir/start');
});
