/** Wires the parts: config to slots, slots to the schedule, results to the exposition, the exposition to the server. */
import { hostname } from 'node:os';
import { Api } from './api/api.ts';
import { systemClock, type Clock } from './clock.ts';
import type { Config } from './config/config.ts';
import { collectorOf } from './config/instances.ts';
import { sameValue } from './config/same.ts';
import { Exposition } from './exposition/exposition.ts';
import { FileWatcher } from './file-watcher.ts';
import { History } from './history/history.ts';
import { HistoryKeeper } from './history/keeper.ts';
import { Instruments } from './instruments.ts';
import type { Logger } from './log.ts';
import { changedForRestart, Reloader, type ReloadResult } from './reload.ts';
import { routesOf } from './routes/index.ts';
import { Scheduler } from './schedule/scheduler.ts';
import { type Served, type Server, startServer } from './server.ts';
import { type Prepared, SlotSet } from './slot-set.ts';
import type { Slot } from './slot.ts';
import { openSystem, type System } from './system/index.ts';
import { version } from './version.ts';

/** What a daemon is made of. */
export interface DaemonParts {
  readonly config: Config;
  readonly log: Logger;
  readonly clock?: Clock;
  /** Reads the config anew, for a reload; without it there is none. */
  readonly load?: () => Promise<Config>;
}

// How long a stop waits for runs that were told to end; what has not settled by then is left behind.
const stopGraceMs = 300;

/** The running daemon. */
export class Daemon {
  #config: Config;
  readonly #log: Logger;
  readonly #clock: Clock;
  #system: System;
  readonly #instruments: Instruments;
  readonly #exposition: Exposition;
  readonly #slots: SlotSet;
  readonly #history: History;
  readonly #api: Api;
  #keeper: HistoryKeeper | undefined;
  readonly #reloader: Reloader;
  readonly #watcher: FileWatcher;
  #scheduler: Scheduler;
  #server: Server | undefined;
  #toRunOnce = 0;
  #notedDepth: string | undefined;
  #stopped = false;

