/** Checks without a network, for tests of what is remembered of them. */
import { Check } from '../../src/checks/check.ts';
import type { Clock } from '../../src/clock.ts';
import { gauge, type Sample } from '../../src/collector.ts';
import type { CheckConfig, ModuleConfig } from '../../src/config/config.ts';
import { z } from '../../src/config/schema.ts';
import { defineProber, type FailureReason, type ProbeOutcome, type Prober } from '../../src/prober.ts';
import { parseSchedule, type Schedule } from '../../src/schedule/expression.ts';

const duration = gauge('probe_test_duration_seconds', 'Duration by phase.', ['phase']);
const expiry = gauge('probe_ssl_earliest_cert_expiry', 'Expiry.');

/** What a probe of such a check finds next. */
export interface NextOutcome {
  reason?: FailureReason;
  detail?: string;
  phases?: Readonly<Record<string, number>>;
  expiresAtSeconds?: number;
}

/** A check and what its next probe finds; `probe` probes once. */
export interface FakeCheck {
  readonly check: Check;
  next: NextOutcome;
  probe(): Promise<void>;
}

export function fakeCheck(name: string, clock: Clock, more: Partial<CheckConfig> = {}): FakeCheck {
  const definition = defineProber({
    name: 'test',
    summary: 'A prober of a test.',
    families: [duration, expiry],
    phases: ['connect', 'transfer'],
    config: z.strictObject({}),
    create: () => prober,
  });
  const prober: Prober = {
    probe: () => {
      const { reason, detail = 'it is down', phases = {}, expiresAtSeconds } = fake.next;
      const samples: Sample[] = Object.entries(phases).map(([phase, seconds]) => duration.sample(seconds, { phase }));
      if (expiresAtSeconds !== undefined) samples.push(expiry.sample(expiresAtSeconds));
      const outcome: ProbeOutcome =
        reason === undefined
          ? { success: true, samples }
          : { success: false, reason, phase: 'connect', detail, samples };
      return Promise.resolve(outcome);
    },
  };
  const module: ModuleConfig = { name: 'test', prober: definition, options: {}, timeoutMs: 1000 };
  const config: CheckConfig = {
    name,
    target: `http://${name}/`,
    module,
    labels: {},
    schedule: parseSchedule('30s') as Schedule,
    timeoutMs: 1000,
    staleAfterMs: 90_000,
    ...more,
  };
  const check = new Check(config, prober, clock);
  const fake: FakeCheck = {
    check,
    next: {},
    probe: async () => void (await check.probe(new AbortController().signal)),
  };
  return fake;
}
