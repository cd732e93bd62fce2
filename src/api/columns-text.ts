/** Columns as JSON, a few rows at a time. */

/** Puts together an object of lists. */
export class ColumnsText {
  readonly #columns = new Map<string, string[]>();

  /** Adds rows; the columns must be the same each time. */
  add(columns: object): void {
    for (const [name, values] of Object.entries(columns) as [string, readonly unknown[]][]) {
      let parts = this.#columns.get(name);
      if (parts === undefined) this.#columns.set(name, (parts = []));
      // Without its brackets.
      if (values.length > 0) parts.push(JSON.stringify(values).slice(1, -1));
    }
  }

  /** All rows. */
  json(): string {
    return `{${[...this.#columns].map(([name, parts]) => `${JSON.stringify(name)}:[${parts.join(',')}]`).join(',')}}`;
  }
}
