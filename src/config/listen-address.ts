/** Addresses to listen on, as Prometheus' programs write them. */

/** Splits `host:port`; an empty host means all addresses. */
export function parseListenAddress(address: string): { host: string; port: number } | undefined {
  const [, bracketed, plain = '', port = ''] = /^(?:\[([^\]]+)\]|([^:]*)):(\d{1,5})$/.exec(address) ?? [];
  if (port === '' || Number(port) > 65_535) return undefined;
  const host = bracketed ?? plain;
  return { host: host === '' ? '::' : host, port: Number(port) };
}
