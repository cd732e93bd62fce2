/** Builds the status page to dist/page/: one HTML file, one script and one style sheet with hashes in their names. */
import { build } from 'vite';

/** Builds it; what is built is small, and loads nothing from anywhere else. */
export async function buildPage() {
  await build({
    root: 'src/page',
    configFile: false,
    logLevel: 'warn',
    // Relative, so that the page works below any path that a proxy puts it.
    base: './',
    oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
    build: {
      outDir: '../../dist/page',
      emptyOutDir: true,
      target: 'es2022',
      modulePreload: false,
      // The policy of the page lets nothing in that is not a file of its own.
      assetsInlineLimit: 0,
      license: { fileName: 'LICENSES.md' },
    },
  });
}
