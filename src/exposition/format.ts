/** Families and samples in the Prometheus text format (0.0.4), and what may not be served in it. */
import type { FamilyHead, Sample } from '../collector.ts';

/** The samples of one family, from one slot. */
export interface Block {
  readonly family: FamilyHead;
  /** One line for each sample, each ended by a line feed. */
  readonly lines: string;
  /** How many lines. */
  readonly series: number;
}

/** A run returned something that must not be served. */
export class BadSample extends Error {
  readonly kind: 'malformed' | 'duplicate';

  constructor(kind: BadSample['kind'], message: string) {
    super(message);
    this.name = 'BadSample';
    this.kind = kind;
  }
}

const familyName = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/;
const labelName = /^(?!__)[a-zA-Z_][a-zA-Z0-9_]*$/;

const suffixes = new Set(['', '_bucket', '_sum', '_count']);
const types = new Set<unknown>(['counter', 'gauge', 'untyped', 'histogram', 'summary']);

const escapes: Record<string, string> = { '\\': '\\\\', '"': '\\"', '\n': '\\n' };

function escapeLabel(value: string): string {
  return /[\\"\n]/.test(value) ? value.replaceAll(/[\\"\n]/g, (character) => escapes[character]!) : value;
}

function escapeHelp(help: string): string {
  return help.replaceAll('\\', '\\\\').replaceAll('\n', '\\n');
}

/** A value as the text format has it. */
export function formatValue(value: number): string {
  if (value === Infinity) return '+Inf';
  if (value === -Infinity) return '-Inf';
  return String(value);
}

const formattedHeads = new WeakMap<FamilyHead, string>();

/** The HELP and TYPE lines of a family, made once. */
export function formatHead(family: FamilyHead): string {
  let head = formattedHeads.get(family);
  if (head === undefined) {
    const { name, type, help } = family;
    head = `# HELP ${name} ${escapeHelp(help)}\n# TYPE ${name} ${type}\n`;
    formattedHeads.set(family, head);
  }
  return head;
}

/** Blocks as a complete exposition. */
export function formatBlocks(blocks: readonly Block[]): string {
  return blocks.map(({ family, lines }) => formatHead(family) + lines).join('');
}

/** Throws `BadSample`: a head is rendered when others scrape, who must not suffer from what a plugin made up. */
export function refuseBadHead({ name, type, help }: FamilyHead): void {
  if (typeof name !== 'string' || !familyName.test(name)) {
    throw new BadSample('malformed', `${JSON.stringify(name)} is not a metric name`);
  }
  if (!types.has(type)) throw new BadSample('malformed', `${name}: ${JSON.stringify(type)} is not a type`);
  if (typeof help !== 'string') throw new BadSample('malformed', `${name}: its help is not a text`);
}

/** Throws `BadSample` where the value of a sample is no number; `prefix` is the name and the labels of its series. */
export function checkValue(value: unknown, family: FamilyHead, prefix: string): void {
  if (typeof value !== 'number') {
    throw new BadSample('malformed', `${prefix.trimEnd()} is not a number: ${typeof value}`);
  }
  if (Number.isNaN(value) && family.mayBeNaN !== true) throw new BadSample('malformed', `${prefix.trimEnd()} is NaN`);
}

/**
 * The name and the labels of a series, with the blank before its value. `slotLabels` are laid on it where the sample has no
 * label of that name. Throws `BadSample` where the sample has what its family did not declare.
 */
export function formatPrefix(
  { family, labels, suffix = '' }: Sample,
  slotLabels: readonly (readonly [string, string])[],
): string {
  if (!suffixes.has(suffix)) throw new BadSample('malformed', `${family.name}: ${JSON.stringify(suffix)} is no suffix`);
  const pairs = slotLabels.filter(([name]) => labels?.[name] === undefined);
  for (const [name, value] of Object.entries(labels ?? {})) {
    if (value === undefined) continue;
    if (!labelName.test(name)) {
      throw new BadSample('malformed', `${family.name}: ${JSON.stringify(name)} is not a label name`);
    }
    if (!family.labelNames.includes(name)) {
      throw new BadSample('malformed', `${family.name}: label ${name} is not declared`);
    }
    if (typeof value !== 'string') {
      throw new BadSample('malformed', `${family.name}: label ${name} is not a string but a ${typeof value}`);
    }
    pairs.push([name, value]);
  }
  pairs.sort(([a], [b]) => (a < b ? -1 : 1));
  const labelling = pairs.map(([name, value]) => `${name}="${escapeLabel(value)}"`).join(',');
  // Joined, and not added up: a string of parts takes several times the memory, for as long as the series lives.
  return [family.name, suffix, ...(labelling === '' ? [] : ['{', labelling, '}']), ' '].join('');
}
