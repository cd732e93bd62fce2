/**
 * The families of NFS mounts, in the order in which the kernel writes their numbers (fs/nfs/super.c, net/sunrpc).
 */
import { counter, gauge, type Family } from '../../../src/collector.ts';

const mountLabels = ['export', 'protocol', 'mountaddr'] as const;
const transportLabels = [...mountLabels, 'transport'] as const;
const operationLabels = [...mountLabels, 'operation'] as const;

/** What tells an NFS mount apart. */
export type MountLabel = (typeof mountLabels)[number];

const ofMount = (name: string, help: string): Family<MountLabel> =>
  counter(`node_mountstats_nfs_${name}`, help, mountLabels);
const ofOperation = (name: string, help: string): Family<MountLabel | 'operation'> =>
  counter(`node_mountstats_nfs_operations_${name}`, help, operationLabels);

/** Where an export is mounted. */
export const mountpointInfo = gauge('node_mountstats_nfs_mountpoint_info', 'Info metric for an NFS mountpoint.', [
  ...mountLabels,
  'mountpoint',
]);

/** The line `age:`. */
export const age = ofMount('age_seconds_total', 'The age of the NFS mount in seconds.');

/** The numbers of the line `bytes:`. */
export const bytes = [
  ofMount('read_bytes_total', 'Number of bytes read using the read() syscall.'),
  ofMount('write_bytes_total', 'Number of bytes written using the write() syscall.'),
  ofMount('direct_read_bytes_total', 'Number of bytes read using the read() syscall in O_DIRECT mode.'),
  ofMount('direct_write_bytes_total', 'Number of bytes written using the write() syscall in O_DIRECT mode.'),
  ofMount('total_read_bytes_total', 'Number of bytes read from the NFS server, in total.'),
  ofMount('total_write_bytes_total', 'Number of bytes written to the NFS server, in total.'),
  ofMount('read_pages_total', "Number of pages read directly via mmap()'d files."),
  ofMount('write_pages_total', "Number of pages written directly via mmap()'d files."),
];

/** The numbers of the line `events:`; one is of no use and has no family. */
export const events = [
  ofMount('event_inode_revalidate_total', 'Number of times cached inode attributes are re-validated from the server.'),
  ofMount('event_dnode_revalidate_total', 'Number of times cached dentry nodes are re-validated from the server.'),
  ofMount('event_data_invalidate_total', 'Number of times an inode cache is cleared.'),
  ofMount('event_attribute_invalidate_total', 'Number of times cached inode attributes are invalidated.'),
  ofMount('event_vfs_open_total', 'Number of times cached inode attributes are invalidated.'),
  ofMount('event_vfs_lookup_total', 'Number of times a directory lookup has occurred.'),
  ofMount('event_vfs_access_total', 'Number of times permissions have been checked.'),
  ofMount('event_vfs_update_page_total', 'Number of updates (and potential writes) to pages.'),
  ofMount('event_vfs_read_page_total', "Number of pages read directly via mmap()'d files."),
  ofMount('event_vfs_read_pages_total', 'Number of times a group of pages have been read.'),
  ofMount('event_vfs_write_page_total', "Number of pages written directly via mmap()'d files."),
  ofMount('event_vfs_write_pages_total', 'Number of times a group of pages have been written.'),
  ofMount('event_vfs_getdents_total', 'Number of times directory entries have been read with getdents().'),
  ofMount('event_vfs_setattr_total', 'Number of times directory entries have been read with getdents().'),
  ofMount('event_vfs_flush_total', 'Number of pending writes that have been forcefully flushed to the server.'),
  ofMount('event_vfs_fsync_total', 'Number of times fsync() has been called on directories and files.'),
  ofMount('event_vfs_lock_total', 'Number of times locking has been attempted on a file.'),
  ofMount('event_vfs_file_release_total', 'Number of times files have been closed and released.'),
  undefined,
  ofMount('event_truncation_total', 'Number of times files have been truncated.'),
  ofMount(
    'event_write_extension_total',
    'Number of times a file has been grown due to writes beyond its existing end.',
  ),
  ofMount('event_silly_rename_total', 'Number of times a file was removed while still open by another process.'),
  ofMount('event_short_read_total', 'Number of times the NFS server gave less data than expected while reading.'),
  ofMount('event_short_write_total', 'Number of times the NFS server wrote less data than expected while writing.'),
  ofMount(
    'event_jukebox_delay_total',
    'Number of times the NFS server indicated EJUKEBOX; retrieving data from offline storage.',
  ),
  ofMount('event_pnfs_read_total', 'Number of NFS v4.1+ pNFS reads.'),
  ofMount('event_pnfs_write_total', 'Number of NFS v4.1+ pNFS writes.'),
];

