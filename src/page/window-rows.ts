/** Which rows of a long list are on the screen. */
import type { RefObject } from 'preact';
import { useEffect, useState } from 'preact/hooks';

/** Rows from `first` up to, but without, `end`. */
export interface RowRange {
  readonly first: number;
  readonly end: number;
}

// As many rows beyond each edge, and as many at a step: few enough to be quick, enough to be there before the eye is.
const beyond = 8;
const step = 4;

/** The rows to have, of `total` with that height, in a list whose top is at `top` in a window of that height. */
export function rowsAt(top: number, windowHeight: number, rowHeight: number, total: number): RowRange {
  const first = Math.floor((-top / rowHeight - beyond) / step) * step;
  const end = Math.ceil(((windowHeight - top) / rowHeight + beyond) / step) * step;
  return { first: Math.min(Math.max(0, first), total), end: Math.max(0, Math.min(total, end)) };
}

/** Follows the window's scrolling and size. */
export function useRows(list: RefObject<HTMLElement | null>, rowHeight: number, total: number): RowRange {
  const [range, setRange] = useState<RowRange>(() => rowsAt(0, innerHeight, rowHeight, total));
  useEffect(() => {
    const look = (): void => {
      const top = list.current?.getBoundingClientRect().top ?? 0;
      const next = rowsAt(top, innerHeight, rowHeight, total);
      setRange((known) => (known.first === next.first && known.end === next.end ? known : next));
    };
    look();
    addEventListener('scroll', look, { passive: true });
    addEventListener('resize', look);
    // What stands above the list changes its place, too.
    const observer = new ResizeObserver(look);
    observer.observe(document.body);
    return () => {
      removeEventListener('scroll', look);
      removeEventListener('resize', look);
      observer.disconnect();
    };
  }, [list, rowHeight, total]);
  return range;
}

/** Whether a media query holds, as it changes. */
export function useMedia(query: string): boolean {
  const [holds, setHolds] = useState(() => matchMedia(query).matches);
  useEffect(() => {
    const media = matchMedia(query);
    const listen = (): void => setHolds(media.matches);
    listen();
    media.addEventListener('change', listen);
    return () => media.removeEventListener('change', listen);
  }, [query]);
  return holds;
}
