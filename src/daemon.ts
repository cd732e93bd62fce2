/** Wires the parts: config to slots, slots to the schedule, results to the exposition, the exposition to the server. */
import { Check } from './check.ts';
import { systemClock, type Clock } from './clock.ts';
import type { Config, Registry } from './config/config.ts';
import { Exposition } from './exposition/exposition.ts';
import { Instruments } from './instruments.ts';
import type { Logger } from './log.ts';
import { proberFor } from './probers.ts';
import { Runner } from './runner.ts';
import { Gate } from './schedule/gate.ts';
import { offsetOf, Scheduler } from './schedule/scheduler.ts';
import { type Server, startServer } from './server.ts';
import { collectorSlot, checkSlot, type Slot } from './slot.ts';
import { statusPage } from './status-page.ts';
import { openSystem, type System } from './system/index.ts';
import { version } from './version.ts';

/** What a daemon is made of. */
export interface DaemonParts {
  readonly config: Config;
  readonly registry: Registry;
  readonly log: Logger;
  readonly clock?: Clock;
}

// How long a stop waits for runs that were told to end; what has not settled by then is left behind.
const stopGraceMs = 300;

/** The running daemon. */
export class Daemon {
  readonly #config: Config;
  readonly #registry: Registry;
  readonly #log: Logger;
  readonly #clock: Clock;
  readonly #system: System;
  readonly #instruments: Instruments;
  readonly #exposition: Exposition;
  readonly #runner: Runner;
  readonly #scheduler: Scheduler;
  readonly #slots: Slot[] = [];
  #server: Server | undefined;
  #toRunOnce = 0;

  constructor({ config, registry, log, clock = systemClock }: DaemonParts) {
    this.#config = config;
    this.#registry = registry;
    this.#log = log;
    this.#clock = clock;
    this.#system = openSystem(config.path, clock);
    this.#instruments = new Instruments(version, { ofProcess: !config.web.disable_exporter_metrics });
    this.#exposition = new Exposition((conflict) => {
      this.#instruments.conflict();
      log.error(conflict, 'a family is left out: another collector has its name with another type');
    });
    this.#runner = new Runner({
      clock,
      gate: new Gate(config.scheduling.probe_concurrency),
      exposition: this.#exposition,
      instruments: this.#instruments,
      log,
      pageOf: (slot) => this.#pageOf(slot),
    });
    this.#scheduler = new Scheduler({
      clock,
      timezone: config.scheduling.timezone,
      spread: config.scheduling.spread,
      listener: {
        jumped: (byMs) => {
          this.#instruments.clockJumped();
          log.warn({ seconds: Math.round(byMs / 1000) }, 'the clock jumped; all schedules were made anew');
        },
        missed: () => this.#instruments.tickMissed(),
        log: (message) => log.debug({}, message),
      },
    });
  }

  /** Runs everything once, listens, and starts to tick. Resolves when it listens. */
  async start(): Promise<void> {
    this.#makeSlots();
    this.#instruments.configLoaded(true, this.#clock.now() / 1000);
    const collectors = this.#slots.filter(({ kind }) => kind === 'collector');
    const checks = this.#slots.filter(({ kind }) => kind === 'check');
    this.#toRunOnce = this.#slots.length;
    // Those that answer from kernel files are done before the first scrape can come; the others go on meanwhile.
    this.#runOnce(collectors);
    await this.#publishInstruments();
    this.#server = await startServer(
      {
        render: (only) => this.#exposition.render(this.#clock.monotonic(), only),
        enabledCollectors: () => new Set(collectors.map(({ name }) => name)),
        knownCollectors: () => this.#knownCollectors(),
        ready: () => this.#toRunOnce === 0,
        statusPage: () => statusPage({ slots: this.#slots, now: this.#clock.now(), version }),
      },
      { addresses: this.#config.web.listen_addresses, metricsPath: this.#config.web.telemetry_path },
    );
    this.#scheduler.set([
      ...this.#slots.map((slot) => ({
        name: slot.id,
        schedule: slot.timing.schedule,
        run: (dueAt: number) => this.#runner.run(slot, dueAt),
      })),
      {
        name: 'vitald',
        schedule: this.#config.defaults.schedule,
        run: () => void this.#publishInstruments(),
      },
    ]);
    this.#scheduler.start();
    this.#runOnce(checks);
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
    return this.#slots;
  }

  /** Ends everything within a second, runs under way included. */
  async stop(): Promise<void> {
    this.#scheduler.stop();
    this.#runner.stop();
    await Promise.all([this.#server?.close(), this.#settle()]);
    for (const slot of this.#slots) if (slot.kind === 'collector') slot.collector.close?.();
    this.#instruments.close();
    this.#system.close();
  }

  async #settle(): Promise<void> {
    const until = this.#clock.monotonic() + stopGraceMs;
    while (this.#runner.busy > 0 && this.#clock.monotonic() < until) {
      await new Promise<void>((resolve) => {
        this.#clock.after(10, resolve);
      });
    }
  }

  #makeSlots(): void {
    const context = { system: this.#system, clock: this.#clock };
    for (const { definition, options, ...timing } of this.#config.collectors) {
      const log = this.#log.child({ collector: definition.name });
      this.#instruments.knowCollector(definition.name);
      this.#slots.push(
        collectorSlot(definition.name, definition.create(options as never, { ...context, log }), timing),
      );
    }
    const probers = proberFor({ clock: this.#clock, log: this.#log });
    for (const check of this.#config.checks) {
      this.#slots.push(checkSlot(new Check(check, probers(check.module), this.#clock)));
    }
  }

  #runOnce(slots: readonly Slot[]): void {
    for (const slot of slots) {
      this.#runner.run(slot, this.#clock.monotonic(), () => {
        this.#toRunOnce -= 1;
      });
    }
  }

  async #publishInstruments(): Promise<void> {
    const blocks = await this.#instruments.blocks();
    this.#exposition.page('vitald').publish('vitald', blocks, Infinity);
  }

  #knownCollectors(): ReadonlySet<string> {
    const { collectors, portable } = this.#registry;
    return new Set([...collectors, ...portable].map(({ name }) => name));
  }

  /** A collector has a page of its own; checks that are due in the same second share one. */
  #pageOf(slot: Slot): string {
    if (slot.kind === 'collector') return slot.name;
    const { schedule } = slot.timing;
    return `checks ${schedule.expression} ${Math.floor(offsetOf(slot.id, schedule) / 1000)}`;
  }
}
