/** `vitald collect`: runs collectors once and prints the exposition. */
import { systemClock } from '../clock.ts';
import type { Collector } from '../collector.ts';
import type { CollectorConfig, Config } from '../config/config.ts';
import { collectorOf } from '../config/instances.ts';
import { loadConfig, loadRegistry } from '../config/load.ts';
import { messageOf } from '../errors.ts';
import { Encoder } from '../exposition/encode.ts';
import { Exposition } from '../exposition/exposition.ts';
import { InstrumentSets } from '../instrument-sets.ts';
import { Instruments } from '../instruments.ts';
import { ProcessKeeper } from '../isolation/keeper.ts';
import { type Logger, silentLogger } from '../log.ts';
import { makeCollector } from '../make-collector.ts';
import { startRun, type RunReport } from '../run.ts';
import { CollectorSlot } from '../slot.ts';
import { openSystem } from '../system/index.ts';
import { version } from '../version.ts';
import type { CommandContext } from './context.ts';

/** The exit status where every run succeeded, but the lint found something to better; promtool's is the same. */
const foundByLint = 3;

function runOnce(slot: CollectorSlot): Promise<RunReport> {
  return new Promise((resolve) => {
    startRun(slot, systemClock, { report: resolve, settled() {} });
  });
}

/** What a collector warns of, as comments beside its samples; everything else that it logs is for a daemon. */
function commentsOf(name: string, err: (text: string) => void): Logger {
  const tell = (fields: object, message: string): void => err(`# ${name}: ${message} ${JSON.stringify(fields)}\n`);
  const log: Logger = { ...silentLogger, debug() {}, info() {}, warn: tell, error: tell, child: () => log };
  return log;
}

/** Runs each collector once; gives the exposition, instruments included, and whether all went well. */
async function runAll(
  chosen: readonly CollectorConfig[],
  config: Config,
  err: CommandContext['err'],
): Promise<{ text: string; ok: boolean }> {
  const system = openSystem(config.path);
  const exposition = new Exposition();
  const instrumentSets = new InstrumentSets(
    new Instruments(version, { ofProcess: false }),
    exposition,
    config.registry,
  );
  const keeper = new ProcessKeeper(systemClock);
  const tools = { system, clock: systemClock, instrumentSets, keeper };
  // Closed at the end, as that ends their instruments.
  const closing: Collector[] = [];
  let ok = true;
  // A one-shot command has no other work: its timers alone must keep it alive.
  const alive = setInterval(() => {}, 1_000);
  try {
    for (const each of chosen) {
      const { name } = each;
      const collector = makeCollector(each, { ...tools, log: commentsOf(name, err) });
      closing.push(collector);
      const report = await runOnce(new CollectorSlot(name, collector, each));
      if (report.dropped) err(`# ${name}: ${report.dropped} series are left out, as they are more than max_series\n`);
      if (report.blocks !== undefined) exposition.page(name).publish(name, report.blocks, Infinity);
      else err(`# ${name}: ${report.result}: ${messageOf(report.error)}\n`);
      ok &&= report.result === 'success' || report.result === 'no_data';
      exposition.page('runs').publish(name, new Encoder().encode([...(collector.about?.() ?? [])]), Infinity);
      await instrumentSets.publish();
    }
    const rendering = await exposition.render(systemClock.monotonic());
    return { text: (await rendering.text()).toString(), ok };
  } finally {
    clearInterval(alive);
    for (const collector of closing) collector.close?.();
    keeper.close();
    system.close();
  }
}

/** What is to be bettered in the text that plugins gave, on the error stream; whether there is anything. */
async function lintText(
  text: string,
  chosen: readonly CollectorConfig[],
  err: CommandContext['err'],
): Promise<boolean> {
  // Whoever only collects needs no parser.
  const { lint, lintUndeclared } = await import('../exposition/lint.ts');
  const { parseExposition } = await import('../exposition/parse.ts');
  const families = parseExposition(text);
  const declared = chosen.flatMap(({ definition }) => definition.families);
  const findings = [...lint(families), ...lintUndeclared(families, declared)];
  for (const { family, message } of findings) err(`# lint: ${family}: ${message}\n`);
  return findings.length > 0;
}

/**
 * Prints the samples of the named collectors; of those of the plugins on the command line where none is named, else of all
 * that are on. What plugins on the command line give is linted. 0 where all went well, 1 where a collector fails, 3 where
 * the lint found something.
 */
export async function collectOnce({ registry, input, out, err }: CommandContext, ...names: string[]): Promise<number> {
  const { collectors, portable } = await loadRegistry(input, registry);
  const known = new Set([...collectors, ...portable].map(({ name }) => name));
  const unknown = names.filter((name) => !known.has(collectorOf(name)));
  if (unknown.length > 0) {
    err(`vitald collect: unknown collector ${unknown.join(', ')}\n`);
    return 1;
  }
  const linted = input.plugins !== undefined && input.plugins.length > 0;
  const before = new Set(linted ? (await loadRegistry({ ...input, plugins: [] }, registry)).collectors : []);
  const added = linted ? collectors.filter((definition) => !before.has(definition)) : [];
  const wanted = names.length > 0 ? names : added.map(({ name }) => name);
  if (linted && wanted.length === 0) {
    err('vitald collect: the plugin has no collector\n');
    return 1;
  }
  const args = [...(input.args ?? []), ...wanted.map((name) => `--collector.${collectorOf(name)}`)];
  const config = await loadConfig({ ...input, args }, registry);
  const chosen = config.collectors.filter(
    ({ name, definition }) => wanted.length === 0 || wanted.includes(name) || wanted.includes(definition.name),
  );
  const absent = wanted.filter(
    (one) => !chosen.some(({ name, definition }) => name === one || definition.name === one),
  );
  if (absent.length > 0) {
    err(`vitald collect: the configuration has no ${absent.join(', ')}\n`);
    return 1;
  }
  const { text, ok } = await runAll(chosen, config, err);
  out(text);
  const found = linted && (await lintText(text, chosen, err));
  return ok ? (found ? foundByLint : 0) : 1;
}
