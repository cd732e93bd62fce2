/** Ways in which a kernel file may be other than it should be, made from a seed so that a failure can be repeated. */

/** Random numbers from a seed; the same seed gives the same numbers (xorshift32). */
export class Dice {
  #state: number;

  constructor(seed: number) {
    this.#state = seed | 1;
  }

  /** A whole number from 0 up to, but not including, `limit`. */
  below(limit: number): number {
    this.#state ^= this.#state << 13;
    this.#state ^= this.#state >>> 17;
    this.#state ^= this.#state << 5;
    return limit <= 0 ? 0 : (this.#state >>> 0) % limit;
  }

  pick<T>(values: readonly T[]): T {
    return values[this.below(values.length)]!;
  }
}

/** Makes other contents of the contents of a file. */
export type Mutation = (bytes: Buffer, dice: Dice) => Buffer;

const lineFeed = 0x0a;

/** Only the part before a random byte. */
export const truncated: Mutation = (bytes, dice) => bytes.subarray(0, dice.below(bytes.length));

/** Only the part before a byte of a number, so that a part of that number is left. */
export const cutNumber: Mutation = (bytes, dice) => {
  const numbers = [...bytes.toString('latin1').matchAll(/\d{2,}/g)];
  if (numbers.length === 0) return truncated(bytes, dice);
  const { index, 0: digits } = dice.pick(numbers);
  return bytes.subarray(0, index + 1 + dice.below(digits.length - 1));
};

function mapLines(change: (line: string, dice: Dice) => string): Mutation {
  return (bytes, dice) =>
    Buffer.from(
      bytes
        .toString('latin1')
        .split('\n')
        .map((line) => change(line, dice))
        .join('\n'),
      'latin1',
    );
}

function overwritten(bytes: Buffer, dice: Dice, value: (dice: Dice) => number): Buffer {
  const copy = Buffer.from(bytes);
  const count = 1 + dice.below(4);
  for (let index = 0; index < count && copy.length > 0; index += 1) copy[dice.below(copy.length)] = value(dice);
  return copy;
}

const words = [
  '-1',
  '',
  'NaN',
  '+Inf',
  '1e400',
  '0x',
  '18446744073709551615',
  '99999999999999999999999',
  '1.5',
  'x',
  '-',
];

/** What happens to whole files, by name. */
export const garblings: Readonly<Record<string, Mutation>> = {
  'random bytes': (bytes, dice) => overwritten(bytes, dice, () => dice.below(256)),
  noise: (_bytes, dice) => Buffer.from(Array.from({ length: dice.below(300) }, () => dice.below(256))),
  empty: () => Buffer.alloc(0),
  'line feed only': () => Buffer.from('\n'),
  'huge line': (bytes, dice) => {
    const at = dice.below(bytes.length);
    return Buffer.concat([
      bytes.subarray(0, at),
      Buffer.alloc(70_000, dice.pick(['9', 'a ', ': '])),
      bytes.subarray(at),
    ]);
  },
  'other digits': mapLines((line, dice) =>
    line.replaceAll(/\d/g, (digit) => (dice.below(3) ? digit : `${dice.below(10)}`)),
  ),
  'other numbers': mapLines((line, dice) =>
    line.replaceAll(/\d+/g, (digits) => (dice.below(6) ? digits : dice.pick(words))),
  ),
  'lines dropped': (bytes, dice) => {
    const lines = bytes.toString('latin1').split('\n');
    return Buffer.from(lines.filter(() => dice.below(4) > 0).join('\n'), 'latin1');
  },
  'lines doubled': mapLines((line, dice) => (dice.below(5) || line === '' ? line : `${line}\n${line}`)),
  'words dropped': mapLines((line, dice) => line.replaceAll(/\s*\S+/g, (word) => (dice.below(8) ? word : ''))),
  'carriage returns': mapLines((line) => `${line}\r`),
  'NUL bytes': (bytes, dice) => overwritten(bytes, dice, () => 0),
  'line feeds': (bytes, dice) => overwritten(bytes, dice, () => lineFeed),
  'blanks gone': mapLines((line, dice) => (dice.below(4) ? line : line.replaceAll(/\s+/g, ''))),
};
