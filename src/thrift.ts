/**
 * When V8 may spend memory to save CPU time.
 *
 * A daemon that collects the host every few seconds never earns back what the compiler that optimises hot code (TurboFan)
 * costs: 8 MB of resident memory, half of it the text of the compiler itself, and more CPU time than the optimised code
 * saves in an hour. One that probes hundreds of targets earns it within seconds, and a larger young generation as well. So
 * a daemon is thrifty at first, until the config or the CPU time in use say otherwise, or a password is to be checked.
 */
import { setFlagsFromString } from 'node:v8';
import { type Clock, systemClock, type Timer } from './clock.ts';

/** What a process is asked and told. */
export interface Engine {
  /** CPU time of the process so far, in milliseconds. */
  cpuMs(): number;
  setFlag(flag: string): void;
}

/** This process. */
const thisProcess: Engine = {
  cpuMs: () => {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1000;
  },
  setFlag: setFlagsFromString,
};

const lookMs = 20_000;

// A small host needs 0.3 % of a core at the default schedules, and 1 % where everything is collected each second.
const busyShare = 0.008;

// One look may fall on the start, a reload or somebody who watches the page.
const busyLooks = 2;

// So many checks at the default schedule need more than all collectors together.
const manyChecks = 50;

const thrifty = ['--no-turbofan', '--semi-space-growth-factor=1'];
const generous = ['--turbofan', '--semi-space-growth-factor=2'];

/** Thrift that is kept up until it ends for good. */
export class Thrift {
  readonly #clock: Clock;
  readonly #engine: Engine;
  #timer: Timer | undefined;
  #busy = 0;

  constructor(clock: Clock, engine: Engine = thisProcess) {
    this.#clock = clock;
    this.#engine = engine;
  }

  /** Starts; the process being busy ends it. */
  start(): void {
    for (const flag of thrifty) this.#engine.setFlag(flag);
    this.#watch();
  }

  /** Ends it where there are many checks. */
  expect(checks: number): void {
    if (checks >= manyChecks) this.end();
  }

  /** Ends it for good. */
  end(): void {
    if (this.#timer === undefined) return;
    this.#timer.cancel();
    this.#timer = undefined;
    for (const flag of generous) this.#engine.setFlag(flag);
  }

  #watch(): void {
    const cpuBefore = this.#engine.cpuMs();
    const from = this.#clock.monotonic();
    this.#timer = this.#clock.after(lookMs, () => {
      const share = (this.#engine.cpuMs() - cpuBefore) / (this.#clock.monotonic() - from);
      this.#busy = share > busyShare ? this.#busy + 1 : 0;
      if (this.#busy === busyLooks) this.end();
      else this.#watch();
    });
  }
}

/** That of this process. */
export const thrift = new Thrift(systemClock);
