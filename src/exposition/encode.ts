/**
 * Samples to the Prometheus text format (0.0.4), once a run.
 *
 * A series keeps its rendered name and labels between runs. Samples mostly come in the order of the run before, so the
 * series at the same place is tried first, and only where it is another one it is looked up; both ways find duplicates.
 */
import type { FamilyHead, Sample } from '../collector.ts';
import { BadSample, type Block, checkValue, formatPrefix, formatValue, refuseBadHead } from './format.ts';
import { type FamilyBlock, RepeatedRun, type SeriesLine } from './repeated-run.ts';

interface Series extends SeriesLine {
  readonly suffix: string;
  /** The values of the family's labels, in the order of their names; empty where one is absent. */
  readonly labelValues: readonly string[];
  /** The sample that it is made of in each run, where that is kept. */
  kept: Sample | undefined;
  /** The number of the run that had it last. */
  run: number;
}

const noValues: readonly string[] = [];
const noOthers: readonly Declared[] = [];

/** The series that were declared alike: a family may be declared anew at each run, and with other labels. */
interface Declared {
  /** The declaration that was seen last. */
  family: FamilyHead;
  /** The series in the order of the last run, and the place in it that this run has come to. */
  order: Series[];
  place: number;
  run: number;
  /** By key, those of runs before too; only where they are too many to look through. */
  index: Map<string, Series> | undefined;
}

interface FamilyState extends FamilyBlock {
  head: FamilyHead;
  /** What declared the sample before, which is mostly that of the next one too. */
  latest: Declared;
  /** Only where two declarations of a name share one run. */
  others: readonly Declared[];
  /** How many samples this run gave so far. */
  count: number;
  /** Whether this run gave the same as the one before so far: then there are no lines to be joined. */
  isSame: boolean;
  lines: string;
}

// Most families have one series, and there are a dozen of those for each check.
const fewSeries = 8;

/** Encodes the samples of one slot, run after run. */
export class Encoder {
  readonly #slotLabels: readonly (readonly [string, string])[];
  /** How many samples of a run it takes at most. */
  readonly maxSeries: number;
  readonly #families = new Map<string, FamilyState>();
  /** The families by name; undefined after one came or went. */
  #sorted: readonly FamilyState[] | undefined;
  #run = 0;
  #dropped = 0;
  #blocks: readonly Block[] = [];
  /** The series of the run under way, as long as all of its samples are kept. */
  #ofKept: Series[] | undefined;
  /** The run before, where all of its samples are kept. */
  #repeated: RepeatedRun | undefined;

  /**
   * `slotLabels` are laid on every series of the slot, such as the labels of a check; a sample's own label prevails. Of
   * more than `maxSeries` samples the first ones are taken.
   */
  constructor(slotLabels: Readonly<Record<string, string>> = {}, maxSeries = Infinity) {
    this.#slotLabels = Object.entries(slotLabels);
    this.maxSeries = maxSeries;
  }

  /** How many samples the last run had beyond the limit. */
  get dropped(): number {
    return this.#dropped;
  }

  /**
   * The samples as text, families sorted by name. What is the same as in the run before is the same object: a block, or all
   * of them. Throws `BadSample`, after which the encoder can be used again.
   */
  encode(samples: readonly Sample[]): readonly Block[] {
    try {
      return this.#encode(samples);
    } catch (error) {
      // What a run that failed brought would be forgotten after a good one only, which may never come.
      this.#families.clear();
      this.#sorted = undefined;
      this.#blocks = [];
      this.#repeated = undefined;
      throw error;
    }
  }

