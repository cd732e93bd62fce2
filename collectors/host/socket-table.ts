/**
 * The kernel's tables of sockets, which `tcpstat` and `udp_queues` count.
 *
 * Source  /proc/net/{tcp,tcp6,udp,udp6} (Documentation/networking/proc_net_tcp.rst): a heading, then one line per socket,
 *         such as `0: 0100007F:0CEA 00000000:0000 0A 00000000:00000000 ...`: slot, local and remote address, state,
 *         bytes queued to send and to receive, all hexadecimal but the slot.
 * Quirks  A busy host has tens of thousands of lines, so they are read as bytes and only as far as the queues.
 */
import { malformed } from '../../src/collector.ts';

/** What a table of sockets adds up to. */
export interface SocketTotals {
  /** Sockets by the number of their state, as include/net/tcp_states.h has it. */
  readonly byState: Map<number, number>;
  sendQueue: number;
  receiveQueue: number;
}

const lineFeed = 0x0a;
const space = 0x20;
const colon = 0x3a;

// The value of a byte as a hexadecimal digit; 16 for any other byte.
const digits = Uint8Array.from({ length: 256 }, (_, byte) => {
  const digit = Number.parseInt(String.fromCharCode(byte), 16);
  return Number.isNaN(digit) ? 16 : digit;
});

/** The number in some bytes of a buffer; NaN where one of them is no digit. */
function hexadecimalAt(contents: Buffer, start: number, length: number): number {
  let value = 0;
  for (let position = start; position < start + length; position += 1) {
    const digit = digits[contents[position] ?? 0]!;
    if (digit === 16) return Number.NaN;
    value = value * 16 + digit;
  }
  return value;
}

/** Adds a table to the totals; throws `CollectError` where a line is not one of a socket. */
export function addSockets(source: string, contents: Buffer, totals: SocketTotals): void {
  let start = contents.indexOf(lineFeed) + 1;
  if (start === 0) throw malformed(source, 'no heading');
  while (start < contents.length) {
    const lineEnd = contents.indexOf(lineFeed, start);
    const end = lineEnd === -1 ? contents.length : lineEnd;
    const slotEnd = contents.indexOf(colon, start);
    const local = slotEnd + 2;
    const localEnd = contents.indexOf(space, local);
    // The remote address is as wide as the local one, and what follows has fixed widths: `0A 00000000:00000000`.
    const state = localEnd + 1 + (localEnd - local) + 1;
    const number = hexadecimalAt(contents, state, 2);
    const sendQueue = hexadecimalAt(contents, state + 3, 8);
    const receiveQueue = hexadecimalAt(contents, state + 12, 8);
    const whole = slotEnd !== -1 && localEnd !== -1 && state + 20 <= end && contents[state + 11] === colon;
    if (!whole || Number.isNaN(number + sendQueue + receiveQueue)) {
      throw malformed(source, JSON.stringify(contents.toString('latin1', start, end)));
    }
    totals.byState.set(number, (totals.byState.get(number) ?? 0) + 1);
    totals.sendQueue += sendQueue;
    totals.receiveQueue += receiveQueue;
    start = end + 1;
  }
}

/** Totals of nothing yet. */
export function noSockets(): SocketTotals {
  return { byState: new Map(), sendQueue: 0, receiveQueue: 0 };
}
