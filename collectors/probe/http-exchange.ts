/**
 * One request and its response over a connection of our own, in the version of HTTP that the connection speaks. The
 * response is handed over as soon as its head is there; the body is still to be read.
 */
import type { Connection } from './http-connect.ts';
import type { ExchangeRequest, ExchangeResponse } from './http-message.ts';
import { exchangeHttp1 } from './http-exchange-h1.ts';

/** Sends a request; fails with a `ProbeFailure`, leaving no socket behind. */
export async function exchange(
  connection: Connection,
  request: ExchangeRequest,
  signal: AbortSignal,
): Promise<ExchangeResponse> {
  if (!connection.http2) return exchangeHttp1(connection, request, signal);
  const { exchangeHttp2 } = await import('./http-exchange-h2.ts');
  return exchangeHttp2(connection.socket, request, signal);
}