  #encode(samples: readonly Sample[]): readonly Block[] {
    if (this.#repeated?.isOf(samples) === true) {
      if (this.#repeated.update()) this.#renewBlocks();
      return this.#blocks;
    }
    this.#repeated = undefined;
    this.#run += 1;
    this.#ofKept = samples[0]?.isKept === true ? [] : undefined;
    const before = this.#byName();
    for (let index = 0; index < before.length; index += 1) {
      const state = before[index]!;
      state.count = 0;
      state.isSame = state.block !== undefined && state.others.length === 0;
      state.lines = '';
    }
    const taken = Math.min(samples.length, this.maxSeries);
    this.#dropped = samples.length - taken;
    // By index, here and below: before it is optimised, each step of an iterator makes an object.
    for (let index = 0; index < taken; index += 1) this.#add(samples[index]!);
    const states = this.#byName();
    let isSame = states.length === this.#blocks.length;
    for (let index = 0; index < states.length; index += 1) {
      const state = states[index]!;
      if (state.count > 0) this.#end(state);
      else {
        this.#families.delete(state.head.name);
        this.#sorted = undefined;
      }
      isSame &&= state.block === this.#blocks[index];
    }
    // A family that vanished leaves the block before the last one.
    if (!isSame || this.#sorted === undefined) this.#renewBlocks();
    this.#rememberKept(samples);
    return this.#blocks;
  }

  #renewBlocks(): void {
    this.#blocks = this.#byName().map(({ block }) => block!);
  }

  /** Remembers a run whose samples are all kept. */
  #rememberKept(samples: readonly Sample[]): void {
    const series = this.#ofKept;
    this.#ofKept = undefined;
    if (series?.length !== samples.length || this.#byName().some(({ others }) => others.length > 0)) return;
    this.#repeated = new RepeatedRun(samples, series, ({ family }) => this.#families.get(family.name)!);
  }

