/**
 * Memory errors that ECC corrected, and those it could not, by controller, row and channel.
 *
 * Source  /sys/devices/system/edac/mc/mcN/ (Documentation/admin-guide/ras.rst): {ce,ue}_count, {ce,ue}_noinfo_count,
 *         csrowN/{ce,ue}_count, csrowN/chN_{ce_count,ue_count,dimm_label}.
 * Labels  controller, csrow, channel: their numbers; csrow "unknown" holds the errors that no row is known for;
 *         dimm_label: the label that the driver or edac-ctl gave.
 * Quirks  Kernels without EDAC_LEGACY_SYSFS have no csrow folders. Drivers give chN_ue_count only rarely.
 */
import { counter, defineCollector, type Sample } from '../../src/collector.ts';
import { z } from '../../src/config/schema.ts';
import type { Tree } from '../../src/system/index.ts';
import { unsigned } from '../../src/system/numbers.ts';

const corrected = counter('node_edac_correctable_errors_total', 'Total correctable memory errors.', ['controller']);
const uncorrected = counter('node_edac_uncorrectable_errors_total', 'Total uncorrectable memory errors.', [
  'controller',
]);
const rowCorrected = counter(
  'node_edac_csrow_correctable_errors_total',
  'Total correctable memory errors for this csrow.',
  ['controller', 'csrow'],
);
const rowUncorrected = counter(
  'node_edac_csrow_uncorrectable_errors_total',
  'Total uncorrectable memory errors for this csrow.',
  ['controller', 'csrow'],
);
const channelLabels = ['controller', 'csrow', 'channel', 'dimm_label'] as const;
const channelCorrected = counter(
  'node_edac_channel_correctable_errors_total',
  'Total correctable memory errors for this channel.',
  channelLabels,
);
const channelUncorrected = counter(
  'node_edac_channel_uncorrectable_errors_total',
  'Total uncorrectable memory errors for this channel.',
  channelLabels,
);

export const edac = defineCollector({
  name: 'edac',
  summary: 'Memory errors that ECC corrected, and those it could not.',
  source: '/sys/devices/system/edac/mc',
  differences: ['A counter that cannot be read loses that counter; node_exporter loses the rest as well.'],
  enabled: true,
  schedule: '15s',
  families: [corrected, uncorrected, rowCorrected, rowUncorrected, channelCorrected, channelUncorrected],
  config: z.strictObject({}),
  create(_config, { system: { sys } }) {
    return {
      collect: () =>
        numbered(sys, 'devices/system/edac/mc', /^mc(\d+)$/).flatMap(([entry, controller]) =>
          controllerSamples(sys, `devices/system/edac/mc/${entry}`, controller),
        ),
    };
  },
});

/** The entries of a folder whose names match, with the number in the name. */
function numbered(sys: Tree, folder: string, name: RegExp): [entry: string, number: string][] {
  return sys.list(folder).flatMap((entry) => {
    const [, number] = name.exec(entry) ?? [];
    return number === undefined ? [] : [[entry, number] as [string, string]];
  });
}

function controllerSamples(sys: Tree, folder: string, controller: string): Sample[] {
  const samples: Sample[] = [];
  const add = (file: string, sample: (value: number) => Sample): void => {
    const value = unsigned(sys.attribute(`${folder}/${file}`));
    if (value !== undefined) samples.push(sample(value));
  };
  const unknown = { controller, csrow: 'unknown' };
  add('ce_count', (value) => corrected.sample(value, { controller }));
  add('ce_noinfo_count', (value) => rowCorrected.sample(value, unknown));
  add('ue_count', (value) => uncorrected.sample(value, { controller }));
  add('ue_noinfo_count', (value) => rowUncorrected.sample(value, unknown));
  for (const [row, csrow] of numbered(sys, folder, /^csrow(\d+)$/)) {
    add(`${row}/ce_count`, (value) => rowCorrected.sample(value, { controller, csrow }));
    add(`${row}/ue_count`, (value) => rowUncorrected.sample(value, { controller, csrow }));
    for (const [file, channel] of numbered(sys, `${folder}/${row}`, /^ch(\d+)_ce_count$/)) {
      const label = dimmLabel(sys.attribute(`${folder}/${row}/ch${channel}_dimm_label`));
      const labels = { controller, csrow, channel, dimm_label: label };
      add(`${row}/${file}`, (value) => channelCorrected.sample(value, labels));
      add(`${row}/ch${channel}_ue_count`, (value) => channelUncorrected.sample(value, labels));
    }
  }
  return samples;
}

/** A label as node_exporter spells it: "mc#0csrow#1channel#0" is "mc0_csrow1_channel0". */
export function dimmLabel(text: string | undefined): string {
  if (text === undefined) return 'unknown';
  return text.replaceAll('#', '').replaceAll('csrow', '_csrow').replaceAll('channel', '_channel');
}
