/** Time that goes on: one clock for the page, by the time of the daemon, still while nobody looks. */
import { createContext } from 'preact';
import { useContext, useEffect, useState } from 'preact/hooks';
import { ago, ahead, clock, fullTime, span, unknown } from './format.ts';

const tickMs = 1_000;
const listeners = new Set<() => void>();
let timer: ReturnType<typeof setInterval> | undefined;

function tick(): void {
  if (document.visibilityState === 'hidden') return;
  for (const listener of listeners) listener();
}

function listen(listener: () => void): () => void {
  listeners.add(listener);
  if (timer === undefined) {
    timer = setInterval(tick, tickMs);
    document.addEventListener('visibilitychange', tick);
  }
  return () => {
    listeners.delete(listener);
  };
}

/** How far the daemon's clock is ahead of the browser's, in milliseconds. */
export const Skew = createContext(0);

/** The time of the daemon; renders anew each second. */
export function useNow(): number {
  const skew = useContext(Skew);
  const [now, setNow] = useState(Date.now);
  useEffect(() => listen(() => setNow(Date.now())), []);
  return now + skew;
}

interface MomentProps {
  readonly at: number | null;
}

function element(at: number, text: string) {
  return (
    <time dateTime={new Date(at).toISOString()} title={fullTime(at)}>
      {text}
    </time>
  );
}

/** `12 s ago`. */
export function Ago({ at }: MomentProps) {
  const now = useNow();
  return at === null ? <>{unknown}</> : element(at, ago(at, now));
}

/** `in 12 s`. */
export function Ahead({ at }: MomentProps) {
  const now = useNow();
  return at === null ? <>{unknown}</> : element(at, ahead(at, now));
}

/** `14:03`. */
export function Clock({ at }: MomentProps) {
  const now = useNow();
  return at === null ? <>{unknown}</> : element(at, clock(at, now));
}

/** `12 min 5 s`, since then. */
export function For({ at }: MomentProps) {
  const now = useNow();
  return at === null ? <>{unknown}</> : element(at, span((now - at) / 1000));
}
