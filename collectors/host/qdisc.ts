/**
 * Queueing disciplines of the network devices: what they sent, dropped and hold.
 *
 * Source  `tc -s -j qdisc` of iproute2 (man 8 tc), as only netlink has it. Only the discipline at the root of a device is
 *         reported, which counts all below it.
 * Units   bytes and packets.
 * Labels  device; kind: the discipline, such as "fq_codel".
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { counter, defineCollector, gauge, malformed, type Sample } from '../../src/collector.ts';
import { includeExclude, nameFilter, pattern, z } from '../../src/config/schema.ts';
import { outputOf } from './command.ts';

const labels = ['device', 'kind'] as const;
const families = {
  bytes: counter('node_qdisc_bytes_total', 'Number of bytes sent.', labels),
  packets: counter('node_qdisc_packets_total', 'Number of packets sent.', labels),
  drops: counter('node_qdisc_drops_total', 'Number of packets dropped.', labels),
  requeues: counter('node_qdisc_requeues_total', 'Number of packets dequeued, not transmitted, and requeued.', labels),
  overlimits: counter('node_qdisc_overlimits_total', 'Number of overlimit packets.', labels),
  qlen: gauge('node_qdisc_current_queue_length', 'Number of packets currently in queue to be sent.', labels),
  backlog: gauge('node_qdisc_backlog', 'Number of bytes currently in queue to be sent.', labels),
};

const count = z.number().default(0);

const listing = z.array(
  z.object({
    dev: z.string().default(''),
    kind: z.string(),
    parent: z.string().optional(),
    bytes: count,
    packets: count,
    drops: count,
    requeues: count,
    overlimits: count,
    qlen: count,
    backlog: count,
  }),
);

// As node_exporter's library writes it.
const recording = z.array(
  z.object({
    IfaceName: z.string().default(''),
    Kind: z.string().default(''),
    Parent: count,
    Bytes: count,
    Packets: count,
    Drops: count,
    Requeues: count,
    Overlimits: count,
    Qlen: count,
    Backlog: count,
  }),
);

type Qdisc = Omit<z.output<typeof listing>[number], 'parent'>;

export const qdisc = defineCollector({
  name: 'qdisc',
  summary: 'What the queueing disciplines of network devices sent, dropped and hold.',
  source: '`tc -s -j qdisc`',
  differences: ['Needs the program `tc` of iproute2, where node_exporter asks by netlink.'],
  enabled: false,
  schedule: '15s',
  families: Object.values(families),
  aliases: { qdisk_device_include: 'device_include', qdisk_device_exclude: 'device_exclude' },
  config: z.strictObject({
    ...includeExclude('device', 'network devices'),
    qdisk_device_include: pattern().optional().describe('Deprecated alias of `device_include`.'),
    qdisk_device_exclude: pattern().optional().describe('Deprecated alias of `device_exclude`.'),
    fixtures: z.string().default('').describe('Folder with a recorded `results.json` to read instead, for tests.'),
  }),
  create(config) {
    const wanted = nameFilter(
      config.device_include ?? config.qdisk_device_include,
      config.device_exclude ?? config.qdisk_device_exclude,
    );
    return {
      async collect(signal) {
        const qdiscs =
          config.fixtures === ''
            ? parseListing(await outputOf('tc', ['-s', '-j', 'qdisc'], signal))
            : parseRecording(readFileSync(join(config.fixtures, 'results.json'), 'utf8'));
        return qdiscSamples(qdiscs.filter(({ dev }) => wanted(dev)));
      },
    };
  },
});

/** What a text holds, as `schema` has it. */
function parsed<T>(source: string, text: string, schema: z.ZodType<T>): T {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw malformed(source, 'no JSON');
  }
  const result = schema.safeParse(value);
  if (!result.success) throw malformed(source, result.error.issues[0]?.message ?? 'not as expected');
  return result.data;
}

/** The disciplines at the root of a device, of the output of `tc`. */
export function parseListing(text: string): Qdisc[] {
  return parsed('tc', text, listing).filter(({ parent }) => parent === undefined);
}

/** The disciplines at the root of a device, of a recording. */
export function parseRecording(text: string): Qdisc[] {
  return parsed('results.json', text, recording)
    .filter(({ Parent }) => Parent === 0)
    .map((entry) => ({
      dev: entry.IfaceName,
      kind: entry.Kind,
      bytes: entry.Bytes,
      packets: entry.Packets,
      drops: entry.Drops,
      requeues: entry.Requeues,
      overlimits: entry.Overlimits,
      qlen: entry.Qlen,
      backlog: entry.Backlog,
    }));
}

function qdiscSamples(qdiscs: readonly Qdisc[]): Sample[] {
  return qdiscs.flatMap((entry) => {
    const values = { device: entry.dev, kind: entry.kind };
    return [
      families.bytes.sample(entry.bytes, values),
      families.packets.sample(entry.packets, values),
      families.drops.sample(entry.drops, values),
      families.requeues.sample(entry.requeues, values),
      families.overlimits.sample(entry.overlimits, values),
      families.qlen.sample(entry.qlen, values),
      families.backlog.sample(entry.backlog, values),
    ];
  });
}
