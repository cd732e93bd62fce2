/** What the tests of the page share: daemons with checks to look at, and the words to find things by. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Page } from 'playwright-core';
import { expect, onTestFinished } from 'vitest';
import { startDaemon, type TestDaemon } from './program.ts';

/** A name that is a script where it is taken for HTML. */
export const hostile = '<img src=x onerror=alert(1)>';

/** An HTTP server that is well until it is told otherwise. */
export async function wellTarget() {
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

/** A module to probe it with. */
export const webModule = 'modules: { web: { prober: http, timeout: 2s, http: { preferred_ip_protocol: ip4 } } }';

/** A daemon with a few checks of one target; the last has a hostile name, label and group. */
export function startWithChecks(url: string): Promise<TestDaemon> {
  const check = (name: string, rest: string): string =>
    `  - { name: ${JSON.stringify(name)}, target: "${url}", module: web, schedule: 1s, ${rest} }`;
  return startDaemon(`
defaults: { schedule: 1s }
${webModule}
checks:
${check('shop', 'labels: { group: storefront, team: web }')}
${check('checkout', 'labels: { group: storefront, team: web }, depends_on: [shop]')}
${check('mail', 'labels: { group: office, team: ops }')}
${check(hostile, `labels: { group: '${hostile}', team: '"><script>alert(2)</script>' }`)}
`);
}

/** Looks until it is so. A browser on two cores that others use, too, may take its time. */
// oxlint-disable-next-line vitest/require-awaited-expect-poll -- whoever calls it awaits it
export const eventually = <T>(look: () => T) => expect.poll(look, { timeout: 20_000, interval: 50 });

/** The answer of the page. */
export const topLine = (page: Page) => page.getByRole('heading', { level: 1 });

/** The row of a check in the list. */
export const row = (page: Page, name: string) =>
  page.getByRole('row').filter({ has: page.getByRole('link', { name, exact: true }) });

/** The names of the checks that are drawn. */
export const shown = (page: Page) => page.getByRole('table', { name: 'Checks' }).getByRole('link').allTextContents();

/** Waits until the top line says it. */
export const has = async (page: Page, text: string | RegExp): Promise<void> => {
  await topLine(page).filter({ hasText: text }).waitFor();
};
