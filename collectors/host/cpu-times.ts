/**
 * The parser of the lines `cpuN` of /proc/stat.
 */
import { malformed } from '../../src/collector.ts';

/** The modes of /proc/stat, in its order; those of guests follow. */
export const modes = ['user', 'nice', 'system', 'idle', 'iowait', 'irq', 'softirq', 'steal'] as const;
/** Time in guests, which user and nice hold too. */
export const guestModes = ['user', 'nice'] as const;
/** How many fields of a line are known. */
export const fieldCount = modes.length + guestModes.length;
/** The index of the time spent idle. */
export const idle = modes.indexOf('idle');

const lineFeed = 0x0a;
const space = 0x20;
const zero = 0x30;
const nine = 0x39;

/**
 * Hands each CPU of /proc/stat to `visit`: its number, its ticks and how many fields the line has; the array is used
 * again for the next CPU. Reads bytes, as the file has a line for each of what may be hundreds of CPUs. Throws
 * `CollectError` where the file has no CPU or a line is no list of numbers.
 */
export function readCpuTimes(
  bytes: Uint8Array,
  visit: (cpu: number, ticks: Float64Array, fields: number) => void,
): void {
  const ticks = new Float64Array(fieldCount);
  let at = 0;
  let found = false;

  function number(end: number): number {
    const start = at;
    let value = 0;
    while (at < end && bytes[at]! >= zero && bytes[at]! <= nine) {
      value = value * 10 + bytes[at]! - zero;
      at += 1;
    }
    if (at === start || (at < end && bytes[at] !== space))
      throw malformed('stat', 'a CPU has a field that is no number');
    // Above 2^53 each step would round; let the whole number be rounded once.
    return at - start > 15 ? Number(Buffer.from(bytes.subarray(start, at)).toString('latin1')) : value;
  }

  // The lines of the CPUs are the first of the file; what follows is not looked at.
  while (bytes[at] === 0x63 && bytes[at + 1] === 0x70 && bytes[at + 2] === 0x75) {
    const end = bytes.indexOf(lineFeed, at);
    if (end === -1) throw malformed('stat', 'the line of a CPU is cut short');
    at += 3;
    if (bytes[at] === space) {
      // The sum of all CPUs is left to the query.
      at = end + 1;
      continue;
    }
    const cpuNumber = number(end);
    let fields = 0;
    for (;;) {
      while (at < end && bytes[at] === space) at += 1;
      if (at >= end) break;
      const value = number(end);
      if (fields < fieldCount) {
        ticks[fields] = value;
        fields += 1;
      }
    }
    if (fields <= idle) throw malformed('stat', `CPU ${cpuNumber} has ${fields} fields`);
    visit(cpuNumber, ticks, fields);
    found = true;
    at = end + 1;
  }
  if (!found) throw malformed('stat', 'no line of a CPU');
}
