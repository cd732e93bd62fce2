/**
 * `npm run bench`: vitald beside the programs that it replaces, in one run.
 *
 *   --quick       fewer and shorter rounds
 *   --only=NAME   one row or several, divided by commas
 *   --minutes=N   how long the soak lasts, in place of 10
 *   --json=FILE   the figures for machines; with --only, in the place of those that the file has of these rows
 *   --dist=DIR    another build of the daemon (or the variable VITALD_DIST)
 *   --node=FLAGS  flags for the Node.js that runs the daemon
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { Programs } from './programs.ts';
import { aboutLine, machine, notes, summary, table } from './report.ts';
import type { Bench, Result } from './row.ts';
import { rows } from './rows/index.ts';

const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    only: { type: 'string', multiple: true, default: [] },
    minutes: { type: 'string', default: '' },
    json: { type: 'string' },
    dist: { type: 'string', default: process.env['VITALD_DIST'] ?? new URL('../../dist', import.meta.url).pathname },
    node: { type: 'string', default: '' },
  },
});

function chosen(): typeof rows {
  const names = values.only.flatMap((text) => text.split(','));
  const known = rows.flatMap(({ name, gives }) => [name, ...gives]);
  const wrong = names.find((name) => !known.includes(name));
  if (wrong !== undefined) throw new Error(`there is no row "${wrong}"; there are ${[...new Set(known)].join(', ')}`);
  if (names.length === 0) return rows;
  return rows.filter(({ name, gives }) => [name, ...gives].some((one) => names.includes(one)));
}

/** What a file has of other rows. */
function otherResults(file: string, measured: readonly Result[]): Result[] {
  if (!existsSync(file)) return [];
  const { results: known } = JSON.parse(readFileSync(file, 'utf8')) as { results: Result[] };
  return known.filter(({ name }) => measured.every((one) => one.name !== name));
}

const programs = new Programs(
  resolve(values.dist),
  values.node.split(' ').filter((flag) => flag !== ''),
);
const say = (text: string): void => void process.stderr.write(`${text}\n`);
const soakMinutes = Number(values.minutes) || (values.quick ? 2 : 10);
const bench: Bench = Object.assign(programs, { quick: values.quick, soakMinutes, say });
const end = (): void => void programs.end().then(() => process.exit(130));
process.once('SIGINT', end).once('SIGTERM', end);

const results: Result[] = [];
const failures: string[] = [];
const about = machine();
for (const row of chosen()) {
  if (row.long === true && values.quick && values.only.length === 0) {
    const missing = `left out by --quick; --only=${row.name} measures it`;
    results.push(...row.gives.map((name) => ({ name, what: name, missing })));
    continue;
  }
  const from = performance.now();
  try {
    results.push(...(await row.run(bench)));
  } catch (error) {
    // One row that cannot be measured does not cost the others.
    failures.push(`${row.name}: ${error instanceof Error ? error.message : String(error)}`);
  }
  say(`${row.name}: ${((performance.now() - from) / 1000).toFixed(0)} s`);
}
await programs.end();

process.stdout.write(
  [
    aboutLine(about),
    values.quick ? 'quick: fewer and shorter rounds than the published figures' : '',
    table(results),
    notes(results),
    summary(results),
    ...failures.map((failure) => `FAILED ${failure}`),
    '',
  ].join('\n'),
);
if (values.json !== undefined) {
  const all = values.only.length > 0 ? [...results, ...otherResults(values.json, results)] : results;
  const inOrder = rows.flatMap(({ gives }) => gives.flatMap((name) => all.find((one) => one.name === name) ?? []));
  writeFileSync(
    values.json,
    `${JSON.stringify({ ...about, quick: values.quick, results: inOrder, failures }, null, 2)}\n`,
  );
}
process.exitCode = failures.length > 0 ? 1 : 0;
