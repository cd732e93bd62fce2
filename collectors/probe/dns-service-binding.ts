/**
 * The parameters of SVCB and HTTPS records as text (RFC 9460 section 2.1), each with its value in quotes, as miekg/dns
 * prints them: `alpn="h2,h3" port="8443"`.
 */
import { MalformedMessage } from './dns-name.ts';

const keys = ['mandatory', 'alpn', 'no-default-alpn', 'port', 'ipv4hint', 'ech', 'ipv6hint', 'dohpath', 'ohttp'];

function keyName(key: number): string {
  return keys[key] ?? `key${key}`;
}

function escaped(bytes: Buffer, special: string): string {
  let text = '';
  for (const byte of bytes) {
    if (byte < 0x20 || byte > 0x7e) text += `\\${String(byte).padStart(3, '0')}`;
    else
      text += special.includes(String.fromCharCode(byte))
        ? `\\${String.fromCharCode(byte)}`
        : String.fromCharCode(byte);
  }
  return text;
}

function pieces(value: Buffer, size: number): Buffer[] {
  if (value.length % size !== 0) throw new MalformedMessage('a service parameter has a wrong length');
  return Array.from({ length: value.length / size }, (_, index) => value.subarray(index * size, (index + 1) * size));
}

function doublyEscaped(character: string): string {
  return String.raw`\\\0` + character.charCodeAt(0);
}

function protocols(value: Buffer): string {
  const texts: string[] = [];
  for (let position = 0; position < value.length;) {
    const end = position + 1 + value[position]!;
    if (end > value.length) throw new MalformedMessage('a service parameter is cut');
    // A comma separates protocols, so one inside a name is escaped once as such and once as text.
    texts.push(escaped(value.subarray(position + 1, end), '"').replaceAll(/,|\\(?![\d"])/g, doublyEscaped));
    position = end;
  }
  return texts.join(',');
}

function ip6(bytes: Buffer): string {
  const groups = pieces(bytes, 2).map((pair) => pair.readUInt16BE().toString(16));
  return new URL(`http://[${groups.join(':')}]`).hostname.slice(1, -1);
}

function valueText(key: number, value: Buffer): string {
  switch (keyName(key)) {
    case 'mandatory':
      return pieces(value, 2)
        .map((pair) => keyName(pair.readUInt16BE()))
        .join(',');
    case 'alpn':
      return protocols(value);
    case 'port':
      if (value.length !== 2) throw new MalformedMessage('a service parameter has a wrong length');
      return String(value.readUInt16BE());
    case 'ipv4hint':
      return pieces(value, 4)
        .map((address) => address.join('.'))
        .join(',');
    case 'ipv6hint':
      return pieces(value, 16).map(ip6).join(',');
    case 'ech':
      return value.toString('base64');
    default:
      return escaped(value, '"\\ ');
  }
}

/** The parameters behind priority and target. */
export function parametersText(data: Buffer): string {
  const texts: string[] = [];
  for (let position = 0; position < data.length;) {
    if (position + 4 > data.length) throw new MalformedMessage('a service parameter is cut');
    const key = data.readUInt16BE(position);
    const end = position + 4 + data.readUInt16BE(position + 2);
    if (end > data.length) throw new MalformedMessage('a service parameter is cut');
    texts.push(`${keyName(key)}="${valueText(key, data.subarray(position + 4, end))}"`);
    position = end;
  }
  return texts.join(' ');
}
