/**
 * Which checks are up, and which are to be read with care because of others or of the calendar.
 *
 * These series have a page of their own: they change when another check turns or a window opens, not when the check
 * runs, and they stay although its samples go stale.
 */
import type { Sample } from '../collector.ts';
import { Encoder } from '../exposition/encode.ts';
import type { Page } from '../exposition/page.ts';
import type { MaintenanceWindow } from '../config/config.ts';
import type { Check } from './check.ts';
import { DependencyGraph } from './dependency-graph.ts';
import { Maintenance } from './maintenance.ts';
import { dependsOnInfo, maintenance, suppressed, up } from './state-families.ts';

interface Entry {
  readonly check: Check;
  readonly encoder: Encoder;
  readonly windows: readonly Maintenance[];
  /** What was published last, to publish nothing that is known already. */
  published: string;
}

/** Why what a check says is to be read with care. */
export interface Condition {
  /** A maintenance window of it is open. */
  readonly maintenance: boolean;
  /** A check that it depends on is down. */
  readonly dependencyDown: boolean;
}

/** The states of all checks. */
export class CheckStates {
  readonly #page: Page;
  readonly #keyOf: (check: Check) => string;
  readonly #changed: (check: Check) => void;
  #entries = new Map<string, Entry>();
  #graph = new DependencyGraph([]);
  #windows = new Map<string, Maintenance>();

  /** `changed` hears of each check whose state is another, be it for its own run or not. */
  constructor(page: Page, keyOf: (check: Check) => string, changed: (check: Check) => void = () => {}) {
    this.#page = page;
    this.#keyOf = keyOf;
    this.#changed = changed;
  }

  /** Replaces the checks. */
  set(checks: readonly Check[], now: number): void {
    const before = this.#entries;
    const windowsBefore = this.#windows;
    this.#windows = new Map();
    const windowOf = (window: MaintenanceWindow): Maintenance => {
      const key = JSON.stringify([window.schedule.expression, window.durationMs, window.timezone]);
      const known = this.#windows.get(key) ?? windowsBefore.get(key) ?? new Maintenance(window);
      this.#windows.set(key, known);
      return known;
    };
    this.#entries = new Map();
    for (const check of checks) {
      const { name, labels } = check.config;
      const known = before.get(name);
      const entry =
        known?.check === check
          ? known
          : {
              check,
              encoder: new Encoder({ ...labels, check: name }),
              windows: (check.config.maintenance ?? []).map(windowOf),
              published: '',
            };
      for (const window of check.config.maintenance ?? []) windowOf(window);
      this.#entries.set(name, entry);
      before.delete(name);
    }
    for (const { check } of before.values()) this.#page.withdraw(this.#keyOf(check));
    this.#graph = new DependencyGraph(checks.map(({ config }) => config));
    for (const { config, up: isUp } of checks) this.#graph.note(config.name, isUp === false);
    for (const entry of this.#entries.values()) this.#publish(entry, now);
  }

  /** A probe of a check has ended: publishes what it changes, for itself and for those that depend on it. */
  probed(check: Check, now: number): void {
    const { name } = check.config;
    const entry = this.#entries.get(name);
    // A check that was replaced meanwhile has no say any more.
    if (entry === undefined || entry.check !== check) return;
    this.#publish(entry, now);
    for (const dependent of this.#graph.note(name, check.up === false))
      this.#publish(this.#entries.get(dependent)!, now);
  }

  /** Lets windows open and close. */
  tick(now: number): void {
    if (this.#windows.size === 0) return;
    for (const entry of this.#entries.values()) if (entry.windows.length > 0) this.#publish(entry, now);
  }

  /** Whether what a check says is to be read with care. */
  isSuppressed(check: Check, now: number): boolean {
    const { maintenance: open, dependencyDown } = this.conditionOf(check, now);
    return open || dependencyDown;
  }

  /** The same with the reason. */
  conditionOf(check: Check, now: number): Condition {
    const entry = this.#entries.get(check.config.name);
    if (entry === undefined) return usual;
    const open = inMaintenance(entry, now);
    const dependencyDown = this.#graph.isBlocked(check.config.name);
    return open || dependencyDown ? { maintenance: open, dependencyDown } : usual;
  }

  /** Whether each of the windows of a check is open. */
  openWindows(check: Check, now: number): boolean[] {
    return (this.#entries.get(check.config.name)?.windows ?? []).map((window) => window.isOpen(now));
  }

  /** The names of the checks that depend on one, by way of others too. */
  dependentsOf(check: Check): ReadonlySet<string> {
    return this.#graph.dependentsOf(check.config.name);
  }

  /** Publishes the state of a check; tells whether it changed. */
  #publish(entry: Entry, now: number): boolean {
    const { check, encoder, windows } = entry;
    const { name, dependsOn = [] } = check.config;
    const samples: Sample[] = [];
    if (check.up !== undefined) samples.push(up.sample(check.up ? 1 : 0));
    const closed = windows.length === 0 || !inMaintenance(entry, now);
    if (windows.length > 0) samples.push(maintenance.sample(closed ? 0 : 1));
    if (windows.length > 0 || dependsOn.length > 0) {
      samples.push(suppressed.sample(!closed || this.#graph.isBlocked(name) ? 1 : 0));
    }
    // Once each, however often the config names it.
    for (const name of new Set(dependsOn)) samples.push(dependsOnInfo.sample(1, { depends_on: name }));
    const state = samples.map(({ family, value }) => `${family.name} ${value}`).join();
    if (state === entry.published) return false;
    entry.published = state;
    this.#page.publish(this.#keyOf(check), encoder.encode(samples), Infinity);
    this.#changed(check);
    return true;
  }
}

const usual: Condition = { maintenance: false, dependencyDown: false };

function inMaintenance({ windows }: Entry, now: number): boolean {
  return windows.some((window) => window.isOpen(now));
}
