/** The checks: search, filter, groups, and a list that draws only the rows on the screen. */
import { useMemo, useRef, useState } from 'preact/hooks';
import { CheckRow } from './check-row.tsx';
import { count, grouped } from './format.ts';
import { Mark } from './marks.tsx';
import { stateWords } from './state-words.ts';
import type { Check } from './model.ts';
import { countStates, groupByOf, groupings, type Line, linesOf, searched, statesByNeed } from './selection.ts';
import type { ListView, StateFilter } from './views.ts';
import { useMedia, useRows } from './window-rows.ts';

interface ListProps {
  readonly checks: readonly Check[];
  readonly view: ListView;
  readonly onView: (view: ListView) => void;
}

const heads: readonly (readonly [text: string, className: string])[] = [
  ['State', 'cell-state'],
  ['Check', 'cell-name'],
  ['Last runs', 'cell-strip'],
  ['Took', 'number'],
  ['1 hour', 'number wide'],
  ['24 hours', 'number cell-day'],
  ['7 days', 'number wide'],
  ['Certificate', 'number cell-certificate'],
  ['Last, next run', 'number cell-time'],
];

/** Everything about the checks. */
export function CheckList({ checks, view, onView }: ListProps) {
  const found = useMemo(() => searched(checks, view.search), [checks, view.search]);
  const counts = countStates(found);
  const shown = useMemo(
    () => (view.state === 'all' ? found : found.filter(({ state }) => state === view.state)),
    [found, view.state],
  );
  const groupBy = groupByOf(checks, view);
  const lines = useMemo(() => linesOf(shown, groupBy), [shown, groupBy]);
  const groups = useMemo(() => groupings(checks), [checks]);
  if (checks.length === 0) return <NoChecks />;
  return (
    <>
      <div class="toolbar" role="search" aria-label="Checks">
        <input
          type="search"
          id="search"
          aria-label="Search checks by name, target, label or reason"
          placeholder="Search  /"
          autocomplete="off"
          spellcheck={false}
          value={view.search}
          onInput={({ currentTarget }) => onView({ ...view, search: currentTarget.value })}
        />
        <fieldset class="filters">
          <legend class="unseen">Show checks that are</legend>
          <Filter of="all" number={found.length} view={view} onView={onView} />
          {statesByNeed
            .filter((state) => counts[state] > 0 || state === view.state || state === 'down' || state === 'up')
            .map((state) => (
              <Filter key={state} of={state} number={counts[state]} view={view} onView={onView} />
            ))}
        </fieldset>
        {groups.length === 0 ? null : (
          <label class="grouping">
            Group by{' '}
            <select value={groupBy} onChange={({ currentTarget }) => onView({ ...view, groupBy: currentTarget.value })}>
              <option value="">nothing</option>
              {groups.map((label) => (
                <option key={label} value={label}>
                  {label}
                </option>
              ))}
            </select>
          </label>
        )}
      </div>
      <p class="unseen" role="status">
        {view.search === '' && view.state === 'all' ? '' : `${count(shown.length, 'check')} shown`}
      </p>
      {lines.length === 0 ? (
        <p class="empty">
          No check is like that.{' '}
          <button type="button" class="link" onClick={() => onView({ ...view, search: '', state: 'all' })}>
            Show all {grouped(checks.length)}
          </button>
        </p>
      ) : (
        <Rows lines={lines} />
      )}
    </>
  );
}

function Filter({
  of,
  number,
  view,
  onView,
}: {
  of: StateFilter;
  number: number;
  view: ListView;
  onView: (view: ListView) => void;
}) {
  return (
    <label class="filter">
      <input type="radio" name="state" checked={view.state === of} onChange={() => onView({ ...view, state: of })} />
      {of === 'all' ? null : <Mark of={of} />}
      {of === 'all' ? 'All' : stateWords[of]} <b>{grouped(number)}</b>
    </label>
  );
}

function NoChecks() {
  return (
    <p class="empty">
      No checks yet. Name what this machine depends on under <code>checks:</code> in the configuration, a URL, a port or
      a name to resolve, and it appears here.
    </p>
  );
}

function Rows({ lines }: { lines: readonly Line[] }) {
  const narrow = useMedia('(max-width: 760px)');
  const rowHeight = narrow ? 74 : 46;
  const list = useRef<HTMLDivElement>(null);
  const range = useRows(list, rowHeight, lines.length);
  const [focused, setFocused] = useState<number | undefined>(undefined);
  const places: number[] = [];
  for (let line = range.first; line < Math.min(range.end, lines.length); line += 1) places.push(line);
  // A row keeps the focus although it is scrolled away.
  if (focused !== undefined && focused < lines.length && (focused < range.first || focused >= range.end)) {
    places.push(focused);
  }

  const focus = (line: number): void => {
    const link = list.current?.querySelector<HTMLElement>(`a[data-line="${line}"]`);
    if (link === null || link === undefined) return;
    link.focus({ preventScroll: true });
    link.closest('.row')?.scrollIntoView({ block: 'nearest' });
  };
  const move = (from: number, by: number): void => {
    let line = from + by;
    while (lines[line]?.kind === 'group') line += Math.sign(by);
    if (lines[line] === undefined) return;
    focus(line);
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    const from = Number((event.target as HTMLElement).dataset['line'] ?? NaN);
    const by = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
    if (by === 0 || Number.isNaN(from) || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    move(from, by);
  };
  const onFocus = (event: FocusEvent): void => {
    const line = (event.target as HTMLElement).dataset['line'];
    setFocused(line === undefined ? undefined : Number(line));
  };

  return (
    <div role="table" class="checks" aria-label="Checks" aria-rowcount={lines.length + 1} onKeyDown={onKeyDown}>
      <div role="rowgroup">
        <div role="row" aria-rowindex={1} class="heads">
          {heads.map(([text, className]) => (
            <span key={text} role="columnheader" class={className}>
              {text}
            </span>
          ))}
        </div>
      </div>
      <div
        role="rowgroup"
        class="rows"
        ref={list}
        style={{ height: `${lines.length * rowHeight}px` }}
        onFocusCapture={onFocus}
        onBlurCapture={() => setFocused(undefined)}
      >
        {places.map((at) => {
          const line = lines[at]!;
          const topPx = at * rowHeight;
          if (line.kind === 'check') {
            return <CheckRow key={`check ${line.check.index}`} check={line.check} line={at} topPx={topPx} />;
          }
          return (
            <div
              key={`group ${line.name}`}
              role="row"
              aria-rowindex={at + 2}
              class="group"
              style={{ top: `${topPx}px` }}
            >
              <div role="cell" aria-colspan={heads.length}>
                <h3>{line.name === '' ? 'no group' : line.name}</h3>
                <span>
                  {line.down > 0 ? <b class="bad">{line.down} down</b> : null} {count(line.total, 'check')}
                </span>
              </div>
            </div>
          );
        })}
      </div>
    </div>
  );
}
