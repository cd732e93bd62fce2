/**
 * Texts in which `$1`, `${1}` and `${name}` stand for what a regexp captured, by the rules of Go's `Regexp.Expand`:
 * `$$` is a dollar sign, `$1x` means `${1x}`, and what nothing was captured for becomes empty.
 */

/** What a match captured: by number, 0 for all of it, and by name. */
export interface Captures {
  group(number: number): string | undefined;
  named(name: string): string | undefined;
}

// The name without braces is as long as it can be.
const reference = /\$(?:(\$)|\{([\p{L}\p{Nd}_]+)\}|([\p{L}\p{Nd}_]+))/gu;

/** The text with its references replaced; a dollar sign that begins none stands for itself. */
export function expand(template: string, captures: Captures): string {
  if (!template.includes('$')) return template;
  return template.replaceAll(reference, (_all, dollar?: string, braced?: string, bare?: string) => {
    if (dollar !== undefined) return '$';
    const name = braced ?? bare!;
    // Go takes 01 for a name, which no group can have.
    return (/^(?:0|[1-9]\d*)$/.test(name) ? captures.group(Number(name)) : captures.named(name)) ?? '';
  });
}
