/** The status page of a real daemon in a real browser. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { openPage, screenshotFolder, startBrowser, violations } from '../support/browser.ts';
import { missing } from '../support/needs.ts';
import { fetchText, freePort, startDaemon, temporaryFolder, type TestDaemon, until } from '../support/program.ts';

const hostile = '<img src=x onerror=alert(1)>';

/** An HTTP server that is well until it is told otherwise. */
async function target() {
  let status = 200;
  const server = createServer((_request, response) => {
    response.writeHead(status).end('fine');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    answer: (next: number) => {
      status = next;
    },
  };
}

const modules = 'modules: { web: { prober: http, timeout: 2s, http: { preferred_ip_protocol: ip4 } } }';

/** A daemon with a few checks of one target; the last has a hostile name, label and group. */
function startWithChecks(url: string, more = ''): Promise<TestDaemon> {
  const check = (name: string, rest: string): string =>
    `  - { name: ${JSON.stringify(name)}, target: "${url}", module: web, schedule: 1s, ${rest} }`;
  return startDaemon(`
defaults: { schedule: 1s }
${modules}
${more}
checks:
${check('shop', 'labels: { group: storefront, team: web }')}
${check('checkout', 'labels: { group: storefront, team: web }, depends_on: [shop]')}
${check('mail', 'labels: { group: office, team: ops }')}
${check(hostile, `labels: { group: '${hostile}', team: '"><script>alert(2)</script>' }`)}
`);
}

// A browser on two cores that others use, too, may take its time.
// oxlint-disable-next-line vitest/require-awaited-expect-poll -- whoever calls it awaits it
const eventually = <T>(look: () => T) => expect.poll(look, { timeout: 20_000, interval: 50 });
const headline = (page: Page) => page.getByRole('heading', { level: 1 });
const row = (page: Page, name: string) =>
  page.getByRole('row').filter({ has: page.getByRole('link', { name, exact: true }) });
const shown = (page: Page) => page.getByRole('table', { name: 'Checks' }).getByRole('link').allTextContents();
const has = async (page: Page, text: string | RegExp): Promise<void> => {
  await headline(page).filter({ hasText: text }).waitFor();
};

describe.skipIf(missing('chromium'))('the status page', () => {
  let browser: Browser;

  beforeAll(async () => {
    browser = await startBrowser();
  });
  afterAll(() => browser.close());

  test('tells how things stand, and a check that goes down and comes back is seen without a reload', async () => {
    const { url, answer } = await target();
    const daemon = await startWithChecks(url);
    const { page } = await openPage(browser, daemon.url, { timezoneId: 'Asia/Kathmandu' });
    await has(page, 'All well: 4 of 4 checks up');
    await page.evaluate('window.sameDocument = true');
    expect(await page.title()).toMatch(/^All well: 4 of 4 checks up · /);

    answer(503);
    await has(page, /\d checks? down since \d\d:\d\d/);
    await row(page, 'shop').getByText('Down', { exact: true }).waitFor();
    await row(page, 'shop')
      .getByText(/^status: .*503/)
      .waitFor();
    await row(page, 'checkout').getByText('Suppressed', { exact: true }).waitFor();
    await page.locator('#turns').filter({ hasText: /down/ }).waitFor({ state: 'attached' });
    // Nepal is 5 hours and 45 minutes ahead: nobody else's clock shows that.
    const since = row(page, 'shop').getByRole('cell').first().locator('time');
    expect(await since.getAttribute('title')).toMatch(/GMT\+5:45$/);
    const told = /since (\d\d):(\d\d)/.exec((await headline(page).textContent())!)!;
    const minutes = (Number(told[1]) * 60 + Number(told[2]) - 345 + 2_880) % 1_440;
    const utc = new Date();
    const late = (utc.getUTCHours() * 60 + utc.getUTCMinutes() - minutes + 1_440) % 1_440;
    expect(late).toBeLessThan(5);

    answer(200);
    await has(page, 'All well: 4 of 4 checks up');
    await row(page, 'shop').getByText('Up', { exact: true }).waitFor();
    expect(await row(page, 'shop').getByRole('img').getAttribute('aria-label')).toMatch(/[1-9]\d* failed/);
    expect(await page.evaluate('window.sameDocument')).toBe(true);
  });

  test('draws the host, and its charts move', async () => {
    const { url } = await target();
    const daemon = await startWithChecks(url);
    const { page } = await openPage(browser, daemon.url);
    for (const title of ['CPU', 'Memory', 'Disk', 'Network', 'Space']) {
      await page
        .getByRole('figure')
        .filter({ has: page.getByRole('heading', { name: title, exact: true }) })
        .waitFor();
    }
    // A rate needs two samples.
    await eventually(async () => {
      const figures = await page.locator('.figure').allTextContents();
      return figures.filter((text) => !/^\d[\d.]* (?:%|[KMGT]?i?B\/s)$/.test(text));
    }).toEqual([]);

    const picture = (): Promise<string> => page.evaluate("document.querySelector('#panel-cpu canvas').toDataURL()");
    const before = await picture();
    expect(before).toMatch(/^data:image/);
    await until(
      async () => (await picture()) !== before,
      () => 'the chart stood still',
      30_000,
    );
    // The memory of the page is the memory of the metrics.
    const total = /^node_memory_MemTotal_bytes (.+)$/m.exec(await fetchText(`${daemon.url}/metrics`))![1];
    const gibibytes = Number(total) / 2 ** 30;
    const written = gibibytes >= 9.995 ? gibibytes.toFixed(1) : gibibytes.toFixed(2);
    expect(await page.locator('#panel-memory .aside').textContent()).toContain(`of ${written}`);
  });

  test('lists every collector with its last run, its schedule and its next run', async () => {
    const daemon = await startDaemon(
      'collectors: { loadavg: { schedule: 30s }, textfile: { directory: [/nonexistent] } }',
    );
    const { page } = await openPage(browser, daemon.url);
    const table = page.getByRole('region', { name: 'Collectors' }).getByRole('table');
    await table.getByRole('rowheader', { name: 'loadavg' }).waitFor();
    const names = await table.getByRole('rowheader').allTextContents();
    const known = /"total":(\d+)/.exec(await fetchText(`${daemon.url}/api/v1/status`))![1];
    expect(names).toHaveLength(Number(known));
    const cells = table
      .getByRole('row')
      .filter({ has: page.getByRole('rowheader', { name: 'loadavg' }) })
      .getByRole('cell');
    await cells.filter({ hasText: /^\d+ m?s$|^\d\.\d ms$/ }).waitFor();
    const [result, last, , schedule, next] = await cells.allTextContents();
    expect([result?.trim(), schedule]).toEqual(['Fine', '30s']);
    expect(last).toMatch(/^(?:now|\d+ s ago)$/);
    expect(next).toMatch(/^(?:due|in \d+ s)$/);
    await page.getByText('No checks yet.').waitFor();
  });

  test('searches, filters and groups, and the address keeps it', async () => {
    const { url } = await target();
    const daemon = await startWithChecks(url);
    const { page } = await openPage(browser, daemon.url);
    await has(page, 'All well');
    expect(await shown(page)).toEqual(['shop', 'checkout', 'mail', hostile]);
    expect(await page.getByRole('table', { name: 'Checks' }).getByRole('heading').allTextContents()).toEqual([
      'storefront',
      'office',
      hostile,
    ]);

    await page.getByRole('searchbox').fill('team=ops');
    await eventually(() => shown(page)).toEqual(['mail']);
    expect(page.url()).toContain('search=team%3Dops');
    await page.reload();
    await eventually(() => shown(page)).toEqual(['mail']);

    await page.getByRole('searchbox').fill('');
    await page.getByRole('radio', { name: /^Down/ }).check();
    await page.getByRole('button', { name: 'Show all 4' }).click();
    await eventually(() => shown(page)).toHaveLength(4);
    await page.getByRole('combobox', { name: 'Group by' }).selectOption('team');
    await page.getByRole('heading', { name: 'ops' }).waitFor();
  });

  test('has a page for each check, with a link that lasts', async () => {
    const { url } = await target();
    const daemon = await startWithChecks(url);
    const { page } = await openPage(browser, `${daemon.url}/#/checks/checkout`);
    await page.getByRole('heading', { name: 'checkout' }).waitFor();

    await page.getByText(/^Up since/).waitFor();
    await page.getByRole('heading', { name: /^Latency by phase/ }).waitFor();
    const phases = page.getByRole('region', { name: /^Latency/ }).getByRole('listitem');
    await phases.filter({ hasText: /connect \d/ }).waitFor();
    await eventually(() =>
      page.getByRole('region', { name: 'Last runs' }).getByRole('listitem').count(),
    ).toBeGreaterThan(2);
    expect(await page.getByRole('region', { name: 'Last runs' }).getByRole('listitem').first().textContent()).toMatch(
      /^success, \d/,
    );
    await page.getByRole('link', { name: 'shop' }).click();
    await page.getByRole('heading', { name: 'shop' }).waitFor();
    await page.getByRole('link', { name: 'checkout' }).waitFor();
    await page.goBack();
    await page.getByRole('heading', { name: 'checkout' }).waitFor();
    await page.goto(`${daemon.url}/#/checks/nobody`);
    await page.getByText('There is no check of this name').waitFor();
  });

  test('shows a hostile name, group and label as they are', async () => {
    const { url } = await target();
    const daemon = await startWithChecks(url);
    const { page } = await openPage(browser, daemon.url);
    await row(page, hostile).waitFor();
    await page.getByRole('link', { name: hostile, exact: true }).click();
    await page.getByRole('heading', { name: hostile }).waitFor();
    await page.getByText('"><script>alert(2)</script>').waitFor();

    expect(await page.locator('#app img, #app script').count()).toBe(0);
    // The watch over the page fails the test where a dialog opens.
  });

  test('can be used with the keyboard alone', async () => {
    const { url } = await target();
    const daemon = await startWithChecks(url);
    const { page } = await openPage(browser, daemon.url);
    await has(page, 'All well');
    const focused = (): Promise<string> =>
      page.evaluate('document.activeElement.textContent || document.activeElement.id');
    const { keyboard } = page;

    await keyboard.press('Tab');
    expect(await focused()).toBe('Skip to the content');
    await keyboard.press('Enter');
    expect(await page.evaluate('document.activeElement.id')).toBe('main');
    await keyboard.press('/');
    expect(await focused()).toBe('search');
    await keyboard.type('o');
    await eventually(() => shown(page)).toEqual(['shop', 'checkout', 'mail', hostile]);
    while (!(await shown(page)).includes(await focused())) await keyboard.press('Tab');
    expect(await focused()).toBe('shop');
    await keyboard.press('ArrowDown');
    await keyboard.press('ArrowDown');
    expect(await focused()).toBe('mail');
    await keyboard.press('ArrowUp');
    await keyboard.press('Enter');
    await page.getByRole('heading', { name: 'checkout' }).waitFor();
    await eventually(focused).toBe('checkout');
    await keyboard.press('Escape');
    await eventually(() => shown(page)).toHaveLength(4);
    await eventually(focused).toBe('checkout');
    expect(page.url()).toContain('search=o');
    const outline = await page.evaluate('getComputedStyle(document.activeElement, "::after").outlineStyle');
    expect(outline).toBe('solid');
  });

  test.each(['light', 'dark'] as const)(
    'has nothing that axe objects to, %s, in list and detail, wide and narrow',
    async (scheme) => {
      const { url, answer } = await target();
      const daemon = await startWithChecks(url);
      answer(503);
      for (const viewport of [
        { width: 1280, height: 900 },
        { width: 390, height: 844 },
      ]) {
        const { page } = await openPage(browser, daemon.url, { colorScheme: scheme, viewport });
        await row(page, 'shop').getByText('Down', { exact: true }).waitFor();
        await page.locator('#panel-cpu').waitFor();
        expect(await violations(page)).toEqual([]);
        await page.goto(`${daemon.url}/#/checks/shop`);
        await page.getByRole('heading', { name: 'Last runs' }).waitFor();
        expect(await violations(page)).toEqual([]);
      }
    },
  );

  test('is light or dark as the reader chose, and remembers it', async () => {
    const daemon = await startDaemon('collectors: { disable_defaults: true, loadavg: true }');
    const { page } = await openPage(browser, daemon.url, { colorScheme: 'light' });
    const paper = (): Promise<string> => page.evaluate('getComputedStyle(document.body).backgroundColor');
    const light = await paper();

    await page.getByRole('radio', { name: 'Dark' }).check();
    const dark = await paper();
    expect(dark).not.toBe(light);
    await page.reload();
    await page.getByRole('radio', { name: 'Dark', checked: true }).waitFor();
    expect(await paper()).toBe(dark);
    await page.getByRole('radio', { name: 'Auto' }).check();
    expect(await paper()).toBe(light);
    await page.emulateMedia({ colorScheme: 'dark' });
    await eventually(paper).toBe(dark);
  });

  test('fits a telephone', async () => {
    const { url } = await target();
    const daemon = await startWithChecks(url);
    const { page } = await openPage(browser, daemon.url, { viewport: { width: 380, height: 780 }, hasTouch: true });
    await row(page, 'shop').waitFor();

    const overflow = (): Promise<number> =>
      page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth');
    expect(await overflow()).toBeLessThanOrEqual(0);
    await page.getByRole('link', { name: 'shop' }).tap();
    await page.getByRole('heading', { name: 'Last runs' }).waitFor();
    expect(await overflow()).toBeLessThanOrEqual(0);
  });

  test('is small, loads files of its own only, and its policy lets nothing else in', async () => {
    const daemon = await startDaemon('collectors: { disable_defaults: true, loadavg: true }');
    const response = await fetch(daemon.url, { headers: { 'accept-encoding': 'gzip' } });
    const html = await response.text();
    const files = [...html.matchAll(/(?:src|href)="(?:\.\/)?(assets\/[^"]+)"/g)].map(([, path]) => path!);

    expect(files.map((path) => path.replace(/.*\./, '')).toSorted()).toEqual(['css', 'js']);
    let bytes = gzipSync(html).length;
    for (const path of files) {
      const file = await fetch(`${daemon.url}/${path}`);
      expect(file.headers.get('cache-control')).toContain('immutable');
      expect(file.headers.get('content-encoding')).toBe('gzip');
      bytes += gzipSync(await file.text(), { level: 9 }).length;
    }
    expect(bytes).toBeLessThan(120_000);
    expect(response.headers.get('content-security-policy')).toContain("default-src 'none'; script-src 'self';");
    const etag = response.headers.get('etag')!;
    expect((await fetch(daemon.url, { headers: { 'if-none-match': etag } })).status).toBe(304);
  });

  test('asks for a user where the daemon does, and is live then', async () => {
    const folder = temporaryFolder();
    const web = join(folder, 'web.yml');
    // The hash is of open-sesame.
    writeFileSync(web, 'basic_auth_users: { alice: $2b$10$QnCDhARbqAD0GJs9L8.glu.rZIpwsBMITiBPc8BE.E5Z.eVLosXt6 }');
    const daemon = await startDaemon('defaults: { schedule: 1s }', [`--web.config.file=${web}`]);
    expect((await fetch(daemon.url)).status).toBe(401);
    expect((await fetch(`${daemon.url}/api/v1/status`)).status).toBe(401);

    const { page } = await openPage(browser, daemon.url, {
      httpCredentials: { username: 'alice', password: 'open-sesame' },
    });
    await has(page, 'All well');
    await page.locator('.link-state', { hasText: 'Live' }).waitFor();
  });

  test('says when it has lost the daemon, and after kill -9 shows what was up to a minute before', async () => {
    const state = temporaryFolder();
    const port = await freePort();
    const { url, answer } = await target();
    const config = `
history: { directory: ${state} }
defaults: { schedule: 1s }
${modules}
checks:
  - { name: shop, target: "${url}", module: web, schedule: 1s }
`;
    const daemon = await startDaemon(config, [], port);
    const expected = /Failed to load resource|ERR_/;
    const { page } = await openPage(browser, daemon.url, { expected });
    answer(503);
    await has(page, '1 check down');
    answer(200);
    await has(page, 'All well');
    const failed = (): Promise<string | null> => row(page, 'shop').getByRole('img').getAttribute('aria-label');
    expect(await failed()).toMatch(/[1-9]\d* failed/);
    await until(
      () => readdirSync(state).length > 0,
      () => 'no history was written',
      100_000,
    );

    await daemon.end('SIGKILL');
    const lost = page.getByRole('alert');
    await lost.filter({ hasText: /Connection to the daemon lost at \d\d:\d\d:\d\d/ }).waitFor();
    expect(await page.title()).toMatch(/^Lost: /);
    await startDaemon(config, [], port);
    await page.locator('.link-state', { hasText: 'Live' }).waitFor({ timeout: 60_000 });
    await eventually(() => lost.count()).toBe(0);
    await has(page, 'All well');
    // Of the minute before; a daemon without a past knows of a few runs only, and that none failed.
    expect(Number(/last (\d+) runs/.exec((await failed())!)?.[1])).toBeGreaterThan(20);
    await page.getByRole('link', { name: 'shop' }).click();
    await page.getByRole('region', { name: 'Changes' }).getByText('Down: status').first().waitFor();
  });

  test('shows 5,000 checks within a second and two megabytes, and scrolls through them', async () => {
    const { url } = await target();
    const count = 5_000;
    const targets = Array.from({ length: count }, (_, at) => `      - ${url}${at}`).join('\n');
    const daemon = await startDaemon(`
${modules}
checks:
  - name: many
    module: web
    schedule: 1h
    targets:
${targets}
`);
    await until(async () => (await fetch(`${daemon.url}/-/ready`)).ok, daemon.output, 120_000);
    const paints: number[] = [];
    const lists: number[] = [];
    for (let round = 0; round < 3; round += 1) {
      let bytes = 0;
      const { page } = await openPage(browser, daemon.url, {
        before: async (opened) => {
          await opened.addInitScript(markFirstRow);
          const debug = await opened.context().newCDPSession(opened);
          await debug.send('Network.enable');
          debug.on('Network.loadingFinished', ({ encodedDataLength }) => {
            bytes += encodedDataLength;
          });
        },
      });
      await page.getByRole('radio', { name: 'All 5,000' }).waitFor();
      await page.getByRole('table', { name: 'Checks' }).getByRole('link').first().waitFor();
      paints.push(await page.evaluate<number>(`performance.getEntriesByName('first-contentful-paint')[0].startTime`));
      lists.push(await until(() => page.evaluate<number>('window.firstRowAt')));
      expect(bytes).toBeGreaterThan(50_000);
      expect(bytes).toBeLessThan(2_000_000);
      expect(await page.getByRole('table', { name: 'Checks' }).getAttribute('aria-rowcount')).toBe('5001');
      expect(await page.getByRole('row').count()).toBeLessThan(200);
      if (round > 0) continue;
      const frames = await page.evaluate<number[]>(scrollThrough);
      // On two cores that others use, too, a frame is late now and then; most must not be.
      const sorted = frames.toSorted((one, other) => one - other);
      expect(sorted[Math.floor(frames.length / 2)]).toBeLessThan(50);
      const links = page.getByRole('table', { name: 'Checks' }).getByRole('link');
      const place = await page.evaluate<number>('scrollY');
      const name = await page.evaluate<string>(
        'document.elementFromPoint(400, 500).closest(".row").querySelector("a").textContent',
      );
      await page.mouse.click(400, 500);
      await page.getByRole('heading', { name }).waitFor();
      await page.goBack();
      await eventually(() => page.evaluate('scrollY')).toBe(place);
      await eventually(() => page.evaluate('document.activeElement.textContent')).toBe(name);
      expect(await links.count()).toBeLessThan(100);
      await page.getByRole('searchbox').fill('/4999');
      await eventually(() => shown(page)).toHaveLength(1);
      expect(await row(page, (await shown(page))[0]!).textContent()).toContain(`${url}4999`);
    }
    expect(Math.min(...paints)).toBeLessThan(1_000);
    // With the machine for itself it is half a second.
    expect(Math.min(...lists)).toBeLessThan(3_000);
  });

  test('looks as it should: screenshots in light, dark and telephone width', async () => {
    const folder = screenshotFolder();
    const { url, answer } = await target();
    const daemon = await startWithChecks(url);
    for (const [name, hash, options] of [
      ['light', '', { colorScheme: 'light' }],
      ['dark', '', { colorScheme: 'dark' }],
      ['telephone', '', { viewport: { width: 390, height: 844 }, deviceScaleFactor: 2 }],
      ['detail', '#/checks/shop', {}],
      ['down', '', {}],
    ] as const) {
      const { page } = await openPage(browser, `${daemon.url}/${hash}`, options);
      await has(page, 'All well');
      if (name === 'down') {
        answer(503);
        await has(page, 'down');
      }
      await page.locator('canvas').first().waitFor();
      const path = join(folder, `${name}.png`);
      await page.screenshot({ path });
      expect(readFileSync(path).length).toBeGreaterThan(20_000);
    }
  });
});

/** Notes when the first check was on the screen, in milliseconds since the page was asked for. */
const markFirstRow = `new MutationObserver((_, observer) => {
  if (document.querySelector('.row a') === null) return;
  observer.disconnect();
  requestAnimationFrame(() => setTimeout(() => { window.firstRowAt = performance.now(); }));
}).observe(document, { childList: true, subtree: true })`;

/** Scrolls four rows further in each of many frames; how long each frame took, in milliseconds. */
const scrollThrough = `new Promise((done) => {
  const frames = [];
  let last = performance.now();
  const step = (now) => {
    frames.push(now - last);
    last = now;
    scrollBy(0, 46 * 4);
    if (frames.length < 120) requestAnimationFrame(step);
    else done(frames.slice(1));
  };
  requestAnimationFrame(step);
})`;
