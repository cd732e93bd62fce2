/**
 * One question to the name servers of a resolv.conf. A server that keeps silent for a second is not given up: the next
 * one is asked beside it and the first reply counts, so one dead server costs a second, not a probe. Every socket ends
 * with the question.
 */
import { createSocket } from 'node:dgram';
import { connect, isIPv6 } from 'node:net';
import type { NameServer, ResolvConf } from './resolve-files.ts';
import { decodeReply, encodeQuestion, type AddressReply } from './resolve-wire.ts';
import { causeOf, ProbeFailure, timedOut } from './failure.ts';

const patienceMs = 1000;
const noError = 0;
const nameError = 3;

/** The addresses of `name`; empty where the name exists without such an address, undefined where it does not exist. */
export function queryAddresses(
  conf: ResolvConf,
  name: string,
  family: 4 | 6,
  signal: AbortSignal,
): Promise<readonly string[] | undefined> {
  const question = encodeQuestion(name, family);
  if (question === undefined) return Promise.reject(new ProbeFailure('dns', 'the name is not a valid host name'));
  return new Promise((resolve, reject) => {
    const order = startOrder(conf);
    const turns = order.length * conf.attempts;
    const cancels: (() => void)[] = [];
    let turn = 0;
    let waiting = 0;
    let trouble = 'no answer';
    let timer: NodeJS.Timeout | undefined;
    const settle = (finish: () => void) => {
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
      for (const cancel of cancels) cancel();
      finish();
    };
    const onAbort = () => settle(() => reject(timedOut('resolve')));
    const giveUp = () => settle(() => reject(new ProbeFailure('dns', `no name server answered: ${trouble}`)));
    const next = () => {
      clearTimeout(timer);
      const server = turn < turns ? order[turn % order.length] : undefined;
      if (server === undefined) {
        if (waiting === 0) giveUp();
        else timer = setTimeout(giveUp, conf.timeoutMs);
        return;
      }
      turn += 1;
      waiting += 1;
      timer = setTimeout(next, Math.min(patienceMs, conf.timeoutMs));
      cancels.push(
        ask(server, question, family, conf.tcpOnly, (reply) => {
          waiting -= 1;
          if (typeof reply === 'string') {
            trouble = reply;
            next();
          } else if (reply.rcode === noError) settle(() => resolve(reply.addresses));
          else if (reply.rcode === nameError) settle(() => resolve(undefined));
          else {
            trouble = `response code ${rcodeName(reply.rcode)}`;
            next();
          }
        }),
      );
    };
    if (signal.aborted) {
      reject(timedOut('resolve'));
      return;
    }
    signal.addEventListener('abort', onAbort, { once: true });
    next();
  });
}

let rotation = 0;

function startOrder({ servers, rotate }: ResolvConf): readonly NameServer[] {
  if (!rotate) return servers;
  rotation = (rotation + 1) % servers.length;
  return [...servers.slice(rotation), ...servers.slice(0, rotation)];
}

function rcodeName(rcode: number): string {
  return ({ 1: 'FORMERR', 2: 'SERVFAIL', 4: 'NOTIMP', 5: 'REFUSED' } as Record<number, string>)[rcode] ?? `${rcode}`;
}

/** Asks one server; calls `done` once with the reply or with what went wrong. Returns what cancels the question. */
function ask(
  server: NameServer,
  question: Buffer,
  family: 4 | 6,
  tcpOnly: boolean,
  done: (reply: AddressReply | string) => void,
): () => void {
  if (tcpOnly) return askTcp(server, question, family, done);
  let cancel = askUdp(server, question, family, (reply) => {
    // RFC 7766: a truncated reply is asked for again over TCP.
    if (typeof reply !== 'string' && reply.truncated) cancel = askTcp(server, question, family, done);
    else done(reply);
  });
  return () => cancel();
}

function askUdp(
  server: NameServer,
  question: Buffer,
  family: 4 | 6,
  done: (reply: AddressReply | string) => void,
): () => void {
  const socket = createSocket({
    type: isIPv6(server.address) ? 'udp6' : 'udp4',
    // The address is an address: do not let getaddrinfo look at it.
    lookup: (address, _options, callback) => callback(null, address, isIPv6(address) ? 6 : 4),
  });
  let open = true;
  const close = () => {
    if (open) socket.close();
    open = false;
  };
  const finish = (reply: AddressReply | string) => {
    if (!open) return;
    close();
    done(reply);
  };
  socket.on('error', (error) => finish(causeOf(error)));
  socket.on('message', (packet) => {
    // A reply that does not fit the question may be forged: wait on for the true one.
    const reply = decodeReply(packet, question, family);
    if (reply !== undefined) finish(reply);
  });
  // Connected, so that only this server is heard and a refusal (ICMP) is told.
  socket.connect(server.port, server.address, () => {
    if (open) socket.send(question);
  });
  return close;
}

function askTcp(
  server: NameServer,
  question: Buffer,
  family: 4 | 6,
  done: (reply: AddressReply | string) => void,
): () => void {
  const socket = connect({ host: server.address, port: server.port });
  let received = Buffer.alloc(0);
  let open = true;
  const close = () => {
    open = false;
    socket.destroy();
  };
  const finish = (reply: AddressReply | string) => {
    if (!open) return;
    close();
    done(reply);
  };
  socket.on('error', (error) => finish(causeOf(error)));
  socket.on('close', () => finish('the server closed the connection'));
  socket.on('connect', () => {
    const length = Buffer.alloc(2);
    length.writeUInt16BE(question.length, 0);
    socket.write(Buffer.concat([length, question]));
  });
  socket.on('data', (chunk: Buffer) => {
    received = Buffer.concat([received, chunk]);
    if (received.length < 2) return;
    const end = 2 + received.readUInt16BE(0);
    if (received.length < end) return;
    finish(decodeReply(received.subarray(2, end), question, family) ?? 'a malformed reply');
  });
  return close;
}
