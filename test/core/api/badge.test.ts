import { describe, expect, test } from 'vitest';
import { badge, escapeXml } from '../../../src/api/badge.ts';

test('a badge says whose it is and how it is, to eyes and to readers', () => {
  const svg = badge({ label: 'shop', message: 'up', color: '#2e7d32' });
  expect(svg).toMatch(
    /^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg" width="\d+" height="20" role="img" aria-label="shop: up">/,
  );
  expect(svg).toContain('<title>shop: up</title>');
  expect(svg.match(/href|url\(|<script|<style|@import|http/g)).toEqual(['http']);
});

describe('hostile text', () => {
  test.each([
    ['</text><script>alert(1)</script>', '&lt;/text&gt;&lt;script&gt;alert(1)&lt;/script&gt;'],
    [`" onload='x' & co`, '&quot; onload=&#39;x&#39; &amp; co'],
    [']]>', ']]&gt;'],
    ['a\u0000b\u001bc\ufffe', 'a\ufffdb\ufffdc\ufffd'],
    ['\ud800', '\ufffd'],
    ['naïve 😀', 'naïve 😀'],
  ])('%j is text and nothing else', (text, escaped) => {
    expect(escapeXml(text)).toBe(escaped);
    expect(badge({ label: text, message: 'up', color: '#000' })).toContain(`>${escaped}</text>`);
  });

  test('that is very long is cut', () => {
    const svg = badge({ label: '<'.repeat(10_000), message: 'up', color: '#000' });
    expect(svg.length).toBeLessThan(2_000);
    expect(svg).toContain('…');
  });
});
