/** A path in the config to a line, a column and a frame of source. */
import { isMap, isPair, isScalar, isSeq, type Document, type LineCounter, type Node, type Pair } from 'yaml';

/** Keys and indices from the root of a document. */
export type ConfigPath = readonly PropertyKey[];

/** Where something stands in a file. */
export interface Position {
  /** `file:line:column`. */
  readonly where: string;
  /** The line of source, with a marker below. */
  readonly frame: string;
}

/** A parsed file, for looking up positions. */
export interface Located {
  readonly file: string;
  readonly text: string;
  readonly document: Document;
  readonly lines: LineCounter;
}

function rangeOf(node: unknown): readonly [number, number] | undefined {
  const range = (node as Node | null | undefined)?.range;
  return range === null || range === undefined ? undefined : [range[0], range[1]];
}

function pairOf(node: unknown, key: PropertyKey): Pair | undefined {
  if (!isMap(node)) return undefined;
  return node.items.find(
    (item) => isPair(item) && (isScalar(item.key) ? String(item.key.value) : String(item.key)) === String(key),
  );
}

/** The text range of a path: of its key where `atKey`, else of its value; of the nearest thing above where absent. */
function rangeOfPath(document: Document, path: ConfigPath, atKey: boolean): readonly [number, number] {
  let node: unknown = document.contents;
  let range = rangeOf(node) ?? ([0, 0] as const);
  for (const [index, key] of path.entries()) {
    const isLast = index === path.length - 1;
    if (isSeq(node)) {
      node = node.items[Number(key)];
    } else {
      const pair = pairOf(node, key);
      if (pair === undefined) return range;
      range = rangeOf(pair.key) ?? range;
      node = pair.value;
      if (isLast && atKey) return range;
      // A collection is long: point at its key, not at all of it.
      if (isLast && (isMap(node) || isSeq(node))) return range;
    }
    range = rangeOf(node) ?? range;
  }
  return range;
}

// Frames are printed and logged: a line that holds a credential shows its key only.
const credential =
  /^(\s*(?:- )?["']?[\w-]*(?:password|passwd|secret|token|credentials?|authorization|api[_-]?key|cookie|key)["']?\s*:)\s*\S.*$/i;

/** Whether the value of this key must not be shown. */
export function isCredential(key: PropertyKey): boolean {
  return credential.test(`${String(key)}: x`);
}

/** The frame for a range of the text: its first line, and carets below it. */
export function frameAt({ file, text, lines }: Located, [from, to]: readonly [number, number]): Position {
  const { line, col } = lines.linePos(from);
  const start = from - (col - 1);
  const lineEnd = text.indexOf('\n', start);
  const source = text.slice(start, lineEnd === -1 ? undefined : lineEnd).replace(credential, '$1 <secret>');
  const length = Math.max(1, Math.min(to, start + source.length) - from);
  const number = String(line);
  return {
    where: `${file}:${line}:${col}`,
    frame: `  ${number} | ${source}\n  ${' '.repeat(number.length)} | ${' '.repeat(col - 1)}${'^'.repeat(length)}`,
  };
}

/** Where a path stands in its file. */
export function locate(file: Located, path: ConfigPath, atKey = false): Position {
  return frameAt(file, rangeOfPath(file.document, path, atKey));
}
