/** The status page of a real daemon in a real browser: what it shows. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openPage, screenshotFolder, startBrowser } from '../support/browser.ts';
import { missing } from '../support/needs.ts';
import { fetchText, startDaemon, until } from '../support/program.ts';
import { eventually, has, hostile, row, startWithChecks, topLine, wellTarget } from '../support/status-page.ts';

describe.skipIf(missing('chromium'))('the status page', () => {
  let browser: Browser;

  beforeAll(async () => {
    browser = await startBrowser();
  });
  afterAll(() => browser.close());

  test('tells how things stand, and a check that goes down and comes back is seen without a reload', async () => {
    const { url, answer } = await wellTarget();
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
    const told = /since (\d\d):(\d\d)/.exec((await topLine(page).textContent())!)!;
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
    const { url } = await wellTarget();
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

  test('has a page for each check, with a link that lasts', async () => {
    const { url } = await wellTarget();
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
    const { url } = await wellTarget();
    const daemon = await startWithChecks(url);
    const { page } = await openPage(browser, daemon.url);
    await row(page, hostile).waitFor();
    await page.getByRole('link', { name: hostile, exact: true }).click();
    await page.getByRole('heading', { name: hostile }).waitFor();
    await page.getByText('"><script>alert(2)</script>').waitFor();

    expect(await page.locator('#app img, #app script').count()).toBe(0);
    // The watch over the page fails the test where a dialog opens.
  });

  test('looks as it should: screenshots in light, dark and telephone width', async () => {
    const folder = screenshotFolder();
    const { url, answer } = await wellTarget();
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
