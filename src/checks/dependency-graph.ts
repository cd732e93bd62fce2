/**
 * Which checks cannot be up because of others. A check counts as down for those that depend on it when its probes say so
 * or when it cannot be up itself. Kept from change to change, as with a thousand checks behind a list of a thousand the
 * question whether all of the list are down is not to be asked anew for each.
 */
import { DependencyWords } from '../config/check-dependencies.ts';
import type { CheckConfig } from '../config/config.ts';

/** The checks that a word of `depends_on` stands for, seen from the graph. */
interface Word {
  readonly downWhen: 'any' | 'all';
  readonly size: number;
  /** How many of its checks are down. */
  down: number;
  readonly dependents: Node[];
}

interface Node {
  readonly name: string;
  /** The words that stand for it. */
  readonly words: Word[];
  /** What its probes say. */
  saysDown: boolean;
  /** How many of its own words are down. */
  blockers: number;
}

/** Who depends on whom. */
export class DependencyGraph {
  readonly #nodes = new Map<string, Node>();

  /** Takes every check for up; the config has no circle. */
  constructor(checks: readonly Pick<CheckConfig, 'name' | 'list' | 'dependsOn'>[]) {
    for (const { name } of checks) this.#nodes.set(name, { name, words: [], saysDown: false, blockers: 0 });
    const dependencies = new DependencyWords(checks);
    const words = new Map<string, Word>();
    for (const { name, dependsOn = [] } of checks) {
      for (const text of new Set(dependsOn)) {
        let word = words.get(text);
        if (word === undefined) {
          const { checks: members, downWhen } = dependencies.of(text) ?? { checks: [], downWhen: 'any' };
          word = { downWhen, size: members.length, down: 0, dependents: [] };
          words.set(text, word);
          for (const member of members) this.#nodes.get(member)!.words.push(word);
        }
        word.dependents.push(this.#nodes.get(name)!);
      }
    }
  }

  /** Whether something that the check depends on is down. */
  isBlocked(name: string): boolean {
    return (this.#nodes.get(name)?.blockers ?? 0) > 0;
  }

  /** The names of the checks that depend on one, by way of others too. */
  dependentsOf(name: string): Set<string> {
    const found = new Set<string>();
    const ahead = [this.#nodes.get(name)];
    for (let node = ahead.pop(); node !== undefined; node = ahead.pop()) {
      for (const dependent of node.words.flatMap(({ dependents }) => dependents)) {
        if (found.has(dependent.name)) continue;
        found.add(dependent.name);
        ahead.push(dependent);
      }
    }
    return found;
  }

  /** Notes what the probes of a check say, and gives the checks for which `isBlocked` has changed by that. */
  note(name: string, down: boolean): string[] {
    const node = this.#nodes.get(name);
    if (node === undefined || node.saysDown === down) return [];
    node.saysDown = down;
    const changed: string[] = [];
    // What its dependencies make it count as does not change with it.
    if (node.blockers === 0) this.#spread(node, down, changed);
    return changed;
  }

  /** A check now counts as down, or no more. */
  #spread(from: Node, down: boolean, changed: string[]): void {
    const turned = [from];
    for (let node = turned.pop(); node !== undefined; node = turned.pop()) {
      for (const word of node.words) {
        const before = isDown(word);
        word.down += down ? 1 : -1;
        if (isDown(word) === before) continue;
        for (const dependent of word.dependents) {
          dependent.blockers += down ? 1 : -1;
          if (dependent.blockers !== (down ? 1 : 0)) continue;
          changed.push(dependent.name);
          if (!dependent.saysDown) turned.push(dependent);
        }
      }
    }
  }
}

function isDown({ downWhen, down, size }: Word): boolean {
  return downWhen === 'any' ? down > 0 : size > 0 && down === size;
}
