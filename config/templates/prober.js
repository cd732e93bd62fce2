/**
 * Whether a server greets whoever connects: a prober to start from. Try it with a configuration that has
 *
 *     plugins: [./template-name.js]
 *     modules: { greeting: { prober: template_name, template_name: { expect: '220 ' } } }
 *
 * and `vitald probe mail.example.org:25 --module=greeting --config.file=vitald.yml`. A check names the module likewise.
 */
import {
  addressChoiceOptions,
  addressFamilies,
  addressOf,
  addressSamples,
  defineProber,
  dial,
  gauge,
  outcomeOfProbe,
  ProbeFailure,
  splitHostPort,
  z,
} from 'vitald';

// Every probe has probe_success and probe_duration_seconds; these come on top.
const greeting = gauge('probe_template_name_greeting_bytes', 'Length of the greeting.');

export const templateName = defineProber({
  // The value of `prober:` in a module, and the key of its options there.
  name: 'template_name',
  summary: 'Connects over TCP and waits for a greeting.',
  families: [...addressFamilies, greeting],
  // What a probe does, one after the other; a failure says in which it came about.
  phases: ['resolve', 'connect', 'greet'],
  reasons: ['dns', 'connect', 'timeout', 'protocol'],
  // Options, as zod declares them; vitald checks them, and tells a mistake with its line. For passwords there is secret().
  config: z.strictObject({
    ...addressChoiceOptions,
    expect: z.string().default('').describe('What the greeting begins with.'),
  }),
  create(options) {
    return {
      probe(request) {
        let phase = 'resolve';
        const samples = [];
        // A ProbeFailure becomes the outcome: its reason is one of a small fixed set, its text is for the log.
        return outcomeOfProbe(
          async () => {
            const target = splitHostPort(request.target);
            if (target === undefined) throw new ProbeFailure('config', 'the target is not host:port');
            const start = performance.now();
            const found = await addressOf(target.host, options, request);
            samples.push(...addressSamples(found, (performance.now() - start) / 1000));
            phase = 'connect';
            const { socket } = await dial({ address: found.address, port: Number(target.port) }, request);
            try {
              phase = 'greet';
              const text = await firstChunk(socket, request.signal);
              samples.push(greeting.sample(Buffer.byteLength(text)));
              if (!text.startsWith(options.expect)) throw new ProbeFailure('protocol', 'the greeting is another one');
            } finally {
              socket.destroy();
            }
          },
          () => ({ phase, samples }),
        );
      },
    };
  },
});

/** What the server says first; the deadline ends the waiting. */
function firstChunk(socket, signal) {
  return new Promise((resolve, reject) => {
    const late = () => reject(new ProbeFailure('timeout', 'no greeting came before the deadline'));
    signal.addEventListener('abort', late, { once: true });
    socket.once('data', (chunk) => resolve(chunk.toString()));
    socket.once('close', () => reject(new ProbeFailure('protocol', 'the server hung up without a greeting')));
    if (signal.aborted) late();
  });
}
