/** A path in the config to a line, a column and a frame of source. */
import {
  isAlias,
  isMap,
  isPair,
  isScalar,
  isSeq,
  type Document,
  type LineCounter,
  type Node,
  type Pair,
  type Scalar,
} from 'yaml';

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
  /** Ranges of the text that must not be shown. */
  readonly secrets?: readonly (readonly [number, number])[];
}

function rangeOf(node: unknown): readonly [number, number] | undefined {
  const range = (node as Node | null | undefined)?.range;
  return range === null || range === undefined ? undefined : [range[0], range[1]];
}

/** Whether a node stands in the text of another, or is that one. */
export function isWithin(node: Node, around: Node): boolean {
  const [from, to] = rangeOf(node) ?? [];
  const [start, end] = rangeOf(around) ?? [];
  return from !== undefined && start !== undefined && from >= start && to! <= end!;
}

/** Whether a key is the `<<` that merges another map into its own. */
export function isMergeKey(key: unknown): key is Scalar {
  return isScalar(key) && typeof key.value === 'symbol' && key.value.description === '<<';
}

/** What a node stands for: an alias for what has its anchor; undefined where nothing has it. */
export function meant(document: Document, node: unknown): unknown {
  return isAlias(node) ? node.resolve(document) : node;
}

/** The pair of a key: a map's own, else one that is merged into it. */
function pairOf(document: Document, map: unknown, key: PropertyKey): Pair | undefined {
  if (!isMap(map)) return undefined;
  const own = map.items.find(
    (item) => isPair(item) && (isScalar(item.key) ? String(item.key.value) : String(item.key)) === String(key),
  );
  if (own !== undefined) return own;
  for (const item of map.items) {
    if (!isMergeKey(item.key)) continue;
    const merged = meant(document, item.value);
    for (const source of isSeq(merged) ? merged.items : [merged]) {
      const pair = pairOf(document, meant(document, source), key);
      if (pair !== undefined) return pair;
    }
  }
  return undefined;
}

/** The text range of a path: of its key where `atKey`, else of its value; of the nearest thing above where absent. */
function rangeOfPath(document: Document, path: ConfigPath, atKey: boolean): readonly [number, number] {
  let node: unknown = document.contents;
  let range = rangeOf(node) ?? ([0, 0] as const);
  for (const [index, key] of path.entries()) {
    const isLast = index === path.length - 1;
    const above = meant(document, node);
    if (isSeq(above)) {
      node = above.items[Number(key)];
    } else {
      const pair = pairOf(document, above, key);
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

/** The node of a path, whatever aliases and merged maps are on the way. */
export function nodeAt(document: Document, path: ConfigPath): unknown {
  let node: unknown = meant(document, document.contents);
  for (const key of path) {
    const below = isSeq(node) ? node.items[Number(key)] : pairOf(document, node, key)?.value;
    node = meant(document, below);
  }
  return node;
}

// Frames are printed and logged: a line that holds a credential shows its key only.
const credential =
  /^(\s*(?:- )?["']?[\w-]*(?:password|passwd|secret|token|credentials?|authorization|api[_-]?key|cookie|key)["']?\s*:)\s*\S.*$/i;

/** Whether the value of this key must not be shown. */
export function isCredential(key: PropertyKey): boolean {
  return credential.test(`${String(key)}: x`);
}

function credentialsBelow(node: unknown): (readonly [number, number])[] {
  if (isSeq(node)) return node.items.flatMap(credentialsBelow);
  if (!isMap(node)) return [];
  return node.items.flatMap(({ key, value }) => {
    const range = isScalar(key) && isCredential(String(key.value)) ? rangeOf(value) : undefined;
    return range === undefined ? credentialsBelow(value) : [range];
  });
}

/** Ranges in their order, those that overlap or touch made one. */
function joinRanges(ranges: readonly (readonly [number, number])[]): [number, number][] {
  const joined: [number, number][] = [];
  for (const [from, to] of ranges.toSorted(([a], [b]) => a - b)) {
    const last = joined.at(-1);
    if (last !== undefined && from <= last[1]) last[1] = Math.max(last[1], to);
    else if (to > from) joined.push([from, to]);
  }
  return joined;
}

/** Where a file has credentials: the values of keys that are named so, and users and passwords in URLs. */
export function credentialRanges({ document, text }: Located): [number, number][] {
  const inUrls = [...text.matchAll(/:\/\/([^\s/?#@'"]+)@/g)].map(
    ({ index, 1: user = '' }) => [index + 3, index + 3 + user.length] as const,
  );
  return joinRanges([...credentialsBelow(document.contents), ...inUrls]);
}

/** The text from `from` to `to` with what must not be shown replaced. */
function shownText({ text, secrets = [] }: Located, from: number, to: number): string {
  let shown = '';
  let at = from;
  for (const [start, end] of secrets) {
    if (end <= at || start >= to) continue;
    shown += `${text.slice(at, Math.max(at, start))}<secret>`;
    at = Math.min(end, to);
  }
  return shown + text.slice(at, to);
}

const keyOfLine = /^\s*(?:- +)*["']?([\w-]+)["']?\s*:(?:\s|$)/;

/** Whether the line that starts there has no key of its own and goes on with the value of a credential. */
function continuesCredential(text: string, start: number, line: string): boolean {
  if (keyOfLine.test(line)) return false;
  const above = text.slice(0, start).split('\n');
  const [, key] = keyOfLine.exec(above.findLast((each) => keyOfLine.test(each)) ?? '') ?? [];
  return key !== undefined && isCredential(key);
}

/** The frame for a range of the text: its first line, and carets below it. */
export function frameAt(file: Located, [from, to]: readonly [number, number]): Position {
  const { line, col } = file.lines.linePos(from);
  const start = from - (col - 1);
  const newline = file.text.indexOf('\n', start);
  const end = newline === -1 ? file.text.length : newline;
  const written = file.text.slice(start, end);
  const source = continuesCredential(file.text, start, written)
    ? written.replace(/\S.*/, '<secret>')
    : shownText(file, start, end).replace(credential, '$1 <secret>');
  const before = shownText(file, start, from).length;
  const behind = shownText(file, start, Math.min(to, end)).length;
  const length = Math.max(1, Math.min(behind, source.length) - before);
  const number = String(line);
  return {
    where: `${file.file}:${line}:${col}`,
    frame: `  ${number} | ${source}\n  ${' '.repeat(number.length)} | ${' '.repeat(before)}${'^'.repeat(length)}`,
  };
}

/** Where a path stands in its file. */
export function locate(file: Located, path: ConfigPath, atKey = false): Position {
  return frameAt(file, rangeOfPath(file.document, path, atKey));
}

/** The file with the value of a path counted among what must not be shown. */
export function hideValue(file: Located, path: ConfigPath): Located {
  const range = rangeOf(nodeAt(file.document, path));
  return range === undefined ? file : { ...file, secrets: joinRanges([...(file.secrets ?? []), range]) };
}
