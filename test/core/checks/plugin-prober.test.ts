import { createServer } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import {
  addressChoiceOptions,
  addressFamilies,
  addressOf,
  addressSamples,
  defineProber,
  dial,
  everyAddressOf,
  gauge,
  outcomeOfProbe,
  ProbeFailure,
  type Sample,
  secret,
  splitHostPort,
  z,
} from '../../../src/plugin-api.ts';
import { http } from '../../../collectors/probe/http.ts';
import { startTestedDaemon } from '../../support/daemons.ts';
import { until } from '../../support/program.ts';

const greeting = gauge('acme_greeting_bytes', 'Length of the greeting.');

/** A prober as somebody else would write it: says a password, and expects a greeting. */
const acme = defineProber({
  name: 'acme',
  summary: 'Logs in to an Acme server.',
  families: [...addressFamilies, greeting],
  phases: ['resolve', 'connect', 'login'],
  reasons: ['timeout', 'connect', 'protocol'],
  config: z.strictObject({ ...addressChoiceOptions, password: secret() }),
  everyAddress: (target, options, signal) => everyAddressOf(splitHostPort(target)?.host, options, signal),
  create: (options) => ({
    probe(request) {
      let phase = 'resolve';
      const samples: Sample[] = [];
      const { signal, allows } = request;
      return outcomeOfProbe(
        async () => {
          const { host, port = 1 } = splitHostPort(request.target)!;
          const resolved = await addressOf(host, options, request);
          samples.push(...addressSamples(resolved, 0));
          phase = 'connect';
          const { socket } = await dial({ address: resolved.address, port }, { signal, allows });
          phase = 'login';
          try {
            socket.write(options.password.reveal());
            const answer = await new Promise<Buffer>((resolve, reject) => {
              socket.once('data', resolve);
              socket.once('close', () => reject(new ProbeFailure('protocol', 'closed before the greeting')));
              signal.addEventListener('abort', () => reject(new ProbeFailure('timeout', 'no greeting came')));
            });
            samples.push(greeting.sample(answer.length));
          } finally {
            socket.destroy();
          }
        },
        () => ({ phase, samples }),
      );
    },
  }),
});

test('a prober from elsewhere has deadline, sockets, secrets and metrics as the built-in ones have', async () => {
  const heard: string[] = [];
  let open = 0;
  const server = createServer((socket) => {
    open += 1;
    socket.on('error', () => {}).on('close', () => (open -= 1));
    socket.on('data', (data) => {
      heard.push(data.toString());
      // Those with the wrong password hear nothing.
      if (data.toString() === 'hunter2') socket.write('hello');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const { port } = server.address() as { port: number };
  const tested = await startTestedDaemon(
    `
collectors: { disable_defaults: true }
modules: { login: { prober: acme, timeout: 200ms, acme: { password: "hunter2" } } }
checks:
  - { name: good, target: "127.0.0.1:${port}", module: login, schedule: 1h, labels: { team: db } }
  - { name: wrong, target: "127.0.0.1:${port}", module: login, schedule: 1h, acme: { password: guess } }
  - { name: gone, target: "127.0.0.1:1", module: login, schedule: 1h }
  - { name: each, target: "127.0.0.1:${port}", module: login, schedule: 1h, addresses: all }
probe: { enabled: true, modules: [login], targets: [{ cidr: 127.0.0.1, ports: [${port}] }] }
`,
    { probers: [acme, http] },
  );

  await tested.eventually('probe_success{check="good",team="db"}', 1);
  await tested.eventually('vitald_check_failures_total{check="wrong",reason="timeout"}', 1);
  await tested.eventually('vitald_check_failures_total{check="gone",reason="connect"}', 1);
  await tested.eventually('probe_success{address="127.0.0.1",check="each"}', 1);

  expect(await tested.value('acme_greeting_bytes{check="good",team="db"}')).toBe(5);
  expect(await tested.value('acme_greeting_bytes{address="127.0.0.1",check="each"}')).toBe(5);
  expect(await tested.value('probe_ip_protocol{check="wrong"}')).toBe(4);
  expect(await tested.value('vitald_check_failures_total{check="good",reason="protocol",team="db"}')).toBe(0);
  const took = await tested.value('probe_duration_seconds{check="wrong"}');
  expect(took).toBeGreaterThan(0.19);
  expect(took).toBeLessThan(0.45);
  await until(() => open === 0);
  expect(heard).toContain('hunter2');

  const onDemand = await tested.get(`/probe?module=login&debug=true&target=127.0.0.1:${port}`);
  expect(onDemand.text).toContain('acme_greeting_bytes 5\n');
  expect(onDemand.text).toContain('password: <secret>\n');
  expect((await tested.get('/probe?module=login&target=127.0.0.1:1')).status).toBe(403);
  const everything = [...tested.log.lines, onDemand.text, ...(await tested.lines())];
  for (const path of ['/', '/config']) everything.push((await tested.get(path)).text);
  expect(everything.join('\n')).not.toMatch(/hunter2|guess/);
});
