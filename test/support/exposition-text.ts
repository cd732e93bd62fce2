/** What a scrape of an exposition gives. */
import { gunzipSync } from 'node:zlib';
import { expect } from 'vitest';
import type { Exposition } from '../../src/exposition/exposition.ts';

/** The text of all pages, or of the slots that `only` lets pass; its gzip form must be the same. */
export async function textOf(exposition: Exposition, nowMs = 0, only?: (slot: string) => boolean): Promise<string> {
  const rendering = await exposition.render(nowMs, only);
  const text = await rendering.text();
  expect(gunzipSync(await rendering.gzip()).equals(text)).toBe(true);
  return text.toString();
}
