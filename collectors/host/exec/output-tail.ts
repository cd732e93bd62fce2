/** The last lines of what a command writes to its standard error, fit for a log. */

const keptBytes = 8 * 1024;
const shownLines = 10;
const shownCharacters = 1_000;

// Control characters could change a terminal, or forge lines of the log.
// oxlint-disable-next-line no-control-regex
const control = /[\s\u0000-\u001f\u007f-\u009f]+/g;

/** A text in one line without control characters, cut to a length. */
export function inOneLine(text: string, most = shownCharacters): string {
  const clean = text.replaceAll(control, ' ').trim();
  return clean.length > most ? `${clean.slice(0, most - 3)}...` : clean;
}

/** Keeps the end of a stream. */
export class OutputTail {
  #kept: Buffer = Buffer.alloc(0);

  add(chunk: Buffer): void {
    this.#kept = Buffer.concat([this.#kept, chunk]).subarray(-keptBytes);
  }

  /** The last lines that are not blank, at most ten and a thousand characters, without control characters. */
  get lines(): readonly string[] {
    const lines = this.#kept
      .toString('utf8')
      .split(/[\r\n]+/)
      .map((line) => inOneLine(line))
      .filter((line) => line !== '');
    const last = lines.slice(-shownLines);
    while (last.length > 1 && last.join('\n').length > shownCharacters) last.shift();
    return last;
  }
}