  /** Makes the block of what the run gave, where it is not the one of the run before. */
  #end(state: FamilyState): void {
    const { block, count, head } = state;
    if (state.isSame && block!.series === count && block!.family === head) return;
    if (state.isSame) this.#differ(state);
    this.#forget(state);
    state.block = { family: head, lines: state.lines, series: count };
  }

  /** Joins the lines that the run gave so far. */
  #differ(state: FamilyState): void {
    const { order } = state.latest;
    state.isSame = false;
    for (let index = 0; index < state.count; index += 1) state.lines += order[index]!.line;
  }

  #byName(): readonly FamilyState[] {
    this.#sorted ??= [...this.#families.values()].sort((a, b) => (a.head.name < b.head.name ? -1 : 1));
    return this.#sorted;
  }

  #add(sample: Sample): void {
    const { family, value } = sample;
    const state = this.#stateOf(family);
    const declared = this.#declaredBy(state, family);
    const expected = declared.order[declared.place];
    const series = this.#seriesOf(declared, expected, sample);
    if (series.run === this.#run) throw new BadSample('duplicate', `${series.prefix.trimEnd()} is given twice`);
    checkValue(value, family, series.prefix);
    series.run = this.#run;
    if (sample.isKept === true) {
      series.kept = sample;
      this.#ofKept?.push(series);
    } else this.#ofKept = undefined;
    // Not Object.is, which makes an object of each number.
    const isOther = value !== series.value || series.line === '';
    if (state.isSame && (isOther || series !== expected)) this.#differ(state);
    if (isOther) {
      series.value = value;
      series.line = `${series.prefix}${formatValue(value)}\n`;
    }
    if (!state.isSame) state.lines = state.count === 0 ? series.line : state.lines + series.line;
    state.count += 1;
  }

  /** The series of the sample; `expected` had the same place in the run before. */
  #seriesOf(declared: Declared, expected: Series | undefined, sample: Sample): Series {
    const { place } = declared;
    declared.place += 1;
    if (expected !== undefined && (expected.kept === sample || isOf(expected, sample))) return expected;
    return declared.index === undefined
      ? this.#seekSeries(declared, place, sample)
      : this.#lookUp(declared, place, sample);
  }

  /** Puts the series at its place; that of the run before, which stood there, may come later. */
  #seekSeries(declared: Declared, place: number, sample: Sample): Series {
    const { order } = declared;
    const found = order.findIndex((series) => isOf(series, sample));
    if (found !== -1 && found < place) return order[found]!;
    const series = found === -1 ? this.#newSeries(sample) : order[found]!;
    const displaced = order[place];
    if (displaced !== undefined) order[found === -1 ? order.length : found] = displaced;
    // An empty array that is given a first element makes room for sixteen more.
    if (order.length === 0) declared.order = [series];
    else order[place] = series;
    if (order.length > fewSeries) declared.index = new Map(order.map((each) => [keyOf(each), each]));
    return series;
  }

  #lookUp({ order, index }: Declared, place: number, sample: Sample): Series {
    const key = keyOf({ suffix: sample.suffix ?? '', labelValues: labelValuesOf(sample) });
    let series = index!.get(key);
    if (series === undefined) index!.set(key, (series = this.#newSeries(sample)));
    order[place] = series;
    return series;
  }

  #newSeries(sample: Sample): Series {
    const prefix = formatPrefix(sample, this.#slotLabels);
    return {
      prefix,
      suffix: sample.suffix ?? '',
      labelValues: labelValuesOf(sample),
      kept: undefined,
      run: 0,
      value: 0,
      line: '',
    };
  }

  #stateOf(family: FamilyHead): FamilyState {
    const known = this.#families.get(family.name);
    if (known !== undefined) {
      if (known.head === family) return known;
      // The first declaration of a run gives the head.
      if (known.count === 0) {
        refuseBadHead(family);
        known.head = family;
      } else if (known.head.type !== family.type) {
        throw new BadSample('malformed', `${family.name} is both a ${known.head.type} and a ${family.type}`);
      }
      return known;
    }
    refuseBadHead(family);
    const state: FamilyState = {
      head: family,
      latest: this.#declare(family),
      others: noOthers,
      count: 0,
      block: undefined,
      isSame: false,
      lines: '',
    };
    this.#families.set(family.name, state);
    this.#sorted = undefined;
    return state;
  }

  #declare(family: FamilyHead): Declared {
    return { family, order: [], place: 0, run: this.#run, index: undefined };
  }

  #declaredBy(state: FamilyState, family: FamilyHead): Declared {
    if (state.latest.family !== family) this.#turnTo(state, family);
    const { latest } = state;
    if (latest.run !== this.#run) {
      latest.run = this.#run;
      latest.place = 0;
    }
    return latest;
  }

  #turnTo(state: FamilyState, family: FamilyHead): void {
    const labels = family.labelNames.join();
    const isAlike = (one: Declared): boolean => one.family.labelNames.join() === labels;
    if (!isAlike(state.latest)) {
      if (state.isSame) this.#differ(state);
      const found = state.others.find(isAlike);
      state.others = [...state.others.filter((one) => one !== found), state.latest];
      state.latest = found ?? this.#declare(family);
    }
    state.latest.family = family;
  }

  #forget(state: FamilyState): void {
    this.#forgetVanished(state.latest, state.count);
    if (state.others.length === 0) return;
    state.others = state.others.filter(({ run }) => run === this.#run);
    for (const one of state.others) this.#forgetVanished(one, state.count);
  }

  /** Forgets what this run did not give; not at once where there are many, as they may come back. */
  #forgetVanished({ order, place, index }: Declared, count: number): void {
    if (order.length > place) order.length = place;
    if (index === undefined || index.size <= 2 * count + 16) return;
    for (const [key, known] of index) if (known.run !== this.#run) index.delete(key);
  }
}

/** Whether a sample is of this series. */
function isOf({ suffix, labelValues }: Series, sample: Sample): boolean {
  const { labels, family } = sample;
  if (suffix !== (sample.suffix ?? '')) return false;
  const { labelNames } = family;
  for (let index = 0; index < labelValues.length; index += 1) {
    if ((labels?.[labelNames[index]!] ?? '') !== labelValues[index]) return false;
  }
  return true;
}

function labelValuesOf({ family: { labelNames }, labels }: Sample): readonly string[] {
  return labelNames.length === 0 ? noValues : labelNames.map((name) => labels?.[name] ?? '');
}

/**
 * What tells the series of a family apart: its suffix and its label values in the order of their names. An absent label
 * and an empty one name the same series to Prometheus.
 */
function keyOf({ suffix, labelValues }: Pick<Series, 'suffix' | 'labelValues'>): string {
  return suffix === '' && labelValues.length === 1 ? labelValues[0]! : [suffix, ...labelValues].join('\u0000');
}
