/** The last runs as a strip: a low bar for a success, a high one for a failure, a dot in a maintenance window. */
import { stripLength } from './model.ts';
import { type RunKind, runKind, stripWords } from './runs.ts';

const barPx = 3;
const height = 16;

/** The strip, the newest run on the right. */
export function Strip({ strip }: { strip: string }) {
  const paths: Record<RunKind, string> = { up: '', down: '', maintenance: '' };
  const from = stripLength - strip.length;
  strip.split('').forEach((letter, at) => {
    const kind = runKind(letter);
    const x = (from + at) * barPx + 1;
    const top = kind === 'down' ? 0 : kind === 'up' ? 6 : 13;
    paths[kind] += `M${x} ${top}V${height}`;
  });
  return (
    <svg class="strip" viewBox={`0 0 ${stripLength * barPx} ${height}`} role="img" aria-label={stripWords(strip)}>
      <path class="strip-up" d={paths.up} />
      <path class="strip-down" d={paths.down} />
      <path class="strip-maintenance" d={paths.maintenance} />
    </svg>
  );
}
