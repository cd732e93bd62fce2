/**
 * Targets written `host:port`, as the probers take them that have no URL: an IPv6 address stands in brackets, and a port
 * may have the name of its service.
 */
import { ParsedFile } from './resolve-files.ts';

/** A host, without brackets, and a port. */
export interface HostPort {
  readonly host: string;
  /** Undefined where the target names none. */
  readonly port: number | undefined;
}

/** The TCP ports of services by their names and aliases, in lower case. */
export type Services = ReadonlyMap<string, number>;

/** Takes `host`, `host:port`, `host:service`, `[::1]:53` and a bare `::1` apart; undefined for anything else. */
export function splitHostPort(target: string): HostPort | undefined {
  const [, bracketed, plain, text] = /^(?:\[([^[\]]+)\]|([^:[\]]+))(?::(\d{1,5}|[a-z][\w.+-]*))?$/iu.exec(target) ?? [];
  const host = bracketed ?? plain;
  if (host === undefined) {
    // More than one colon and no brackets: an IPv6 address.
    return (/^[\da-fA-F:.]+(?:%\S+)?$/u.test(target) && target.includes('::')) || target.split(':').length === 8
      ? { host: target, port: undefined }
      : undefined;
  }
  if (text === undefined) return { host, port: undefined };
  const port = /^\d/u.test(text) ? Number(text) : servicePort(text);
  return port === undefined || port > 65_535 ? undefined : { host, port };
}

// What Go knows where there is no /etc/services, as in small images.
const wellKnown: Readonly<Record<string, number>> = {
  domain: 53,
  ftp: 21,
  ftps: 990,
  gopher: 70,
  http: 80,
  https: 443,
  imap2: 143,
  imap3: 220,
  imaps: 993,
  pop3: 110,
  pop3s: 995,
  smtp: 25,
  ssh: 22,
  submissions: 465,
  telnet: 23,
};

// Read when a target is first written so.
const hostServices = new ParsedFile('/etc/services', parseServices);

/** The TCP port of a service by its name or an alias, whatever the case; undefined where nobody knows it. */
export function servicePort(name: string, services: Services = hostServices.get()): number | undefined {
  const wanted = name.toLowerCase();
  return services.get(wanted) ?? (Object.hasOwn(wellKnown, wanted) ? wellKnown[wanted] : undefined);
}

/** Reads a services file (services(5)): a name, a port of TCP, aliases; `#` starts a comment. The first of a name counts. */
export function parseServices(text: string): Services {
  const services = new Map<string, number>();
  for (const line of text.split('\n')) {
    const [service = '', where = '', ...aliases] = line.split('#', 1)[0]!.trim().split(/\s+/u);
    const [, port] = /^(\d{1,5})\/tcp$/u.exec(where) ?? [];
    if (port === undefined) continue;
    for (const name of [service, ...aliases]) {
      const key = name.toLowerCase();
      if (!services.has(key)) services.set(key, Number(port));
    }
  }
  return services;
}
