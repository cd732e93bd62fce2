/**
 * The words in which node_exporter's label `device_error` tells errors of statfs(2): Go's, as alerts may match them.
 * Node.js has other words, and none for ESTALE; so the table is by number (include/uapi/asm-generic/errno*.h).
 */
const texts: Readonly<Record<number, string>> = {
  1: 'operation not permitted',
  2: 'no such file or directory',
  3: 'no such process',
  4: 'interrupted system call',
  5: 'input/output error',
  6: 'no such device or address',
  11: 'resource temporarily unavailable',
  12: 'cannot allocate memory',
  13: 'permission denied',
  14: 'bad address',
  16: 'device or resource busy',
  19: 'no such device',
  20: 'not a directory',
  22: 'invalid argument',
  23: 'too many open files in system',
  24: 'too many open files',
  28: 'no space left on device',
  30: 'read-only file system',
  36: 'file name too long',
  38: 'function not implemented',
  40: 'too many levels of symbolic links',
  61: 'no data available',
  67: 'link has been severed',
  70: 'communication error on send',
  71: 'protocol error',
  74: 'bad message',
  75: 'value too large for defined data type',
  95: 'operation not supported',
  100: 'network is down',
  101: 'network is unreachable',
  102: 'network dropped connection on reset',
  103: 'software caused connection abort',
  104: 'connection reset by peer',
  105: 'no buffer space available',
  107: 'transport endpoint is not connected',
  108: 'cannot send after transport endpoint shutdown',
  110: 'connection timed out',
  111: 'connection refused',
  112: 'host is down',
  113: 'no route to host',
  116: 'stale NFS file handle',
  117: 'structure needs cleaning',
  121: 'remote I/O error',
  122: 'disk quota exceeded',
  126: 'required key not available',
  127: 'key has expired',
  128: 'key has been revoked',
  129: 'key was rejected by service',
};

/** What `device_error` says of an error that asking a file system gave. */
export function deviceErrorText(error: unknown): string {
  const { code, errno } = error as { code?: unknown; errno?: unknown };
  if (code === 'ESTUCK') return 'mountpoint timeout';
  // Node.js has error numbers negative.
  if (typeof errno === 'number') return texts[-errno] ?? `errno ${-errno}`;
  return typeof code === 'string' ? code : 'unknown error';
}