  constructor({ config, log, clock = systemClock, load }: DaemonParts) {
    this.#config = config;
    this.#log = log;
    this.#clock = clock;
    this.#system = openSystem(config.path, clock);
    this.#instruments = new Instruments(version, { ofProcess: !config.web.disable_exporter_metrics, clock });
    this.#exposition = new Exposition((conflict) => {
      this.#instruments.conflict();
      log.error(conflict, 'a family is left out: another collector has its name with another type');
    });
    this.#history = new History(config.history.budget);
    this.#api = new Api(
      {
        clock,
        history: this.#history,
        config: () => this.#config,
        slots: () => this.#slots.all,
        conditionOf: (check) => this.#slots.conditionOf(check),
        openWindows: (check) => this.#slots.openWindows(check),
        dependentsOf: (check) => this.#slots.dependentsOf(check),
        nextRun: ({ id, timing: { schedule } }) => this.#scheduler.nextRun({ name: id, schedule }),
        ready: () => this.#toRunOnce === 0,
        directory: () => this.#keeper?.directory,
      },
      { dropped: () => this.#instruments.streamDropped() },
    );
    this.#slots = new SlotSet(config, {
      clock,
      log,
      exposition: this.#exposition,
      instruments: this.#instruments,
      observer: this.#api,
    });
    this.#scheduler = this.#makeScheduler(config);
    this.#watcher = new FileWatcher(clock, () => void this.reload('a file changed'));
    this.#reloader = new Reloader({
      load: load ?? (() => Promise.reject(new Error('this daemon has no file to load anew'))),
      apply: (next) => this.#apply(next),
      done: (result) => {
        this.#instruments.configLoaded(result.ok, this.#clock.now() / 1000);
        this.#api.loaded(result);
        void this.#publishInstruments();
      },
      log,
    });
  }

  /** Runs everything once, listens, and starts to tick. Resolves when it listens. */
  async start(): Promise<void> {
    this.#keep(this.#config);
    if (this.#history.enabled) this.#api.health.restore(this.#keeper?.restore());
    this.#slots.begin(this.#system);
    this.#noteDepth();
    this.#instruments.configLoaded(true, this.#clock.now() / 1000);
    this.#toRunOnce = this.#slots.all.length;
    // Those that answer from kernel files are done before the first scrape can come; the others go on meanwhile.
    this.#runOnce('collector');
    await this.#publishInstruments();
    this.#server = await startServer(this.#served(), {
      web: this.#config.web,
      clock: this.#clock,
      log: this.#log,
    });
    this.#schedule();
    this.#scheduler.start();
    this.#runOnce('check');
    this.#watch();
  }

  /** The addresses that it serves on. */
  get addresses(): readonly string[] {
    return this.#server?.addresses ?? [];
  }

  /** Where the metrics are. */
  get metricsUrl(): string {
    return `${this.addresses[0] ?? ''}${this.#config.web.telemetry_path}`;
  }

  /** What runs, for those who show it. */
  get slots(): readonly Slot[] {
    return this.#slots.all;
  }

  /** The config in force. */
  get config(): Config {
    return this.#config;
  }

  /** For how long the schedule has been silent beyond its longest pause, in milliseconds; negative while all is well. */
  overdueMs(): number {
    return this.#scheduler.overdueMs();
  }

  /**
   * Loads the config anew and puts it in place, the whole of it or nothing. Slots that it does not change keep their
   * samples, counters and place in time; a bad config leaves everything as it was. `cause` is for the log.
   */
  reload(cause: string): Promise<ReloadResult> {
    return this.#reloader.reload(cause);
  }

  /** Ends everything within a second, runs under way included. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#watcher.close();
    this.#scheduler.stop();
    this.#slots.stop();
    this.#api.close();
    await Promise.all([this.#server?.close(), this.#settle(), this.#keeper?.stop()]);
    this.#slots.close();
    this.#instruments.close();
    this.#system.close();
  }

  async #settle(): Promise<void> {
    const until = this.#clock.monotonic() + stopGraceMs;
    while (this.#slots.busy > 0 && this.#clock.monotonic() < until) {
      await new Promise<void>((resolve) => {
        this.#clock.after(10, resolve);
      });
    }
  }

  /** Everything that can fail comes first; from there on the new config is in force. */
  async #apply(next: Config): Promise<void> {
    const before = this.#config;
    const system = sameValue(next.path, before.path) ? this.#system : openSystem(next.path, this.#clock);
    let prepared: Prepared | undefined;
    try {
      prepared = this.#slots.prepare(next, system);
      await this.#server?.set(next.web);
      if (this.#stopped) throw new Error('the daemon is stopping');
    } catch (error) {
      prepared?.discard();
      if (system !== this.#system) system.close();
      throw error;
    }
    this.#config = next;
    prepared.commit();
    this.#noteDepth();
    if (next.history.directory !== before.history.directory) {
      void this.#keeper?.stop();
      this.#keep(next);
    }
    const options = changedForRestart(before, next);
    if (options.length > 0) this.#log.warn({ options }, 'some options take effect at the next start only');
    if (system !== this.#system) {
      this.#system.close();
      this.#system = system;
    }
    const { timezone, spread } = before.scheduling;
    if (timezone === next.scheduling.timezone && spread === next.scheduling.spread) this.#schedule();
    else {
      this.#scheduler.stop();
      this.#scheduler = this.#makeScheduler(next);
      this.#schedule();
      this.#scheduler.start();
    }
    this.#watch();
  }

  /** Begins to keep the history in a folder. */
  #keep({ history: { directory } }: Config): void {
    this.#keeper = undefined;
    if (directory === undefined) return;
    this.#keeper = new HistoryKeeper({
      history: this.#history,
      directory,
      clock: this.#clock,
      log: this.#log,
      host: () => this.#api.hostState(),
    });
    this.#keeper.start();
  }

  #noteDepth(): void {
    const { note } = this.#history;
    if (note !== undefined && note !== this.#notedDepth) this.#log.warn({}, note);
    this.#notedDepth = note;
  }

  #makeScheduler({ scheduling: { timezone, spread } }: Config): Scheduler {
    return new Scheduler({
      clock: this.#clock,
      timezone,
      spread,
      host: hostname(),
      listener: {
        jumped: (byMs) => {
          this.#instruments.clockJumped();
          this.#log.warn({ seconds: Math.round(byMs / 1000) }, 'the clock jumped; all schedules were made anew');
        },
        missed: () => this.#instruments.tickMissed(),
        failed: (slot, err) => this.#log.error({ err, slot }, 'the run could not be started'),
      },
    });
  }

  #schedule(): void {
    this.#scheduler.set([
      ...this.#slots.scheduled(),
      {
        name: 'vitald',
        schedule: this.#config.defaults.schedule,
        together: true,
        run: () => {
          this.#slots.tick();
          this.#api.look();
          void this.#publishInstruments();
        },
      },
    ]);
  }

  #served(): Served {
    return {
      render: (only) => this.#exposition.render(this.#clock.monotonic(), only),
      enabledCollectors: () =>
        new Set(this.#slots.ofKind('collector').flatMap(({ name }) => [name, collectorOf(name)])),
      knownCollectors: () => this.#knownCollectors(),
      ready: () => this.#toRunOnce === 0,
      metricsPath: () => this.#config.web.telemetry_path,
      routes: routesOf({
        api: this.#api,
        config: () => this.#config,
        reload: (cause) => this.reload(cause),
        gate: this.#slots.gate,
        clock: this.#clock,
        log: this.#log,
        proberOf: (module) => this.#slots.proberOf(module),
      }),
    };
  }

  #watch(): void {
    const { watch, file, checkFiles, registry } = this.#config;
    const plugins = [...registry.collectors, ...registry.probers].flatMap(({ plugin }) => plugin?.files ?? []);
    const files = (): string[] => [...(file === undefined ? [] : [file]), ...plugins, ...checkFiles.find()];
    this.#watcher.set(watch ? { files, folders: checkFiles.folders } : undefined);
  }

  #runOnce(kind: Slot['kind']): void {
    this.#slots.runNow(this.#slots.ofKind(kind), () => {
      this.#toRunOnce -= 1;
    });
  }

  async #publishInstruments(): Promise<void> {
    const blocks = await this.#instruments.blocks();
    this.#exposition.page('vitald').publish('vitald', blocks, Infinity);
    await this.#slots.publishInstruments();
  }

  #knownCollectors(): ReadonlySet<string> {
    const { collectors, portable } = this.#config.registry;
    return new Set([...collectors, ...portable].map(({ name }) => name));
  }
}
