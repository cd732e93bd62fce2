/**
 * All pages as one exposition. A scrape joins text that is ready: only pages that changed since the last scrape are
 * rendered, and a scrape that finds nothing changed gets the bytes of the one before. Where much has changed this is done in
 * stretches, so that no probe waits for a scrape of a hundred thousand series.
 *
 * The text format wants all samples of a family together under one HELP and TYPE. Most families live on one page and are
 * rendered with it as one piece; a family that several pages share is cut out of them and joined under its first head.
 */
import { formatHead } from './format.ts';
import { Page, type PageFamily } from './page.ts';
import { joinGzip, joinText, Part, partsOf } from './part.ts';
import { Stretch } from './stretch.ts';

/** The answer to a scrape, in the coding that the client takes. */
export interface Rendering {
  text(): Promise<Buffer>;
  gzip(): Promise<Buffer>;
}

interface RenderedPage {
  families: ReadonlyMap<string, PageFamily>;
  /** Everything of the page that no other page has. */
  own: readonly Part[];
  /** The lines of the families that it shares, without their heads. */
  shared: Map<string, readonly Part[]>;
  sharing: number;
}

/** A family that two pages have with different types; the later page's samples of it are left out. */
export interface Conflict {
  readonly page: string;
  readonly family: string;
  readonly type: string;
  readonly expected: string;
}

class LazyRendering implements Rendering {
  readonly #parts: readonly Part[];
  readonly #newStretch: () => Stretch;
  #text: Promise<Buffer> | undefined;
  #gzip: Promise<Buffer> | undefined;

  constructor(parts: readonly Part[], newStretch: () => Stretch) {
    this.#parts = parts;
    this.#newStretch = newStretch;
  }

  text(): Promise<Buffer> {
    this.#text ??= Promise.resolve(joinText(this.#parts));
    return this.#text;
  }

  gzip(): Promise<Buffer> {
    this.#gzip ??= joinGzip(this.#parts, this.#newStretch());
    return this.#gzip;
  }
}

/** The pages of a daemon and their common text. */
export class Exposition {
  readonly #pages = new Map<string, Page>();
  readonly #rendered = new Map<Page, RenderedPage>();
  readonly #onConflict: (conflict: Conflict) => void;
  readonly #newStretch: () => Stretch;
  readonly #reported = new Set<string>();
  /** Grows whenever a family starts or ceases to be shared. */
  #sharing = 0;
  #sharedNames: ReadonlySet<string> = new Set();
  #last: Rendering | undefined;
  /** Settles when the scrape that came last is rendered. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(onConflict: (conflict: Conflict) => void = () => {}, newStretch: () => Stretch = () => new Stretch()) {
    this.#onConflict = onConflict;
    this.#newStretch = newStretch;
  }

  /** The page of that name, made when it is first asked for. */
  page(name: string, { distinct = false } = {}): Page {
    let page = this.#pages.get(name);
    if (page === undefined) {
      page = new Page(name, distinct);
      this.#pages.set(name, page);
      this.#last = undefined;
    }
    return page;
  }

  /** Ends a page and its series. */
  remove(name: string): void {
    const page = this.#pages.get(name);
    if (page === undefined) return;
    this.#pages.delete(name);
    this.#rendered.delete(page);
    this.#findShared();
    this.#last = undefined;
  }

  /**
   * Everything that is not stale at `nowMs` of the monotonic clock; of the slots that `only` lets pass, where given. One
   * after the other: who comes second finds most of it done.
   */
  render(nowMs: number, only?: (slot: string) => boolean): Promise<Rendering> {
    const rendered = this.#turn.then(() => this.#render(nowMs, only));
    this.#turn = rendered.catch(() => {});
    return rendered;
  }

  async #render(nowMs: number, only: ((slot: string) => boolean) | undefined): Promise<Rendering> {
    const stretch = this.#newStretch();
    await this.#refresh(nowMs, stretch);
    if (only !== undefined) {
      return new LazyRendering(this.#parts(await this.#selection(only, stretch)), this.#newStretch);
    }
    this.#last ??= new LazyRendering(this.#parts(this.#rendered), this.#newStretch);
    return this.#last;
  }

  /** The rendered pages, those of which only some slots are wanted rendered anew. */
  async #selection(only: (slot: string) => boolean, stretch: Stretch): Promise<Map<Page, RenderedPage>> {
    const selection = new Map<Page, RenderedPage>();
    for (const [page, rendered] of this.#rendered) {
      const families = page.select(only);
      if (families === 'all') selection.set(page, rendered);
      else if (families !== undefined) selection.set(page, this.#split(unsplit(families)));
      if (stretch.isOver) await stretch.pause();
    }
    return selection;
  }

