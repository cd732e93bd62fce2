/** `vitald new`: writes a plugin that works, with its test, to go on from. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { errnoOf } from '../errors.ts';
import { packaged } from '../package-root.ts';

/** What there are templates for. */
export const plugins = ['collector', 'prober'] as const;

/** One of them. */
export type PluginKind = (typeof plugins)[number];

const nameShape = /^[a-z][a-z0-9]*(?:[-_][a-z0-9]+)*$/;

/** A template with its placeholders, in the three spellings that a name has, replaced. */
function fill(template: string, name: string): string {
  const words = name.split(/[-_]/);
  const camel = words
    .map((word, index) => (index === 0 ? word : word.charAt(0).toUpperCase() + word.slice(1)))
    .join('');
  return template
    .replaceAll('template_name', words.join('_'))
    .replaceAll('template-name', words.join('-'))
    .replaceAll('templateName', camel);
}

/** Where a command writes to. */
interface Streams {
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
}

/**
 * Writes the plugin and its test into a folder, which is made where it is not there. 1 where the name cannot be one, or
 * where a file would be overwritten; then nothing is written.
 */
export function newPlugin({ out, err }: Streams, kind: PluginKind, name: string, folder: string): number {
  if (!nameShape.test(name)) {
    err(`vitald new: ${JSON.stringify(name)} cannot be a name; write it like queue_depth\n`);
    return 1;
  }
  const stem = name.replaceAll('_', '-');
  const files = [`${stem}.js`, `${stem}.test.mjs`].map((file) => join(folder, file));
  const templates = [`${kind}.js`, `${kind}.test.mjs`];
  mkdirSync(folder, { recursive: true });
  const texts = templates.map((file) => fill(readFileSync(packaged(`config/templates/${file}`), 'utf8'), name));
  // Both or none: what cannot be opened anew is found out before anything is written.
  for (const file of files) {
    try {
      readFileSync(file);
    } catch (error) {
      if (errnoOf(error) === 'ENOENT') continue;
    }
    err(`vitald new: ${file} is there already\n`);
    return 1;
  }
  for (const [index, file] of files.entries()) writeFileSync(file, texts[index]!, { flag: 'wx' });
  const [plugin = '', test = ''] = files;
  const id = name.replaceAll('-', '_');
  const run =
    kind === 'collector'
      ? `vitald collect --plugin ${plugin}`
      : `vitald probe TARGET --module=${id}, with modules: { ${id}: { prober: ${id} } } in the configuration`;
  out(`wrote ${plugin} and ${test}\n\n`);
  out(
    `test it     node --test ${test}\nserve it    plugins: [${resolve(plugin)}] in the configuration\nrun it      ${run}\n`,
  );
  return 0;
}
