/**
 * One chart of the host: a ring of points with a time axis that its series share.
 *
 * A rate is that of PromQL's `irate` over the samples that are taken: from each to the next over the time between them,
 * a counter that fell having begun anew at 0. A pause of more than five minutes gives none, as `irate(x[5m])` would not.
 */

/** What of a sample belongs to a chart. */
export interface Reading {
  /** The name of the series. */
  readonly name: string;
  readonly device: string | undefined;
  /** What tells apart the counters of which the series is the average, as `cpu` does; undefined where it is one. */
  readonly member: string | undefined;
  readonly rate: boolean;
  readonly value: number;
}

interface Member {
  previous: number;
  /** The number of the point that had it last. */
  point: number;
}

interface Series {
  readonly name: string;
  readonly device: string | undefined;
  readonly values: Float32Array;
  readonly members: Map<string, Member>;
  sum: number;
  summed: number;
  lastAt: number;
}

/** A series with its points. */
export interface SeriesColumns {
  readonly name: string;
  readonly device: string | undefined;
  readonly values: Float32Array;
}

/** Points of a chart, oldest first. */
export interface ChartColumns {
  readonly times: Float64Array;
  readonly series: readonly SeriesColumns[];
}

/** An hour of points. */
export const chartPoints = 720;
const hourMs = 3_600_000;
// A run that comes a little early is still the next one.
const closestMs = 4_500;
const longestPauseMs = 5 * 60_000;
/** More devices than anybody looks at; containers come by the hundred. */
export const mostDevices = 16;

/** A chart. */
export class Chart {
  readonly #times = new Float64Array(chartPoints);
  readonly #series = new Map<string, Series>();
  readonly #omitted = new Map<string, number>();
  /** Points ever taken. */
  #count = 0;
  #length = 0;
  #previousAt = -Infinity;

  /** Whether a run that ended at `at` is a point; if so, `add` its readings and `end`. */
  begin(at: number): boolean {
    // Set back, the clock gives these moments anew.
    while (this.#length > 0 && this.#timeAt(this.#length - 1) >= at) {
      this.#length -= 1;
      this.#count -= 1;
    }
    if (this.#length > 0 && at - this.#timeAt(this.#length - 1) < closestMs) return false;
    this.#times[this.#count % chartPoints] = at;
    this.#count += 1;
    this.#length = Math.min(this.#length + 1, chartPoints);
    for (const series of this.#series.values()) {
      series.sum = 0;
      series.summed = 0;
    }
    return true;
  }

  /** Adds to the point under way. */
  add(reading: Reading): void {
    const series = this.#seriesOf(reading);
    if (series === undefined) return;
    const { rate, value, member = '' } = reading;
    if (!rate) {
      series.sum += value;
      series.summed += 1;
      return;
    }
    let known = series.members.get(member);
    if (known === undefined) {
      known = { previous: value, point: -1 };
      series.members.set(member, known);
    }
    const now = this.#timeAt(this.#length - 1);
    const pause = now - this.#previousAt;
    if (known.point === this.#count - 1 && pause > 0 && pause <= longestPauseMs) {
      const grown = value < known.previous ? value : value - known.previous;
      series.sum += (grown * 1000) / pause;
      series.summed += 1;
    }
    known.previous = value;
    known.point = this.#count;
  }

  /** Ends the point under way. */
  end(): void {
    const place = (this.#count - 1) % chartPoints;
    const at = this.#times[place]!;
    for (const series of this.#series.values()) {
      series.values[place] = series.summed === 0 ? NaN : series.sum / series.summed;
      if (series.summed > 0) series.lastAt = at;
      // CPUs and devices come and go.
      for (const [name, { point }] of series.members) if (point !== this.#count) series.members.delete(name);
    }
    this.#previousAt = at;
    for (const [device, last] of this.#omitted) if (at - last > hourMs) this.#omitted.delete(device);
  }

  /** How many devices of the last hour have no series. */
  get omittedDevices(): number {
    return this.#omitted.size;
  }

  get byteLength(): number {
    return this.#times.byteLength + this.#series.size * chartPoints * 4;
  }

  /** The points after a moment. */
  since(after: number): ChartColumns {
    let from = this.#length;
    while (from > 0 && this.#timeAt(from - 1) > after) from -= 1;
    const times = new Float64Array(this.#length - from);
    this.#copy(this.#times, from, times);
    const series = [...this.#series.values()].map(({ name, device, values }) => {
      const copied = new Float32Array(times.length);
      this.#copy(values, from, copied);
      return { name, device, values: copied };
    });
    return { times, series };
  }

  /** Takes over points that were kept; only before the first of its own. */
  restore({ times, series }: ChartColumns): void {
    const skipped = Math.max(0, times.length - chartPoints);
    this.#times.set(times.subarray(skipped));
    this.#length = this.#count = times.length - skipped;
    for (const { name, device, values } of series) {
      const made = this.#make(name, device, times.at(-1) ?? 0);
      made.values.set(values.subarray(skipped));
    }
  }

  #seriesOf({ name, device }: Reading): Series | undefined {
    const key = device === undefined ? name : `${name} ${device}`;
    const known = this.#series.get(key);
    if (known !== undefined) return known;
    const now = this.#timeAt(this.#length - 1);
    if (device !== undefined && !this.#hasRoom(device, now)) {
      if (this.#omitted.size < 1000 || this.#omitted.has(device)) this.#omitted.set(device, now);
      return undefined;
    }
    return this.#make(name, device, now);
  }

  #make(name: string, device: string | undefined, lastAt: number): Series {
    const values = new Float32Array(chartPoints).fill(NaN);
    const series: Series = { name, device, values, members: new Map(), sum: 0, summed: 0, lastAt };
    this.#series.set(device === undefined ? name : `${name} ${device}`, series);
    return series;
  }

  /** Whether another device may be shown, in the place of one that was not there for an hour if need be. */
  #hasRoom(device: string, now: number): boolean {
    const devices = new Set<string>();
    for (const series of this.#series.values()) if (series.device !== undefined) devices.add(series.device);
    if (devices.has(device) || devices.size < mostDevices) return true;
    const gone = [...this.#series.values()].find(({ lastAt }) => now - lastAt > hourMs)?.device;
    if (gone === undefined) return false;
    for (const [key, series] of this.#series) if (series.device === gone) this.#series.delete(key);
    return true;
  }

  /** Copies what a ring has from a point on. */
  #copy<Numbers extends Float32Array | Float64Array>(ring: Numbers, from: number, to: Numbers): void {
    if (to.length === 0) return;
    const first = this.#placeOf(from);
    const straight = Math.min(to.length, chartPoints - first);
    to.set(ring.subarray(first, first + straight));
    to.set(ring.subarray(0, to.length - straight), straight);
  }

  #placeOf(index: number): number {
    return (this.#count - this.#length + index) % chartPoints;
  }

  #timeAt(index: number): number {
    return this.#times[this.#placeOf(index)]!;
  }
}
