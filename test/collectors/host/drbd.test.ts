import { expect, test } from 'vitest';
import { drbd, parseDrbd } from '../../../collectors/host/drbd.ts';
import { expose, text } from '../../support/expose.ts';
import { sceneFolder, sceneOf } from '../../support/scene.ts';

test('reports each resource', async () => {
  expect(await expose(drbd, sceneFolder('rich-server', ['drbd']))).toBe(text`
    # HELP node_drbd_activitylog_writes_total Number of updates of the activity log area of the meta data.
    # TYPE node_drbd_activitylog_writes_total counter
    node_drbd_activitylog_writes_total{device="drbd0"} 12
    node_drbd_activitylog_writes_total{device="drbd7"} 0
    # HELP node_drbd_application_pending Number of block I/O requests forwarded to DRBD, but not yet answered by DRBD.
    # TYPE node_drbd_application_pending gauge
    node_drbd_application_pending{device="drbd0"} 3
    node_drbd_application_pending{device="drbd7"} 0
    # HELP node_drbd_bitmap_writes_total Number of updates of the bitmap area of the meta data.
    # TYPE node_drbd_bitmap_writes_total counter
    node_drbd_bitmap_writes_total{device="drbd0"} 1055
    node_drbd_bitmap_writes_total{device="drbd7"} 0
    # HELP node_drbd_connected Whether DRBD is connected to the peer.
    # TYPE node_drbd_connected gauge
    node_drbd_connected{device="drbd0"} 1
    node_drbd_connected{device="drbd7"} 0
    # HELP node_drbd_disk_read_bytes_total Net data read from local hard disk; in bytes.
    # TYPE node_drbd_disk_read_bytes_total counter
    node_drbd_disk_read_bytes_total{device="drbd0"} 17740492800
    node_drbd_disk_read_bytes_total{device="drbd7"} 0
    # HELP node_drbd_disk_state_is_up_to_date Whether the disk of the node is up to date.
    # TYPE node_drbd_disk_state_is_up_to_date gauge
    node_drbd_disk_state_is_up_to_date{device="drbd0",node="local"} 1
    node_drbd_disk_state_is_up_to_date{device="drbd0",node="remote"} 1
    node_drbd_disk_state_is_up_to_date{device="drbd7",node="local"} 0
    node_drbd_disk_state_is_up_to_date{device="drbd7",node="remote"} 0
    # HELP node_drbd_disk_written_bytes_total Net data written on local hard disk; in bytes.
    # TYPE node_drbd_disk_written_bytes_total counter
    node_drbd_disk_written_bytes_total{device="drbd0"} 11224064
    node_drbd_disk_written_bytes_total{device="drbd7"} 0
    # HELP node_drbd_epochs Number of Epochs currently on the fly.
    # TYPE node_drbd_epochs gauge
    node_drbd_epochs{device="drbd0"} 1
    node_drbd_epochs{device="drbd7"} 1
    # HELP node_drbd_local_pending Number of open requests to the local I/O sub-system.
    # TYPE node_drbd_local_pending gauge
    node_drbd_local_pending{device="drbd0"} 2
    node_drbd_local_pending{device="drbd7"} 0
    # HELP node_drbd_network_received_bytes_total Total number of bytes received via the network.
    # TYPE node_drbd_network_received_bytes_total counter
    node_drbd_network_received_bytes_total{device="drbd0"} 10961
    node_drbd_network_received_bytes_total{device="drbd7"} 0
    # HELP node_drbd_network_sent_bytes_total Total number of bytes sent via the network.
    # TYPE node_drbd_network_sent_bytes_total counter
    node_drbd_network_sent_bytes_total{device="drbd0"} 17740228608
    node_drbd_network_sent_bytes_total{device="drbd7"} 0
    # HELP node_drbd_node_role_is_primary Whether the role of the node is in the primary state.
    # TYPE node_drbd_node_role_is_primary gauge
    node_drbd_node_role_is_primary{device="drbd0",node="local"} 1
    node_drbd_node_role_is_primary{device="drbd0",node="remote"} 0
    node_drbd_node_role_is_primary{device="drbd7",node="local"} 0
    node_drbd_node_role_is_primary{device="drbd7",node="remote"} 0
    # HELP node_drbd_out_of_sync_bytes Amount of data known to be out of sync; in bytes.
    # TYPE node_drbd_out_of_sync_bytes gauge
    node_drbd_out_of_sync_bytes{device="drbd0"} 0
    node_drbd_out_of_sync_bytes{device="drbd7"} 2147381248
    # HELP node_drbd_remote_pending Number of requests sent to the peer, but that have not yet been answered by the latter.
    # TYPE node_drbd_remote_pending gauge
    node_drbd_remote_pending{device="drbd0"} 12345
    node_drbd_remote_pending{device="drbd7"} 0
    # HELP node_drbd_remote_unacknowledged Number of requests received by the peer via the network connection, but that have not yet been answered.
    # TYPE node_drbd_remote_unacknowledged gauge
    node_drbd_remote_unacknowledged{device="drbd0"} 1
    node_drbd_remote_unacknowledged{device="drbd7"} 0
  `);
});

test('reports nothing while no resource is up', () => {
  expect([...parseDrbd('version: 8.4.11 (api:1/proto:86-101)\nsrcversion: FC3433D8\n')]).toEqual([]);
});

test.each(['ns:', 'ns:x', 'ro:Primary', 'ns:1:2', 'constructor:1', 'wo:f'])(
  'passes over a word without a value: %s',
  (word) => {
    expect([...parseDrbd(` 0: ${word}`)]).toEqual([]);
  },
);

test('says which file is missing', async () => {
  await expect(expose(drbd, sceneOf(''))).rejects.toMatchObject({ code: 'SOURCE_MISSING' });
});
