/** Samples on their way from the process of a collector to the daemon. */
import type { FamilyHead, Sample, Samples } from '../collector.ts';
import { BadSample } from '../exposition/format.ts';
import { BadFrame, type FromProcess, type Row } from './protocol.ts';

// How many samples beyond the limit a generator is asked for, to tell how many there are.
const mostCounted = 10_000;

// The most that the rows of a run may have, in characters: a fourth of what a frame may have in bytes, as one character
// takes three bytes at most.
const mostText = 8 * 1024 * 1024;

/** Samples of which some were left out before they came here. */
export class CutSamples implements Iterable<Sample> {
  readonly samples: readonly Sample[];
  readonly leftOut: number;

  constructor(samples: readonly Sample[], leftOut: number) {
    this.samples = samples;
    this.leftOut = leftOut;
  }

  [Symbol.iterator](): Iterator<Sample> {
    return this.samples[Symbol.iterator]();
  }
}

class Packer {
  readonly #heads = new Map<FamilyHead, number>();
  readonly #headTexts: string[] = [];
  readonly #rows: string[] = [];
  #length = 0;

  get count(): number {
    return this.#rows.length;
  }

  add({ family, value, labels, suffix }: Sample): void {
    if (typeof value !== 'number') {
      throw new BadSample('malformed', `${family.name} is not a number: ${typeof value}`);
    }
    const parts: unknown[] = [this.#headOf(family), Number.isFinite(value) ? value : String(value)];
    if (labels !== undefined || suffix !== undefined) parts.push(labels ?? null);
    if (suffix !== undefined) parts.push(suffix);
    this.#rows.push(this.#counted(JSON.stringify(parts)));
  }

  /** The JSON of both lists. */
  texts(): { heads: string; rows: string } {
    return { heads: `[${this.#headTexts.join()}]`, rows: `[${this.#rows.join()}]` };
  }

  #headOf(family: FamilyHead): number {
    let place = this.#heads.get(family);
    if (place === undefined) {
      const { name, type, help, labelNames, mayBeNaN } = family;
      place = this.#heads.size;
      this.#heads.set(family, place);
      this.#headTexts.push(this.#counted(JSON.stringify({ name, type, help, labelNames, mayBeNaN })));
    }
    return place;
  }

  #counted(text: string): string {
    this.#length += text.length;
    if (this.#length > mostText) {
      throw new BadSample('malformed', `the samples of a run are more than ${mostText / 2 ** 20} MB of text`);
    }
    return text;
  }
}

/**
 * The answer to a run as JSON, with the first `maxSeries` of what the collector gave and of what it counts itself. Throws
 * `BadSample`.
 */
export function packSamples(
  samples: unknown,
  counted: readonly Sample[],
  maxSeries: number,
  rss: () => number,
): string {
  if (samples === null || samples === undefined || typeof (samples as Samples)[Symbol.iterator] !== 'function') {
    throw new BadSample('malformed', 'collect returned no samples to iterate');
  }
  const packer = new Packer();
  let leftOut = 0;
  for (const sample of samples as Samples) {
    if (packer.count < maxSeries) packer.add(sample);
    else if (Array.isArray(samples)) {
      leftOut = samples.length - maxSeries;
      break;
    } else {
      leftOut += 1;
      if (leftOut === mostCounted) break;
    }
  }
  for (const sample of counted) {
    if (packer.count < maxSeries) packer.add(sample);
    else leftOut += 1;
  }
  const { heads, rows } = packer.texts();
  return `{"type":"samples","heads":${heads},"rows":${rows},"leftOut":${leftOut},"rss":${rss()}}`;
}

function valueOf(packed: number | string): number {
  return typeof packed === 'number' ? packed : Number(packed);
}

/** The samples of an answer; they are still to be checked. Throws `BadFrame` where it is none. */
export function unpackSamples({ heads, rows, leftOut }: FromProcess & { type: 'samples' }): Samples {
  if (!Array.isArray(heads) || !Array.isArray(rows)) throw new BadFrame('an answer without samples');
  const samples = (rows as readonly Row[]).map(([head, value, labels, suffix]): Sample => {
    const family = (heads as readonly FamilyHead[])[head];
    if (family === undefined) throw new BadFrame('a sample without a family');
    const sample = { family, value: valueOf(value), labels: labels ?? undefined };
    return suffix === undefined ? sample : { ...sample, suffix };
  });
  return leftOut > 0 ? new CutSamples(samples, leftOut) : samples;
}
