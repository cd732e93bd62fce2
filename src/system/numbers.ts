/**
 * Numbers as kernel files write them. Each reader answers undefined for text that is no such number, so that a torn or
 * foreign file gives an absent sample, never a wrong one (`Number('')` would be 0).
 */

/** A decimal integer without a sign; above 2^53 it is rounded as a double is. */
export function unsigned(text: string | undefined): number | undefined {
  return text !== undefined && /^\d+$/.test(text) ? Number(text) : undefined;
}

/** A decimal integer, with or without a sign. */
export function integer(text: string | undefined): number | undefined {
  return text !== undefined && /^[+-]?\d+$/.test(text) ? Number(text) : undefined;
}

/** A decimal number with an optional fraction or exponent. */
export function decimal(text: string | undefined): number | undefined {
  return text !== undefined && /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/.test(text) ? Number(text) : undefined;
}

/** A hexadecimal integer, with or without `0x`. */
export function hexadecimal(text: string | undefined): number | undefined {
  return text !== undefined && /^(?:0[xX])?[\da-fA-F]+$/.test(text) ? Number.parseInt(text, 16) : undefined;
}

const blank = 0x20;
const tab = 0x09;

/**
 * The unsigned integer behind a label that begins a line, such as `VmSwap:` in `VmSwap:     120 kB`; undefined where
 * there is none.
 */
export function labelled(text: string, label: string): number | undefined {
  let start = label.length;
  if (!text.startsWith(label)) {
    const lineFeed = text.indexOf(`\n${label}`);
    if (lineFeed === -1) return undefined;
    start += lineFeed + 1;
  }
  while (text.charCodeAt(start) === blank || text.charCodeAt(start) === tab) start += 1;
  let end = start;
  while (text.charCodeAt(end) >= 0x30 && text.charCodeAt(end) <= 0x39) end += 1;
  const next = text[end] ?? '\n';
  return end > start && (next === '\n' || next === ' ') ? Number(text.slice(start, end)) : undefined;
}

/** The words of a line, split at runs of blanks and tabs; none for an empty line. */
export function words(line: string): string[] {
  const trimmed = line.trim();
  if (trimmed === '') return [];
  // A search for one blank costs a fifth of one for a run of them, and most lines have no runs.
  return trimmed.includes('  ') || trimmed.includes('\t') ? trimmed.split(/[ \t]+/) : trimmed.split(' ');
}

/** The lines of a text that are not blank. */
export function lines(text: string): string[] {
  return text.split('\n').filter((line) => line.charCodeAt(0) > blank || line.trim() !== '');
}
