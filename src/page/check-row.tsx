/** One check in the list. */
import { Component } from 'preact';
import { availability, daysUntil, grouped, took, unknown } from './format.ts';
import { Mark } from './marks.tsx';
import { stateWords } from './state-words.ts';
import type { Check } from './model.ts';
import { Ago, Ahead, For, useNow } from './now.tsx';
import { Strip } from './strip.tsx';
import { hashOf } from './views.ts';

interface RowProps {
  readonly check: Check;
  /** Its place among the lines, from 0. */
  readonly line: number;
  readonly topPx: number;
}

/** Why it is not up, in words; its target where there is nothing to say. */
function Remark({ check }: { check: Check }) {
  const { reason, detail, target } = check;
  if (reason === null) return <span class="remark">{target}</span>;
  return (
    <span class={check.state === 'up' ? 'remark' : 'remark remark-bad'} title={target}>
      {reason}
      {detail === null || detail === '' ? '' : `: ${detail}`}
    </span>
  );
}

/** Days until a certificate expires, loud when they are few. */
export function CertificateDays({ at }: { at: number | null }) {
  const now = useNow();
  if (at === null) return <span class="nothing">{unknown}</span>;
  const days = daysUntil(at, now);
  if (days < 0) return <b class="bad">expired</b>;
  return days < 15 ? <b class="bad">{days} d</b> : <>{grouped(days)} d</>;
}

/** A row. It is drawn anew only when its check or its place changed. */
export class CheckRow extends Component<RowProps> {
  override shouldComponentUpdate(next: RowProps): boolean {
    return next.check !== this.props.check || next.line !== this.props.line || next.topPx !== this.props.topPx;
  }

  override render({ check, line, topPx }: RowProps) {
    return (
      // The first row of the table is its head.
      <div role="row" aria-rowindex={line + 2} class={`row row-${check.state}`} style={{ top: `${topPx}px` }}>
        <div role="cell" class="cell-state">
          <Mark of={check.state} />
          <span>
            <span>{stateWords[check.state]}</span>
            {check.sinceAt === null ? null : (
              <small>
                <For at={check.sinceAt} />
              </small>
            )}
          </span>
        </div>
        <div role="rowheader" class="cell-name">
          <a href={hashOf({ view: 'check', name: check.name })} data-line={line}>
            {check.name}
          </a>
          <Remark check={check} />
        </div>
        <div role="cell" class="cell-strip">
          <Strip strip={check.strip} />
        </div>
        <div role="cell" class="number">
          {took(check.durationSeconds)}
        </div>
        <div role="cell" class="number wide">
          {availability(check.availabilityHour)}
        </div>
        <div role="cell" class="number cell-day">
          {availability(check.availabilityDay)}
        </div>
        <div role="cell" class="number wide">
          {availability(check.availabilityWeek)}
        </div>
        <div role="cell" class="number cell-certificate">
          <CertificateDays at={check.certificateExpiresAt} />
        </div>
        <div role="cell" class="number cell-time">
          <Ago at={check.lastRunAt} />
          <small>
            <Ahead at={check.nextRunAt} />
          </small>
        </div>
      </div>
    );
  }
}
