/** A request as HTTP/1 has it (RFC 9112 section 3). */
import { ProbeFailure } from './failure.ts';
import type { ExchangeRequest } from './http-message.ts';

const token = /^[!#$%&'*+.^_`|~\w-]+$/u;
const badInTarget = /[^\x21-\x7e]/u;
// What would end the line, and what one byte cannot hold.
const badInValue = /[^\t\x20-\x7e\x80-\xff]/u;

/** The request line and the headers, in one byte a character; fails with the reason `config` where they cannot be sent. */
export function requestHead(
  { method, path, authority, headers, body }: ExchangeRequest,
  proxyAuthorization: string | undefined,
): string {
  if (!token.test(method) || badInTarget.test(path)) {
    throw new ProbeFailure('config', 'the method or the path holds what it cannot');
  }
  let head = `${method} ${path} HTTP/1.1\r\n${line('Host', authority)}`;
  let ends = false;
  for (let at = 0; at < headers.length; at += 2) {
    const name = headers[at]!;
    head += line(name, headers[at + 1]!);
    ends ||= name.length === 10 && name.toLowerCase() === 'connection';
  }
  if (body !== undefined) head += `Content-Length: ${body.length}\r\n`;
  else if (method === 'POST' || method === 'PUT' || method === 'PATCH') head += 'Content-Length: 0\r\n';
  if (proxyAuthorization !== undefined) head += line('Proxy-Authorization', proxyAuthorization);
  return ends ? `${head}\r\n` : `${head}Connection: close\r\n\r\n`;
}

function line(name: string, value: string): string {
  if (!token.test(name) || badInValue.test(value)) {
    throw new ProbeFailure('config', 'a header holds what it cannot');
  }
  return `${name}: ${value}\r\n`;
}
