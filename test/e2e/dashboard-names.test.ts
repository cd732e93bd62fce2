import { expect, test } from 'vitest';
import { parseExposition } from '../../src/exposition/parse.ts';
import { dashboardNames, impossibleNames } from '../support/dashboard-names.ts';
import { lacking } from '../support/host-lacks.ts';
import { fetchText, startDaemon, until } from '../support/program.ts';

const config = `
collectors:
  interrupts: {}
  processes: {}
  tcpstat: {}
  netstat: { fields: ".*" }
`;

test('serves every name of the dashboards and alert rules that this host can have', async () => {
  const daemon = await startDaemon(config);
  const scrape = async () => {
    const families = parseExposition(await fetchText(`${daemon.url}/metrics`));
    return new Set(families.map(({ family }) => family.name));
  };
  // The first run of the slowest is over a moment after the daemon serves.
  await until(async () => (await scrape()).has('node_processes_pids'), daemon.output);
  const served = await scrape();
  const asked = Object.values(dashboardNames).flat();
  const absent = asked.filter((name) => !served.has(name) && !(name in impossibleNames));
  const excused = absent.filter((name) => lacking.some(({ names, has }) => names.test(name) && !has()));
  const kinds = lacking.filter(({ names }) => excused.some((name) => names.test(name))).map(({ without }) => without);

  process.stdout.write(
    `of ${asked.length} names ${asked.length - absent.length - Object.keys(impossibleNames).length} are served; ` +
      `${excused.length} need what this host lacks (${kinds.join(', ')}); ` +
      `nobody has ${Object.keys(impossibleNames).join(', ')}\n`,
  );
  expect(absent.filter((name) => !excused.includes(name))).toEqual([]);
  // A virtual machine without any such hardware has all but these.
  expect(excused.length).toBeLessThan(35);
});
