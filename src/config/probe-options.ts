/** What `/probe` may be asked: nothing, until modules and targets are named. */
import { isIP } from 'node:net';
import { duration, z } from './schema.ts';

/** A network as `address/bits`; an address alone is the network of that one. */
export interface Network {
  readonly address: string;
  readonly bits: number;
  readonly family: 'ipv4' | 'ipv6';
}

/** Takes a network apart; undefined where it is none. */
export function parseNetwork(text: string): Network | undefined {
  const [, address = '', given] = /^([^/]+)(?:\/(\d{1,3}))?$/.exec(text) ?? [];
  const version = isIP(address);
  if (version === 0 || address.includes('%')) return undefined;
  const width = version === 4 ? 32 : 128;
  const bits = given === undefined ? width : Number(given);
  return bits > width ? undefined : { address, bits, family: version === 4 ? 'ipv4' : 'ipv6' };
}

/** A port or a range of ports, both ends included. */
export type PortRange = readonly [number, number];

/** Takes `443` and `8000-8999` apart; undefined where it is neither. */
export function parsePorts(text: string | number): PortRange | undefined {
  const [, from, to = from] = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(String(text)) ?? [];
  if (from === undefined) return undefined;
  const range: PortRange = [Number(from), Number(to)];
  return range[0] >= 1 && range[0] <= range[1] && range[1] <= 65_535 ? range : undefined;
}

const network = z
  .string()
  .refine((text) => parseNetwork(text) !== undefined, 'is not a network; write it like "10.0.0.0/8" or "fd00::/8"');

const target = z.strictObject({
  cidr: z
    .union([network, z.array(network).nonempty()])
    .transform((value) => (typeof value === 'string' ? [value] : value))
    .describe('Networks whose addresses may be probed.'),
  ports: z
    .array(z.union([z.int(), z.string()]))
    .refine((ports) => ports.every((port) => parsePorts(port) !== undefined), {
      error: 'has something that is no port; write it like [80, 443, "8000-8999"]',
    })
    .optional()
    .describe('Ports that may be probed there; all unless given. ICMP, which has none, needs an entry without.'),
});

/** The section `probe`. */
export const probeOptions = z
  .strictObject({
    enabled: z
      .boolean()
      .default(false)
      .describe('Serve `/probe`, as blackbox_exporter does, to whom the server lets in.'),
    modules: z.array(z.string()).default([]).describe('The modules that may be asked for.'),
    targets: z
      .array(target)
      .default([])
      .describe(
        'The addresses that may be probed, as in `[{ cidr: 10.0.0.0/8, ports: [443] }]`; all ports where none are given. Looked at for each hop of a redirect after its name is resolved.',
      ),
    timeout_offset: duration('500ms').describe("What is taken off Prometheus' timeout, to answer in time."),
  })
  .superRefine(({ enabled, modules, targets }, context) => {
    if (!enabled) return;
    for (const [key, list] of Object.entries({ modules, targets })) {
      if (list.length > 0) continue;
      context.addIssue({ code: 'custom', path: [key], message: 'is empty, so nothing could be probed; name some' });
    }
  });
