/**
 * Graphics cards of AMD: how busy they are, and their memory.
 *
 * Source  /sys/class/drm/cardN/device/ of the driver amdgpu (Documentation/gpu/amdgpu/driver-misc.rst).
 * Labels  card: the kernel's name, such as "card0". The info has a chip, which is the `chip` of hwmon.
 * Quirks  A card that sleeps, or does not offer an attribute, fails single reads: that series is absent.
 */
import { defineCollector, gauge, type Sample } from '../../src/collector.ts';
import { z } from '../../src/config/schema.ts';
import type { Tree } from '../../src/system/index.ts';
import { unsigned } from '../../src/system/numbers.ts';
import { deviceName } from './device-name.ts';

const info = gauge('node_drm_card_info', 'Card information', [
  'card',
  'memory_vendor',
  'power_performance_level',
  'unique_id',
  'vendor',
  'chip?',
]);

/** A family and the file that it is read from. */
function measure(name: string, help: string, file: string) {
  return { file, family: gauge(`node_drm_${name}`, help, ['card']) };
}

const measures = [
  measure('gpu_busy_percent', 'How busy the GPU is as a percentage.', 'gpu_busy_percent'),
  measure(
    'memory_gtt_size_bytes',
    'The size of the graphics translation table (GTT) block in bytes.',
    'mem_info_gtt_total',
  ),
  measure(
    'memory_gtt_used_bytes',
    'The used amount of the graphics translation table (GTT) block in bytes.',
    'mem_info_gtt_used',
  ),
  measure('memory_vis_vram_size_bytes', 'The size of visible VRAM in bytes.', 'mem_info_vis_vram_total'),
  measure('memory_vis_vram_used_bytes', 'The used amount of visible VRAM in bytes.', 'mem_info_vis_vram_used'),
  measure('memory_vram_size_bytes', 'The size of VRAM in bytes.', 'mem_info_vram_total'),
  measure('memory_vram_used_bytes', 'The used amount of VRAM in bytes.', 'mem_info_vram_used'),
];

export const drm = defineCollector({
  name: 'drm',
  summary: 'Graphics cards of AMD: how busy they are, and their memory.',
  source: '/sys/class/drm/card*/device',
  differences: [
    'An attribute that cannot be read is absent; node_exporter reports 0 for it.',
    'Cards beyond the tenth are reported too.',
  ],
  enabled: false,
  schedule: '15s',
  families: [info, ...measures.map(({ family }) => family)],
  config: z.strictObject({}),
  create(_config, { system: { sys } }) {
    return {
      collect: () =>
        sys
          .list('class/drm')
          .filter((entry) => /^card\d+$/.test(entry))
          .flatMap((card) => samplesOf(sys, card)),
    };
  },
});

function samplesOf(sys: Tree, card: string): Sample[] {
  const read = (file: string): string | undefined => sys.attribute(`class/drm/${card}/device/${file}`);
  if (!/^DRIVER=amdgpu$/m.test(read('uevent') ?? '')) return [];
  const samples: Sample[] = [
    info.sample(1, {
      card,
      memory_vendor: read('mem_info_vram_vendor') ?? '',
      power_performance_level: read('power_dpm_force_performance_level') ?? '',
      unique_id: read('unique_id') ?? '',
      vendor: 'amd',
      chip: deviceName(sys, `class/drm/${card}`),
    }),
  ];
  for (const { file, family } of measures) {
    const value = unsigned(read(file));
    if (value !== undefined) samples.push(family.sample(value, { card }));
  }
  return samples;
}
