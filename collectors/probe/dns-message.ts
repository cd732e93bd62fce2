/**
 * DNS messages on the wire: a query as bytes, a reply as header and records.
 *
 * Source  RFC 1035 section 4; RFC 6891 for the upper bits of the response code, which an OPT record carries.
 *
 * A reply comes from whoever answers, so each length is checked before it is used and compression pointers must go
 * backwards. The data of a record stays bytes until somebody asks for its text.
 */
import { MalformedMessage, readName } from './dns-name.ts';

/** One record of a reply. */
export interface DnsRecord {
  readonly name: string;
  readonly type: number;
  readonly class: number;
  readonly ttl: number;
  /** The whole message and where the data of this record is in it; names in it may point elsewhere. */
  readonly message: Buffer;
  readonly start: number;
  readonly end: number;
}

/** A reply as it came. */
export interface DnsReply {
  readonly id: number;
  readonly response: boolean;
  readonly truncated: boolean;
  readonly authoritative: boolean;
  readonly rcode: number;
  readonly answers: readonly DnsRecord[];
  readonly authorities: readonly DnsRecord[];
  readonly additionals: readonly DnsRecord[];
}

const optType = 41;
const headerLength = 12;

/** What a query asks, the same at every probe of a module. */
export interface DnsQuestion {
  /** The name as `encodeName` made it. */
  readonly name: Buffer;
  readonly type: number;
  readonly class: number;
  readonly recursionDesired: boolean;
}

/** A query with one question and nothing else. */
export function encodeQuery(id: number, question: DnsQuestion): Buffer {
  const query = Buffer.alloc(headerLength + question.name.length + 4);
  query.writeUInt16BE(id, 0);
  query.writeUInt16BE(question.recursionDesired ? 0x0100 : 0, 2);
  query.writeUInt16BE(1, 4);
  question.name.copy(query, headerLength);
  query.writeUInt16BE(question.type, headerLength + question.name.length);
  query.writeUInt16BE(question.class, headerLength + question.name.length + 2);
  return query;
}

function readRecord(message: Buffer, start: number): DnsRecord {
  const { text: name, next } = readName(message, start);
  if (next + 10 > message.length) throw new MalformedMessage('a record runs past the end of the message');
  const data = next + 10;
  const end = data + message.readUInt16BE(next + 8);
  if (end > message.length) throw new MalformedMessage('the data of a record runs past the end of the message');
  return {
    name,
    type: message.readUInt16BE(next),
    class: message.readUInt16BE(next + 2),
    ttl: message.readUInt32BE(next + 4),
    message,
    start: data,
    end,
  };
}

/** Reads a message; throws `MalformedMessage`. A cut message is malformed unless its header says that it was cut. */
export function decodeReply(message: Buffer): DnsReply {
  if (message.length < headerLength) throw new MalformedMessage(`${message.length} bytes are too few for a message`);
  const flags = message.readUInt16BE(2);
  const truncated = (flags & 0x0200) !== 0;
  const sections: DnsRecord[][] = [[], [], []];
  let position = headerLength;
  try {
    for (let count = message.readUInt16BE(4); count > 0; count--) {
      position = readName(message, position).next + 4;
      if (position > message.length) throw new MalformedMessage('the question runs past the end of the message');
    }
    for (const [index, section] of sections.entries()) {
      for (let count = message.readUInt16BE(6 + 2 * index); count > 0; count--) {
        const record = readRecord(message, position);
        position = record.end;
        section.push(record);
      }
    }
  } catch (error) {
    // Servers may cut anywhere once they have set the flag (RFC 2181 section 9).
    if (!(truncated && error instanceof MalformedMessage)) throw error;
  }
  const [answers, authorities, additionals] = sections as [DnsRecord[], DnsRecord[], DnsRecord[]];
  const opt = additionals.find((record) => record.type === optType);
  return {
    id: message.readUInt16BE(0),
    response: (flags & 0x8000) !== 0,
    authoritative: (flags & 0x0400) !== 0,
    truncated,
    rcode: (flags & 0xf) | (opt === undefined ? 0 : (opt.ttl >>> 24) << 4),
    answers,
    authorities,
    additionals,
  };
}

const soaType = 6;

/** The serial number in an SOA record; undefined for other records. */
export function soaSerial(record: DnsRecord): number | undefined {
  if (record.type !== soaType) return undefined;
  const { next } = readName(record.message, readName(record.message, record.start).next);
  return next + 4 <= record.end ? record.message.readUInt32BE(next) : undefined;
}
