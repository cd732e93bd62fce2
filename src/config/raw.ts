/** A part of a config before it is checked. */

/** A map of keys that may be anything. */
export type Raw = Record<string, unknown>;

/** A plain scalar that YAML takes for a number or a switch, beside the text that it is: `1.10`, `TRUE`. */
export class Written {
  readonly value: unknown;
  readonly text: string;

  constructor(value: unknown, text: string) {
    this.value = value;
    this.text = text;
  }
}

/** Whether a value is a map. */
export function isMapValue(value: unknown): value is Raw {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Written);
}
