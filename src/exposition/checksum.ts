/**
 * The checksum of a text that is made of parts, from the checksums of the parts (CRC-32 of RFC 1952 section 8).
 *
 * A CRC is a remainder of polynomials over GF(2): to append n bytes is to multiply by x^8n and to add what those bytes
 * give by themselves. So a part that did not change is not read again, however large it is.
 */

// x^32 modulo the polynomial, with the bits of a CRC in their reflected order: the highest bit is the constant term.
const polynomial = 0xedb88320;
const one = 0x80000000;

/** The product of two remainders. */
function multiply(a: number, b: number): number {
  let product = 0;
  let shifted = b;
  for (let rest = a; rest !== 0; rest <<= 1) {
    if ((rest & one) !== 0) product ^= shifted;
    shifted = (shifted & 1) === 0 ? shifted >>> 1 : (shifted >>> 1) ^ polynomial;
  }
  return product;
}

/** What a checksum is multiplied by when so many bytes follow. */
export function shiftOf(bytes: number): number {
  // x^8, which stands 8 bits below the constant term.
  let power = one >>> 8;
  let shift = one;
  for (let rest = bytes; rest > 0; rest = Math.floor(rest / 2)) {
    if (rest % 2 === 1) shift = multiply(shift, power);
    power = multiply(power, power);
  }
  return shift;
}

/** The checksum of two texts, one after the other; `shift` is that of the second one's length. */
export function joinChecksums(first: number, second: number, shift: number): number {
  return (multiply(shift, first) ^ second) >>> 0;
}
