/**
 * Builds what `bin` points to, the daemon as ES modules with source maps, split so that rarely used parts load late; and
 * what plugins import, which shares its parts, with its types; and the status page.
 */
import { rmSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { build } from 'esbuild';
import { buildPage } from './build-page.mjs';
import { writeTypes } from './types.mjs';

/** zod carries its messages in fifty languages; the daemon words its own. */
const oneLanguage = {
  name: 'one-language',
  setup(build) {
    build.onLoad({ filter: /zod[\\/]v4[\\/]locales[\\/]index\.js$/ }, () => ({
      contents: "export { default as en } from './en.js';",
      loader: 'js',
    }));
  },
};

/** node-cron formats each date with Intl to take it apart; in UTC there is nothing to format. */
const cheapDates = {
  name: 'cheap-dates',
  setup(build) {
    build.onLoad({ filter: /node-cron[\\/]dist[\\/]_shared\.js$/ }, async ({ path }) => {
      const source = await readFile(path, 'utf8');
      const pieces = source.split('new Intl.DateTimeFormat(');
      if (pieces.length !== 3) throw new Error('node-cron has changed: look anew where it uses Intl.DateTimeFormat');
      const format = new URL('../src/schedule/date-parts.ts', import.meta.url).pathname;
      const contents = `import { DatePartsFormat } from ${JSON.stringify(format)};\n${pieces.join('new DatePartsFormat(')}`;
      return { contents, loader: 'js' };
    });
  },
};

/** Fastify brings compilers of JSON schemas, half a megabyte of source; no route here has a schema. */
const noSchemas = {
  name: 'no-schemas',
  setup(build) {
    build.onResolve({ filter: /^@fastify\/(?:ajv-compiler|fast-json-stringify-compiler)$/ }, ({ path }) => ({
      path,
      namespace: 'no-schemas',
    }));
    build.onLoad({ filter: /.*/, namespace: 'no-schemas' }, ({ path }) => ({
      contents: `module.exports = () => () => { throw new Error('${path} is not part of the bundle'); };`,
      loader: 'js',
    }));
  },
};

/**
 * What packages load at once, though nothing here uses it: a logger's threads, a push client, and the servers for HTTPS and
 * HTTP/2 of a framework that is handed its server. Together 4 MB of resident memory.
 */
const unusedParts = {
  name: 'unused-parts',
  setup(build) {
    build.onLoad({ filter: /(?:pino[\\/]lib[\\/]transport|prom-client[\\/]lib[\\/]pushgateway)\.js$/ }, ({ path }) => ({
      contents: `module.exports = () => { throw new Error(${JSON.stringify(`${basename(path)} is not part of the bundle`)}); };`,
      loader: 'js',
    }));
    replaceIn(build, /pino[\\/]lib[\\/]tools\.js$/, [
      ["const { isMainThread } = require('worker_threads')", 'const isMainThread = true'],
    ]);
    replaceIn(build, /fastify[\\/]lib[\\/]server\.js$/, [
      ["const https = require('node:https')", 'const https = {}'],
      ["const http2 = require('node:http2')", 'const http2 = {}'],
    ]);
  },
};

/** Puts other words into a file of a package; fails where they are not there any more. */
function replaceIn(build, filter, pairs) {
  build.onLoad({ filter }, async ({ path }) => {
    let contents = await readFile(path, 'utf8');
    for (const [from, to] of pairs) {
      if (!contents.includes(from)) throw new Error(`${path} has changed: look anew for ${from}`);
      contents = contents.replace(from, to);
    }
    return { contents, loader: 'js' };
  });
}

rmSync('dist', { recursive: true, force: true });

const bundled = build({
  entryPoints: { vitald: 'src/main.ts', api: 'src/plugin-api.ts', isolated: 'src/isolated.ts' },
  outdir: 'dist',
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node20.20',
  sourcemap: true,
  sourcesContent: false,
  // A megabyte of source less in memory; the source maps tell what the names were.
  minify: true,
  plugins: [oneLanguage, cheapDates, noSchemas, unusedParts],
  legalComments: 'linked',
  // Optional packages are looked for when a collector needs them.
  external: ['koffi', '@jellybrick/dbus-next'],
  banner: {
    // Some dependencies are CommonJS and call require for Node.js' own modules.
    js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);",
  },
  logLevel: 'warning',
});

await Promise.all([bundled, writeTypes(), buildPage()]);
