import { expect, test } from 'vitest';
import { parseKstat, parseObjset, parsePoolIo, zfs } from '../../../collectors/host/zfs.ts';
import { expose, failing, systemOf, text } from '../../support/expose.ts';
import { sceneFolder, sceneOf } from '../../support/scene.ts';

const server = sceneFolder('rich-server', ['zfs']);

test('reports the host, its pools and their datasets', async () => {
  expect(await expose(zfs, server)).toBe(text`
    # HELP node_zfs_abd_linear_cnt kstat.zfs.misc.abdstats.linear_cnt
    # TYPE node_zfs_abd_linear_cnt untyped
    node_zfs_abd_linear_cnt 62
    # HELP node_zfs_abd_linear_data_size kstat.zfs.misc.abdstats.linear_data_size
    # TYPE node_zfs_abd_linear_data_size untyped
    node_zfs_abd_linear_data_size 223232
    # HELP node_zfs_abd_scatter_order_0 kstat.zfs.misc.abdstats.scatter_order_0
    # TYPE node_zfs_abd_scatter_order_0 untyped
    node_zfs_abd_scatter_order_0 0
    # HELP node_zfs_abd_scatter_page_multi_chunk kstat.zfs.misc.abdstats.scatter_page_multi_chunk
    # TYPE node_zfs_abd_scatter_page_multi_chunk untyped
    node_zfs_abd_scatter_page_multi_chunk 0
    # HELP node_zfs_abd_struct_size kstat.zfs.misc.abdstats.struct_size
    # TYPE node_zfs_abd_struct_size untyped
    node_zfs_abd_struct_size 2520
    # HELP node_zfs_arc_arc_no_grow kstat.zfs.misc.arcstats.arc_no_grow
    # TYPE node_zfs_arc_arc_no_grow untyped
    node_zfs_arc_arc_no_grow 0
    # HELP node_zfs_arc_c kstat.zfs.misc.arcstats.c
    # TYPE node_zfs_arc_c untyped
    node_zfs_arc_c 1643208777
    # HELP node_zfs_arc_hash_chain_max kstat.zfs.misc.arcstats.hash_chain_max
    # TYPE node_zfs_arc_hash_chain_max untyped
    node_zfs_arc_hash_chain_max 3
    # HELP node_zfs_arc_hits kstat.zfs.misc.arcstats.hits
    # TYPE node_zfs_arc_hits untyped
    node_zfs_arc_hits 8772612
    # HELP node_zfs_arc_l2_hits kstat.zfs.misc.arcstats.l2_hits
    # TYPE node_zfs_arc_l2_hits untyped
    node_zfs_arc_l2_hits 18446744073709552000
    # HELP node_zfs_arc_memory_available_bytes kstat.zfs.misc.arcstats.memory_available_bytes
    # TYPE node_zfs_arc_memory_available_bytes untyped
    node_zfs_arc_memory_available_bytes -922337203685
    # HELP node_zfs_arc_misses kstat.zfs.misc.arcstats.misses
    # TYPE node_zfs_arc_misses untyped
    node_zfs_arc_misses 604635
    # HELP node_zfs_arc_size kstat.zfs.misc.arcstats.size
    # TYPE node_zfs_arc_size untyped
    node_zfs_arc_size 1603939792
    # HELP node_zfs_dbuf_dbuf_cache_count kstat.zfs.misc.dbufstats.dbuf_cache_count
    # TYPE node_zfs_dbuf_dbuf_cache_count untyped
    node_zfs_dbuf_dbuf_cache_count 27
    # HELP node_zfs_dbuf_hash_hits kstat.zfs.misc.dbufstats.hash_hits
    # TYPE node_zfs_dbuf_hash_hits untyped
    node_zfs_dbuf_hash_hits 108807
    # HELP node_zfs_dbuf_hash_misses kstat.zfs.misc.dbufstats.hash_misses
    # TYPE node_zfs_dbuf_hash_misses untyped
    node_zfs_dbuf_hash_misses 1851
    # HELP node_zfs_dmu_tx_dmu_tx_assigned kstat.zfs.misc.dmu_tx.dmu_tx_assigned
    # TYPE node_zfs_dmu_tx_dmu_tx_assigned untyped
    node_zfs_dmu_tx_dmu_tx_assigned 3532844
    # HELP node_zfs_dmu_tx_dmu_tx_delay kstat.zfs.misc.dmu_tx.dmu_tx_delay
    # TYPE node_zfs_dmu_tx_dmu_tx_delay untyped
    node_zfs_dmu_tx_dmu_tx_delay 0
    # HELP node_zfs_dmu_tx_dmu_tx_error kstat.zfs.misc.dmu_tx.dmu_tx_error
    # TYPE node_zfs_dmu_tx_dmu_tx_error untyped
    node_zfs_dmu_tx_dmu_tx_error 0
    # HELP node_zfs_dnode_dnode_hold_alloc_hits kstat.zfs.misc.dnodestats.dnode_hold_alloc_hits
    # TYPE node_zfs_dnode_dnode_hold_alloc_hits untyped
    node_zfs_dnode_dnode_hold_alloc_hits 37617
    # HELP node_zfs_dnode_dnode_move_special kstat.zfs.misc.dnodestats.dnode_move_special
    # TYPE node_zfs_dnode_dnode_move_special untyped
    node_zfs_dnode_dnode_move_special 0
    # HELP node_zfs_fm_erpt_dropped kstat.zfs.misc.fm.erpt-dropped
    # TYPE node_zfs_fm_erpt_dropped untyped
    node_zfs_fm_erpt_dropped 18
    # HELP node_zfs_fm_erpt_set_failed kstat.zfs.misc.fm.erpt-set-failed
    # TYPE node_zfs_fm_erpt_set_failed untyped
    node_zfs_fm_erpt_set_failed 0
    # HELP node_zfs_fm_fmri_set_failed kstat.zfs.misc.fm.fmri-set-failed
    # TYPE node_zfs_fm_fmri_set_failed untyped
    node_zfs_fm_fmri_set_failed 0
    # HELP node_zfs_fm_payload_set_failed kstat.zfs.misc.fm.payload-set-failed
    # TYPE node_zfs_fm_payload_set_failed untyped
    node_zfs_fm_payload_set_failed 0
    # HELP node_zfs_vdev_mirror_preferred_found kstat.zfs.misc.vdev_mirror_stats.preferred_found
    # TYPE node_zfs_vdev_mirror_preferred_found untyped
    node_zfs_vdev_mirror_preferred_found 94
    # HELP node_zfs_vdev_mirror_rotating_linear kstat.zfs.misc.vdev_mirror_stats.rotating_linear
    # TYPE node_zfs_vdev_mirror_rotating_linear untyped
    node_zfs_vdev_mirror_rotating_linear 0
    # HELP node_zfs_xuio_onloan_read_buf kstat.zfs.misc.xuio_stats.onloan_read_buf
    # TYPE node_zfs_xuio_onloan_read_buf untyped
    node_zfs_xuio_onloan_read_buf 32
    # HELP node_zfs_xuio_write_buf_nocopy kstat.zfs.misc.xuio_stats.write_buf_nocopy
    # TYPE node_zfs_xuio_write_buf_nocopy untyped
    node_zfs_xuio_write_buf_nocopy 0
    # HELP node_zfs_zfetch_hits kstat.zfs.misc.zfetchstats.hits
    # TYPE node_zfs_zfetch_hits untyped
    node_zfs_zfetch_hits 7067992
    # HELP node_zfs_zfetch_misses kstat.zfs.misc.zfetchstats.misses
    # TYPE node_zfs_zfetch_misses untyped
    node_zfs_zfetch_misses 11
    # HELP node_zfs_zil_zil_commit_count kstat.zfs.misc.zil.zil_commit_count
    # TYPE node_zfs_zil_zil_commit_count untyped
    node_zfs_zil_zil_commit_count 10
    # HELP node_zfs_zil_zil_itx_copied_bytes kstat.zfs.misc.zil.zil_itx_copied_bytes
    # TYPE node_zfs_zil_zil_itx_copied_bytes untyped
    node_zfs_zil_zil_itx_copied_bytes 0
    # HELP node_zfs_zpool_dataset_nread kstat.zfs.misc.objset.nread
    # TYPE node_zfs_zpool_dataset_nread untyped
    node_zfs_zpool_dataset_nread{dataset="tank/home of anna",zpool="tank"} 28
    node_zfs_zpool_dataset_nread{dataset="tank",zpool="tank"} 0
    # HELP node_zfs_zpool_dataset_nunlinked kstat.zfs.misc.objset.nunlinked
    # TYPE node_zfs_zpool_dataset_nunlinked untyped
    node_zfs_zpool_dataset_nunlinked{dataset="tank/home of anna",zpool="tank"} 3
    node_zfs_zpool_dataset_nunlinked{dataset="tank",zpool="tank"} 0
    # HELP node_zfs_zpool_dataset_nunlinks kstat.zfs.misc.objset.nunlinks
    # TYPE node_zfs_zpool_dataset_nunlinks untyped
    node_zfs_zpool_dataset_nunlinks{dataset="tank/home of anna",zpool="tank"} 3
    node_zfs_zpool_dataset_nunlinks{dataset="tank",zpool="tank"} 0
    # HELP node_zfs_zpool_dataset_nwritten kstat.zfs.misc.objset.nwritten
    # TYPE node_zfs_zpool_dataset_nwritten untyped
    node_zfs_zpool_dataset_nwritten{dataset="backup",zpool="backup"} 1024
    node_zfs_zpool_dataset_nwritten{dataset="tank/home of anna",zpool="tank"} 12302
    node_zfs_zpool_dataset_nwritten{dataset="tank",zpool="tank"} 0
    # HELP node_zfs_zpool_dataset_reads kstat.zfs.misc.objset.reads
    # TYPE node_zfs_zpool_dataset_reads untyped
    node_zfs_zpool_dataset_reads{dataset="tank/home of anna",zpool="tank"} 2
    node_zfs_zpool_dataset_reads{dataset="tank",zpool="tank"} 0
    # HELP node_zfs_zpool_dataset_writes kstat.zfs.misc.objset.writes
    # TYPE node_zfs_zpool_dataset_writes untyped
    node_zfs_zpool_dataset_writes{dataset="backup",zpool="backup"} 9
    node_zfs_zpool_dataset_writes{dataset="tank/home of anna",zpool="tank"} 4
    node_zfs_zpool_dataset_writes{dataset="tank",zpool="tank"} 0
    # HELP node_zfs_zpool_nread kstat.zfs.misc.io.nread
    # TYPE node_zfs_zpool_nread untyped
    node_zfs_zpool_nread{zpool="tank"} 1884160
    # HELP node_zfs_zpool_nwritten kstat.zfs.misc.io.nwritten
    # TYPE node_zfs_zpool_nwritten untyped
    node_zfs_zpool_nwritten{zpool="tank"} 3206144
    # HELP node_zfs_zpool_rcnt kstat.zfs.misc.io.rcnt
    # TYPE node_zfs_zpool_rcnt untyped
    node_zfs_zpool_rcnt{zpool="tank"} 0
    # HELP node_zfs_zpool_reads kstat.zfs.misc.io.reads
    # TYPE node_zfs_zpool_reads untyped
    node_zfs_zpool_reads{zpool="tank"} 22
    # HELP node_zfs_zpool_rlentime kstat.zfs.misc.io.rlentime
    # TYPE node_zfs_zpool_rlentime untyped
    node_zfs_zpool_rlentime{zpool="tank"} 104112268
    # HELP node_zfs_zpool_rtime kstat.zfs.misc.io.rtime
    # TYPE node_zfs_zpool_rtime untyped
    node_zfs_zpool_rtime{zpool="tank"} 24168078
    # HELP node_zfs_zpool_rupdate kstat.zfs.misc.io.rupdate
    # TYPE node_zfs_zpool_rupdate untyped
    node_zfs_zpool_rupdate{zpool="tank"} 79210489849220
    # HELP node_zfs_zpool_state kstat.zfs.misc.state
    # TYPE node_zfs_zpool_state gauge
    node_zfs_zpool_state{state="online",zpool="backup"} 0
    node_zfs_zpool_state{state="degraded",zpool="backup"} 0
    node_zfs_zpool_state{state="faulted",zpool="backup"} 0
    node_zfs_zpool_state{state="offline",zpool="backup"} 0
    node_zfs_zpool_state{state="removed",zpool="backup"} 0
    node_zfs_zpool_state{state="unavail",zpool="backup"} 0
    node_zfs_zpool_state{state="suspended",zpool="backup"} 1
    node_zfs_zpool_state{state="online",zpool="tank"} 1
    node_zfs_zpool_state{state="degraded",zpool="tank"} 0
    node_zfs_zpool_state{state="faulted",zpool="tank"} 0
    node_zfs_zpool_state{state="offline",zpool="tank"} 0
    node_zfs_zpool_state{state="removed",zpool="tank"} 0
    node_zfs_zpool_state{state="unavail",zpool="tank"} 0
    node_zfs_zpool_state{state="suspended",zpool="tank"} 0
    # HELP node_zfs_zpool_wcnt kstat.zfs.misc.io.wcnt
    # TYPE node_zfs_zpool_wcnt untyped
    node_zfs_zpool_wcnt{zpool="tank"} 0
    # HELP node_zfs_zpool_wlentime kstat.zfs.misc.io.wlentime
    # TYPE node_zfs_zpool_wlentime untyped
    node_zfs_zpool_wlentime{zpool="tank"} 104112268
    # HELP node_zfs_zpool_writes kstat.zfs.misc.io.writes
    # TYPE node_zfs_zpool_writes untyped
    node_zfs_zpool_writes{zpool="tank"} 132
    # HELP node_zfs_zpool_wtime kstat.zfs.misc.io.wtime
    # TYPE node_zfs_zpool_wtime untyped
    node_zfs_zpool_wtime{zpool="tank"} 7155162
    # HELP node_zfs_zpool_wupdate kstat.zfs.misc.io.wupdate
    # TYPE node_zfs_zpool_wupdate untyped
    node_zfs_zpool_wupdate{zpool="tank"} 79210489694949
  `);
});

