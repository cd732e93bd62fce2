/** `npm run docs`: writes the generated documents. With `--check` it writes nothing and ends with 1 where one is out of date. */
import { readFileSync, writeFileSync } from 'node:fs';
import { builtIn } from '../collectors/index.ts';
import { renderAlertsReadme } from './alerts-readme.ts';
import { renderReadme } from './bench-figures.ts';
import { renderCollectorsReadme } from './collectors-readme.ts';
import { renderConfigFile } from './config-file.ts';
import { dashboards } from './dashboards/index.ts';
import { renderDashboard } from './dashboards/render.ts';
import { openApi } from './openapi.ts';

/** Every generated document: where it is and what it should say. */
export const documents: readonly { path: string; render: () => string }[] = [
  { path: 'README.md', render: renderReadme },
  { path: 'config/vitald.yml', render: () => renderConfigFile(builtIn) },
  { path: 'collectors/README.md', render: () => renderCollectorsReadme(builtIn) },
  { path: 'config/prometheus/README.md', render: renderAlertsReadme },
  ...Object.entries(dashboards).map(([name, dashboard]) => ({
    path: `config/grafana/${name}.json`,
    render: () => renderDashboard(dashboard),
  })),
  { path: 'config/openapi.json', render: () => openApi },
];

if (process.argv[1]?.endsWith('docs.ts') === true) {
  for (const { path, render } of documents) {
    const file = new URL(`../${path}`, import.meta.url);
    if (!process.argv.includes('--check')) writeFileSync(file, render());
    else if (readFileSync(file, 'utf8') !== render()) {
      process.stderr.write(`${path} is out of date: run npm run docs\n`);
      process.exitCode = 1;
    }
  }
}
