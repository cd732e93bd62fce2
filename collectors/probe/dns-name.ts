/**
 * Names of DNS: as bytes on the wire (RFC 1035 sections 3.1 and 4.1.4) and as text with escapes (section 5.1).
 */
import { domainToASCII } from 'node:url';

/** Bytes that are no DNS message. */
export class MalformedMessage extends Error {}

/**
 * A name in presentation format as labels of bytes: `\.` is a dot inside a label, `\065` a byte. Letters beyond ASCII
 * become punycode first. Says what is wrong with a name that cannot be sent.
 */
export function encodeName(text: string): Buffer | { readonly problem: string } {
  // eslint-disable-next-line no-control-regex
  const ascii = /^[\0-\x7f]*$/.test(text) ? text : domainToASCII(text);
  if (text !== '' && ascii === '') return { problem: 'cannot be written in ASCII (IDNA)' };
  const parts: number[][] = [[]];
  for (let index = 0; index < ascii.length; index++) {
    const label = parts.at(-1)!;
    if (ascii[index] === '.') {
      parts.push([]);
    } else if (ascii[index] === '\\') {
      const digits = /^\d{3}/.exec(ascii.slice(index + 1))?.[0];
      if (digits !== undefined && Number(digits) > 255) return { problem: `has the escape \\${digits}, above \\255` };
      if (digits === undefined && index + 1 === ascii.length) return { problem: 'ends in a backslash' };
      label.push(digits === undefined ? ascii.charCodeAt(index + 1) : Number(digits));
      index += digits === undefined ? 1 : 3;
    } else {
      label.push(ascii.charCodeAt(index));
    }
  }
  if (parts.at(-1)!.length === 0) parts.pop();
  if (parts.length === 1 && parts[0]!.length === 0) parts.pop();
  if (parts.some((label) => label.length === 0)) return { problem: 'has an empty label' };
  if (parts.some((label) => label.length > 63)) return { problem: 'has a label of more than 63 bytes' };
  const labels = parts.map((label) => Buffer.from([label.length].concat(label)));
  const wire = Buffer.concat([...labels, Buffer.from([0])]);
  return wire.length > 255 ? { problem: 'is longer than 255 bytes' } : wire;
}

const specialInLabel = new Set(Buffer.from('. \'@;()"\\'));

function labelText(message: Buffer, start: number, end: number): string {
  let text = '';
  for (let position = start; position < end; position++) {
    const byte = message[position]!;
    if (byte < 0x20 || byte > 0x7e) text += `\\${String(byte).padStart(3, '0')}`;
    else text += specialInLabel.has(byte) ? `\\${String.fromCharCode(byte)}` : String.fromCharCode(byte);
  }
  return text;
}

/** A name at `start`, as presentation text with its final dot, and the position behind it. */
export function readName(message: Buffer, start: number): { readonly text: string; readonly next: number } {
  let text = '';
  let length = 1;
  let position = start;
  let next: number | undefined;
  let lowest = start;
  for (;;) {
    const head = message[position];
    if (head === undefined) throw new MalformedMessage('a name runs past the end of the message');
    if (head === 0) break;
    if (head >= 0xc0) {
      const low = message[position + 1];
      if (low === undefined) throw new MalformedMessage('a name runs past the end of the message');
      next ??= position + 2;
      position = ((head & 0x3f) << 8) | low;
      // Going backwards only, a chain of pointers must end.
      if (position >= lowest) throw new MalformedMessage('a name points forwards');
      lowest = position;
    } else if (head > 63) {
      throw new MalformedMessage(`a name has a label of unknown kind 0x${head.toString(16)}`);
    } else {
      const end = position + 1 + head;
      length += 1 + head;
      if (end > message.length) throw new MalformedMessage('a name runs past the end of the message');
      if (length > 255) throw new MalformedMessage('a name is longer than 255 bytes');
      text += `${labelText(message, position + 1, end)}.`;
      position = end;
    }
  }
  return { text: text === '' ? '.' : text, next: next ?? position + 1 };
}
