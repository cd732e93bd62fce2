/**
 * When the compiler that optimises hot code (V8's TurboFan) is let work.
 *
 * A daemon that collects the host every few seconds never earns back what that costs: 8 MB of resident memory, half of it the
 * text of the compiler itself, and more CPU time than the optimised code saves in an hour. One that probes hundreds of
 * targets does so within seconds. So it is held back at first, until the config or the CPU time in use say otherwise, or a
 * password is to be checked.
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

/** Holds the compiler back, and lets it go. */
export class Optimizer {
  readonly #clock: Clock;
  readonly #engine: Engine;
  #timer: Timer | undefined;
  #busy = 0;

  constructor(clock: Clock, engine: Engine = thisProcess) {
    this.#clock = clock;
    this.#engine = engine;
  }

  /** Holds it back until it is let go, or the process is busy. */
  hold(): void {
    this.#engine.setFlag('--no-turbofan');
    this.#watch();
  }

  /** Lets it go where there are many checks. */
  expect(checks: number): void {
    if (checks >= manyChecks) this.letGo();
  }

  /** Lets it go for good. */
  letGo(): void {
    if (this.#timer === undefined) return;
    this.#timer.cancel();
    this.#timer = undefined;
    this.#engine.setFlag('--turbofan');
  }

  #watch(): void {
    const cpuBefore = this.#engine.cpuMs();
    const from = this.#clock.monotonic();
    this.#timer = this.#clock.after(lookMs, () => {
      const share = (this.#engine.cpuMs() - cpuBefore) / (this.#clock.monotonic() - from);
      this.#busy = share > busyShare ? this.#busy + 1 : 0;
      if (this.#busy === busyLooks) this.letGo();
      else this.#watch();
    });
  }
}

/** That of this process. */
export const optimizer = new Optimizer(systemClock);
