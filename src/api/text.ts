/** Texts that others had a hand in, as they may be shown. */

const longest = 300;

/** A text of at most 300 characters, without user, password and query of URLs, should any have come this far. */
export function shortened(text: string): string {
  const plain = text
    .replaceAll(/([a-z][a-z0-9+.-]*:\/\/)[^\s/?#"'<>]*@/gi, '$1')
    .replaceAll(/([a-z][a-z0-9+.-]*:\/\/[^\s?#"'<>]*)[?#][^\s"'<>]*/gi, '$1');
  if (plain.length <= longest) return plain;
  // Not through the middle of a pair of surrogates.
  return `${plain.slice(0, longest - 1).replace(/[\uD800-\uDBFF]$/, '')}…`;
}
