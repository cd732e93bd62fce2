/** The frame of the page: the answer on top, then what it stands on. */
import { useCallback, useEffect, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { CheckAnswer } from '../api/types.ts';
import { CheckDetail } from './check-detail.tsx';
import { CheckList } from './check-list.tsx';
import { CollectorTable } from './collector-table.tsx';
import type { Connection, Link } from './connection.ts';
import { Headline } from './headline.tsx';
import { spanOfHost } from './host-panels.ts';
import { HostSection } from './host-section.tsx';
import { LinkNotice } from './link-notice.tsx';
import type { Model } from './model.ts';
import { Skew } from './now.tsx';
import { ThemeSwitch } from './theme-switch.tsx';
import { turnsBetween } from './turns.ts';
import { hashOf, type ListView, type View, viewOf, wholeList } from './views.ts';

/** What the page is drawn from. */
export interface AppProps {
  readonly model: Model;
  readonly link: Link;
  readonly connection: Connection;
}

function useView(): { view: View; choose: (view: ListView) => void; moved: boolean } {
  const moved = useRef(false);
  const [view, setView] = useState<View>(() => viewOf(location.hash));
  useEffect(() => {
    const listen = (): void => {
      moved.current = true;
      setView(viewOf(location.hash));
    };
    addEventListener('hashchange', listen);
    return () => removeEventListener('hashchange', listen);
  }, []);
  const choose = useCallback((next: ListView): void => {
    // What is searched for is kept in the address, but each letter is no step to go back.
    history.replaceState(null, '', hashOf(next));
    setView(next);
  }, []);
  return { view, choose, moved: moved.current };
}

/** What turned, to be read out. */
function useTurns({ checks }: Model): string {
  const before = useRef(checks);
  const [told, setTold] = useState('');
  useEffect(() => {
    const turns = before.current === undefined || checks === undefined ? '' : turnsBetween(before.current, checks);
    before.current = checks;
    if (turns !== '') setTold(turns);
  }, [checks]);
  return told;
}

function useKeys(view: View, back: string): void {
  useEffect(() => {
    const listen = (event: KeyboardEvent): void => {
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      const typing = event.target instanceof HTMLInputElement || event.target instanceof HTMLSelectElement;
      if (event.key === '/' && !typing) {
        const search = document.querySelector<HTMLInputElement>('#search');
        if (search === null) return;
        event.preventDefault();
        search.focus();
      }
      if (event.key === 'Escape' && view.view === 'check') location.hash = back;
    };
    addEventListener('keydown', listen);
    return () => removeEventListener('keydown', listen);
  }, [view, back]);
}

/** Focuses an element that a list will have drawn some frames after it was scrolled. */
function focusWhenDrawn(selector: string, frames = 10): void {
  const element = document.querySelector<HTMLElement>(selector);
  if (element !== null) element.focus({ preventScroll: true });
  else if (frames > 0) requestAnimationFrame(() => focusWhenDrawn(selector, frames - 1));
}

/** Where the reader was in the list, for the way back to it. */
function useListPlace(view: View): string {
  const place = useRef({ hash: hashOf(wholeList), scrollY: 0, check: '' });
  if (view.view === 'list') place.current.hash = hashOf(view);
  const shown = view.view === 'check' ? view.name : '';
  useLayoutEffect(() => {
    if (shown !== '') {
      place.current.check = shown;
      return undefined;
    }
    if (place.current.check !== '') {
      scrollTo(0, place.current.scrollY);
      focusWhenDrawn(`.checks a[href="${CSS.escape(hashOf({ view: 'check', name: place.current.check }))}"]`);
    }
    const keep = (): void => {
      place.current.scrollY = scrollY;
    };
    addEventListener('scroll', keep, { passive: true });
    return () => removeEventListener('scroll', keep);
  }, [shown]);
  return place.current.hash;
}

/** The page. */
export function App({ model, link, connection }: AppProps) {
  const { view, choose, moved } = useView();
  const told = useTurns(model);
  const back = useListPlace(view);
  useKeys(view, back);
  const { status, checks, collectors, host } = model;
  const fetchCheck = useCallback(
    (name: string, signal: AbortSignal): Promise<CheckAnswer> =>
      connection.get(`check?name=${encodeURIComponent(name)}`, signal),
    [connection],
  );
  const hostSection = useMemo(() => (host === undefined ? null : <HostSection host={host} />), [host]);
  const collectorTable = useMemo(
    () => (collectors === undefined ? null : <CollectorTable collectors={collectors} />),
    [collectors],
  );
  const listed = useMemo(
    () => (view.view === 'check' ? checks?.find(({ name }) => name === view.name) : undefined),
    [view, checks],
  );
  return (
    <Skew.Provider value={model.skewMs}>
      <a class="skip" href="#main" onClick={skipTo('main')}>
        Skip to the content
      </a>
      {view.view === 'list' ? (
        <a class="skip" href="#collectors" onClick={skipTo('collectors')}>
          Skip to the collectors
        </a>
      ) : null}
      <header class={link.phase === 'lost' ? 'top stale' : 'top'}>
        <div class="bar">
          <span class="brand">
            vitald <span class="host">{status?.hostname}</span>
          </span>
          <LinkNotice link={link} onRetry={() => connection.retry()} />
          <ThemeSwitch />
        </div>
        <Headline model={model} host={host} lost={link.phase === 'lost'} />
      </header>
      <main id="main" tabIndex={-1} class={link.phase === 'lost' ? 'stale' : ''}>
        {view.view === 'check' ? (
          <CheckDetail
            name={view.name}
            listed={listed}
            listLoaded={checks !== undefined}
            runCodes={model.runCodes}
            fetchCheck={fetchCheck}
            backTo={back}
            moved={moved}
          />
        ) : (
          <>
            <section aria-labelledby="host-heading" class="host-section">
              <h2 id="host-heading">Host {host === undefined ? null : <small>{spanOfHost(host).words}</small>}</h2>
              {hostSection ?? <p class="empty">Loading …</p>}
            </section>
            <section aria-labelledby="checks-heading">
              <h2 id="checks-heading">Checks</h2>
              {checks === undefined ? (
                <p class="empty">Loading …</p>
              ) : (
                <CheckList checks={checks} view={view} onView={choose} />
              )}
            </section>
            <section aria-labelledby="collectors-heading" id="collectors" tabIndex={-1}>
              <h2 id="collectors-heading">Collectors</h2>
              {collectorTable ?? <p class="empty">Loading …</p>}
            </section>
          </>
        )}
      </main>
      <footer>
        {status === undefined ? null : (
          <p>
            vitald {status.version} on Node.js {status.nodeVersion} · <a href="config">configuration</a> ·{' '}
            <a href="api/v1/openapi.json">API</a>
            {status.history.note === null ? '' : ` · ${status.history.note}`}
          </p>
        )}
      </footer>
      <div class="unseen" role="status" aria-live="polite" id="turns">
        {told}
      </div>
    </Skew.Provider>
  );
}

/** A link within the page must not change the address, which tells the view. */
function skipTo(id: string): (event: Event) => void {
  return (event) => {
    event.preventDefault();
    const place = document.querySelector<HTMLElement>(`#${id}`);
    place?.focus();
    place?.scrollIntoView();
  };
}
