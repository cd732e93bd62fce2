/** A secret is a type, so that it cannot be printed by mistake: every way to text gives `<secret>`. */
import { inspect } from 'node:util';

const shown = '<secret>';

/** A password, a token or a header value that must not be shown. */
export class Secret {
  readonly #value: string;

  constructor(value: string) {
    this.#value = value;
  }

  /** The value itself, for the one place that sends it. */
  reveal(): string {
    return this.#value;
  }

  toString(): string {
    return shown;
  }

  toJSON(): string {
    return shown;
  }

  [inspect.custom](): string {
    return shown;
  }
}
