/**
 * `npm run compare -- URL_A URL_B`: what the metrics of A (node_exporter, say) have that those of B (vitald) have not, or
 * have otherwise. Ends with 1 where there is a difference that is not explained.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { parseExposition, type ParsedFamily } from '../src/exposition/parse.ts';
import { compareExpositions } from './compare-expositions.ts';
import { nodeExporterExceptions } from './node-exporter-exceptions.ts';

async function scrape(url: string): Promise<ParsedFamily[]> {
  const target = new URL(url);
  if (target.pathname === '/') target.pathname = '/metrics';
  const response = await fetch(target);
  if (!response.ok) throw new Error(`${target.href} answered ${response.status}`);
  return parseExposition(await response.text());
}

const out = (line: string): void => void process.stdout.write(`${line}\n`);

const [urlA, urlB, waitText = '6'] = process.argv.slice(2);
if (urlA === undefined || urlB === undefined) {
  out('usage: npm run compare -- URL_A URL_B [SECONDS]');
  process.exit(2);
}

// Longer than the period of the cheap collectors, so that what stood still in A was seen by B.
const scrapes = [await scrape(urlA)];
for (let second = 0; second < Number(waitText); second += 1) {
  await sleep(1000);
  scrapes.push(await scrape(urlA));
}
const other = await scrape(urlB);
scrapes.push(await scrape(urlA));
const result = compareExpositions(scrapes, other, nodeExporterExceptions);

out(`${result.compared} families and ${result.series} series compared, ${result.values} values that stood still`);
out(`${result.extra.length} families only in B`);
const reasons = new Map<string, string[]>();
for (const { why, family } of result.excused) reasons.set(why, [...(reasons.get(why) ?? []), family]);
for (const [why, families] of reasons) out(`explained: ${why}: ${[...new Set(families)].join(', ')}`);
for (const { family, kind, detail } of result.differences) out(`DIFFERENT ${family}: ${kind}: ${detail}`);
out(result.differences.length === 0 ? 'no unexplained difference' : `${result.differences.length} differences`);
process.exit(result.differences.length === 0 ? 0 : 1);
