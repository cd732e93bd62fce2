import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { pageRoutes } from '../../src/routes/page.ts';
import type { RouteAnswer } from '../../src/routes/route.ts';
import { startTestedDaemon } from '../support/daemons.ts';
import { temporaryFolder } from '../support/program.ts';

function builtPage(): string {
  const folder = temporaryFolder();
  mkdirSync(join(folder, 'assets'));
  writeFileSync(join(folder, 'index.html'), '<!doctype html><title>vitald</title>');
  writeFileSync(join(folder, 'assets/index-a1b2.js'), 'start();');
  writeFileSync(join(folder, 'LICENSES.md'), 'not for browsers');
  return folder;
}

/** Asks the routes of a page in that folder. */
function asking(folder: string, api = true) {
  const routes = pageRoutes(folder, () => api);
  return async (path: string, headers: Record<string, string> = {}): Promise<RouteAnswer> => {
    const route = routes.find((each) => each.path === path) ?? routes.find((each) => each.path.endsWith('*'))!;
    const request = { method: 'GET', path, query: {}, headers, signal: new AbortController().signal };
    return (await route.handle(request)) as RouteAnswer;
  };
}

test('the HTML is asked about each time, and may load files of its own only', async () => {
  const { headers, type, text } = await asking(builtPage())('/');

  expect(type).toBe('text/html; charset=utf-8');
  expect(String(text)).toContain('<title>vitald</title>');
  expect(headers).toMatchObject({ 'cache-control': 'no-cache', etag: expect.stringMatching(/^"[\w-]{22}"$/) });
  expect(headers?.['content-security-policy']).toMatch(/^default-src 'none'; script-src 'self'; style-src 'self'; /);
  expect(headers?.['content-security-policy']).not.toContain('unsafe');
});

test('a browser that has the HTML gets none', async () => {
  const ask = asking(builtPage());
  const etag = (await ask('/')).headers!['etag']!;

  expect(await ask('/', { 'if-none-match': `"other", W/${etag}` })).toMatchObject({ status: 304, text: '' });
  expect((await ask('/', { 'if-none-match': '"other"' })).status).toBeUndefined();
});

test('files with a hash in their names may be kept for good, and are packed for those who take it', async () => {
  const ask = asking(builtPage());
  const packed = await ask('/assets/index-a1b2.js', { 'accept-encoding': 'br, gzip' });

  expect(packed.headers).toMatchObject({
    'cache-control': 'public, max-age=31536000, immutable',
    'content-encoding': 'gzip',
    vary: 'Accept-Encoding',
  });
  expect(gunzipSync(packed.text as Buffer).toString()).toBe('start();');
  expect(String((await ask('/assets/index-a1b2.js')).text)).toBe('start();');
});

test.each(['/assets/index-0000.js', '/assets/../index.html', '/assets/LICENSES.md', '/assets/'])(
  'there is no %s',
  async (path) => {
    expect((await asking(builtPage())(path)).status).toBe(404);
  },
);

test('a page that is not built is told so in plain words, until it is built', async () => {
  const folder = temporaryFolder();
  const ask = asking(folder);

  expect((await ask('/')).text).toContain('npm run build');
  expect((await ask('/assets/index-a1b2.js')).status).toBe(404);
  writeFileSync(join(folder, 'index.html'), '<!doctype html>');
  expect((await ask('/')).type).toBe('text/html; charset=utf-8');
});

test('without the API there is nothing to show, and that is said', async () => {
  expect((await asking(builtPage(), false)('/')).text).toContain('web.api');
});

test('metrics at / go before the page', async () => {
  const { get } = await startTestedDaemon('web: { telemetry_path: / }');

  expect((await get('/')).type).toContain('version=0.0.4');
});
