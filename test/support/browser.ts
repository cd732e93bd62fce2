/** Chromium, for tests of the page. */
import { mkdirSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import axe from 'axe-core';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { expect, onTestFinished } from 'vitest';

const flags = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** Starts Debian's Chromium; it is for the caller to close. */
export function startBrowser(): Promise<Browser> {
  return chromium.launch({ executablePath: '/usr/bin/chromium', args: flags });
}

/** A page that is watched. */
export interface WatchedPage {
  readonly page: Page;
  /** Errors of the page and of the console, and requests to another host than the daemon's. */
  readonly troubles: string[];
}

/** How a page is opened. */
export interface PageOptions extends BrowserContextOptions {
  /** Trouble that the test makes itself. */
  readonly expected?: RegExp;
  /** Called before it is opened. */
  readonly before?: (page: Page) => Promise<void>;
}

/** Opens a page of the daemon at `url`; that it gave no trouble is checked when the test ends. */
export async function openPage(
  browser: Browser,
  url: string,
  { expected, before, ...options }: PageOptions = {},
): Promise<WatchedPage> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
  const page = await context.newPage();
  const troubles: string[] = [];
  const trouble = (text: string): void => {
    if (expected?.test(text) !== true) troubles.push(text);
  };
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) trouble(`console: ${message.text()}`);
  });
  page.on('pageerror', (error) => trouble(`error: ${error.message}`));
  page.on('dialog', (dialog) => {
    trouble(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  const { host } = new URL(url);
  page.on('request', (request) => {
    const asked = new URL(request.url());
    if (asked.protocol !== 'data:' && asked.host !== host) trouble(`request to ${request.url()}`);
  });
  onTestFinished(async () => {
    await context.close();
    expect(troubles).toEqual([]);
  });
  await before?.(page);
  await page.goto(url);
  return { page, troubles };
}

/** What axe finds wrong with the page as it is: rule, help and the elements. */
export async function violations(page: Page): Promise<string[]> {
  // The policy of the page lets no foreign script in; what the debugger evaluates it does not ask.
  await page.evaluate(`if (window.axe === undefined) { ${axe.source} }`);
  const found = await page.evaluate<
    { id: string; help: string; nodes: { target: string[]; failureSummary: string }[] }[]
  >('axe.run(document, { resultTypes: ["violations"] }).then(({ violations }) => violations)');
  return found.flatMap(({ id, help, nodes }) =>
    nodes.map(({ target, failureSummary }) => `${id}: ${help}: ${target.join(' ')}: ${failureSummary}`),
  );
}

let folder: string | undefined;

/** Where screenshots go: `$SCREENSHOTS`, else a folder that is named on the terminal and kept. */
export function screenshotFolder(): string {
  if (folder === undefined) {
    folder = process.env['SCREENSHOTS'] ?? mkdtempSync(join(tmpdir(), 'vitald-page-'));
    mkdirSync(folder, { recursive: true });
    process.stdout.write(`screenshots of the page: ${folder}\n`);
  }
  return folder;
}
