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

/** The words of a line, split at runs of blanks and tabs; none for an empty line. */
export function words(line: string): string[] {
  const trimmed = line.trim();
  if (trimmed === '') return [];
  // A search for one blank costs a fifth of one for a run of them, and most lines have no runs.
  return trimmed.includes('  ') || trimmed.includes('\t') ? trimmed.split(/[ \t]+/) : trimmed.split(' ');
}

const blank = 0x20;

/** The lines of a text that are not blank. */
export function lines(text: string): string[] {
  return text.split('\n').filter((line) => line.charCodeAt(0) > blank || line.trim() !== '');
}
