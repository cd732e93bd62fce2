/** A daemon whose collectors and checks say what the API is to show. */
import { http } from '../../collectors/probe/http.ts';
import { type AnyCollector, counter, defineCollector, gauge } from '../../src/collector.ts';
import { z } from '../../src/config/schema.ts';
import { defineProber, type ProbeOutcome } from '../../src/prober.ts';
import { startTestedDaemon, type TestedDaemon } from './daemons.ts';
import { until } from './program.ts';

const load = gauge('node_load1', 'Load.');
const received = counter('node_network_receive_bytes_total', 'Received.', ['device']);
const phase = gauge('probe_fake_duration_seconds', 'Phases.', ['phase']);
const expiry = gauge('probe_ssl_earliest_cert_expiry', 'Expiry.');

function collector(name: string, collect: () => unknown): AnyCollector {
  return defineCollector({
    name,
    summary: 'A collector of a test.',
    source: 'nothing',
    enabled: true,
    families: [load, received],
    config: z.strictObject({}),
    create: () => ({ collect: collect as () => [] }),
  });
}

/** What a target of the fake prober is found to be: `up`, or down with what stands behind `down:`. */
const fake = defineProber({
  name: 'fake',
  summary: 'A prober of a test.',
  families: [phase, expiry],
  phases: ['connect', 'transfer'],
  config: z.strictObject({}),
  create: () => ({
    probe: ({ target }): Promise<ProbeOutcome> => {
      const detail = target.includes('/down') ? `no answer from ${target} sorry` : /down:(.*)/s.exec(target)?.[1];
      const samples = [phase.sample(0.01, { phase: 'connect' }), expiry.sample(1_900_000_000)];
      return Promise.resolve(
        detail === undefined
          ? { success: true, samples }
          : { success: false, reason: 'connect', phase: 'connect', detail, samples: [] },
      );
    },
  }),
});

/** The module of the fake prober. */
export const modules = 'modules: { fake: { prober: fake } }\n';
/** What would be run where it is shown as it is. */
export const hostile = `<script>alert("x")</script> & 'y' \u0007 \u2028 ]]> 😀`;

/** Checks in all conditions, some with what would break a page or tell a secret. */
export const config = `${modules}
checks:
  - { name: up, target: up, module: fake, schedule: 1s, labels: { group: core, team: '<b>web</b>' } }
  - { name: down, target: "https://alice:hunter2@host/down?token=hunter2#hunter2", module: fake, schedule: 1s }
  - { name: waits, target: up, module: fake, failing_after: 2, passing_after: 5, schedule: 1h }
  - { name: behind, target: "down:behind", module: fake, depends_on: down, schedule: 1s }
  - { name: mended, target: "down:mended", module: fake, maintenance: [{ schedule: "* * * * *", duration: 2m }], schedule: 1s }
  - { name: ${JSON.stringify(hostile)}, target: ${JSON.stringify(`https://u:hunter2@h/?hunter2 ${hostile}`)}, module: fake, labels: { what: ${JSON.stringify(hostile)} } }
`;

const collectors = [
  collector('loadavg', () => [load.sample(0.5)]),
  collector('netdev', () => [received.sample(performance.now(), { device: 'eth0' })]),
  collector('broken', () => {
    throw new Error('cannot read https://alice:hunter2@host/?a=hunter2');
  }),
];

/** A daemon of these collectors and checks; `files` are written beside its config. */
export async function started(text = config, files: Record<string, string> = {}): Promise<TestedDaemon> {
  const daemon = await startTestedDaemon(text, { collectors, probers: [http, fake], files });
  await until(
    () => daemon.daemon.slots.every(({ last }) => last !== undefined),
    () => 'not everything has run',
    10_000,
  );
  return daemon;
}
