import { defineConfig } from 'vitest/config';

const report = process.env['TEST_REPORT'];

// Tests that measure share their machine in CI: what went wrong once is tried again there, and a defect fails each time.
const retry = process.env['CI'] === undefined ? 0 : 2;

export default defineConfig({
  test: {
    reporters: report === undefined ? ['default'] : ['default', ['json', { outputFile: report }]],
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/{core,collectors,bench}/**/*.test.ts', 'test/*.test.ts'],
          globalSetup: ['test/support/run-folder.ts'],
          testTimeout: 20_000,
          // A process for each file costs as much as its tests. What a test changes for the whole process it puts back.
          isolate: false,
          // Plugins in temporary folders are imported by Node.js itself, as the daemon does.
          server: { deps: { external: [/\/vitald-test-/] } },
          retry,
        },
      },
      {
        test: {
          name: 'e2e',
          include: ['test/e2e/**/*.test.ts'],
          globalSetup: ['test/support/build.ts'],
          testTimeout: 180_000,
          hookTimeout: 120_000,
          retry,
          // Each file times real programs: side by side they would measure each other.
          fileParallelism: false,
        },
      },
    ],
  },
});
