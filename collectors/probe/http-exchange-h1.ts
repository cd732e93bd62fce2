/**
 * One request and its response over HTTP/1 on a connection of our own.
 *
 * What arrives is noted at once, with its time, and dealt with a few answers a turn: when a thousand targets answer in
 * the same moment, the times are still right and the event loop still has room for a scrape.
 */
import type { Socket } from 'node:net';
import { Turns } from '../../src/turns.ts';
import type { Inlet } from './dial.ts';
import { ProbeFailure, timedOut } from './failure.ts';
import { endedWithin, type ResponseHead, type ResponseListener, ResponseParser } from './http-response-h1.ts';
import { requestHead } from './http-request-h1.ts';
import type { Connection } from './http-connect.ts';
import {
  asksForUpgrade,
  type BodySink,
  exchangeFailure,
  type ExchangeRequest,
  type ExchangeResponse,
  type ResponseBody,
} from './http-message.ts';

const answers = new Turns(16);

/** Sends a request; fails with a `ProbeFailure`, leaving no socket behind. */
export function exchangeHttp1(
  connection: Connection,
  request: ExchangeRequest,
  signal: AbortSignal,
): Promise<ExchangeResponse> {
  return new Promise((resolve, reject) => {
    new Http1Exchange(connection, request, signal, { resolve, reject }).send(connection, request);
  });
}

interface Settle {
  readonly resolve: (response: ExchangeResponse) => void;
  readonly reject: (failure: ProbeFailure) => void;
}

class Http1Exchange implements ResponseListener, ResponseBody {
  readonly #socket: Socket;
  readonly #inlet: Inlet | undefined;
  readonly #signal: AbortSignal;
  readonly #settle: Settle;
  readonly #parser: ResponseParser;
  #startedAt = 0;
  #firstByteAt = 0;
  #lastByteAt = 0;
  /** What arrived and waits for its turn. */
  #arrived: Buffer[] = [];
  #turnComes = false;
  /** Of the body what came before anybody wanted it. */
  #early: Buffer[] = [];
  #sink: BodySink | undefined;
  #paused = false;
  /** Set once the connection gives nothing more. */
  #lost: { readonly error: unknown } | undefined;
  #failure: ProbeFailure | undefined;
  #closed = false;

  constructor(
    { socket, inlet }: Connection,
    { method, headers }: ExchangeRequest,
    signal: AbortSignal,
    settle: Settle,
  ) {
    this.#socket = socket;
    this.#inlet = inlet;
    this.#signal = signal;
    this.#settle = settle;
    this.#parser = new ResponseParser({ method, upgrade: asksForUpgrade(headers) }, this);
  }

  send({ proxied }: Connection, request: ExchangeRequest): void {
    if (this.#signal.aborted) {
      this.#onAbort();
      return;
    }
    this.#signal.addEventListener('abort', this.#onAbort, { once: true });
    const socket = this.#socket;
    socket.on('error', this.#onLoss);
    socket.on('end', this.#onLoss);
    socket.on('close', this.#onClose);
    if (this.#inlet === undefined) socket.on('data', this.#onData);
    else this.#inlet.take = this.#onLent;
    this.#startedAt = performance.now();
    try {
      const head = requestHead(request, proxied?.authorization);
      if (request.body === undefined) socket.write(head, 'latin1');
      else socket.write(Buffer.concat([Buffer.from(head, 'latin1'), request.body]));
    } catch (error) {
      this.#break(error);
    }
  }

  /** Ends the connection and hears no more of it. */
  readonly close = (): void => {
    if (this.#closed) return;
    this.#closed = true;
    this.#signal.removeEventListener('abort', this.#onAbort);
    this.#socket.destroy();
  };

  head({ status, protocol, headers, length }: ResponseHead): void {
    this.#settle.resolve({
      status,
      protocol,
      headers,
      contentLength: length,
      body: this,
      processingSeconds: (this.#firstByteAt - this.#startedAt) / 1000,
      firstByteAt: this.#firstByteAt,
      close: this.close,
    });
  }

  body(bytes: Buffer): void {
    if (this.#sink === undefined) this.#early.push(bytes);
    else this.#sink.bytes(bytes);
  }

  end(): void {
    // Whatever the server would still send: to end the connection first takes fewer system calls.
    this.close();
    this.#sink?.end(this.#lastByteAt);
  }

  deliverTo(sink: BodySink): void {
    const early = this.#early;
    this.#early = [];
    this.#sink = sink;
    for (const bytes of early) sink.bytes(bytes);
    if (this.#parser.over) sink.end(this.#lastByteAt);
    else if (this.#failure !== undefined) sink.failed(this.#failure);
    else this.#goOn();
  }

  pause(): void {
    this.#paused = true;
    this.#socket.pause();
  }

  resume(): void {
    this.#paused = false;
    this.#goOn();
  }

  readonly #onData = (bytes: Buffer): void => {
    if (!this.#take(bytes, false)) this.#socket.pause();
  };

  readonly #onLent = (bytes: Buffer): boolean => this.#take(bytes, true);

  readonly #onLoss = (error?: unknown): void => {
    if (this.#closed || this.#lost !== undefined) return;
    this.#lost = { error };
    this.#enterTurn();
  };

  readonly #onClose = (): void => this.#onLoss();

  readonly #onAbort = (): void => this.#break(timedOut(this.#parser.answered ? 'transfer' : 'processing'));

  /** Notes what came; true where the next may come at once. `lent` bytes are valid only until this returns. */
  #take(bytes: Buffer, lent: boolean): boolean {
    this.#lastByteAt = performance.now();
    if (this.#firstByteAt === 0) this.#firstByteAt = this.#lastByteAt;
    if (this.#sink !== undefined && !this.#turnComes) {
      this.#feed(bytes);
      return !this.#paused;
    }
    this.#arrived.push(lent ? Buffer.from(bytes) : bytes);
    this.#enterTurn();
    return false;
  }

  #enterTurn(): void {
    if (this.#turnComes) return;
    this.#turnComes = true;
    answers.enter(this.#turn);
  }

  readonly #turn = (): void => {
    this.#turnComes = false;
    const arrived = this.#arrived;
    this.#arrived = [];
    for (const bytes of arrived) this.#feed(bytes);
    // Between the head and somebody who wants the body there is no hurry.
    if (this.#sink !== undefined || !this.#parser.answered) this.#goOn();
  };

  #feed(bytes: Buffer): void {
    if (this.#closed) return;
    try {
      this.#parser.push(bytes);
    } catch (error) {
      this.#break(error);
    }
  }

  /** Waits for what comes next, or ends with what ended the connection. */
  #goOn(): void {
    if (this.#closed || this.#paused || this.#turnComes) return;
    if (this.#lost === undefined) {
      this.#socket.resume();
      return;
    }
    const { error } = this.#lost;
    try {
      if (error === undefined) this.#parser.finish();
      else throw this.#parser.answered ? endedWithin() : exchangeFailure(error);
    } catch (failure) {
      this.#break(failure);
    }
  }

  #break(error: unknown): void {
    if (!(error instanceof ProbeFailure)) throw error;
    this.close();
    this.#failure = error;
    this.#settle.reject(error);
    this.#sink?.failed(error);
  }
}
