/** Badges: small images that say of a check how it is, for pages elsewhere. */
import type { CheckStateName } from './types.ts';

/** What a badge says, beside whose it is. */
export interface BadgeText {
  readonly label: string;
  readonly message: string;
  readonly color: string;
}

/** Colours against which white text can be read. */
export const badgeColors = { good: '#2e7d32', bad: '#c62828', middling: '#a85500', quiet: '#5f6368' } as const;

/** The colour of a state. */
export const stateColors: Readonly<Record<CheckStateName, string>> = {
  up: badgeColors.good,
  down: badgeColors.bad,
  suppressed: badgeColors.middling,
  maintenance: badgeColors.middling,
  waiting: badgeColors.quiet,
};

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Text as XML may hold it: no markup, and none of the characters that XML 1.0 forbids. */
export function escapeXml(text: string): string {
  return text
    .replaceAll(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '\ufffd')
    .toWellFormed()
    .replaceAll(/[&<>"']/g, (character) => entities[character]!);
}

const longestLabel = 60;
// Of the font there is no telling: about what a sans-serif takes at this size, which `textLength` then makes true.
const widthOf = (text: string): number => Math.round(Array.from(text).length * 6.6);
const padding = 6;

/** The image. */
export function badge({ label, message, color }: BadgeText): string {
  const characters = Array.from(label);
  const short = characters.length > longestLabel ? `${characters.slice(0, longestLabel - 1).join('')}…` : label;
  const left = widthOf(short) + 2 * padding;
  const right = widthOf(message) + 2 * padding;
  const title = escapeXml(`${short}: ${message}`);
  const text = (content: string, x: number): string =>
    `<text x="${x}" y="14" textLength="${widthOf(content)}" lengthAdjust="spacingAndGlyphs">${escapeXml(content)}</text>`;
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${left + right}" height="20" role="img" aria-label="${title}">
<title>${title}</title>
<rect width="${left}" height="20" fill="#3c4043"/><rect x="${left}" width="${right}" height="20" fill="${color}"/>
<g fill="#fff" font-family="Verdana,DejaVu Sans,sans-serif" font-size="11">${text(short, padding)}${text(message, left + padding)}</g>
</svg>
`;
}
