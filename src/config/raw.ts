/** A part of a config before it is checked. */

/** A map of keys that may be anything. */
export type Raw = Record<string, unknown>;

/** Whether a value is a map. */
export function isMapValue(value: unknown): value is Raw {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
