/** What the words of `depends_on` stand for, and that checks do not depend on each other in a circle. */
import type { CheckConfig } from './config.ts';
import type { Problems, Source } from './problems.ts';

/** A check and where it stands. */
export interface PlacedCheck {
  readonly check: CheckConfig;
  readonly source: Source;
  readonly path: readonly (string | number)[];
}

/** Checks of which one, or only all of them, must be down for the word to count as down. */
export interface Dependency {
  readonly checks: readonly string[];
  readonly downWhen: 'any' | 'all';
}

type Named = Pick<CheckConfig, 'name' | 'list'>;

/**
 * Reads words of `depends_on`: the name of a check; the name of a list of targets, which is down when all of its checks
 * are; or a pattern in which `*` stands for any text, of whose checks each counts by itself.
 */
export class DependencyWords {
  readonly #names: ReadonlySet<string>;
  readonly #lists = new Map<string, string[]>();
  readonly #read = new Map<string, Dependency | undefined>();

  /** `lists` are the names of lists that may have no target at present. */
  constructor(checks: readonly Named[], lists: Iterable<string> = []) {
    this.#names = new Set(checks.map(({ name }) => name));
    for (const name of lists) this.#lists.set(name, []);
    for (const { name, list } of checks) {
      if (list === undefined) continue;
      const known = this.#lists.get(list);
      if (known === undefined) this.#lists.set(list, [name]);
      else known.push(name);
    }
  }

  /** What a word stands for; undefined where it stands for nothing. */
  of(word: string): Dependency | undefined {
    if (!this.#read.has(word)) this.#read.set(word, this.#find(word));
    return this.#read.get(word);
  }

  /** Every word but the patterns. */
  get all(): string[] {
    return [...this.#names, ...this.#lists.keys()];
  }

  #find(word: string): Dependency | undefined {
    if (this.#names.has(word)) return { checks: [word], downWhen: 'all' };
    const list = this.#lists.get(word);
    if (list !== undefined) return { checks: list, downWhen: 'all' };
    if (!isPattern(word)) return undefined;
    const matches = patternOf(word);
    const checks = [...this.#names].filter((name) => matches(name));
    return checks.length === 0 ? undefined : { checks, downWhen: 'any' };
  }
}

/** Whether a word is a pattern, unless a check has it for a name. */
export function isPattern(word: string): boolean {
  return word.includes('*');
}

/** Whether a name fits a pattern. */
export function patternOf(pattern: string): (name: string) => boolean {
  const [head = '', ...parts] = pattern.split('*');
  const tail = parts.pop() ?? '';
  return (name) => {
    if (!name.startsWith(head) || !name.endsWith(tail)) return false;
    // Each part at its first place leaves the most room for those behind it, so nothing has to be tried again.
    let from = head.length;
    for (const part of parts) {
      const at = name.indexOf(part, from);
      if (at === -1) return false;
      from = at + part.length;
    }
    return from + tail.length <= name.length;
  };
}

/** Notes every circle, once, at the first check that is found to be in it. */
export function refuseCycles(
  checks: ReadonlyMap<string, PlacedCheck>,
  words: DependencyWords,
  problems: Problems,
): void {
  const done = new Set<string>();
  const noted = new Set<string>();
  /** Follows a check, or a word that stands for several; both are steps of the way. */
  const follow = (step: string, way: string[]): void => {
    if (done.has(step)) return;
    const at = way.indexOf(step);
    if (at >= 0) {
      const circle = way.slice(at);
      for (const each of circle) done.add(each);
      const { source, path } = checks.get(circle.find((each) => checks.has(each))!)!;
      // The checks of a list share their place.
      const place = `${source.file?.file} ${path.join('.')}`;
      if (noted.has(place)) return;
      noted.add(place);
      problems.add(source, [...path, 'depends_on'], `depends on itself: ${[...circle, step].join(' -> ')}`);
      return;
    }
    way.push(step);
    const next = checks.has(step) ? (checks.get(step)!.check.dependsOn ?? []) : (words.of(step)?.checks ?? []);
    for (const each of next) follow(each, way);
    way.pop();
    done.add(step);
  };
  for (const name of checks.keys()) follow(name, []);
}
