/** Whether two parts of a config mean the same, so that a reload can leave alone what did not change. */
import { Secret } from './secret.ts';

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

/** A compiled pattern is its source; the function that matches is made anew each time. */
function patternSource(value: object): string | undefined {
  const { source, test } = value as { source?: unknown; test?: unknown };
  return typeof source === 'string' && typeof test === 'function' ? source : undefined;
}

/**
 * Compares options as they come out of a schema: secrets by what they hide, patterns by their source, everything else by
 * its parts. What cannot be compared, such as two functions, counts as changed.
 */
export function sameValue(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (a instanceof Secret || b instanceof Secret) {
    return a instanceof Secret && b instanceof Secret && a.reveal() === b.reveal();
  }
  if (Array.isArray(a) || Array.isArray(b)) {
    return Array.isArray(a) && Array.isArray(b) && a.length === b.length && a.every((one, at) => sameValue(one, b[at]));
  }
  const pattern = patternSource(a);
  if (pattern !== undefined) return pattern === patternSource(b);
  if (!isPlain(a) || !isPlain(b)) return false;
  const left = Object.entries(a).filter(([, value]) => value !== undefined);
  const right = new Map(Object.entries(b).filter(([, value]) => value !== undefined));
  return left.length === right.size && left.every(([key, value]) => right.has(key) && sameValue(value, right.get(key)));
}
