/** Whether what is shown is live, and since when it is not. */
import type { Link } from './connection.ts';
import { fullTime, hoursMinutesSeconds, span } from './format.ts';
import { Mark } from './marks.tsx';
import { useNow } from './now.tsx';

/** The state of the line. */
export function LinkNotice({ link, onRetry }: { link: Link; onRetry: () => void }) {
  const now = useNow();
  if (link.phase !== 'lost') {
    if (link.phase === 'starting') return <p class="link-state">Connecting …</p>;
    return (
      <p class="link-state">
        <Mark of="up" /> Live <time title={fullTime(now)}>{hoursMinutesSeconds(now)}</time>
      </p>
    );
  }
  const wait = Math.max(0, (link.retryAt - Date.now()) / 1000);
  return (
    <div class="lost">
      <p>
        <span role="alert">
          <Mark of="down" />
          {link.heardAt === undefined
            ? `No connection to the daemon: ${link.why}.`
            : `Connection to the daemon lost at ${hoursMinutesSeconds(link.heardAt)}: ${link.why}. What you see is from then.`}
        </span>{' '}
        <span class="aside">{wait < 1 ? 'Trying again.' : `Trying again in ${span(Math.ceil(wait))}.`}</span>
      </p>
      <button type="button" onClick={onRetry}>
        Try now
      </button>
    </div>
  );
}
