/** What to tell somebody who listens instead of looking: checks that turned. */
import { stateWords } from './state-words.ts';
import type { Check } from './model.ts';

const toldByName = 3;

/** The checks that went down or came back between two moments, in a sentence; `''` where none did. */
export function turnsBetween(before: readonly Check[], after: readonly Check[]): string {
  if (before === after || before.length !== after.length) return '';
  const turned = after.filter((check, at) => {
    const was = before[at]!;
    return check !== was && check.name === was.name && check.state !== was.state && was.state !== 'waiting';
  });
  if (turned.length > toldByName) {
    const down = turned.filter(({ state }) => state === 'down').length;
    return `${down} checks went down, ${turned.length - down} turned otherwise.`;
  }
  return turned
    .map(
      ({ name, state, reason }) =>
        `${name} is ${stateWords[state].toLowerCase()}${reason === null ? '' : `: ${reason}`}.`,
    )
    .join(' ');
}
