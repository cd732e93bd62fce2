/**
 * The kernel's view of its own clock, by adjtimex(2): no file shows it. The optional package koffi calls the C library;
 * `modes` is 0, so the call only reads and needs no privilege.
 */
import { NoDataError } from '../../src/collector.ts';

/** What adjtimex(2) fills in, with the kernel's names, and what it returns. */
export interface Timex {
  /** TIME_OK (0) to TIME_WAIT (4), or TIME_ERROR (5): not synchronized. */
  readonly state: number;
  readonly status: number;
  readonly offset: number;
  readonly freq: number;
  readonly maxerror: number;
  readonly esterror: number;
  readonly constant: number;
  readonly tick: number;
  readonly ppsfreq: number;
  readonly jitter: number;
  readonly shift: number;
  readonly stabil: number;
  readonly jitcnt: number;
  readonly calcnt: number;
  readonly errcnt: number;
  readonly stbcnt: number;
  readonly tai: number;
}

/** Asks the kernel once. Throws `NoDataError` where it may not be asked. */
export type ReadTimex = () => Timex;

// struct timex of the C library (sys/timex.h); `int` and `long` are laid out as the platform does. The kernel keeps the
// last eleven for later.
const layout = {
  modes: 'uint',
  offset: 'long',
  freq: 'long',
  maxerror: 'long',
  esterror: 'long',
  status: 'int',
  constant: 'long',
  precision: 'long',
  tolerance: 'long',
  timeSeconds: 'long',
  timeFraction: 'long',
  tick: 'long',
  ppsfreq: 'long',
  jitter: 'long',
  shift: 'int',
  stabil: 'long',
  jitcnt: 'long',
  calcnt: 'long',
  errcnt: 'long',
  stbcnt: 'long',
  tai: 'int',
  reserved: 'int [11]',
};

/** Loads koffi and finds adjtimex. Throws `NoDataError` where koffi is not installed or does not run here. */
export async function openAdjtimex(): Promise<ReadTimex> {
  let koffi: typeof import('koffi');
  try {
    koffi = await import('koffi');
  } catch (error) {
    const reason = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    throw new NoDataError(`adjtimex(2) needs the optional package koffi, which does not load (${reason})`);
  }
  const timex = koffi.struct(layout);
  // The library of the running program itself, whether glibc or musl.
  const adjtimex = koffi.load(null).func('adjtimex', 'int', [koffi.inout(koffi.pointer(timex))]) as unknown as (
    buffer: Record<string, unknown>,
  ) => number;
  return () => {
    const buffer: Record<string, unknown> = { modes: 0 };
    const state = adjtimex(buffer);
    if (state === -1) {
      throw new NoDataError(`adjtimex(2) failed with errno ${koffi.errno()}; a sandbox may forbid it`);
    }
    // koffi gives a long as a bigint where it is above 2^53.
    const field = (name: keyof typeof layout): number => Number(buffer[name]);
    return {
      state,
      status: field('status'),
      offset: field('offset'),
      freq: field('freq'),
      maxerror: field('maxerror'),
      esterror: field('esterror'),
      constant: field('constant'),
      tick: field('tick'),
      ppsfreq: field('ppsfreq'),
      jitter: field('jitter'),
      shift: field('shift'),
      stabil: field('stabil'),
      jitcnt: field('jitcnt'),
      calcnt: field('calcnt'),
      errcnt: field('errcnt'),
      stbcnt: field('stbcnt'),
      tai: field('tai'),
    };
  };
}
