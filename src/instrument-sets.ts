/** The instruments that collectors and probers keep by hand: who has which names, and where they are served. */
import type { Registry } from './config/config.ts';
import type { Exposition } from './exposition/exposition.ts';
import { InstrumentSet } from './instrument-set.ts';
import type { Instruments } from './instruments.ts';

/** Who keeps instruments. */
export interface InstrumentOwner {
  readonly kind: 'collector' | 'prober';
  readonly name: string;
}

/** The page that they are served on. */
const instrumentsPage = 'instruments';

/** What a scrape filters by: the plain name of a collector. */
function keyOf({ kind, name }: InstrumentOwner): string {
  return kind === 'collector' ? name : `${kind}:${name}`;
}

function sameOwner(a: InstrumentOwner, b: InstrumentOwner): boolean {
  return a.kind === b.kind && a.name === b.name;
}

/** All of them. */
export class InstrumentSets {
  readonly #instruments: Instruments;
  readonly #exposition: Exposition;
  readonly #sets = new Map<InstrumentSet, InstrumentOwner>();
  /** The definitions whose families have names as well. */
  registry: Registry;

  constructor(instruments: Instruments, exposition: Exposition, registry: Registry) {
    this.#instruments = instruments;
    this.#exposition = exposition;
    this.registry = registry;
  }

  /** An empty set; over a reload an owner has two for a while, that of before and its own. */
  open(owner: InstrumentOwner): InstrumentSet {
    const set = new InstrumentSet((name) => this.#holderOf(name, owner));
    this.#sets.set(set, owner);
    return set;
  }

  /** Ends a set and its series. */
  close(set: InstrumentSet): void {
    const owner = this.#sets.get(set);
    if (owner === undefined) return;
    this.#sets.delete(set);
    if ([...this.#sets.values()].some((other) => sameOwner(other, owner))) return;
    this.#exposition.page(instrumentsPage).withdraw(keyOf(owner));
  }

  /** Serves the values that they have now. */
  async publish(): Promise<void> {
    for (const [set, owner] of this.#sets) {
      const blocks = await set.blocks();
      // It may have ended meanwhile.
      if (this.#sets.has(set)) this.#exposition.page(instrumentsPage).publish(keyOf(owner), blocks, Infinity);
    }
  }

  /** Who has a name that `owner` asks for, in words. */
  #holderOf(name: string, owner: InstrumentOwner): string | undefined {
    const { collectors, portable, probers } = this.registry;
    if (this.#instruments.has(name)) return 'the daemon itself';
    for (const [set, other] of this.#sets) {
      if (!sameOwner(other, owner) && set.has(name)) return `the ${other.kind} ${other.name}`;
    }
    const declared = (definition: { readonly name: string; readonly families: readonly { readonly name: string }[] }) =>
      definition.families.some((family) => family.name === name);
    for (const [kind, definitions] of [
      ['collector', [...collectors, ...portable]],
      ['prober', probers],
    ] as const) {
      const holder = definitions.find((each) => declared(each) && !sameOwner({ kind, name: each.name }, owner));
      if (holder !== undefined) return `the ${kind} ${holder.name}`;
    }
    return undefined;
  }
}
