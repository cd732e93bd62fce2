/**
 * A WebSocket (RFC 6455) over a connection that is there already: the upgrade, and messages one at a time.
 */
import type { Socket } from 'node:net';
import type { WebSocket } from 'ws';
import { errnoOf } from '../../src/errors.ts';
import { causeOf, ProbeFailure, timedOut } from './failure.ts';
import { exchangeFailure } from './http-message.ts';

const receiveLimit = 1_048_576;

/** What to ask for. */
export interface Upgrade {
  readonly url: URL;
  /** Names and values; a name may have several. */
  readonly headers: readonly (readonly [string, string])[];
}

/** Hears the status of the response, that of a refusal included. */
type OnStatus = (status: number) => void;

/** An open WebSocket. */
export class WebSocketSession {
  readonly #socket: WebSocket;
  readonly #signal: AbortSignal;
  readonly #received: string[] = [];
  #length = 0;
  #failure: ProbeFailure | undefined;
  #closed = false;
  #wake: (() => void) | undefined;

  private constructor(socket: WebSocket, signal: AbortSignal) {
    this.#socket = socket;
    this.#signal = signal;
    socket.on('message', (data: Buffer) => {
      this.#length += data.length;
      if (this.#length > receiveLimit) this.#fail(tooMuch());
      else this.#received.push(data.toString());
      this.#wake?.();
    });
    socket.on('error', (error) => this.#fail(messageFailure(error)));
    socket.on('close', () => {
      this.#closed = true;
      this.#wake?.();
    });
    signal.addEventListener('abort', this.#onAbort);
    if (signal.aborted) this.#onAbort();
  }

  /** Upgrades a connection; fails with a `ProbeFailure` and destroys the connection. */
  static async open(
    connection: Socket,
    { url, headers }: Upgrade,
    signal: AbortSignal,
    onStatus: OnStatus,
  ): Promise<WebSocketSession> {
    const { WebSocket } = await import('ws');
    return await new Promise((resolve, reject) => {
      const fields: Record<string, string | string[]> = {};
      const protocols: string[] = [];
      for (const [name, value] of headers) {
        // The library wants to know which subprotocols were asked for, to check the one that the server chose.
        if (name.toLowerCase() === 'sec-websocket-protocol')
          protocols.push(...value.split(',').map((one) => one.trim()));
        else fields[name] = name in fields ? [fields[name] ?? [], value].flat() : value;
      }
      let socket: WebSocket | undefined;
      const fail = (failure: ProbeFailure) => {
        signal.removeEventListener('abort', onAbort);
        socket?.terminate();
        connection.destroy();
        reject(failure);
      };
      const onAbort = () => fail(timedOut('processing'));
      if (signal.aborted) {
        onAbort();
        return;
      }
      signal.addEventListener('abort', onAbort, { once: true });
      try {
        socket = new WebSocket(url, protocols, {
          createConnection: () => connection,
          headers: fields,
          followRedirects: false,
          perMessageDeflate: false,
          maxPayload: receiveLimit,
        });
      } catch (error) {
        fail(new ProbeFailure('config', causeOf(error), { cause: error }));
        return;
      }
      const upgrading = socket;
      upgrading.on('unexpected-response', (request, response) => {
        onStatus(response.statusCode ?? 0);
        request.destroy();
        fail(new ProbeFailure('status', `the status is ${response.statusCode}, not 101`));
      });
      upgrading.on('upgrade', (response) => onStatus(response.statusCode ?? 0));
      // Stays on: the library tells of the end of an upgrade by an error.
      upgrading.on('error', (error) => fail(exchangeFailure(error)));
      upgrading.on('open', () => {
        signal.removeEventListener('abort', onAbort);
        resolve(new WebSocketSession(upgrading, signal));
      });
    });
  }

  /** The next message as text; undefined where the peer closed first. */
  async receive(): Promise<string | undefined> {
    for (;;) {
      const message = this.#received.shift();
      if (message !== undefined) return message;
      if (this.#failure !== undefined) throw this.#failure;
      if (this.#closed) return undefined;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
      this.#wake = undefined;
    }
  }

  /** Sends a text message. */
  send(text: string): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.#failure !== undefined) {
        reject(this.#failure);
        return;
      }
      const onAbort = () => reject(timedOut('transfer'));
      this.#signal.addEventListener('abort', onAbort, { once: true });
      this.#socket.send(text, (error) => {
        this.#signal.removeEventListener('abort', onAbort);
        if (error) reject(messageFailure(error));
        else resolve();
      });
    });
  }

  /** Says goodbye and ends the connection without waiting for the peer's. */
  close(): void {
    this.#signal.removeEventListener('abort', this.#onAbort);
    if (!this.#closed && this.#failure === undefined) this.#socket.close(1000);
    this.#socket.terminate();
  }

  readonly #onAbort = (): void => this.#fail(timedOut('transfer'));

  #fail(failure: ProbeFailure): void {
    this.#failure ??= failure;
    this.#socket.terminate();
    this.#wake?.();
  }
}

function tooMuch(): ProbeFailure {
  return new ProbeFailure('size', `the peer sent more than ${receiveLimit} bytes`);
}

function messageFailure(error: unknown): ProbeFailure {
  if (errnoOf(error) === 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH') return tooMuch();
  return new ProbeFailure('protocol', causeOf(error), { cause: error });
}
