import { expect, test } from 'vitest';
import { drm } from '../../../collectors/host/drm.ts';
import { expose, failing, systemOf, text } from '../../support/expose.ts';
import { sceneFolder, sceneOf } from '../../support/scene.ts';

const server = sceneFolder('rich-server', ['drm']);

test('reports the cards of AMD, and no other cards or connectors', async () => {
  expect(await expose(drm, server)).toBe(text`
    # HELP node_drm_card_info Card information
    # TYPE node_drm_card_info gauge
    node_drm_card_info{card="card1",chip="0000:00:03_1_0000:0b:00_0",memory_vendor="samsung",power_performance_level="auto",unique_id="6c3f24f07ac5d1a9",vendor="amd"} 1
    # HELP node_drm_gpu_busy_percent How busy the GPU is as a percentage.
    # TYPE node_drm_gpu_busy_percent gauge
    node_drm_gpu_busy_percent{card="card1"} 87
    # HELP node_drm_memory_gtt_size_bytes The size of the graphics translation table (GTT) block in bytes.
    # TYPE node_drm_memory_gtt_size_bytes gauge
    node_drm_memory_gtt_size_bytes{card="card1"} 67465367552
    # HELP node_drm_memory_gtt_used_bytes The used amount of the graphics translation table (GTT) block in bytes.
    # TYPE node_drm_memory_gtt_used_bytes gauge
    node_drm_memory_gtt_used_bytes{card="card1"} 14577664
    # HELP node_drm_memory_vis_vram_size_bytes The size of visible VRAM in bytes.
    # TYPE node_drm_memory_vis_vram_size_bytes gauge
    node_drm_memory_vis_vram_size_bytes{card="card1"} 34342961152
    # HELP node_drm_memory_vis_vram_used_bytes The used amount of visible VRAM in bytes.
    # TYPE node_drm_memory_vis_vram_used_bytes gauge
    node_drm_memory_vis_vram_used_bytes{card="card1"} 10878976
    # HELP node_drm_memory_vram_size_bytes The size of VRAM in bytes.
    # TYPE node_drm_memory_vram_size_bytes gauge
    node_drm_memory_vram_size_bytes{card="card1"} 34342961152
    # HELP node_drm_memory_vram_used_bytes The used amount of VRAM in bytes.
    # TYPE node_drm_memory_vram_used_bytes gauge
    node_drm_memory_vram_used_bytes{card="card1"} 10878976
  `);
});

test('leaves out what a card does not answer, rather than report 0', async () => {
  const host = systemOf(server);
  const sys = failing(host.sys, { 'class/drm/card1/device/gpu_busy_percent': 'ENODATA' });

  const scrape = await expose(drm, { ...host, sys });

  expect(scrape).not.toContain('gpu_busy_percent');
  expect(scrape).toContain('node_drm_memory_vram_used_bytes{card="card1"} 10878976\n');
});

test('has nothing to report on a host without graphics', async () => {
  expect(await expose(drm, sceneOf(''))).toBe('');
});
