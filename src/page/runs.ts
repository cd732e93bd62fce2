/** What the letters of a strip of runs say. */
import type { ReasonName } from '../api/types.ts';
import { count } from './format.ts';

/** What a letter of a strip stands for. */
export type RunKind = 'up' | 'down' | 'maintenance';

/** What a run was. */
export function runKind(letter: string): RunKind {
  if (letter === 'u') return 'up';
  return letter === letter.toLowerCase() ? 'down' : 'maintenance';
}

/** The strip in words. */
export function stripWords(strip: string): string {
  if (strip === '') return 'no run yet';
  const failed = strip.split('').filter((letter) => runKind(letter) === 'down').length;
  const runs = `last ${count(strip.length, 'run')}`;
  return failed === 0 ? `${runs}: none failed` : `${runs}: ${failed} failed`;
}

/** The reason behind a letter. */
export function reasonOf(letter: string, codes: Readonly<Record<string, ReasonName | 'success'>>): string {
  return codes[letter] ?? codes[letter.toLowerCase()] ?? 'not known';
}
