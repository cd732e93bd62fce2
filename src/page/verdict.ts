/** The answer to the question that people come with, in words. */
import type { Status } from '../api/types.ts';
import { clock, count, grouped } from './format.ts';
import type { Check } from './model.ts';

/** How the whole looks. */
export type Tone = 'well' | 'down' | 'starting';

/** A headline: how it looks, the short answer, and what it stands on. */
export interface Verdict {
  readonly tone: Tone;
  readonly answer: string;
  readonly detail: string;
}

const names = (down: readonly Check[]): string => {
  const some = down.slice(0, 3).map(({ name }) => name);
  const rest = down.length - some.length;
  return rest > 0 ? `${some.join(', ')} and ${rest} more` : some.join(', ');
};

/** Says how things stand. `down` are the checks that are down, where they are known already. */
export function verdictOf(status: Status, down: readonly Check[], now: number): Verdict {
  const { checks, collectors } = status;
  const fine = `${grouped(checks.up)} of ${count(checks.total, 'check')} up`;
  const failing = collectors.failing === 0 ? '' : `${count(collectors.failing, 'collector')} failing`;
  const aside = asideOf(status);
  if (checks.down > 0) {
    const since = Math.min(...down.map(({ sinceAt }) => sinceAt ?? Infinity));
    const moment = clock(Number.isFinite(since) ? since : status.sinceAt, now);
    const detail = [names(down), fine, failing, ...aside].filter(Boolean).join(' · ');
    return { tone: 'down', answer: `${count(checks.down, 'check')} down since ${moment}`, detail };
  }
  if (failing !== '') {
    const detail = [checks.total === 0 ? '' : fine, ...aside].filter(Boolean).join(' · ');
    return { tone: 'down', answer: `${failing} since ${clock(status.sinceAt, now)}`, detail };
  }
  const well = `all ${count(collectors.total, 'collector')} fine`;
  if (status.state === 'starting') {
    const waiting = checks.waiting + collectors.waiting;
    const left = `${grouped(waiting)} of ${count(checks.total + collectors.total, 'thing')} to run`;
    return { tone: 'starting', answer: 'Starting', detail: `${left} for the first time` };
  }
  const answer = checks.total === 0 ? 'All well' : `All well: ${fine}`;
  const detail = [checks.total === 0 ? 'no checks yet' : '', well, ...aside].filter(Boolean).join(' · ');
  return { tone: 'well', answer, detail };
}

function asideOf({ checks }: Status): string[] {
  return [
    checks.maintenance > 0 ? `${checks.maintenance} in maintenance` : '',
    checks.suppressed > 0 ? `${checks.suppressed} down because of another` : '',
    checks.waiting > 0 ? `${checks.waiting} waiting` : '',
  ];
}
