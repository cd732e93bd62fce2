/**
 * Targets written `host:port`, as the probers take them that have no URL: an IPv6 address stands in brackets.
 */

/** A host, without brackets, and a port. */
export interface HostPort {
  readonly host: string;
  /** Undefined where the target names none. */
  readonly port: number | undefined;
}

/** Takes `host`, `host:port`, `[::1]:53` and a bare `::1` apart; undefined for anything else. */
export function splitHostPort(target: string): HostPort | undefined {
  const [, bracketed, plain, digits] = /^(?:\[([^[\]]+)\]|([^:[\]]+))(?::(\d{1,5}))?$/u.exec(target) ?? [];
  const host = bracketed ?? plain;
  if (host === undefined) {
    // More than one colon and no brackets: an IPv6 address.
    return (/^[\da-fA-F:.]+(?:%\S+)?$/u.test(target) && target.includes('::')) || target.split(':').length === 8
      ? { host: target, port: undefined }
      : undefined;
  }
  const port = digits === undefined ? undefined : Number(digits);
  return port !== undefined && port > 65_535 ? undefined : { host, port };
}
