/** Sizes as Prometheus writes them: `500KB`, `1.5MiB`, `1MB512KB`, all by powers of 1,024. */

const powers: Readonly<Record<string, number>> = { '': 0, K: 1, M: 2, G: 3, T: 4, P: 5, E: 6 };

/** The number of bytes; undefined where the text is no size. */
export function bytesOf(text: string): number | undefined {
  if (text === '0') return 0;
  if (!/^(?:\d+(?:\.\d+)?[KMGTPE]?i?B)+$/u.test(text)) return undefined;
  let bytes = 0;
  for (const [, amount, unit = ''] of text.matchAll(/([\d.]+)([KMGTPE]?)i?B/gu)) {
    bytes += Number(amount) * 1024 ** powers[unit]!;
  }
  return Math.floor(bytes);
}

/** A size as an option has it, in the largest unit that leaves no fraction. */
export function byteSizeText(bytes: number): string {
  const units = ['B', 'KB', 'MB', 'GB'];
  let rest = bytes;
  let unit = 0;
  while (unit < units.length - 1 && rest > 0 && rest % 1024 === 0) {
    rest /= 1024;
    unit += 1;
  }
  return `${rest}${units[unit]}`;
}
