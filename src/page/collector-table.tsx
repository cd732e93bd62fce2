/** The collectors: how each ran last and when it runs next. */
import type { CollectorStatus } from '../api/types.ts';
import { took } from './format.ts';
import { Mark, type MarkName } from './marks.tsx';
import { Ago, Ahead } from './now.tsx';

const words: Readonly<Record<CollectorStatus['result'], string>> = {
  waiting: 'Waiting',
  success: 'Fine',
  no_data: 'No data',
  timeout: 'Timed out',
  error: 'Failed',
  malformed: 'Bad samples',
  duplicate: 'Bad samples',
};

function markOf({ failing, result }: CollectorStatus): MarkName {
  if (failing) return 'down';
  return result === 'success' ? 'up' : result === 'waiting' ? 'waiting' : 'idle';
}

/** Those that fail, then those that run, then those that have nothing to report on this host. */
export function inOrder(collectors: readonly CollectorStatus[]): CollectorStatus[] {
  const rank = ({ failing, result }: CollectorStatus): number => (failing ? 0 : result === 'no_data' ? 2 : 1);
  return collectors.toSorted((one, other) => rank(one) - rank(other));
}

/** The table. */
export function CollectorTable({ collectors }: { collectors: readonly CollectorStatus[] }) {
  if (collectors.length === 0) return <p class="empty">No collector is on.</p>;
  return (
    <table class="collectors">
      <thead>
        <tr>
          <th scope="col">Collector</th>
          <th scope="col">Result</th>
          <th scope="col" class="number">
            Last run
          </th>
          <th scope="col" class="number">
            Took
          </th>
          <th scope="col" class="number">
            Schedule
          </th>
          <th scope="col" class="number">
            Next run
          </th>
        </tr>
      </thead>
      <tbody>
        {inOrder(collectors).map((each) => (
          <tr key={each.name} class={each.failing ? 'failing' : each.result === 'no_data' ? 'quiet' : ''}>
            <th scope="row">{each.name}</th>
            <td class="cell-result">
              <Mark of={markOf(each)} /> {words[each.result]}
              {each.reason === null ? null : <span class="remark">{each.reason}</span>}
            </td>
            <td class="number">
              <Ago at={each.lastRunAt} />
            </td>
            <td class="number">{took(each.durationSeconds)}</td>
            <td class="number cell-schedule">{each.schedule}</td>
            <td class="number cell-next">
              <Ahead at={each.nextRunAt} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
