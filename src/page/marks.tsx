/** States as shapes: what a colour says, a shape and a word say too. */
import type { CheckStateName } from '../api/types.ts';

/** A state of a check, or how a collector ended. */
export type MarkName = CheckStateName | 'idle';

const shapes: Readonly<Record<MarkName, string>> = {
  // A disc; a triangle that points down; a ring; a triangle that is hollow; a diamond; a dash.
  up: 'M8 3a5 5 0 1 0 0 10a5 5 0 1 0 0-10z',
  down: 'M1 3h14L8 14.5z',
  waiting: 'M8 2.5a5.5 5.5 0 1 0 0 11a5.5 5.5 0 1 0 0-11zm0 2.2a3.3 3.3 0 1 1 0 6.6a3.3 3.3 0 1 1 0-6.6z',
  suppressed: 'M1 3h14L8 14.5zM4.4 5L8 10.8L11.6 5z',
  maintenance: 'M8 1.5L14.5 8L8 14.5L1.5 8zM8 4.4L4.4 8L8 11.6L11.6 8z',
  idle: 'M3 7h10v2H3z',
};

/** The shape of a state; its word stands beside it. */
export function Mark({ of }: { of: MarkName }) {
  return (
    <svg class={`mark mark-${of}`} viewBox="0 0 16 16" aria-hidden="true">
      <path d={shapes[of]} fill-rule="evenodd" />
    </svg>
  );
}

/** The same shape as an icon of the window, in a colour that shows on light and dark. */
export function iconOf(mark: MarkName): string {
  const colour = mark === 'down' ? '#d33d2f' : mark === 'up' ? '#128a6b' : '#8a8780';
  const image = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><path fill="${colour}" fill-rule="evenodd" d="${shapes[mark]}"/></svg>`;
  return `data:image/svg+xml,${encodeURIComponent(image)}`;
}
