/** Collectors that do what collectors must not do, for the tests of isolation. */
import { counter, defineCollector, gauge, z } from 'vitald';

/** @param {string} name @param {(turn: number) => unknown} collect */
function collector(name, collect) {
  const family = gauge(`misbehaving_${name}`, 'What it gives.');
  return defineCollector({
    name,
    summary: 'Misbehaves.',
    source: 'nothing',
    enabled: false,
    families: [family],
    config: z.strictObject({}),
    create() {
      let turn = 0;
      return {
        // Takes no signal: none of these would heed it.
        collect() {
          turn += 1;
          return collect(turn) ?? [family.sample(turn)];
        },
      };
    },
  });
}

const flood = counter('misbehaving_flood_total', 'Series without end.', ['number']);

function* endless() {
  for (let number = 0; ; number += 1) yield flood.sample(1, { number: String(number) });
}

/** @type {unknown[]} */
const leaked = [];

export const collectors = [
  collector('loops', () => {
    for (;;);
  }),
  collector('loops_later', async () => {
    await new Promise((resolve) => setTimeout(resolve, 10));
    for (;;);
  }),
  collector('leaks_objects', () => {
    for (let index = 0; index < 1e8; index += 1) leaked.push({ index });
  }),
  collector('leaks_buffers', async () => {
    for (let index = 0; index < 1024; index += 1) {
      leaked.push(Buffer.alloc(2 ** 20, index));
      if (index % 8 === 0) await new Promise((resolve) => setTimeout(resolve, 1));
    }
  }),
  collector('exits', () => process.exit(1)),
  collector('aborts', () => process.abort()),
  collector('segfaults', () => process.kill(process.pid, 'SIGSEGV') && new Promise(() => {})),
  collector('throws', () => {
    throw new TypeError('a bug');
  }),
  collector('never_settles', () => new Promise(() => {})),
  collector('floods', () => endless()),
  collector('rejects', () => {
    void Promise.reject(new Error('nobody hears this'));
    return new Promise(() => {});
  }),
  collector('throws_later', () => {
    setTimeout(() => {
      throw new Error('nobody catches this');
    }, 10);
    return new Promise(() => {});
  }),
  collector('blocks', () => {
    const until = performance.now() + 300;
    while (performance.now() < until);
  }),
  collector('works', () => undefined),
];
