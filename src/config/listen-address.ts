/** Addresses to listen on, as Prometheus' programs write them. */

/** A TCP port of an interface, or a unix socket. */
export type ListenAddress = { readonly host: string; readonly port: number } | { readonly path: string };

// The kernel keeps 108 bytes for the path of a unix socket, the closing zero included.
const maxPathBytes = 107;

/** Takes `host:port`, `:port` for all interfaces, or `unix:/path`; undefined for anything else. */
export function parseListenAddress(address: string): ListenAddress | undefined {
  if (address.startsWith('unix:')) {
    const path = address.slice('unix:'.length);
    const fits = path.startsWith('/') && !path.includes('\0') && Buffer.byteLength(path) <= maxPathBytes;
    return fits ? { path } : undefined;
  }
  const [, bracketed, plain = '', port = ''] = /^(?:\[([^\]]+)\]|([^:]*)):(\d{1,5})$/.exec(address) ?? [];
  if (port === '' || Number(port) > 65_535) return undefined;
  const host = bracketed ?? plain;
  return { host: host === '' ? '::' : host, port: Number(port) };
}
