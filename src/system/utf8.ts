/** Text of bytes that may be no text. */

/** The first bytes as UTF-8; U+FFFD stands for each stretch of those that are none, as in what Go programs serve. */
export function utf8Text(bytes: Buffer, length = bytes.length): string {
  const text = bytes.toString('utf8', 0, length);
  return text.includes('\ufffd') ? text.replaceAll(/\ufffd+/g, '\ufffd') : text;
}
