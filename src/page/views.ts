/** Where the reader is: the address behind the `#`, so that every view has a link that lasts. */
import type { CheckStateName } from '../api/types.ts';

/** Which checks the list shows. */
export interface ListView {
  readonly view: 'list';
  readonly search: string;
  readonly state: StateFilter;
  /** The label to group by, `group` among them; `''` for one list; undefined where the reader did not choose. */
  readonly groupBy: string | undefined;
}

/** One check. */
export interface CheckView {
  readonly view: 'check';
  readonly name: string;
}

/** A place on the page. */
export type View = ListView | CheckView;

/** What a filter lets through: everything, all that is not up, or one state. */
export type StateFilter = 'all' | CheckStateName;

const filters: readonly StateFilter[] = ['all', 'up', 'down', 'waiting', 'suppressed', 'maintenance'];

/** The list with nothing chosen. */
export const wholeList: ListView = { view: 'list', search: '', state: 'all', groupBy: undefined };

/** Reads the address; what makes no sense is the whole list. */
export function viewOf(hash: string): View {
  const [path = '', query = ''] = hash.replace(/^#\/?/, '').split('?', 2);
  const check = /^checks\/(.+)$/.exec(path);
  if (check !== null) {
    try {
      return { view: 'check', name: decodeURIComponent(check[1]!) };
    } catch {
      return wholeList;
    }
  }
  const chosen = new URLSearchParams(query);
  const state = filters.find((name) => name === chosen.get('state')) ?? 'all';
  return { view: 'list', search: chosen.get('search') ?? '', state, groupBy: chosen.get('group') ?? undefined };
}

/** Writes the address. */
export function hashOf(view: View): string {
  if (view.view === 'check') return `#/checks/${encodeURIComponent(view.name)}`;
  const chosen = new URLSearchParams();
  if (view.search !== '') chosen.set('search', view.search);
  if (view.state !== 'all') chosen.set('state', view.state);
  if (view.groupBy !== undefined) chosen.set('group', view.groupBy);
  return chosen.size === 0 ? '#/' : `#/?${chosen}`;
}
