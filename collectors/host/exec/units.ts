/** Units of performance data to the base units of Prometheus: seconds, bytes, ratios. */

/** What a unit is measured in, and what its numbers are multiplied by. */
export interface Unit {
  /** The base unit; empty for a plain number. */
  readonly base: string;
  readonly factor: number;
}

const decimal: Readonly<Record<string, number>> = {
  n: 1e-9,
  u: 1e-6,
  µ: 1e-6,
  m: 1e-3,
  '': 1,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  P: 1e15,
  E: 1e18,
  Z: 1e21,
  Y: 1e24,
};

const powers = ['', 'K', 'M', 'G', 'T', 'P', 'E', 'Z', 'Y'];

const units = new Map<string, Unit>();

function add(name: string, base: string, factor = 1): void {
  units.set(name, { base, factor });
}

// Bytes and bits, of which only the last letter tells which: KB, kB, KiB, kb, kib. As Icinga 2 has it, KB is a thousand.
for (const [power, letter] of powers.entries()) {
  for (const prefix of new Set([letter, letter.toLowerCase()])) {
    const binary = prefix === '' ? [] : [`${prefix}i`];
    for (const [ending, base] of [
      ['B', 'bytes'],
      ['b', 'bits'],
    ] as const) {
      add(`${prefix}${ending}`, base, 1000 ** power);
      for (const each of binary) add(`${each}${ending}`, base, 1024 ** power);
    }
  }
}

for (const [ending, base, factor] of [
  ['A', 'amperes', 1],
  ['O', 'ohms', 1],
  ['V', 'volts', 1],
  ['W', 'watts', 1],
  ['As', 'coulombs', 1],
  ['Am', 'coulombs', 60],
  ['Ah', 'coulombs', 3600],
  ['Ws', 'joules', 1],
  ['Wm', 'joules', 60],
  ['Wh', 'joules', 3600],
] as const) {
  for (const [prefix, times] of Object.entries(decimal)) add(`${prefix}${ending}`, base, times * factor);
}

for (const [prefix, factor] of [
  ['n', 1e-9],
  ['u', 1e-6],
  ['µ', 1e-6],
  ['m', 1e-3],
  ['', 1],
] as const) {
  add(`${prefix}s`, 'seconds', factor);
  add(`${prefix}g`, 'grams', factor);
}

add('', '');
add('m', 'seconds', 60);
add('h', 'seconds', 3600);
add('d', 'seconds', 86_400);
add('%', 'ratio', 0.01);
add('packets', 'packets');
add('lm', 'lumens');
add('dBm', 'dbm');
add('kg', 'grams', 1e3);
add('t', 'grams', 1e6);
add('C', 'celsius');
add('F', 'fahrenheit');
add('K', 'kelvin');
add('ml', 'liters', 1e-3);
add('l', 'liters');
add('hl', 'liters', 100);

/** The unit of that name; one that is not known is its own base. */
export function unitOf(name: string): Unit {
  return units.get(name) ?? { base: name, factor: 1 };
}

/** A number in the base unit; 1.1 ms is 0.0011, which 1.1 times 0.001 is not. */
export function inBaseUnit(value: number, { factor }: Unit): number {
  return factor < 1 ? value / Math.round(1 / factor) : value * factor;
}