test('loses only the file that cannot be read, as when a pool is exported', async () => {
  const host = systemOf(server);
  const proc = failing(host.proc, { 'spl/kstat/zfs/tank/state': 'ENOENT', 'spl/kstat/zfs/arcstats': 'EIO' });

  const scrape = await expose(zfs, { ...host, proc });

  expect(scrape).not.toContain('node_zfs_arc_');
  expect(scrape).not.toContain('node_zfs_zpool_state{state="online",zpool="tank"}');
  expect(scrape).toContain('node_zfs_zpool_state{state="suspended",zpool="backup"} 1\n');
  expect(scrape).toContain('node_zfs_zpool_reads{zpool="tank"} 22\n');
});

test('serves a dataset once while two files hold its name', async () => {
  const scrape = await expose(
    zfs,
    sceneOf(`
== proc/spl/kstat/zfs/tank/objset-0x1
36 1 0x01 7 2160 1 2
name type data
dataset_name 7 tank/a
writes 4 1
== proc/spl/kstat/zfs/tank/objset-0x2
36 1 0x01 7 2160 1 2
name type data
dataset_name 7 tank/a
writes 4 2
`),
  );

  expect(scrape).toBe(text`
    # HELP node_zfs_zpool_dataset_writes kstat.zfs.misc.objset.writes
    # TYPE node_zfs_zpool_dataset_writes untyped
    node_zfs_zpool_dataset_writes{dataset="tank/a",zpool="tank"} 1
  `);
});

