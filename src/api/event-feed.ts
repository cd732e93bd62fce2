/**
 * Server-sent events to any number of clients: each event is encoded once, none more often than once a second, and the
 * events of the last minute are kept for clients that come back.
 *
 * @fastify/sse would encode each event for each client and let a slow one queue without bound; what remains to be done
 * here is a line or two of text.
 */
import type { Clock, Timer } from '../clock.ts';
import type { StreamSink } from '../routes/route.ts';

/** What a feed tells. */
export interface FeedSource {
  /** The data of the next update as JSON, with all that was noted since the last; undefined where nothing was. */
  collect(): string | undefined;
  /** The data of a reset as JSON. */
  reset(): string;
  /** Nobody has been listening for a while: what is noted need not be kept. Called again with true before it need be. */
  awake(awake: boolean): void;
  /** A client was too slow and was dropped. */
  dropped(): void;
}

/** Limits, for tests. */
export interface FeedLimits {
  readonly clients: number;
  /** Bytes that may wait for a client. */
  readonly buffered: number;
  /** Bytes of past events that are kept. */
  readonly kept: number;
}

const defaults: FeedLimits = { clients: 100, buffered: 1_000_000, kept: 2_000_000 };
const tickMs = 1_000;
const keptForMs = 60_000;
const heartbeatMs = 15_000;
const heartbeat = Buffer.from(':\n\n');

interface Client {
  readonly sink: StreamSink;
  lastAt: number;
}

interface KeptEvent {
  readonly number: number;
  readonly at: number;
  readonly bytes: Buffer;
}

/** One stream of events. */
export class EventFeed {
  readonly #source: FeedSource;
  readonly #clock: Clock;
  readonly #epoch: string;
  readonly #limits: FeedLimits;
  readonly #clients = new Set<Client>();
  #kept: KeptEvent[] = [];
  #keptBytes = 0;
  /** The last event, and the first from which all that came after it is kept. */
  #number = 0;
  #resumable = 0;
  #awakeUntil = -Infinity;
  #timer: Timer | undefined;
  #closed = false;

  /** `epoch` tells daemons apart in the ids of events. */
  constructor(source: FeedSource, clock: Clock, epoch: string, limits: Partial<FeedLimits> = {}) {
    this.#source = source;
    this.#clock = clock;
    this.#epoch = epoch;
    this.#limits = { ...defaults, ...limits };
  }

  get clients(): number {
    return this.#clients.size;
  }

  /** Whether another client may come. */
  get hasRoom(): boolean {
    return this.#clients.size < this.#limits.clients && !this.#closed;
  }

  /** The id of the last event; what comes after it is kept for a minute for those who ask. */
  position(): string {
    this.#wake();
    return this.#id(this.#number);
  }

  /** Takes a client that knows everything up to the event `since`, until its signal aborts. */
  open(sink: StreamSink, since: string, signal: AbortSignal): void {
    if (signal.aborted || !this.hasRoom) {
      sink.destroy();
      return;
    }
    this.#wake();
    const client: Client = { sink, lastAt: this.#clock.monotonic() };
    this.#clients.add(client);
    signal.addEventListener('abort', () => this.#clients.delete(client), { once: true });
    this.#write(client, this.#missed(since) ?? this.#event(this.#number, 'reset', this.#source.reset()));
  }

  /** Tells all clients to fetch everything anew; no event before is of use any more. */
  reset(): void {
    this.#kept = [];
    this.#keptBytes = 0;
    this.#number += 1;
    this.#resumable = this.#number;
    if (this.#clients.size === 0) return;
    const bytes = this.#event(this.#number, 'reset', this.#source.reset());
    for (const client of this.#clients) this.#write(client, bytes);
  }

  /** Ends all streams and takes no more. */
  close(): void {
    this.#closed = true;
    this.#timer?.cancel();
    this.#timer = undefined;
    for (const { sink } of this.#clients) sink.destroy();
    this.#clients.clear();
  }

  /** What came after an event; undefined where that is not known any more, or too much. */
  #missed(since: string): Buffer | undefined {
    const [epoch, number = ''] = since.split('-');
    const last = Number(number);
    if (epoch !== this.#epoch || !/^\d+$/.test(number) || last < this.#resumable || last > this.#number)
      return undefined;
    const missed = Buffer.concat([
      heartbeat,
      ...this.#kept.filter((event) => event.number > last).map(({ bytes }) => bytes),
    ]);
    return missed.length > this.#limits.buffered ? undefined : missed;
  }

  #wake(): void {
    this.#awakeUntil = this.#clock.monotonic() + keptForMs;
    if (this.#timer !== undefined || this.#closed) return;
    // What happened meanwhile was not noted.
    this.#number += 1;
    this.#resumable = this.#number;
    this.#source.awake(true);
    this.#arm();
  }

  #arm(): void {
    this.#timer = this.#clock.after(tickMs, () => {
      if (this.#clients.size === 0 && this.#clock.monotonic() > this.#awakeUntil) this.#sleep();
      else {
        this.#arm();
        this.#tick();
      }
    });
  }

  #sleep(): void {
    this.#timer = undefined;
    this.#kept = [];
    this.#keptBytes = 0;
    this.#source.awake(false);
  }

  #tick(): void {
    const data = this.#source.collect();
    const now = this.#clock.monotonic();
    if (data !== undefined) {
      this.#number += 1;
      const bytes = this.#event(this.#number, 'update', data);
      this.#keep({ number: this.#number, at: now, bytes });
      for (const client of this.#clients) this.#write(client, bytes);
    }
    for (const client of this.#clients) if (now - client.lastAt >= heartbeatMs) this.#write(client, heartbeat);
  }

  #keep(event: KeptEvent): void {
    this.#kept.push(event);
    this.#keptBytes += event.bytes.length;
    for (let first = this.#kept[0]; first !== undefined; first = this.#kept[0]) {
      if (this.#keptBytes <= this.#limits.kept && event.at - first.at <= keptForMs) return;
      this.#kept.shift();
      this.#keptBytes -= first.bytes.length;
      this.#resumable = first.number;
    }
  }

  #write(client: Client, bytes: Buffer): void {
    const { sink } = client;
    client.lastAt = this.#clock.monotonic();
    sink.write(bytes);
    if (sink.buffered <= this.#limits.buffered) return;
    this.#clients.delete(client);
    sink.destroy();
    this.#source.dropped();
  }

  /** JSON has no line breaks, so an event's data is one line. */
  #event(number: number, name: string, data: string): Buffer {
    return Buffer.from(`id: ${this.#id(number)}\nevent: ${name}\ndata: ${data}\n\n`);
  }

  #id(number: number): string {
    return `${this.#epoch}-${number}`;
  }
}
