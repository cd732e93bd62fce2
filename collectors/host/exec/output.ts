/** What a command wrote in the Prometheus text format, as samples that may be served. */
import { malformed, type Sample } from '../../../src/collector.ts';
import { messageOf } from '../../../src/errors.ts';
import { ExpositionError, type ParsedFamily, parseToServe } from '../../../src/exposition/parse.ts';
import { mergeFiles } from '../textfile/merge.ts';

const decoder = new TextDecoder('utf-8', { fatal: true });

function parse(source: string, bytes: Uint8Array): readonly ParsedFamily[] {
  try {
    return parseToServe(decoder.decode(bytes));
  } catch (error) {
    if (error instanceof ExpositionError) throw malformed(`${source}:${error.line}:${error.column}`, error.problem);
    throw malformed(source, messageOf(error));
  }
}

/**
 * Reads an output by the rules of text files. Throws `CollectError` with line and column where it departs from the format,
 * says a series twice, or has a family of `ownNames`.
 */
export function readOutput(source: string, bytes: Uint8Array, ownNames: ReadonlySet<string>): readonly Sample[] {
  const families = parse(source, bytes);
  for (const { family } of families) {
    if (ownNames.has(family.name)) throw malformed(source, `${family.name} is what this collector says of commands`);
  }
  const { samples, conflicts } = mergeFiles([{ path: source, families }]);
  const [conflict] = conflicts;
  if (conflict !== undefined) throw conflict.error;
  return samples;
}
