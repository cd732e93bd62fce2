/**
 * The data of one DNS record, read field by field; each field is checked against the end of the data.
 */
import type { DnsRecord } from './dns-message.ts';
import { MalformedMessage, readName } from './dns-name.ts';

/** Walks through the data of one record. */
export class Data {
  readonly #record: DnsRecord;
  position: number;

  constructor(record: DnsRecord) {
    this.#record = record;
    this.position = record.start;
  }

  get end(): number {
    return this.#record.end;
  }

  bytes(count: number): Buffer {
    const next = this.position + count;
    if (next > this.end) throw new MalformedMessage('the data of a record is too short');
    const taken = this.#record.message.subarray(this.position, next);
    this.position = next;
    return taken;
  }

  rest(): Buffer {
    return this.bytes(this.end - this.position);
  }

  u8(): number {
    return this.bytes(1)[0]!;
  }

  u16(): number {
    return this.bytes(2).readUInt16BE();
  }

  u32(): number {
    return this.bytes(4).readUInt32BE();
  }

  name(): string {
    const { text, next } = readName(this.#record.message, this.position);
    if (next > this.end) throw new MalformedMessage('a name runs past the end of its record');
    this.position = next;
    return text;
  }

  string(): Buffer {
    return this.bytes(this.u8());
  }
}
