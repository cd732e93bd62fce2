/** One check: its state and why, its latency by phase, its runs, and all that is known of it. */
import type { ComponentChildren } from 'preact';
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { CheckAnswer, ReasonName } from '../api/types.ts';
import { Chart } from './chart.tsx';
import { spanOf } from './chart-data.ts';
import { CertificateDays } from './check-row.tsx';
import { availability, count, fullTime, span, took } from './format.ts';
import { Mark } from './marks.tsx';
import { stateWords } from './state-words.ts';
import type { Check } from './model.ts';
import { Ago, Ahead, Clock, For } from './now.tsx';
import { latencyChart } from './latency-chart.ts';
import { reasonOf, runKind, stripWords } from './runs.ts';
import { hashOf } from './views.ts';
import { useMedia } from './window-rows.ts';

interface DetailProps {
  readonly name: string;
  /** The check as the list has it; undefined where it has none of that name. */
  readonly listed: Check | undefined;
  readonly listLoaded: boolean;
  readonly runCodes: Readonly<Record<string, ReasonName | 'success'>>;
  readonly fetchCheck: (name: string, signal: AbortSignal) => Promise<CheckAnswer>;
  readonly backTo: string;
  /** Whether the reader came from elsewhere on the page; the heading then gets the focus, as it would on a new page. */
  readonly moved: boolean;
}

/** The page of a check. */
export function CheckDetail({ name, listed, listLoaded, runCodes, fetchCheck, backTo, moved }: DetailProps) {
  const [answer, setAnswer] = useState<CheckAnswer | undefined>(undefined);
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    if (moved) heading.current?.focus({ preventScroll: true });
    scrollTo(0, 0);
  }, [name, moved]);
  // Each run makes the history longer.
  const version = listed === undefined ? undefined : `${listed.runCount} ${listed.state}`;
  useEffect(() => {
    if (version === undefined) return undefined;
    const leave = new AbortController();
    fetchCheck(name, leave.signal).then(setAnswer, () => undefined);
    return () => leave.abort();
  }, [name, version, fetchCheck]);
  const known = answer !== undefined && answer.check.name[0] === name ? answer : undefined;
  return (
    <article class="detail">
      <p class="back">
        <a href={backTo}>← All checks</a>
      </p>
      <h2 ref={heading} tabIndex={-1}>
        {listed === undefined ? null : <Mark of={listed.state} />}
        {name}
      </h2>
      {listed === undefined ? (
        <p class="empty">{listLoaded ? 'There is no check of this name; it may have been removed.' : 'Loading …'}</p>
      ) : (
        <Known check={listed} answer={known} runCodes={runCodes} />
      )}
    </article>
  );
}

function Known({
  check,
  answer,
  runCodes,
}: {
  check: Check;
  answer: CheckAnswer | undefined;
  runCodes: DetailProps['runCodes'];
}) {
  return (
    <>
      <p class={`sentence sentence-${check.state}`}>
        <b>{stateWords[check.state]}</b>
        {check.sinceAt === null ? null : (
          <>
            {' '}
            since <Clock at={check.sinceAt} />, for <For at={check.sinceAt} />
          </>
        )}
        {check.reason === null ? null : (
          <span class="why">
            {check.reason}
            {answer?.phase ? ` in phase ${answer.phase}` : ''}
            {check.detail ? `: ${check.detail}` : ''}
          </span>
        )}
      </p>
      <Facts check={check} answer={answer} />
      {answer === undefined ? null : <History check={check} answer={answer} runCodes={runCodes} />}
    </>
  );
}

