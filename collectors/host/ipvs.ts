/**
 * Traffic of the IP Virtual Server, and the connections and weight of each of its backends.
 *
 * Source  /proc/net/ip_vs_stats: totals on the third line; /proc/net/ip_vs: a line for each virtual service, then one
 *         for each of its backends, `->` first (net/netfilter/ipvs/ip_vs_ctl.c). Numbers and addresses of the totals and
 *         the services are hexadecimal, those of connections and weights decimal.
 * Labels  local_address, local_port, remote_address, remote_port, proto; local_mark of services by firewall mark.
 * Quirks  The files are there only while the module ip_vs is loaded.
 */
import { counter, defineCollector, gauge, malformed, type Sample } from '../../src/collector.ts';
import { z } from '../../src/config/schema.ts';
import { hexadecimal, lines, unsigned, words } from '../../src/system/numbers.ts';
import { ipv4OfHex, ipv6OfHex } from './ip-address.ts';

const totals = [
  counter('node_ipvs_connections_total', 'The total number of connections made.'),
  counter('node_ipvs_incoming_packets_total', 'The total number of incoming packets.'),
  counter('node_ipvs_outgoing_packets_total', 'The total number of outgoing packets.'),
  counter('node_ipvs_incoming_bytes_total', 'The total amount of incoming data.'),
  counter('node_ipvs_outgoing_bytes_total', 'The total amount of outgoing data.'),
];

const labelNames = ['local_address', 'local_port', 'remote_address', 'remote_port', 'proto', 'local_mark'] as const;
type LabelName = (typeof labelNames)[number];

const optional = labelNames.map((name) => `${name}?` as const);
const active = gauge(
  'node_ipvs_backend_connections_active',
  'The current active connections by local and remote address.',
  optional,
);
const inactive = gauge(
  'node_ipvs_backend_connections_inactive',
  'The current inactive connections by local and remote address.',
  optional,
);
const weight = gauge('node_ipvs_backend_weight', 'The current backend weight by local and remote address.', optional);

const splitNames = (text: string): string[] => text.split(',').filter((name) => name !== '');

export const ipvs = defineCollector({
  name: 'ipvs',
  summary: 'Traffic of the IP Virtual Server and its backends.',
  source: '/proc/net/ip_vs_stats, /proc/net/ip_vs',
  differences: ['Services of SCTP are reported under their own name.'],
  enabled: true,
  families: [...totals, active, inactive, weight],
  config: z.strictObject({
    backend_labels: z
      .string()
      .refine((text) => splitNames(text).every((name) => labelNames.some((known) => known === name)), {
        error: `write names out of ${labelNames.join(', ')}, with commas between`,
      })
      .default(labelNames.join(','))
      .describe('Labels of backends, with commas between; backends that share all of them are added up.'),
  }),
  create(config, { system }) {
    const chosen = new Set(splitNames(config.backend_labels));
    const wanted = labelNames.filter((name) => chosen.has(name));
    return {
      collect() {
        const samples = parseTotals(system.proc.text('net/ip_vs_stats')).map((value, index) =>
          totals[index]!.sample(value),
        );
        return [...samples, ...backendSamples(parseBackends(system.proc.text('net/ip_vs')), wanted)];
      },
    };
  },
});

/** The totals in the order of their families; throws `CollectError` where the file is cut short. */
export function parseTotals(text: string): number[] {
  const line = text.split('\n')[2] ?? '';
  const values = words(line).map(hexadecimal);
  if (values.length !== totals.length || values.includes(undefined)) {
    throw malformed('net/ip_vs_stats', JSON.stringify(line));
  }
  return values as number[];
}

/** A backend of a virtual service. */
export interface Backend {
  readonly labels: Readonly<Record<LabelName, string>>;
  readonly weight: number;
  readonly active: number;
  readonly inactive: number;
}

/** The backends of all services; throws `CollectError` where a line is neither a service nor a backend. */
export function parseBackends(text: string): Backend[] {
  const backends: Backend[] = [];
  let service: Pick<Backend['labels'], 'local_address' | 'local_port' | 'proto' | 'local_mark'> | undefined;
  // Three lines of headings come first.
  for (const line of lines(text).slice(3)) {
    const [kind = '', where = '', , ...numbers] = words(line);
    if (kind !== '->') {
      service =
        kind === 'FWM'
          ? { proto: kind, local_mark: where, local_address: '', local_port: '0' }
          : { proto: kind, local_mark: '', ...endpoint(where, 'local_address', 'local_port', line) };
      continue;
    }
    const [weightOf, activeOf, inactiveOf] = numbers.map(unsigned);
    if (service === undefined || weightOf === undefined || activeOf === undefined || inactiveOf === undefined) {
      throw malformed('net/ip_vs', JSON.stringify(line));
    }
    const labels = { ...service, ...endpoint(where, 'remote_address', 'remote_port', line) };
    backends.push({ labels, weight: weightOf, active: activeOf, inactive: inactiveOf });
  }
  return backends;
}

/** An address and a port, as `C000020A:0050` or `[2001:0db8:...:0001]:0050`. */
function endpoint<A extends LabelName, P extends LabelName>(
  text: string,
  addressLabel: A,
  portLabel: P,
  line: string,
): Record<A | P, string> {
  const [, hostText = '', portText] = /^(.*):([\da-fA-F]{4})$/.exec(text) ?? [];
  const host = ipv4OfHex(hostText) ?? ipv6OfHex(hostText.replace(/^\[(.*)\]$/, '$1'));
  const port = hexadecimal(portText);
  if (host === undefined || port === undefined) throw malformed('net/ip_vs', JSON.stringify(line));
  return { [addressLabel]: host, [portLabel]: String(port) } as Record<A | P, string>;
}

function backendSamples(backends: readonly Backend[], wanted: readonly LabelName[]): Sample[] {
  const sums = new Map<string, Backend>();
  for (const backend of backends) {
    const labels = Object.fromEntries(wanted.map((name) => [name, backend.labels[name]])) as Backend['labels'];
    const key = Object.values(labels).join(' ');
    const sum = sums.get(key);
    sums.set(key, {
      labels,
      weight: (sum?.weight ?? 0) + backend.weight,
      active: (sum?.active ?? 0) + backend.active,
      inactive: (sum?.inactive ?? 0) + backend.inactive,
    });
  }
  return [...sums.values()].flatMap((sum) => [
    active.sample(sum.active, sum.labels),
    inactive.sample(sum.inactive, sum.labels),
    weight.sample(sum.weight, sum.labels),
  ]);
}
