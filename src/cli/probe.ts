/** `vitald probe`: probes a target once, for a person or for a program. */
import { Check } from '../checks/check.ts';
import { systemClock } from '../clock.ts';
import { timingOf } from '../config/config.ts';
import { loadConfig } from '../config/load.ts';
import { Encoder, formatBlocks } from '../exposition/encode.ts';
import { Exposition } from '../exposition/exposition.ts';
import { InstrumentSets } from '../instrument-sets.ts';
import { Instruments } from '../instruments.ts';
import { silentLogger } from '../log.ts';
import { Probers } from '../probers.ts';
import type { Sample } from '../collector.ts';
import { version } from '../version.ts';
import type { CommandContext } from './context.ts';

/** The phases of a probe as bars, each from where the one before ended. */
function drawPhases(samples: readonly Sample[]): string {
  const phases = samples.flatMap(({ family, labels, value }) =>
    family.name.endsWith('_duration_seconds') && labels?.['phase'] !== undefined
      ? [{ name: labels['phase'], seconds: value }]
      : [],
  );
  const total = phases.reduce((sum, { seconds }) => sum + seconds, 0);
  const width = 40;
  let before = 0;
  return phases
    .map(({ name, seconds }) => {
      const start = total === 0 ? 0 : Math.round((before / total) * width);
      const length = total === 0 ? 0 : Math.max(1, Math.round((seconds / total) * width));
      before += seconds;
      return `  ${name.padEnd(11)}${(seconds * 1000).toFixed(2).padStart(10)} ms  ${' '.repeat(start)}${'█'.repeat(length)}\n`;
    })
    .join('');
}

/** Prints what came of one probe; 0 where the target is up. */
export async function probeOnce(
  { registry, input, out, err }: CommandContext,
  target: string,
  { module: moduleName, format }: { module: string; format: string },
): Promise<number> {
  const config = await loadConfig(input, registry);
  const module = config.modules.get(moduleName);
  if (module === undefined) {
    err(`vitald probe: unknown module "${moduleName}"; there are ${[...config.modules.keys()].join(', ')}\n`);
    return 1;
  }
  const timing = timingOf({}, { schedule: config.defaults.schedule, timeoutMs: module.timeoutMs });
  const instruments = new Instruments(version, { ofProcess: false });
  const instrumentSets = new InstrumentSets(instruments, new Exposition(), config.registry);
  const prober = new Probers({ clock: systemClock, log: silentLogger, instrumentSets }).of(module);
  const check = new Check({ name: target, target, module, labels: {}, ...timing }, prober, systemClock);
  const controller = new AbortController();
  const deadline = setTimeout(() => controller.abort(), timing.timeoutMs);
  const samples = await check.probe(controller.signal);
  clearTimeout(deadline);
  const { outcome, durationSeconds } = check.state!;
  if (format === 'prometheus') {
    out(formatBlocks(new Encoder().encode(samples)));
  } else if (format === 'json') {
    const failure = outcome.success ? {} : { reason: outcome.reason, phase: outcome.phase, detail: outcome.detail };
    const values = samples.map(({ family, labels = {}, value }) => ({ name: family.name, labels, value }));
    out(`${JSON.stringify({ target, module: moduleName, success: outcome.success, ...failure, samples: values })}\n`);
  } else {
    const verdict = outcome.success ? 'up' : `down in ${outcome.phase}: ${outcome.reason}: ${outcome.detail}`;
    out(
      `${target} is ${verdict}\n${drawPhases(samples)}  ${'in all'.padEnd(11)}${(durationSeconds * 1000).toFixed(2).padStart(10)} ms\n`,
    );
  }
  return outcome.success ? 0 : 1;
}
