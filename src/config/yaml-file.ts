/** A YAML file, read and parsed so that every mistake in it can be told at its place. */
import { readFileSync } from 'node:fs';
import { type Document, isMap, isScalar, LineCounter, parseDocument, visit } from 'yaml';
import { messageOf } from '../errors.ts';
import type { Located } from './locate.ts';
import type { Problems } from './problems.ts';

/** How a file is to be taken. */
export interface YamlReading {
  /** Leaves every plain scalar the text that it is, as Go's decoder does for texts: `010` stays `010`. */
  readonly asText?: boolean;
  /** What the root has to be; a map unless this lets it be anything. */
  readonly root?: 'any';
  /** The parts of the text that must not be shown, found in what was parsed. */
  readonly secretsOf?: (file: Located) => readonly (readonly [number, number])[];
}

const nothing = new Set(['', '~', 'null', 'Null', 'NULL']);

/** Where every scalar is a text, those that YAML means as nothing are made nothing again. */
function restoreNulls(document: Document): void {
  visit(document, {
    Scalar(key, node) {
      if (key !== 'key' && node.type === 'PLAIN' && nothing.has(String(node.value))) node.value = null;
    },
  });
}

/** The parser's words as a message of ours; they may quote what was found, so not where that is `hidden`. */
function wordsFor(code: string, message: string, hidden: boolean): string {
  if (code === 'DUPLICATE_KEY') return 'this key is given twice';
  if (code === 'MULTIPLE_DOCS') return 'another document starts here; a file may have only one';
  return hidden ? 'is not YAML; put the value in quotes' : message.charAt(0).toLowerCase() + message.slice(1);
}

/** Whether every alias has its anchor before it; those that have none are noted. */
function resolvesAliases(file: Located, problems: Problems): boolean {
  let all = true;
  visit(file.document, {
    Alias(_key, node) {
      if (node.resolve(file.document) !== undefined) return;
      all = false;
      const [from = 0, to = from] = node.range ?? [];
      problems.addAt(file, [from, to], 'no anchor of this name stands before it');
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
    ...(reading.asText === true ? { schema: 'failsafe', merge: true } : {}),
  });
  if (reading.asText === true) restoreNulls(document);
  const bare: Located = { file: path, text, document, lines };
  const file: Located = reading.secretsOf === undefined ? bare : { ...bare, secrets: reading.secretsOf(bare) };
  for (const { code, message, pos } of [...document.errors, ...document.warnings]) {
    const hidden = file.secrets?.some(([from, to]) => pos[0] < to && pos[1] > from) ?? false;
    problems.addAt(file, pos, wordsFor(code, message, hidden));
  }
  // What follows a mistake in the syntax is read otherwise than it was meant: to complain of it would mislead.
  const readable = document.errors.every(({ code }) => code === 'DUPLICATE_KEY');
  if (!resolvesAliases(file, problems) || !readable) return undefined;
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
