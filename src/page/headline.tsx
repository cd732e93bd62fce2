/** The answer in words, in the window's title and in its icon. */
import { useEffect } from 'preact/hooks';
import type { HostAnswer } from '../api/types.ts';
import { iconOf, Mark, type MarkName } from './marks.tsx';
import type { Model } from './model.ts';
import { Clock, For, useNow } from './now.tsx';
import { type Tone, verdictOf } from './verdict.ts';

const marks: Readonly<Record<Tone, MarkName>> = { well: 'up', down: 'down', starting: 'waiting' };

/** The top line. */
export function Headline({ model, host, lost }: { model: Model; host: HostAnswer | undefined; lost: boolean }) {
  const now = useNow();
  const { status, checks } = model;
  const verdict =
    status === undefined ? undefined : verdictOf(status, checks?.filter(({ state }) => state === 'down') ?? [], now);
  const mark: MarkName = verdict === undefined || lost ? 'idle' : marks[verdict.tone];
  const title = verdict === undefined ? 'vitald' : `${lost ? 'Lost: ' : ''}${verdict.answer} · ${status!.hostname}`;
  useEffect(() => {
    document.title = title;
    document.querySelector('link[rel=icon]')?.setAttribute('href', iconOf(mark));
  }, [title, mark]);
  if (status === undefined || verdict === undefined) {
    return (
      <div class="headline">
        <h1>{lost ? 'No answer' : 'Asking …'}</h1>
      </div>
    );
  }
  const { config } = status;
  return (
    <div class={`headline headline-${verdict.tone}`}>
      <h1>
        <Mark of={marks[verdict.tone]} />
        {verdict.answer}
      </h1>
      <p class="detail-line">{verdict.detail}</p>
      <p class="since">
        {verdict.tone === 'well' ? (
          <>
            Well since <Clock at={status.sinceAt} />, for <For at={status.sinceAt} />.{' '}
          </>
        ) : null}
        {host === undefined ? null : (
          <>
            {host.host.system}, up <For at={host.host.bootedAt} />.{' '}
          </>
        )}
        The daemon runs for <For at={status.startedAt} />.
      </p>
      {config.lastLoadOk ? null : (
        <details class="notice">
          <summary>
            The configuration could not be loaded at <Clock at={config.lastLoadAt} />; the one before is in force
          </summary>
          <pre>{config.lastLoadError}</pre>
        </details>
      )}
    </div>
  );
}
