/**
 * One DNS query to one server and its reply: over UDP, or over a stream with a length before each message.
 *
 * Each question has a socket of its own, which ends with the answer.
 */
import { createSocket, type Socket as DatagramSocket } from 'node:dgram';
import { once } from 'node:events';
import type { Duplex } from 'node:stream';
import { isIPv6 } from 'node:net';
import { decodeReply, type DnsReply } from './dns-message.ts';
import { MalformedMessage } from './dns-name.ts';
import { causeOf, ProbeFailure, timedOut } from './failure.ts';

/** A datagram socket that hears only one address. */
export async function connectUdp(
  address: string,
  port: number,
  sourceAddress: string | undefined,
  signal: AbortSignal,
): Promise<DatagramSocket> {
  const socket = createSocket({
    type: isIPv6(address) ? 'udp6' : 'udp4',
    // The addresses are addresses: do not let getaddrinfo look at them. Later, as an error of `bind` would otherwise
    // come before anybody listens.
    lookup: (host, _options, callback) => process.nextTick(callback, null, host, isIPv6(host) ? 6 : 4),
  });
  try {
    if (sourceAddress) {
      socket.bind({ address: sourceAddress, exclusive: true });
      await once(socket, 'listening', { signal });
    }
    socket.connect(port, address);
    await once(socket, 'connect', { signal });
    return socket;
  } catch (error) {
    socket.close();
    if (signal.aborted) throw timedOut('connect');
    throw new ProbeFailure('connect', causeOf(error), { cause: error });
  }
}

function decoded(message: Buffer): DnsReply {
  try {
    const reply = decodeReply(message);
    if (!reply.response) throw new MalformedMessage('the message is a query, not a reply');
    return reply;
  } catch (error) {
    if (!(error instanceof MalformedMessage)) throw error;
    throw new ProbeFailure('protocol', `malformed reply: ${error.message}`, { cause: error });
  }
}

/** Sends the query and waits for the reply with its number. The caller closes the socket. */
export function exchangeUdp(socket: DatagramSocket, query: Buffer, signal: AbortSignal): Promise<DnsReply> {
  return new Promise((resolve, reject) => {
    const id = query.readUInt16BE(0);
    let strangers = 0;
    const settle = (finish: () => void) => {
      signal.removeEventListener('abort', onAbort);
      socket.removeListener('message', onMessage);
      finish();
    };
    const onAbort = () => {
      const failure =
        strangers === 0
          ? timedOut('request')
          : new ProbeFailure('timeout', `the deadline passed; ${strangers} replies had the number of another query`);
      settle(() => reject(failure));
    };
    const onMessage = (message: Buffer) => {
      // A reply with another number may be forged, or late: wait on for the true one (RFC 5452 section 4).
      if (message.length >= 2 && message.readUInt16BE(0) !== id) {
        strangers += 1;
        return;
      }
      settle(() => {
        try {
          resolve(decoded(message));
        } catch (error) {
          reject(error);
        }
      });
    };
    if (signal.aborted) {
      reject(timedOut('request'));
      return;
    }
    signal.addEventListener('abort', onAbort, { once: true });
    socket.on('message', onMessage);
    // Stays on until the socket is closed: a refusal comes as an error of the socket.
    socket.on('error', (error) => settle(() => reject(new ProbeFailure('connect', causeOf(error), { cause: error }))));
    socket.send(query);
  });
}

/** Sends the query over a connection and reads one reply (RFC 1035 section 4.2.2). The caller destroys the stream. */
export function exchangeStream(stream: Duplex, query: Buffer, signal: AbortSignal): Promise<DnsReply> {
  return new Promise((resolve, reject) => {
    const framed = Buffer.alloc(2 + query.length);
    framed.writeUInt16BE(query.length);
    query.copy(framed, 2);
    let received: Buffer = Buffer.alloc(0);
    const settle = (finish: () => void) => {
      signal.removeEventListener('abort', onAbort);
      stream.removeListener('data', onData);
      stream.removeListener('close', onClose);
      finish();
    };
    const fail = (detail: string) => settle(() => reject(new ProbeFailure('protocol', detail)));
    const onAbort = () => settle(() => reject(timedOut('request')));
    const onClose = () => fail('the server closed the connection before its reply was complete');
    const onData = (chunk: Buffer) => {
      received = received.length === 0 ? chunk : Buffer.concat([received, chunk]);
      if (received.length < 2) return;
      const end = 2 + received.readUInt16BE(0);
      if (received.length < end) return;
      settle(() => {
        try {
          const reply = decoded(received.subarray(2, end));
          if (reply.id === query.readUInt16BE(0)) resolve(reply);
          else reject(new ProbeFailure('protocol', 'the reply has the number of another query'));
        } catch (error) {
          reject(error);
        }
      });
    };
    if (signal.aborted) {
      reject(timedOut('request'));
      return;
    }
    signal.addEventListener('abort', onAbort, { once: true });
    stream.on('data', onData);
    stream.once('end', onClose);
    stream.once('close', onClose);
    stream.on('error', (error) => fail(causeOf(error)));
    stream.write(framed);
  });
}
