/** The status page of a real daemon in a real browser: for whom it is. */
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openPage, startBrowser, violations } from '../support/browser.ts';
import { missing } from '../support/needs.ts';
import { startDaemon } from '../support/program.ts';
import { eventually, has, hostile, row, shown, startWithChecks, wellTarget } from '../support/status-page.ts';

describe.skipIf(missing('chromium'))('the status page', () => {
  let browser: Browser;

  beforeAll(async () => {
    browser = await startBrowser();
  });
  afterAll(() => browser.close());

  test('searches, filters and groups, and the address keeps it', async () => {
    const { url } = await wellTarget();
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

  test('can be used with the keyboard alone', async () => {
    const { url } = await wellTarget();
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
      const { url, answer } = await wellTarget();
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
    const { url } = await wellTarget();
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
});
