/**
 * Basic authentication. What was verified once is remembered by a keyed digest, so bcrypt is paid for once a password
 * and not once a request; what waits for bcrypt is bounded, and nobody waits because of somebody else's guesses.
 */
import { createHmac, randomBytes } from 'node:crypto';
import { decoyHash, type PasswordHasher } from './password-hash.ts';

/** `busy` means that too many are being verified to take another. */
export type Verdict = 'granted' | 'denied' | 'busy';

/** A name and a password as a request gives them. */
export interface Credentials {
  readonly user: string;
  readonly password: string;
}

const basic = /^basic +([A-Za-z0-9+/]+={0,2}) *$/i;

/** Reads an `Authorization` header (RFC 7617); undefined where it is of another kind or malformed. */
export function parseBasic(header: string | undefined): Credentials | undefined {
  const [, encoded] = basic.exec(header ?? '') ?? [];
  if (encoded === undefined) return undefined;
  const text = Buffer.from(encoded, 'base64').toString('utf8');
  const colon = text.indexOf(':');
  return colon === -1 ? undefined : { user: text.slice(0, colon), password: text.slice(colon + 1) };
}

/** How much is kept and how much may wait. */
export interface AuthenticationLimits {
  readonly remembered: number;
  readonly waitingPerUser: number;
  readonly waiting: number;
}

const defaults: AuthenticationLimits = { remembered: 1_000, waitingPerUser: 4, waiting: 32 };

/** The latest of what was put in. */
class Recent {
  readonly #limit: number;
  readonly #items = new Set<string>();

  constructor(limit: number) {
    this.#limit = limit;
  }

  has(item: string): boolean {
    return this.#items.has(item);
  }

  add(item: string): void {
    const [oldest] = this.#items;
    if (this.#items.size >= this.#limit && oldest !== undefined) this.#items.delete(oldest);
    this.#items.add(item);
  }
}

/** Those who wait for one user: the last of them, and how many they are. */
interface Line {
  last: Promise<unknown>;
  length: number;
}

/** Says who is let in. */
export class Authentication {
  readonly #hasher: PasswordHasher;
  readonly #limits: AuthenticationLimits;
  readonly #key = randomBytes(32);
  readonly #granted: Recent;
  readonly #denied: Recent;
  readonly #underWay = new Map<string, Promise<Verdict>>();
  // Names that nobody has share one line, so that to make them up does not make the wait longer.
  readonly #lines = new Map<string | undefined, Line>();
  #waiting = 0;

  constructor(hasher: PasswordHasher, limits: Partial<AuthenticationLimits> = {}) {
    this.#hasher = hasher;
    this.#limits = { ...defaults, ...limits };
    this.#granted = new Recent(this.#limits.remembered);
    this.#denied = new Recent(this.#limits.remembered);
  }

  /** Judges credentials against the hashes of users; at once where they were judged before. */
  judge(users: ReadonlyMap<string, string>, given: Credentials | undefined): Verdict | Promise<Verdict> {
    if (given === undefined) return 'denied';
    const hash = users.get(given.user);
    // The hash is part of it: a password that was changed is verified anew. Unknown users cost what known ones do.
    const judgedBy = hash ?? decoyHash(users.values());
    const digest = this.#digest([given.user, judgedBy, given.password]);
    if (this.#granted.has(digest)) return 'granted';
    if (this.#denied.has(digest)) return 'denied';
    const same = this.#underWay.get(digest);
    if (same !== undefined) return same;
    const line = hash === undefined ? undefined : given.user;
    const { waiting, waitingPerUser } = this.#limits;
    if (this.#waiting >= waiting || (this.#lines.get(line)?.length ?? 0) >= waitingPerUser) return 'busy';
    const verdict = this.#queue(line, async (): Promise<Verdict> => {
      const matches = await this.#hasher.verify(given.password, judgedBy);
      return matches && hash !== undefined ? 'granted' : 'denied';
    });
    const remembered = verdict
      .then((result) => {
        (result === 'granted' ? this.#granted : this.#denied).add(digest);
        return result;
      })
      .finally(() => this.#underWay.delete(digest));
    this.#underWay.set(digest, remembered);
    return remembered;
  }

  /** Ends what verifies. */
  close(): void {
    this.#hasher.close();
  }

  #digest(parts: readonly string[]): string {
    return createHmac('sha256', this.#key).update(JSON.stringify(parts)).digest('base64');
  }

  /** Runs after those that came before in the same line. */
  async #queue(name: string | undefined, run: () => Promise<Verdict>): Promise<Verdict> {
    const line = this.#lines.get(name) ?? { last: Promise.resolve(), length: 0 };
    this.#lines.set(name, line);
    line.length += 1;
    this.#waiting += 1;
    const turn = line.last.then(run);
    line.last = turn.catch(() => {});
    try {
      return await turn;
    } finally {
      line.length -= 1;
      this.#waiting -= 1;
      if (line.length === 0) this.#lines.delete(name);
    }
  }
}
