/**
 * Fails when the main paths come to cost more than the committed baseline allows, in counts that do not depend on the
 * speed of the machine; `counters.ts` says which and why. After a change that is worth its cost, run it with
 * WRITE_BASELINE=1 and commit what it writes.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { beforeAll, describe, expect, test } from 'vitest';

interface Baseline {
  /** By how much a count may grow, as a share. */
  readonly margin: number;
  /** The release of Node.js of which the bytes are; its objects have other sizes in others. */
  readonly node: number;
  readonly counts: Readonly<Record<string, number>>;
}

const file = new URL('baseline.json', import.meta.url).pathname;
const baseline = JSON.parse(readFileSync(file, 'utf8')) as Baseline;
const release = Number(process.versions.node.split('.')[0]);
let counts: Record<string, number>;

async function measure(): Promise<Record<string, number>> {
  const folder = mkdtempSync(join(tmpdir(), 'vitald-guard-'));
  try {
    const outfile = join(folder, 'counters.mjs');
    await build({
      entryPoints: [new URL('counters.ts', import.meta.url).pathname],
      outfile,
      bundle: true,
      format: 'esm',
      platform: 'node',
      target: 'node20.20',
      external: ['koffi', '@jellybrick/dbus-next'],
      banner: {
        js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);",
      },
      logLevel: 'error',
    });
    const flags = [
      '--expose-gc',
      '--no-opt',
      '--no-sparkplug',
      '--max-semi-space-size=256',
      '--min-semi-space-size=256',
    ];
    return JSON.parse(execFileSync(process.execPath, [...flags, outfile], { encoding: 'utf8' })) as Record<
      string,
      number
    >;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

beforeAll(async () => {
  counts = await measure();
  if (process.env['WRITE_BASELINE'] !== undefined) {
    writeFileSync(file, `${JSON.stringify({ margin: baseline.margin, node: release, counts }, null, 2)}\n`);
  }
}, 60_000);

describe('the main paths cost no more than the baseline allows', () => {
  for (const [name, allowed] of Object.entries(baseline.counts)) {
    const comparable = release === baseline.node || name.startsWith('files');

    test.runIf(comparable)(`${name}: ${allowed}`, () => {
      expect(counts[name]).toBeLessThanOrEqual(allowed * (1 + baseline.margin));
    });

    // Else the margin would grow with every improvement.
    test.runIf(comparable)(`${name} is not far below what the baseline says`, () => {
      expect(counts[name]).toBeGreaterThanOrEqual(allowed * (1 - 2 * baseline.margin));
    });
  }
});
