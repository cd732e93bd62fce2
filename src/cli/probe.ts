/** `vitald probe`: probes a target once, for a person or for a program. */
import { Check } from '../checks/check.ts';
import { systemClock } from '../clock.ts';
import { defaultProbeTimeoutMs, timingOf } from '../config/config.ts';
import { loadConfig } from '../config/load.ts';
import { redactTarget } from '../config/redact.ts';
import { Encoder } from '../exposition/encode.ts';
import { formatBlocks } from '../exposition/format.ts';
import { Exposition } from '../exposition/exposition.ts';
import { InstrumentSets } from '../instrument-sets.ts';
import { Instruments } from '../instruments.ts';
import { silentLogger } from '../log.ts';
import { Probers } from '../probers.ts';
import { version } from '../version.ts';
import type { CommandContext } from './context.ts';
import { drawReport, type TracedStep } from './probe-report.ts';

/** Prints what came of one probe; 0 where the target is up. */
export async function probeOnce(
  { registry, input, out, err, coloured }: CommandContext,
  target: string,
  { module: moduleName, format }: { module: string; format: string },
): Promise<number> {
  const config = await loadConfig(input, registry);
  const module = config.modules.get(moduleName);
  if (module === undefined) {
    err(`vitald probe: unknown module "${moduleName}"; there are ${[...config.modules.keys()].join(', ')}\n`);
    return 1;
  }
  const { timeoutMs = defaultProbeTimeoutMs } = module;
  const timing = timingOf({}, { schedule: config.defaults.schedule, timeoutMs });
  const instruments = new Instruments(version, { ofProcess: false });
  const instrumentSets = new InstrumentSets(instruments, new Exposition(), config.registry);
  const prober = new Probers({ clock: systemClock, log: silentLogger, instrumentSets }).of(module);
  const check = new Check({ name: target, target, module, labels: {}, ...timing }, prober, systemClock);
  const controller = new AbortController();
  const deadline = setTimeout(() => controller.abort(), timing.timeoutMs);
  const steps: TracedStep[] = [];
  const samples = await check.probe(controller.signal, (step, facts = {}) => void steps.push({ step, facts }));
  clearTimeout(deadline);
  const { outcome, durationSeconds } = check.state!;
  if (format === 'prometheus') {
    out(formatBlocks(new Encoder().encode(samples)));
  } else if (format === 'json') {
    const failure = outcome.success ? {} : { reason: outcome.reason, phase: outcome.phase, detail: outcome.detail };
    const values = samples.map(({ family, labels = {}, value }) => ({ name: family.name, labels, value }));
    out(`${JSON.stringify({ target, module: moduleName, success: outcome.success, ...failure, samples: values })}\n`);
  } else {
    const now = systemClock.now();
    out(drawReport({ target: redactTarget(target), outcome, samples, durationSeconds, steps, now, coloured }));
  }
  return outcome.success ? 0 : 1;
}
