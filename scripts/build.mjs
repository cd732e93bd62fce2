/**
 * Builds what `bin` points to: the daemon as ES modules with source maps, split so that rarely used parts load late,
 * and beside it the status page.
 */
import { rmSync } from 'node:fs';
import { build } from 'esbuild';
import { buildPage } from './build-page.mjs';

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

rmSync('dist', { recursive: true, force: true });

await build({
  entryPoints: { vitald: 'src/main.ts' },
  outdir: 'dist',
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node20.20',
  sourcemap: true,
  sourcesContent: false,
  minifySyntax: true,
  minifyWhitespace: true,
  plugins: [oneLanguage],
  legalComments: 'linked',
  // Optional packages are looked for when a collector needs them.
  external: ['koffi', '@jellybrick/dbus-next'],
  banner: {
    // Some dependencies are CommonJS and call require for Node.js' own modules.
    js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);",
  },
  logLevel: 'warning',
});

await buildPage();
