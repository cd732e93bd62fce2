/**
 * The part of the DNS wire format that finding an address needs: a question for A or AAAA, and the addresses, response
 * code and truncation flag of the reply (RFC 1035 section 4, RFC 3596). The dns prober, which looks at everything else
 * in a reply, has a full codec.
 */
import { randomInt } from 'node:crypto';

/** The record type of an IPv4 and of an IPv6 address. */
export const recordType = { 4: 1, 6: 28 } as const;

/** What a reply says, as far as a resolver needs it. */
export interface AddressReply {
  readonly rcode: number;
  readonly truncated: boolean;
  readonly addresses: readonly string[];
}

/** A question ready to be sent; `undefined` for text that cannot be a name in DNS. */
export function encodeQuestion(name: string, family: 4 | 6): Buffer | undefined {
  const labels = (name.endsWith('.') ? name.slice(0, -1) : name).split('.');
  // Header, then one length byte per label, the root and type and class.
  const size = 12 + labels.reduce((sum, label) => sum + 1 + Buffer.byteLength(label), 0) + 5;
  if (size > 12 + 255 + 4) return undefined;
  const packet = Buffer.alloc(size);
  packet.writeUInt16BE(randomInt(0x10000), 0);
  // Recursion desired; one question.
  packet.writeUInt16BE(0x0100, 2);
  packet.writeUInt16BE(1, 4);
  let offset = 12;
  for (const label of labels) {
    const length = Buffer.byteLength(label);
    if (length === 0 || length > 63) return undefined;
    offset = packet.writeUInt8(length, offset);
    offset += packet.write(label, offset);
  }
  offset = packet.writeUInt8(0, offset);
  offset = packet.writeUInt16BE(recordType[family], offset);
  packet.writeUInt16BE(1, offset);
  return packet;
}

/** The reply to `question`; `undefined` for a packet that is malformed or answers something else. */
export function decodeReply(packet: Buffer, question: Buffer, family: 4 | 6): AddressReply | undefined {
  try {
    if (packet.length < 12 || packet.readUInt16BE(0) !== question.readUInt16BE(0)) return undefined;
    const flags = packet.readUInt16BE(2);
    if ((flags & 0x8000) === 0) return undefined;
    const rcode = flags & 0x000f;
    const truncated = (flags & 0x0200) !== 0;
    // Some servers leave the question out of an error; all others must repeat it.
    const questions = packet.readUInt16BE(4);
    if (questions === 0) return rcode === 0 ? undefined : { rcode, truncated, addresses: [] };
    if (questions !== 1 || !sameQuestion(packet, question)) return undefined;
    return { rcode, truncated, addresses: truncated ? [] : readAddresses(packet, question.length, family) };
  } catch (error) {
    // Reading past the end of a buffer.
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

/** Compares without regard to ASCII case, as servers may spell the name in their own way. */
function sameQuestion(packet: Buffer, question: Buffer): boolean {
  if (packet.length < question.length) return false;
  const text = (buffer: Buffer) => buffer.toString('latin1', 12, question.length).toLowerCase();
  return text(packet) === text(question);
}

function readAddresses(packet: Buffer, start: number, family: 4 | 6): string[] {
  const addresses: string[] = [];
  let offset = start;
  for (let left = packet.readUInt16BE(6); left > 0; left -= 1) {
    offset = skipName(packet, offset);
    const type = packet.readUInt16BE(offset);
    const length = packet.readUInt16BE(offset + 8);
    const data = offset + 10;
    if (data + length > packet.length) throw new RangeError('record data past the end');
    // A recursive server sends the aliases before the addresses that they lead to, so every address counts.
    if (type === recordType[family] && length === (family === 4 ? 4 : 16)) {
      addresses.push(addressText(packet.subarray(data, data + length)));
    }
    offset = data + length;
  }
  return addresses;
}

function skipName(packet: Buffer, start: number): number {
  let offset = start;
  for (;;) {
    const length = packet.readUInt8(offset);
    if (length === 0) return offset + 1;
    // A pointer ends the name.
    if (length >= 0xc0) return offset + 2;
    offset += 1 + length;
  }
}

function addressText(bytes: Buffer): string {
  if (bytes.length === 4) return bytes.join('.');
  const groups: string[] = [];
  for (let at = 0; at < 16; at += 2) groups.push(bytes.readUInt16BE(at).toString(16));
  // RFC 5952: the longest run of zero groups, two at least, is shortened.
  return groups
    .join(':')
    .replace(/\b0(?::0)+\b/gu, (run, at: number, whole: string) => (at === longestRun(whole) ? '::' : run))
    .replaceAll(/:{3,}/gu, '::');
}

function longestRun(text: string): number {
  let best = { at: -1, length: 0 };
  for (const { 0: run, index } of text.matchAll(/\b0(?::0)+\b/gu)) {
    if (run.length > best.length) best = { at: index, length: run.length };
  }
  return best.at;
}
