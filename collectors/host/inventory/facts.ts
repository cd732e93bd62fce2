/** Facts as the source words them. */

// Firmware that nobody filled in, and what the source writes where it knows nothing.
const meaningless =
  /^(?:-|unknown|none|n\/?a|not (?:specified|available|present|applicable)|to be filled by o\.?e\.?m\.?|default string|system (?:product name|manufacturer|serial number|version)|0123456789|0+)$/i;

/** A label's text; empty where the fact is not known. */
export function fact(text: string | number | boolean | null | undefined): string {
  const trimmed = String(text ?? '').trim();
  return meaningless.test(trimmed) ? '' : trimmed;
}

/** A number that is known: the source writes 0, null or NaN where it knows none. */
export function known(value: number | null | undefined): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) && value > 0 ? value : undefined;
}

/** Names that are each given once: a second "Battery" becomes "Battery 2". */
export function distinct(): (name: string) => string {
  const used = new Set<string>();
  return (name) => {
    let free = name;
    for (let number = 2; used.has(free); number += 1) free = `${name} ${number}`;
    used.add(free);
    return free;
  };
}
