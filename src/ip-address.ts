/** The bytes of addresses, for those who hash, unwrap or compare them. */

/** The sixteen bytes of an address, without its zone; an IPv4 address in its IPv6-mapped form. */
export function addressBytes(address: string): Uint8Array {
  const bytes = new Uint8Array(16);
  const [plain = ''] = address.split('%', 1);
  const colon = plain.lastIndexOf(':');
  const dotted = plain.includes('.')
    ? plain
        .slice(colon + 1)
        .split('.')
        .map(Number)
    : undefined;
  if (dotted !== undefined) bytes.set(dotted, 12);
  if (colon < 0) {
    bytes.fill(0xff, 10, 12);
    return bytes;
  }
  // The last two groups of a mixed notation are the dotted part.
  const groups = dotted === undefined ? plain : `${plain.slice(0, colon + 1)}0:0`;
  const [head = '', tail] = groups.split('::', 2);
  const put = (part: string, end: boolean) => {
    const values = part === '' ? [] : part.split(':').map((group) => Number.parseInt(group, 16));
    const start = end ? 16 - 2 * values.length : 0;
    values.forEach((value, index) => {
      bytes[start + 2 * index] = bytes[start + 2 * index]! | (value >> 8);
      bytes[start + 2 * index + 1] = bytes[start + 2 * index + 1]! | (value & 0xff);
    });
  };
  put(head, false);
  if (tail !== undefined) put(tail, true);
  return bytes;
}