test('has no data without the module, and nothing to report from an empty folder', async () => {
  await expect(expose(zfs, sceneOf(''))).rejects.toThrow('not loaded');
  expect(await expose(zfs, sceneOf('=/ proc/spl/kstat/zfs\n'))).toBe('');
});

test('reads signed and unsigned numbers below the heading, and leaves out the rest', () => {
  const values = parseKstat(
    '9 1 0x01 5 1360 1 2\nname type data\na 4 18446744073709551615\nb 3 -5\nc 7 text\nd 4 -1\ne 4',
  );

  expect([...values]).toEqual([
    ['a', 2 ** 64],
    ['b', -5],
  ]);
});

test('takes a file without its heading for empty', () => {
  expect(parseKstat('a 4 1\n').size).toBe(0);
  expect(parsePoolIo('1 2 3\n').size).toBe(0);
});

test('takes a torn line of a pool for none', () => {
  expect(parsePoolIo('nread nwritten reads\n1 2').size).toBe(0);
  expect([...parsePoolIo('nread nwritten reads\n1 2 3')]).toEqual([
    ['nread', 1],
    ['nwritten', 2],
    ['reads', 3],
  ]);
});

test('gives no dataset where its name is torn off', () => {
  expect(parseObjset('name type data\nwrites 4 1\n').dataset).toBeUndefined();
});
