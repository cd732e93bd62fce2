/** The figures in the README: the last full run of `npm run bench`, as `test/bench/results.json` has it. */
import { readFileSync } from 'node:fs';
import { aboutLine, type Machine, notes, summary, table } from '../test/bench/report.ts';
import type { Result } from '../test/bench/row.ts';

interface Run extends Machine {
  readonly results: readonly Result[];
}

const begin = '<!-- figures: made by npm run docs -->\n';
const end = '<!-- end of figures -->\n';

/** The README with the figures of the last run in their place. */
export function renderReadme(): string {
  const read = (path: string): string => readFileSync(new URL(path, import.meta.url), 'utf8');
  const [before, rest = ''] = read('../README.md').split(begin);
  const after = rest.split(end)[1];
  if (after === undefined) throw new Error(`README.md has no place for the figures: ${begin}`);
  const { results, ...machine } = JSON.parse(read('../test/bench/results.json')) as Run;
  const text = [aboutLine(machine), table(results), notes(results), summary(results)].join('\n\n');
  return `${before}${begin}\n\`\`\`text\n${text}\n\`\`\`\n\n${end}${after}`;
}
