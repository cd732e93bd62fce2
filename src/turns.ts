/**
 * So many tasks in one turn of the event loop, the others in the turns after it. Where a thousand of them become due at
 * once, a scrape that comes in their midst is answered between two turns instead of after all of them.
 */

/** How many may begin in one turn of the event loop. */
export class TurnAllowance {
  readonly #perTurn: number;
  readonly #renewed: () => void;
  #left: number;
  #turning = false;

  /** `renewed` is called in the turn after one in which something began. */
  constructor(perTurn: number, renewed: () => void) {
    this.#perTurn = perTurn;
    this.#left = perTurn;
    this.#renewed = renewed;
  }

  /** Takes one of them; false where none is left in this turn. */
  take(): boolean {
    if (!this.#turning) {
      this.#turning = true;
      setImmediate(this.#turn);
    }
    if (this.#left === 0) return false;
    this.#left -= 1;
    return true;
  }

  readonly #turn = (): void => {
    this.#turning = false;
    this.#left = this.#perTurn;
    this.#renewed();
  };
}

type Task = () => void;

/** Tasks in the order in which they came, a few in each turn of the event loop. */
export class Turns {
  readonly #allowance: TurnAllowance;
  readonly #line: Task[] = [];
  /** How many of the line have begun; they are dropped from it together. */
  #begun = 0;

  constructor(perTurn: number) {
    this.#allowance = new TurnAllowance(perTurn, () => this.#admit());
  }

  /** Runs `task` in this turn of the event loop or in a later one, never before this returns. */
  enter(task: Task): void {
    this.#line.push(task);
    this.#admit();
  }

  #admit(): void {
    while (this.#begun < this.#line.length && this.#allowance.take()) {
      // Each as an immediate of its own: what it resolves is dealt with before the next one begins.
      setImmediate(this.#line[this.#begun]!);
      this.#begun += 1;
    }
    if (this.#begun === this.#line.length || this.#begun > 1024) {
      this.#line.splice(0, this.#begun);
      this.#begun = 0;
    }
  }
}
