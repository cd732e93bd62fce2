/** Whether all is well, and since when. */
import type { HostState } from '../history/file-format.ts';
import type { Slot } from '../slot.ts';
import { stateOf } from './check-columns.ts';
import type { ApiSource } from './source.ts';
import type { CheckStateName, Status } from './types.ts';

/** How many of which. */
export interface Counts {
  readonly collectors: Status['collectors'];
  readonly checks: Status['checks'];
}

/** Counts what runs by how it is. */
export function countSlots(slots: readonly Slot[], source: ApiSource): Counts {
  const collectors = { total: 0, failing: 0, waiting: 0 };
  const checks: Record<CheckStateName, number> & { total: number } = {
    total: 0,
    up: 0,
    down: 0,
    waiting: 0,
    suppressed: 0,
    maintenance: 0,
  };
  for (const slot of slots) {
    if (slot.kind === 'check') {
      checks.total += 1;
      checks[stateOf(slot.check, source)] += 1;
      continue;
    }
    collectors.total += 1;
    if (slot.failing) collectors.failing += 1;
    if (slot.last === undefined) collectors.waiting += 1;
  }
  return { collectors, checks };
}

/** Since when the slot that failed first has been failing. */
function firstFailure(slots: readonly Slot[], source: ApiSource): number {
  let first = Infinity;
  for (const slot of slots) {
    const failing = slot.kind === 'check' ? stateOf(slot.check, source) === 'down' : slot.failing;
    if (failing) first = Math.min(first, slot.since ?? Infinity);
  }
  return first;
}

/** Follows the whole; to be looked at now and then, so that it knows when it turned. */
export class Health {
  readonly #source: ApiSource;
  #state: Status['state'] = 'starting';
  #sinceAt: number;
  #lookedAt: number;
  #kept: HostState | undefined;

  constructor(source: ApiSource) {
    this.#source = source;
    this.#sinceAt = this.#lookedAt = source.clock.now();
  }

  /** How it was when the daemon before ended: if it is so again, it has been all the time. */
  restore(kept: HostState | undefined): void {
    this.#kept = kept;
  }

  /** How it is. */
  look({ collectors, checks }: Counts): { state: Status['state']; sinceAt: number } {
    const now = this.#source.clock.now();
    const trouble = collectors.failing > 0 || checks.down > 0;
    const starting = this.#state === 'starting' && !this.#source.ready();
    const state = trouble ? 'trouble' : starting ? 'starting' : 'well';
    if (state !== this.#state) {
      const began = this.#state === 'starting';
      if (began && this.#kept?.state === state) this.#sinceAt = this.#kept.sinceAt;
      else if (trouble) this.#sinceAt = Math.max(this.#lookedAt, firstFailure(this.#source.slots(), this.#source));
      else if (!began) this.#sinceAt = now;
      if (this.#sinceAt === Infinity) this.#sinceAt = now;
      this.#state = state;
    }
    this.#lookedAt = now;
    return { state, sinceAt: this.#sinceAt };
  }

  /** For the next daemon; undefined before it is known. */
  get kept(): HostState | undefined {
    return this.#state === 'starting' ? this.#kept : { state: this.#state, sinceAt: this.#sinceAt };
  }
}