function Fact({ name, children }: { name: string; children: ComponentChildren }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function Facts({ check, answer }: { check: Check; answer: CheckAnswer | undefined }) {
  const shares = answer?.availability;
  const runs = (share: { runs: number } | undefined): string => (share === undefined ? '' : count(share.runs, 'run'));
  return (
    <>
      <dl class="shares">
        <Fact name="1 hour">
          {availability(check.availabilityHour)} <small>{runs(shares?.hour)}</small>
        </Fact>
        <Fact name="24 hours">
          {availability(check.availabilityDay)} <small>{runs(shares?.day)}</small>
        </Fact>
        <Fact name="7 days">
          {availability(check.availabilityWeek)} <small>{runs(shares?.week)}</small>
        </Fact>
        <Fact name="Last run">
          {took(check.durationSeconds)}{' '}
          <small>
            <Ago at={check.lastRunAt} />
          </small>
        </Fact>
        <Fact name="Next run">
          <Ahead at={check.nextRunAt} /> <small>{check.schedule}</small>
        </Fact>
        <Fact name="Certificate">
          <CertificateDays at={check.certificateExpiresAt} />{' '}
          {check.certificateExpiresAt === null ? null : <small>until {fullTime(check.certificateExpiresAt)}</small>}
        </Fact>
      </dl>
      <dl class="facts">
        <Fact name="Target">
          <span class="target">{check.target}</span>
        </Fact>
        <Fact name="Module">
          {check.module} ({check.prober})
        </Fact>
        {check.group === null ? null : <Fact name="Group">{check.group}</Fact>}
        {Object.entries(check.labels)
          .filter(([label, value]) => label !== 'group' || value !== check.group)
          .map(([label, value]) => (
            <Fact key={label} name={label}>
              {value}
            </Fact>
          ))}
        {answer === undefined ? null : (
          <>
            <Fact name="Deadline">{took(answer.timeoutSeconds)}</Fact>
            <Fact name="Thresholds">
              down after {count(answer.failingAfter, 'failure')}, up after{' '}
              {answer.passingAfter === 1 ? '1 success' : `${answer.passingAfter} successes`}
            </Fact>
            <Others name="Needs" names={answer.dependsOn} />
            <Others name="Needed by" names={answer.dependents} />
            {answer.maintenance.map(({ schedule, durationSeconds, timezone, open }) => (
              <Fact key={schedule} name="Maintenance">
                {schedule} ({timezone}), {span(durationSeconds)} long{open ? ', now' : ''}
              </Fact>
            ))}
          </>
        )}
      </dl>
    </>
  );
}

function Others({ name, names }: { name: string; names: readonly string[] }) {
  if (names.length === 0) return null;
  return (
    <Fact name={name}>
      {names.map((each, at) => (
        <span key={each}>
          {at === 0 ? '' : ', '}
          <a href={hashOf({ view: 'check', name: each })}>{each}</a>
        </span>
      ))}
    </Fact>
  );
}

function History({
  check,
  answer,
  runCodes,
}: {
  check: Check;
  answer: CheckAnswer;
  runCodes: DetailProps['runCodes'];
}) {
  const narrow = useMedia('(max-width: 760px)');
  const chart = useMemo(() => latencyChart(answer), [answer]);
  const { ms, words } = spanOf(chart.times[0], answer.at);
  const { runs } = answer;
  const failed = useMemo(
    () => runs.endedAt.filter((_, at) => runKind(runs.strip[at] ?? 'u') === 'down'),
    [runs.endedAt, runs.strip],
  );
  const newestFirst = runs.strip
    .split('')
    .map((letter, at) => ({ letter, at }))
    .toReversed();
  return (
    <>
      <section aria-labelledby="latency">
        <h3 id="latency">Latency by phase, {words}</h3>
        {chart.times.length === 0 || chart.lines.length === 0 ? (
          <p class="empty">No run has succeeded in the last hour.</p>
        ) : (
          <Chart
            data={chart}
            format={took}
            heightPx={narrow ? 160 : 220}
            windowMs={ms}
            until={answer.at}
            marks={failed}
          />
        )}
      </section>
      <section aria-labelledby="runs">
        <h3 id="runs">Last runs</h3>
        {newestFirst.length === 0 ? <p class="empty">None yet.</p> : null}
        <ol class="runs" aria-label={stripWords(check.strip)}>
          {newestFirst.map(({ letter, at }) => {
            const kind = runKind(letter);
            const words = `${reasonOf(letter, runCodes)}, ${took(runs.durationSeconds[at])}, ${fullTime(runs.endedAt[at]!)}`;
            return (
              <li key={`${runs.endedAt[at]} ${at}`} class={`run run-${kind}`} title={words}>
                <span class="unseen">{words}</span>
              </li>
            );
          })}
        </ol>
      </section>
      {answer.changes.length === 0 ? null : (
        <section aria-labelledby="changes">
          <h3 id="changes">Changes</h3>
          <ul class="changes">
            {answer.changes.toReversed().map(({ at, up, reason }) => (
              <li key={at}>
                <Mark of={up ? 'up' : 'down'} /> {up ? 'Up' : 'Down'}
                {reason === null ? '' : `: ${reason}`}{' '}
                <span class="aside">
                  <Clock at={at} /> (<Ago at={at} />)
                </span>
              </li>
            ))}
          </ul>
        </section>
      )}
    </>
  );
}
