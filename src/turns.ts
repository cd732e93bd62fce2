/**
 * So many tasks in one turn of the event loop, the others in the turns after it. Where a thousand of them become due at
 * once, a scrape that comes in their midst is answered between two turns instead of after all of them.
 */

type Task = () => void;

/** Tasks in the order in which they came, a few in each turn of the event loop. */
export class Turns {
  readonly #perTurn: number;
  readonly #line: Task[] = [];
  /** How many of the line have begun; they are dropped from it together. */
  #begun = 0;
  #left: number;
  #turning = false;

  constructor(perTurn: number) {
    this.#perTurn = perTurn;
    this.#left = perTurn;
  }

  /** Runs `task` in this turn of the event loop or in a later one, never before this returns. */
  enter(task: Task): void {
    this.#line.push(task);
    this.#admit();
  }

  #admit(): void {
    while (this.#left > 0 && this.#begun < this.#line.length) {
      this.#left -= 1;
      // Each as an immediate of its own: what it resolves is dealt with before the next one begins.
      setImmediate(this.#line[this.#begun]!);
      this.#begun += 1;
      if (!this.#turning) {
        this.#turning = true;
        setImmediate(this.#turn);
      }
    }
    if (this.#begun === this.#line.length || this.#begun > 1024) {
      this.#line.splice(0, this.#begun);
      this.#begun = 0;
    }
  }

  readonly #turn = (): void => {
    this.#turning = false;
    this.#left = this.#perTurn;
    this.#admit();
  };
}
