/** How long after the tick of its schedule a slot starts: checks spread over the period, collectors of the host together. */
import type { Schedule } from './expression.ts';

/** What has a moment at which it starts. */
export interface Placed {
  readonly name: string;
  readonly schedule: Schedule;
  /** Whether it starts with all others that say so, one after the other, instead of at a moment of its own. */
  readonly together?: boolean;
}

/** How slots are put behind the tick. */
export interface Spreading {
  /** Whether they are at all. */
  readonly spread: boolean;
  /** What tells this host from others, whose slots start together at other moments. */
  readonly host: string;
}

/** A slot, and how many milliseconds after the tick it starts. */
export interface Place<Slot> {
  readonly slot: Slot;
  readonly offset: number;
}

/** A stable number from 0 to 1 for a name (FNV-1a, 32 bit). */
function fraction(name: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < name.length; index += 1) {
    hash = Math.imul(hash ^ name.charCodeAt(index), 0x01000193);
  }
  // Names that differ only at the end would stay close together: mix the bits once more.
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
  hash = Math.imul(hash ^ (hash >>> 12), 0x297a2d39);
  return ((hash ^ (hash >>> 15)) >>> 0) / 2 ** 32;
}

// The last twentieth of a period stays free, so that a slot is not due when its next tick comes.
const usedShare = 0.95;

// Schedules that are whole multiples of this one start together, too.
const togetherWithinMs = 5000;

/** The moment of a slot by itself, in milliseconds after its tick; the same in every process. */
export function offsetOf(name: string, schedule: Schedule): number {
  return Math.floor(fraction(name) * schedule.spreadMs * usedShare);
}

/** The moment of slots that start together. To wake for each by itself costs several times what most of them do. */
function offsetTogether(host: string, schedule: Schedule): number {
  return Math.floor(fraction(host) * Math.min(schedule.spreadMs, togetherWithinMs) * usedShare);
}

// What a probe costs that finds the process asleep is twice what it costs behind another one, and it measures itself, too.
const trainLength = 32;
const trainWithinMs = 1000;
const trainWithinShare = 0.05;

/**
 * Moves slots that start shortly after another one to a millisecond behind it, in trains. A millisecond is enough for the
 * probe of a near target, so that none waits for the others.
 */
function joinTrains<Slot extends Placed>(places: readonly Place<Slot>[]): Place<Slot>[] {
  const moved: Place<Slot>[] = [];
  let first = -Infinity;
  let length = 0;
  for (const { slot, offset } of places) {
    const within = Math.min(trainWithinMs, slot.schedule.spreadMs * trainWithinShare);
    if (length === trainLength || offset - first > within) {
      first = offset;
      length = 0;
    }
    length += 1;
    moved.push({ slot, offset: length === 1 ? offset : Math.min(offset, moved.at(-1)!.offset + 1) });
  }
  return moved;
}

function inOrder<Slot extends Placed>(places: Place<Slot>[]): Place<Slot>[] {
  return places.sort((a, b) => a.offset - b.offset || (a.slot.name < b.slot.name ? -1 : 1));
}

/** The places of the slots that share an expression, in the order in which they start. */
export function placesOf<Slot extends Placed>(slots: readonly Slot[], { spread, host }: Spreading): Place<Slot>[] {
  if (!spread) return inOrder(slots.map((slot) => ({ slot, offset: 0 })));
  const together = slots.filter((slot) => slot.together === true);
  const apart = slots.filter((slot) => slot.together !== true);
  return inOrder([
    ...together.map((slot) => ({ slot, offset: offsetTogether(host, slot.schedule) })),
    ...joinTrains(inOrder(apart.map((slot) => ({ slot, offset: offsetOf(slot.name, slot.schedule) })))),
  ]);
}
