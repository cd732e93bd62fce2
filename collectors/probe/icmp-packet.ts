/**
 * ICMP echo messages on the wire (RFC 792, RFC 4443), and the errors that routers send in place of a reply.
 */

/** The protocol numbers. */
export const icmpProtocol = { 4: 1, 6: 58 } as const;

const echoRequest = { 4: 8, 6: 128 } as const;
const echoReply = { 4: 0, 6: 129 } as const;

const errorNames: Readonly<Record<4 | 6, Readonly<Record<number, string>>>> = {
  4: { 3: 'destination unreachable', 11: 'time to live exceeded', 12: 'parameter problem' },
  6: { 1: 'destination unreachable', 2: 'packet too big', 3: 'hop limit exceeded', 4: 'parameter problem' },
};

/** The message types to let through to a socket of this family. */
export function wantedTypes(family: 4 | 6): readonly number[] {
  return [echoReply[family], ...Object.keys(errorNames[family]).map(Number)];
}

/** What tells one request from another. */
export interface EchoId {
  readonly id: number;
  readonly sequence: number;
}

const headerLength = 8;

/** The internet checksum: the ones' complement of the ones' complement sum of 16-bit words. */
export function checksum(bytes: Buffer): number {
  let sum = 0;
  for (let index = 0; index + 1 < bytes.length; index += 2) sum += bytes.readUInt16BE(index);
  if (bytes.length % 2 === 1) sum += bytes.at(-1)! << 8;
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return ~sum & 0xffff;
}

/** A request. The kernel writes the checksum of IPv6, as it covers addresses that only the kernel knows. */
export function encodeEchoRequest(family: 4 | 6, { id, sequence }: EchoId, payload: Buffer): Buffer {
  const message = Buffer.alloc(headerLength + payload.length);
  message[0] = echoRequest[family];
  message.writeUInt16BE(id, 4);
  message.writeUInt16BE(sequence, 6);
  payload.copy(message, headerLength);
  if (family === 4) message.writeUInt16BE(checksum(message), 2);
  return message;
}

/** What came back for a request. */
export interface EchoAnswer extends EchoId {
  /** What a router said in place of a reply. */
  readonly error?: string;
  /** The payload of a reply. */
  readonly payload?: Buffer;
}

/** Reads a received message, behind its IPv4 header if `withHeader`; undefined for what answers no echo request. */
export function decodeEchoAnswer(family: 4 | 6, packet: Buffer, withHeader: boolean): EchoAnswer | undefined {
  const start = withHeader ? (packet.at(0)! & 0xf) * 4 : 0;
  const message = packet.subarray(start);
  if (message.length < headerLength) return undefined;
  const type = message[0]!;
  if (type === echoReply[family]) {
    const payload = message.subarray(headerLength);
    return { id: message.readUInt16BE(4), sequence: message.readUInt16BE(6), payload };
  }
  const error = errorNames[family][type];
  if (error === undefined) return undefined;
  // An error carries the beginning of the packet that it is about: an IP header and eight bytes at least.
  const culprit = message.subarray(headerLength);
  const request = culprit.subarray(family === 6 ? 40 : ((culprit.at(0) ?? 0) & 0xf) * 4);
  if (request.length < headerLength || request[0] !== echoRequest[family]) return undefined;
  return { id: request.readUInt16BE(4), sequence: request.readUInt16BE(6), error };
}