  /** Renders what changed. */
  async #refresh(nowMs: number, stretch: Stretch): Promise<void> {
    let namesChanged = false;
    for (const page of this.#pages.values()) {
      const before = this.#rendered.get(page);
      if (!page.needsRefresh(nowMs) && before !== undefined) continue;
      this.#last = undefined;
      const families = page.refresh(nowMs);
      if (before === undefined || !sameNames(before.families, families)) namesChanged = true;
      this.#rendered.set(page, unsplit(families));
      if (stretch.isOver) await stretch.pause();
    }
    if (namesChanged) this.#findShared();
    for (const rendered of this.#rendered.values()) {
      if (rendered.sharing === this.#sharing) continue;
      this.#split(rendered);
      if (stretch.isOver) await stretch.pause();
    }
  }

  #findShared(): void {
    const seen = new Set<string>();
    const shared = new Set<string>();
    for (const { families } of this.#rendered.values()) {
      for (const name of families.keys()) {
        if (seen.has(name)) shared.add(name);
        else seen.add(name);
      }
    }
    if (shared.size === this.#sharedNames.size && [...shared].every((name) => this.#sharedNames.has(name))) return;
    this.#sharedNames = shared;
    this.#sharing += 1;
  }

  #split(rendered: RenderedPage): RenderedPage {
    let own = '';
    rendered.shared = new Map();
    for (const [name, { head, lines }] of rendered.families) {
      if (this.#sharedNames.has(name)) rendered.shared.set(name, partsOf(lines));
      else own += formatHead(head) + lines;
    }
    rendered.own = partsOf(own);
    rendered.sharing = this.#sharing;
    return rendered;
  }

  #parts(pages: ReadonlyMap<Page, RenderedPage>): Part[] {
    const parts: Part[] = [];
    const sharing = new Map<string, [Page, RenderedPage][]>();
    for (const [page, rendered] of pages) {
      parts.push(...rendered.own);
      for (const name of rendered.shared.keys()) {
        const holders = sharing.get(name);
        if (holders === undefined) sharing.set(name, [[page, rendered]]);
        else holders.push([page, rendered]);
      }
    }
    for (const name of [...sharing.keys()].sort()) this.#joinShared(name, sharing.get(name)!, parts);
    return parts;
  }

  #joinShared(name: string, holders: readonly [Page, RenderedPage][], parts: Part[]): void {
    const head = holders[0]![1].families.get(name)!.head;
    parts.push(headPart(formatHead(head)));
    let seen: Set<string> | undefined;
    for (const [page, { families, shared }] of holders) {
      const family = families.get(name)!;
      if (family.head.type !== head.type) {
        this.#report({ page: page.name, family: name, type: family.head.type, expected: head.type });
        continue;
      }
      if (page.distinct) parts.push(...shared.get(name)!);
      else {
        seen ??= new Set();
        const fresh = unseenLines(family.lines, seen);
        parts.push(...(fresh === family.lines ? shared.get(name)! : partsOf(fresh)));
      }
    }
  }

  #report(conflict: Conflict): void {
    const key = `${conflict.page} ${conflict.family}`;
    if (this.#reported.has(key)) return;
    this.#reported.add(key);
    this.#onConflict(conflict);
  }
}

function unsplit(families: ReadonlyMap<string, PageFamily>): RenderedPage {
  return { families, own: [], shared: new Map(), sharing: -1 };
}

const heads = new Map<string, Part>();

/** The part of a head, made once: a rich daemon has some hundreds. */
function headPart(text: string): Part {
  let part = heads.get(text);
  if (part === undefined) {
    if (heads.size > 10_000) heads.clear();
    part = new Part(text);
    heads.set(text, part);
  }
  return part;
}

function sameNames(a: ReadonlyMap<string, unknown>, b: ReadonlyMap<string, unknown>): boolean {
  if (a.size !== b.size) return false;
  for (const name of a.keys()) if (!b.has(name)) return false;
  return true;
}

/** The lines whose series is not in `seen`, which then knows them too: two collectors may report the same one. */
function unseenLines(lines: string, seen: Set<string>): string {
  let fresh = '';
  for (const line of lines.split('\n')) {
    if (line === '') continue;
    const series = line.slice(0, line.lastIndexOf(' '));
    if (seen.has(series)) continue;
    seen.add(series);
    fresh += `${line}\n`;
  }
  return fresh;
}
