/**
 * State and traffic of DRBD devices, as version 8 tells them; version 9 has them in debugfs and its own tools only.
 *
 * Source  /proc/drbd (DRBD user's guide 8.4, "The /proc/drbd file"): words such as `cs:Connected` and `ns:1024`, below
 *         the number of a device, such as `0:`.
 * Units   ns, nr, dw, dr and oos are KiB.
 * Labels  device: such as "drbd0"; node: "local" or "remote".
 */
import { counter, defineCollector, type Family, gauge, type Sample } from '../../src/collector.ts';
import { z } from '../../src/config/schema.ts';
import { decimal } from '../../src/system/numbers.ts';

const device = ['device'] as const;
const onNode = ['device', 'node'] as const;
const kibibyte = 1024;

const numbers: Readonly<Record<string, { family: Family<'device'>; factor: number }>> = {
  ns: {
    family: counter('node_drbd_network_sent_bytes_total', 'Total number of bytes sent via the network.', device),
    factor: kibibyte,
  },
  nr: {
    family: counter(
      'node_drbd_network_received_bytes_total',
      'Total number of bytes received via the network.',
      device,
    ),
    // The file counts KiB here too, but node_exporter has served it so for years: a rate that grew 1,024 times overnight
    // would break every rule that was written for it.
    factor: 1,
  },
  dw: {
    family: counter('node_drbd_disk_written_bytes_total', 'Net data written on local hard disk; in bytes.', device),
    factor: kibibyte,
  },
  dr: {
    family: counter('node_drbd_disk_read_bytes_total', 'Net data read from local hard disk; in bytes.', device),
    factor: kibibyte,
  },
  al: {
    family: counter(
      'node_drbd_activitylog_writes_total',
      'Number of updates of the activity log area of the meta data.',
      device,
    ),
    factor: 1,
  },
  bm: {
    family: counter('node_drbd_bitmap_writes_total', 'Number of updates of the bitmap area of the meta data.', device),
    factor: 1,
  },
  lo: {
    family: gauge('node_drbd_local_pending', 'Number of open requests to the local I/O sub-system.', device),
    factor: 1,
  },
  pe: {
    family: gauge(
      'node_drbd_remote_pending',
      'Number of requests sent to the peer, but that have not yet been answered by the latter.',
      device,
    ),
    factor: 1,
  },
  ua: {
    family: gauge(
      'node_drbd_remote_unacknowledged',
      'Number of requests received by the peer via the network connection, but that have not yet been answered.',
      device,
    ),
    factor: 1,
  },
  ap: {
    family: gauge(
      'node_drbd_application_pending',
      'Number of block I/O requests forwarded to DRBD, but not yet answered by DRBD.',
      device,
    ),
    factor: 1,
  },
  ep: { family: gauge('node_drbd_epochs', 'Number of Epochs currently on the fly.', device), factor: 1 },
  oos: {
    family: gauge('node_drbd_out_of_sync_bytes', 'Amount of data known to be out of sync; in bytes.', device),
    factor: kibibyte,
  },
};

const pairs: Readonly<Record<string, { family: Family<'device' | 'node'>; well: string }>> = {
  ro: {
    family: gauge('node_drbd_node_role_is_primary', 'Whether the role of the node is in the primary state.', onNode),
    well: 'Primary',
  },
  ds: {
    family: gauge('node_drbd_disk_state_is_up_to_date', 'Whether the disk of the node is up to date.', onNode),
    well: 'UpToDate',
  },
};

const connected = gauge('node_drbd_connected', 'Whether DRBD is connected to the peer.', device);

export const drbd = defineCollector({
  name: 'drbd',
  summary: 'State and traffic of DRBD devices.',
  source: '/proc/drbd',
  enabled: false,
  families: [
    ...Object.values(numbers).map(({ family }) => family),
    ...Object.values(pairs).map(({ family }) => family),
    connected,
  ],
  config: z.strictObject({}),
  create(_config, { system }) {
    return { collect: () => parseDrbd(system.proc.text('drbd')) };
  },
});

/** The samples of /proc/drbd. Words that are not known, and those before the first device, are passed over. */
export function* parseDrbd(text: string): Iterable<Sample> {
  let name: string | undefined;
  for (const word of text.split(/\s+/)) {
    const [, key = '', value = ''] = /^([^:]+):([^:]*)$/.exec(word) ?? [];
    if (/^\d+$/.test(key) && value === '') name = `drbd${key}`;
    else if (name !== undefined) yield* samplesOf(key, value, name);
  }
}

function* samplesOf(key: string, value: string, name: string): Iterable<Sample> {
  const number = Object.hasOwn(numbers, key) ? numbers[key] : undefined;
  const pair = Object.hasOwn(pairs, key) ? pairs[key] : undefined;
  if (number !== undefined) {
    const count = decimal(value);
    if (count !== undefined) yield number.family.sample(count * number.factor, { device: name });
  } else if (pair !== undefined) {
    const [local, remote] = value.split('/');
    if (local === undefined || remote === undefined) return;
    yield pair.family.sample(local === pair.well ? 1 : 0, { device: name, node: 'local' });
    yield pair.family.sample(remote === pair.well ? 1 : 0, { device: name, node: 'remote' });
  } else if (key === 'cs') {
    yield connected.sample(value === 'Connected' ? 1 : 0, { device: name });
  }
}
