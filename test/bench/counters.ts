/**
 * What the main paths cost in units that are the same in every run: printed as JSON, for the guard.
 *
 * Files asked for: a round of collectors on a made tree asks as often for a file, a folder or a link, whatever else the
 * machine does. Bytes allocated: the growth of the heap over many turns without a collection in between, with the
 * compilers off (`--no-opt --no-sparkplug`), since what they elide depends on when they come. Virtual machines seldom let
 * instructions be counted, and these two are what collecting and encoding spend them on: calls of the kernel, and
 * strings and objects that are made and collected again.
 *
 * Run by `node --expose-gc --no-opt --no-sparkplug --max-semi-space-size=256 --min-semi-space-size=256`.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { getHeapStatistics } from 'node:v8';
import { builtIn } from '../../collectors/index.ts';
import { systemClock } from '../../src/clock.ts';
import { gauge, type Sample, type Samples } from '../../src/collector.ts';
import { loadPatternEngine } from '../../src/config/pattern.ts';
import { Encoder } from '../../src/exposition/encode.ts';
import { Exposition } from '../../src/exposition/exposition.ts';
import { Instruments } from '../../src/instruments.ts';
import { type Runnable, startRun } from '../../src/run.ts';
import { openSystem } from '../../src/system/index.ts';
import type { Tree } from '../../src/system/tree.ts';
import { contextOf } from '../support/expose.ts';
import { pathsBelow } from '../support/scene.ts';
import { writeTree } from './trees.ts';

const collectGarbage = (globalThis as { gc?: () => void }).gc;
if (collectGarbage === undefined) throw new Error('needs --expose-gc');

/** The bytes that one turn allocates; the first turns, which make what is kept, do not count. */
async function bytesOf(turn: () => unknown, turns: number): Promise<number> {
  for (let index = 0; index < 20; index += 1) await turn();
  collectGarbage!();
  const before = getHeapStatistics().used_heap_size;
  for (let index = 0; index < turns; index += 1) await turn();
  return Math.round((getHeapStatistics().used_heap_size - before) / turns);
}

/** A tree that counts what is asked of it. */
function counting(tree: Tree, count: () => void): Tree {
  const counted =
    <Argument, Result>(method: (argument: Argument) => Result) =>
    (argument: Argument): Result => {
      count();
      return method(argument);
    };
  return {
    ...tree,
    read: counted(tree.read),
    text: counted(tree.text),
    textIfAny: counted(tree.textIfAny),
    attribute: counted(tree.attribute),
    list: counted(tree.list),
    link: counted(tree.link),
    realPath: counted(tree.realPath),
    exists: counted(tree.exists),
  };
}

// What these find depends on the host that runs the guard.
const ofThisHost = new Set(['filesystem', 'inventory', 'textfile', 'time', 'timex', 'uname']);

async function filesOfARound(cpus: number, disks: number): Promise<number> {
  const root = mkdtempSync(join(tmpdir(), 'vitald-guard-'));
  writeTree(root, { cpus, disks });
  let asked = 0;
  const count = (): void => {
    asked += 1;
  };
  const host = openSystem(pathsBelow(root));
  const system = {
    ...host,
    proc: counting(host.proc, count),
    sys: counting(host.sys, count),
    udev: counting(host.udev, count),
    rootfs: counting(host.rootfs, count),
  };
  const collectors = builtIn.collectors
    .filter(({ name, enabled }) => enabled && !ofThisHost.has(name))
    .map((definition) => definition.create(definition.config.parse({}) as never, contextOf(system)));
  const never = new AbortController().signal;
  const round = async (): Promise<void> => {
    for (const collector of collectors) {
      try {
        // Reading the samples is part of it: some are made only then.
        for (const _ of await collector.collect(never)) continue;
      } catch {
        // This machine has nothing for it, which it had to find out.
      }
    }
  };
  // The first round makes what is kept.
  await round();
  asked = 0;
  await round();
  for (const collector of collectors) collector.close?.();
  host.close();
  rmSync(root, { recursive: true, force: true });
  return asked;
}

const families = Array.from({ length: 20 }, (_, index) =>
  gauge(`guard_${index}`, `The family ${index}.`, ['device', 'mode']),
);
const labels = Array.from({ length: 50 }, (_, index) => ({ device: `device${index}`, mode: 'read' }));

function samplesOf(turn: number): Sample[] {
  return families.flatMap((family) => labels.map((one, index) => family.sample(turn * 1000 + index + 0.5, one)));
}

async function main(): Promise<void> {
  await loadPatternEngine();
  let turn = 0;
  const next = (): Sample[] => {
    turn += 1;
    return samplesOf(turn);
  };
  const making = await bytesOf(next, 100);
  const encoder = new Encoder();
  const encoding = await bytesOf(() => encoder.encode(next()), 100);

  const exposition = new Exposition();
  const scraped = new Encoder();
  const scrape = async (): Promise<Buffer> => {
    exposition.page('guard').publish('guard', scraped.encode(next()), Infinity);
    return (await exposition.render(0)).gzip();
  };
  const scraping = await bytesOf(scrape, 50);

  const slot: Runnable = {
    name: 'guard',
    timeoutMs: 1000,
    graceMs: 0,
    encoder: new Encoder(),
    takesSignal: true,
    collect: async (): Promise<Samples> => [],
  };
  const running = await bytesOf(
    () => new Promise<void>((settled) => startRun(slot, systemClock, { report() {}, settled })),
    4000,
  );
  const instruments = new Instruments('0', { ofProcess: false });
  const counted = await bytesOf(() => {
    instruments.started('check', 0.002);
    instruments.checkRan('success');
  }, 20_000);
  const files = await filesOfARound(2, 2);
  const filesOfALargeMachine = await filesOfARound(256, 200);
  instruments.close();
  process.stdout.write(
    JSON.stringify({
      files_asked_for_in_a_round: files,
      files_asked_for_in_a_round_256_cpus_200_disks: filesOfALargeMachine,
      bytes_to_encode_1000_samples: encoding - making,
      bytes_to_encode_and_scrape_1000_samples: scraping - making,
      bytes_of_an_asynchronous_run: running,
      bytes_to_count_a_run: counted,
    }),
  );
}

await main();
