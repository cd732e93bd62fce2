import { expect, test } from 'vitest';
import { dimmLabel, edac } from '../../../collectors/host/edac.ts';
import { expose, failing, systemOf, text } from '../../support/expose.ts';
import { sceneFolder, sceneOf } from '../../support/scene.ts';

const server = sceneFolder('rich-server', ['edac']);

test('reports errors by controller, row and channel', async () => {
  expect(await expose(edac, server)).toBe(text`
    # HELP node_edac_channel_correctable_errors_total Total correctable memory errors for this channel.
    # TYPE node_edac_channel_correctable_errors_total counter
    node_edac_channel_correctable_errors_total{channel="0",controller="0",csrow="0",dimm_label="CPU_SrcID0_MC0_Chan0_DIMM0"} 0
    node_edac_channel_correctable_errors_total{channel="1",controller="0",csrow="0",dimm_label="CPU_SrcID0_MC0_Chan1_DIMM0"} 15
    node_edac_channel_correctable_errors_total{channel="0",controller="0",csrow="1",dimm_label="mc0_csrow1_channel0"} 0
    node_edac_channel_correctable_errors_total{channel="1",controller="0",csrow="1",dimm_label="mc0_csrow1_channel1"} 0
    node_edac_channel_correctable_errors_total{channel="0",controller="1",csrow="0",dimm_label="unknown"} 0
    # HELP node_edac_correctable_errors_total Total correctable memory errors.
    # TYPE node_edac_correctable_errors_total counter
    node_edac_correctable_errors_total{controller="0"} 17
    node_edac_correctable_errors_total{controller="1"} 0
    # HELP node_edac_csrow_correctable_errors_total Total correctable memory errors for this csrow.
    # TYPE node_edac_csrow_correctable_errors_total counter
    node_edac_csrow_correctable_errors_total{controller="0",csrow="unknown"} 2
    node_edac_csrow_correctable_errors_total{controller="0",csrow="0"} 15
    node_edac_csrow_correctable_errors_total{controller="0",csrow="1"} 0
    node_edac_csrow_correctable_errors_total{controller="1",csrow="unknown"} 0
    node_edac_csrow_correctable_errors_total{controller="1",csrow="0"} 0
    # HELP node_edac_csrow_uncorrectable_errors_total Total uncorrectable memory errors for this csrow.
    # TYPE node_edac_csrow_uncorrectable_errors_total counter
    node_edac_csrow_uncorrectable_errors_total{controller="0",csrow="unknown"} 0
    node_edac_csrow_uncorrectable_errors_total{controller="0",csrow="0"} 0
    node_edac_csrow_uncorrectable_errors_total{controller="0",csrow="1"} 0
    node_edac_csrow_uncorrectable_errors_total{controller="1",csrow="unknown"} 0
    node_edac_csrow_uncorrectable_errors_total{controller="1",csrow="0"} 1
    # HELP node_edac_uncorrectable_errors_total Total uncorrectable memory errors.
    # TYPE node_edac_uncorrectable_errors_total counter
    node_edac_uncorrectable_errors_total{controller="0"} 0
    node_edac_uncorrectable_errors_total{controller="1"} 1
  `);
});

test('reports uncorrected errors of a channel where the driver counts them', async () => {
  const scrape = await expose(
    edac,
    sceneOf(`
== sys/devices/system/edac/mc/mc0/csrow2/ch1_ce_count
3
== sys/devices/system/edac/mc/mc0/csrow2/ch1_ue_count
1
`),
  );

  expect(scrape).toBe(text`
    # HELP node_edac_channel_correctable_errors_total Total correctable memory errors for this channel.
    # TYPE node_edac_channel_correctable_errors_total counter
    node_edac_channel_correctable_errors_total{channel="1",controller="0",csrow="2",dimm_label="unknown"} 3
    # HELP node_edac_channel_uncorrectable_errors_total Total uncorrectable memory errors for this channel.
    # TYPE node_edac_channel_uncorrectable_errors_total counter
    node_edac_channel_uncorrectable_errors_total{channel="1",controller="0",csrow="2",dimm_label="unknown"} 1
  `);
});

test('loses only the counter that cannot be read', async () => {
  const host = systemOf(server);
  const sys = failing(host.sys, { 'devices/system/edac/mc/mc0/ce_count': 'EIO' });

  const scrape = await expose(edac, { ...host, sys });

  expect(scrape).not.toContain('node_edac_correctable_errors_total{controller="0"}');
  expect(scrape).toContain('node_edac_correctable_errors_total{controller="1"} 0\n');
  expect(scrape).toContain('node_edac_uncorrectable_errors_total{controller="0"} 0\n');
});

test('takes a torn counter for an absent one', async () => {
  expect(await expose(edac, sceneOf('== sys/devices/system/edac/mc/mc0/ce_count\n\n'))).toBe('');
});

test('has nothing to report on a host without memory controllers', async () => {
  expect(await expose(edac, sceneOf(''))).toBe('');
});

test('spells labels as queries know them', () => {
  expect(dimmLabel('mc#0csrow#1channel#0')).toBe('mc0_csrow1_channel0');
});