/** The numbers of an operation that are counts. */
export const operationCounts = [
  ofOperation('requests_total', 'Number of requests performed for a given operation.'),
  ofOperation(
    'transmissions_total',
    'Number of times an actual RPC request has been transmitted for a given operation.',
  ),
  ofOperation('major_timeouts_total', 'Number of times a request has had a major timeout for a given operation.'),
  ofOperation('sent_bytes_total', 'Number of bytes sent for a given operation, including RPC headers and payload.'),
  ofOperation(
    'received_bytes_total',
    'Number of bytes received for a given operation, including RPC headers and payload.',
  ),
];

/** The numbers of an operation that follow, in milliseconds. */
export const operationTimes = [
  ofOperation(
    'queue_time_seconds_total',
    'Duration all requests spent queued for transmission for a given operation before they were sent, in seconds.',
  ),
  ofOperation(
    'response_time_seconds_total',
    'Duration all requests took to get a reply back after a request for a given operation was transmitted, in seconds.',
  ),
  ofOperation(
    'request_time_seconds_total',
    'Duration all requests took from when a request was enqueued to when it was completely handled for a given operation, in seconds.',
  ),
];

/** The last number of an operation, since Linux 5.3. */
export const operationErrors = ofOperation('errors_total', 'Number of errors for a given operation');

/** The numbers of a transport, by the names that the parser gives them. */
export const transport = {
  bind: counter(
    'node_mountstats_nfs_transport_bind_total',
    'Number of times the client has had to establish a connection from scratch to the NFS server.',
    transportLabels,
  ),
  connect: counter(
    'node_mountstats_nfs_transport_connect_total',
    'Number of times the client has made a TCP connection to the NFS server.',
    transportLabels,
  ),
  idle: gauge(
    'node_mountstats_nfs_transport_idle_time_seconds',
    'Duration since the NFS mount last saw any RPC traffic, in seconds.',
    transportLabels,
  ),
  sends: counter(
    'node_mountstats_nfs_transport_sends_total',
    'Number of RPC requests for this mount sent to the NFS server.',
    transportLabels,
  ),
  receives: counter(
    'node_mountstats_nfs_transport_receives_total',
    'Number of RPC responses for this mount received from the NFS server.',
    transportLabels,
  ),
  badIds: counter(
    'node_mountstats_nfs_transport_bad_transaction_ids_total',
    'Number of times the NFS server sent a response with a transaction ID unknown to this client.',
    transportLabels,
  ),
  backlog: counter(
    'node_mountstats_nfs_transport_backlog_queue_total',
    'Total number of items added to the RPC backlog queue.',
    transportLabels,
  ),
  slots: gauge(
    'node_mountstats_nfs_transport_maximum_rpc_slots',
    'Maximum number of simultaneously active RPC requests ever used.',
    transportLabels,
  ),
  sending: counter(
    'node_mountstats_nfs_transport_sending_queue_total',
    'Total number of items added to the RPC transmission sending queue.',
    transportLabels,
  ),
  pending: counter(
    'node_mountstats_nfs_transport_pending_queue_total',
    'Total number of items added to the RPC transmission pending queue.',
    transportLabels,
  ),
};
