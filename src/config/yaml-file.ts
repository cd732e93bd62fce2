/** A YAML file, read and parsed so that every mistake in it can be told at its place. */
import { readFileSync } from 'node:fs';
import { type Document, isMap, isNode, isScalar, isSeq, LineCounter, type Node, parseDocument, visit } from 'yaml';
import { messageOf } from '../errors.ts';
import { isMergeKey, isWithin, type Located, meant, nodeAt } from './locate.ts';
import type { Problems } from './problems.ts';
import { Written } from './raw.ts';

/** How a file is to be taken. */
export interface YamlReading {
  /** What the root has to be; a map unless this lets it be anything. */
  readonly root?: 'any';
  /** The parts of the text that must not be shown, found in what was parsed. */
  readonly secretsOf?: (file: Located) => readonly (readonly [number, number])[];
}

const mostAliases = 10_000;

/** What a file says. */
export function yamlValue({ document }: Located): unknown {
  return document.toJS({ maxAliasCount: mostAliases });
}

function isNothing(node: unknown): boolean {
  return node === null || (isScalar(node) && node.value === null);
}

/** Puts each scalar below a node as it was written in the place of its value. */
function markScalars(document: Document, start: Node): void {
  visit(start, {
    Alias(_key, alias) {
      const anchored = alias.resolve(document);
      // What stands below the start is met anyway.
      if (anchored !== undefined && !isWithin(anchored, start)) markScalars(document, anchored);
    },
    // Go leaves out the items of a list that say nothing. Done here, so that what follows is still found in its place.
    Seq(_key, list) {
      list.items = list.items.filter((item) => !isNothing(item));
    },
    Scalar(key, scalar) {
      const { type, value, source } = scalar;
      if (type !== 'PLAIN' || source === undefined || !['number', 'boolean'].includes(typeof value)) return;
      scalar.value = key === 'key' ? source : new Written(value, source);
    },
  });
}

/**
 * What a file says below a key, or all of it, with its scalars as they were written, for `goValue`. Changes the
 * document, so what `yamlValue` is asked for has to be had before.
 */
export function writtenValue({ document }: Located, key?: string): unknown {
  const node = nodeAt(document, key === undefined ? [] : [key]);
  if (!isNode(node)) return null;
  markScalars(document, node);
  return node.toJS(document, { maxAliasCount: mostAliases });
}

/** The parser's words as a message of ours; they may quote what was found, so not where that is `hidden`. */
function wordsFor(code: string, message: string, hidden: boolean): string {
  if (code === 'DUPLICATE_KEY') return 'this key is given twice';
  if (code === 'MULTIPLE_DOCS') return 'another document starts here; a file may have only one';
  return hidden ? 'is not YAML; put the value in quotes' : message.charAt(0).toLowerCase() + message.slice(1);
}

/** Whether every alias has its anchor before it, and not around it; the others are noted. */
function resolvesAliases(file: Located, problems: Problems): boolean {
  let all = true;
  visit(file.document, {
    Alias(_key, node) {
      const anchored = node.resolve(file.document);
      if (anchored !== undefined && !isWithin(node, anchored)) return;
      all = false;
      const [from = 0, to = from] = node.range ?? [];
      const message =
        anchored === undefined ? 'no anchor of this name stands before it' : 'stands for what it is part of';
      problems.addAt(file, [from, to], message);
    },
  });
  return all;
}

/** Whether what `<<` merges into a map is a map, or a list of maps; what is not is noted. */
function mergesMaps(file: Located, problems: Problems): boolean {
  if (!file.text.includes('<<')) return true;
  const { document } = file;
  let all = true;
  visit(document, {
    Pair(_key, { key, value }) {
      if (!isMergeKey(key)) return;
      const merged = meant(document, value);
      if (isSeq(merged) ? merged.items.every((item) => isMap(meant(document, item))) : isMap(merged)) return;
      all = false;
      const [from = 0, to = from] = (isNode(value) && !isNothing(value) ? value.range : key.range) ?? [];
      problems.addAt(file, [from, to], 'expected a map to merge, or a list of maps');
    },
  });
  return all;
}

/** Reads a file whose root is a map, or what else is let through; undefined where that cannot be, and every reason is noted in `problems`. */
export function readYaml(path: string, problems: Problems, reading: YamlReading = {}): Located | undefined {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    problems.addFlag(path, `cannot be read: ${messageOf(error)}`);
    return undefined;
  }
  const lines = new LineCounter();
  const document = parseDocument(text, {
    lineCounter: lines,
    prettyErrors: false,
    uniqueKeys: true,
    merge: true,
  });
  const bare: Located = { file: path, text, document, lines };
  const file: Located = reading.secretsOf === undefined ? bare : { ...bare, secrets: reading.secretsOf(bare) };
  for (const { code, message, pos } of [...document.errors, ...document.warnings]) {
    const hidden = file.secrets?.some(([from, to]) => pos[0] < to && pos[1] > from) ?? false;
    problems.addAt(file, pos, wordsFor(code, message, hidden));
  }
  // What follows a mistake in the syntax is read otherwise than it was meant: to complain of it would mislead.
  const readable = document.errors.every(({ code }) => code === 'DUPLICATE_KEY');
  if (!resolvesAliases(file, problems) || !readable || !mergesMaps(file, problems)) return undefined;
  const { contents } = document;
  if (
    reading.root !== 'any' &&
    contents !== null &&
    !isMap(contents) &&
    !(isScalar(contents) && contents.value === null)
  ) {
    problems.add({ file, flags: new Map() }, [], 'expected a map of options');
    return undefined;
  }
  return file;
}
