/**
 * The latest samples of one slot or of several that belong together, merged family by family.
 *
 * A collector has a page of its own. Checks share pages, each page holding those that are due at about the same time,
 * so that a scrape renders anew only the page whose checks have just run.
 */
import type { FamilyHead } from '../collector.ts';
import type { Block } from './format.ts';

interface Snapshot {
  readonly blocks: readonly Block[];
  /** On the monotonic clock, in milliseconds. */
  expiresAt: number;
}

/** A family of a page: its head and the lines of all slots that have it. */
export interface PageFamily {
  readonly head: FamilyHead;
  readonly lines: string;
}

/** The latest samples of a group of slots. */
export class Page {
  readonly name: string;
  /** Whether no series of this page can occur in another, as with checks, whose name is a label. */
  readonly distinct: boolean;
  readonly #snapshots = new Map<string, Snapshot>();
  #changed = true;
  #earliestExpiry = Infinity;
  #families: ReadonlyMap<string, PageFamily> = new Map();

  constructor(name: string, distinct: boolean) {
    this.name = name;
    this.distinct = distinct;
  }

  /** Replaces the samples of a slot; they are served until `expiresAt` on the monotonic clock. */
  publish(slot: string, blocks: readonly Block[], expiresAt: number): void {
    this.#earliestExpiry = Math.min(this.#earliestExpiry, expiresAt);
    const known = this.#snapshots.get(slot);
    // As an encoder gives it where nothing has changed.
    if (known?.blocks === blocks) known.expiresAt = expiresAt;
    else {
      this.#snapshots.set(slot, { blocks, expiresAt });
      this.#changed = true;
    }
  }

  /** Ends the series of a slot. */
  withdraw(slot: string): void {
    if (this.#snapshots.delete(slot)) this.#changed = true;
  }

  /** How many slots have samples that are not stale. */
  get size(): number {
    return this.#snapshots.size;
  }

  /** The samples of a slot, for those who show them elsewhere. */
  blocksOf(slot: string): readonly Block[] | undefined {
    return this.#snapshots.get(slot)?.blocks;
  }

  /** The families of those slots that `only` lets pass; `all` where it lets all of them pass, undefined where none. */
  select(only: (slot: string) => boolean): ReadonlyMap<string, PageFamily> | 'all' | undefined {
    const selected = [...this.#snapshots].filter(([slot]) => only(slot));
    if (selected.length === 0) return undefined;
    if (selected.length === this.#snapshots.size) return 'all';
    return mergeFamilies(selected.map(([, snapshot]) => snapshot));
  }

  /** Whether `refresh` would give something else than the last time. */
  needsRefresh(nowMs: number): boolean {
    if (nowMs >= this.#earliestExpiry) this.#expire(nowMs);
    return this.#changed;
  }

  /** The families whose samples are not stale; the same object as long as nothing changed. */
  refresh(nowMs: number): ReadonlyMap<string, PageFamily> {
    if (!this.needsRefresh(nowMs)) return this.#families;
    this.#families = mergeFamilies(this.#snapshots.values());
    this.#changed = false;
    return this.#families;
  }

  #expire(nowMs: number): void {
    this.#earliestExpiry = Infinity;
    for (const [slot, { expiresAt }] of this.#snapshots) {
      if (nowMs < expiresAt) this.#earliestExpiry = Math.min(this.#earliestExpiry, expiresAt);
      else this.withdraw(slot);
    }
  }
}

function mergeFamilies(snapshots: Iterable<Snapshot>): Map<string, PageFamily> {
  const lines = new Map<string, { head: FamilyHead; ofSlots: string[] }>();
  for (const { blocks } of snapshots) {
    for (const { family, lines: ofSlot } of blocks) {
      const known = lines.get(family.name);
      if (known === undefined) lines.set(family.name, { head: family, ofSlots: [ofSlot] });
      else known.ofSlots.push(ofSlot);
    }
  }
  const merged = new Map<string, PageFamily>();
  // Joined at once: a string that grows by a thousand additions is flattened through all of them.
  for (const [name, { head, ofSlots }] of lines) merged.set(name, { head, lines: ofSlots.join('') });
  return merged;
}
