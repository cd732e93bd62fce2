/**
 * Size, use and priority of each swap device.
 *
 * Source  /proc/swaps (Documentation/filesystems/proc.rst): a line of titles, then name, type, size, used, priority.
 * Units   the file has KiB.
 * Labels  device: as the file has it, with white space escaped; swap_type: "partition" or "file".
 */
import { defineCollector, gauge, malformed, type Sample } from '../../src/collector.ts';
import { z } from '../../src/config/schema.ts';
import { integer, lines, unsigned, words } from '../../src/system/numbers.ts';

const size = gauge('node_swap_size_bytes', 'Swap device size in bytes.', ['device', 'swap_type']);
const used = gauge('node_swap_used_bytes', 'Swap device used in bytes.', ['device', 'swap_type']);
const priority = gauge('node_swap_priority', 'Swap device priority.', ['device', 'swap_type']);

export const swap = defineCollector({
  name: 'swap',
  summary: 'Size, use and priority of each swap device.',
  source: '/proc/swaps',
  enabled: false,
  families: [size, used, priority],
  config: z.strictObject({}),
  create(_config, { system }) {
    return {
      collect: () => lines(system.proc.text('swaps')).slice(1).flatMap(samplesOf),
    };
  },
});

function samplesOf(line: string): Sample[] {
  const [device, type, sizeText, usedText, priorityText] = words(line);
  const kibibytes = unsigned(sizeText);
  const usedKibibytes = unsigned(usedText);
  const level = integer(priorityText);
  if (kibibytes === undefined || usedKibibytes === undefined || level === undefined) {
    throw malformed('swaps', JSON.stringify(line));
  }
  const labels = { device: device!, swap_type: type! };
  return [
    size.sample(kibibytes * 1024, labels),
    used.sample(usedKibibytes * 1024, labels),
    priority.sample(level, labels),
  ];
}
