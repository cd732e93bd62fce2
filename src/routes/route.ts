/** What a route is, whatever serves it. */
import type { IncomingHttpHeaders } from 'node:http';

/** A request as a route sees it. */
export interface RouteRequest {
  readonly method: string;
  /** As it came, percent signs and all, without the query. */
  readonly path: string;
  readonly query: Readonly<Record<string, unknown>>;
  readonly headers: IncomingHttpHeaders;
  /** Aborts when the client goes away before it has its answer. */
  readonly signal: AbortSignal;
}

/** An answer; text unless it says otherwise. */
export interface RouteAnswer {
  readonly status?: number;
  readonly type?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Whether it is worth to be compressed for those who take that. */
  readonly compress?: boolean;
  readonly text: string | Buffer;
}

/** An answer that goes on until either side ends it. */
export interface RouteStream {
  readonly type: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Called once the head was sent. */
  open(sink: StreamSink): void;
}

/** The way to the client of a stream. */
export interface StreamSink {
  write(chunk: Buffer): void;
  /** Bytes that were written and not yet taken by the kernel. */
  readonly buffered: number;
  /** Ends it at once. */
  destroy(): void;
}

/** One path. A route without `methods` takes all of them, and answers for those that it does not like. */
export interface Route {
  readonly path: string;
  readonly methods?: readonly string[];
  handle(request: RouteRequest): RouteAnswer | RouteStream | Promise<RouteAnswer | RouteStream>;
}

/** One value of a query; the first where it is given several times, as Go's `Get` has it. */
export function queryValue(query: RouteRequest['query'], name: string): string {
  const value = query[name];
  const first: unknown = Array.isArray(value) ? value[0] : value;
  return typeof first === 'string' ? first : '';
}
