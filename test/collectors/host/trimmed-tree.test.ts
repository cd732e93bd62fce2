import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { fixedClock, systemOf } from '../../support/expose.ts';
import { fileSystems } from '../../support/mutable-host.ts';
import { ofTrees, richestRun } from '../../support/richest-run.ts';
import { sceneFolder } from '../../support/scene.ts';

function trim(folder: string): void {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) trim(path);
    else if (entry.isFile()) writeFileSync(path, readFileSync(path, 'latin1').replace(/\n$/, ''), 'latin1');
  }
}

/** A copy of a scene without the line feeds at the ends of its files, as people and tools record hosts. */
function trimmed(scene: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'vitald-scene-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  cpSync(sceneFolder(scene), folder, { recursive: true, verbatimSymlinks: true });
  trim(folder);
  return folder;
}

/** What each collector tells of a host: its series, or the kind of its error. */
async function toldOf(root: string): Promise<Map<string, readonly string[]>> {
  const system = systemOf(root, { clock: fixedClock(), fileSystems });
  const told = new Map<string, readonly string[]>();
  for (const definition of ofTrees) {
    // Its scenes hold no more of a stat file than it reads, so that it takes one without a line feed for torn.
    if (definition.name === 'process') continue;
    const outcome = await richestRun(definition, system);
    const lines = outcome instanceof Error ? [outcome.name] : [...outcome].map((each) => each.join(' '));
    told.set(
      definition.name,
      lines.map((line) => line.replaceAll(root, '')),
    );
  }
  return told;
}

test.each(['rich-server', 'arm-board', 'v1-host'])(
  'a recorded %s tells the same without its last line feeds',
  async (scene) => {
    const whole = await toldOf(sceneFolder(scene));

    expect([...whole.values()].flat().length).toBeGreaterThan(100);
    expect(await toldOf(trimmed(scene))).toEqual(whole);
  },
);
