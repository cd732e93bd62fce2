/**
 * How often each CPU served each interrupt.
 *
 * Source  /proc/interrupts (Documentation/filesystems/proc.rst): a header with the CPUs that are online, then for each
 *         interrupt its name, a count for each of them, and what is attached. ERR and MIS have one count for the whole
 *         host and are left out. arm64 may have no blank after the name.
 * Labels  cpu: the kernel's number, from the header. type: number or name of the interrupt. info: for a number, the
 *         controller; for a name, its description. devices: the rest, for a number.
 */
import { counter, defineCollector, malformed, type Sample } from '../../src/collector.ts';
import { includeExclude, nameFilter, z } from '../../src/config/schema.ts';
import { words } from '../../src/system/numbers.ts';

const interruptsTotal = counter('node_interrupts_total', 'Interrupt details.', ['cpu', 'type', 'info', 'devices']);

export const interrupts = defineCollector({
  name: 'interrupts',
  summary: 'How often each CPU served each interrupt.',
  source: '/proc/interrupts',
  differences: [
    "The cpu label is the kernel's number of the CPU; node_exporter counts columns, which differs while a CPU is offline.",
  ],
  enabled: false,
  schedule: '15s',
  families: [interruptsTotal],
  combinable: ['name'],
  config: z.strictObject({
    ...includeExclude('name', 'interrupts, matched against `type;info;devices`,'),
    include_zeros: z.boolean().default(true).describe('Report counts that are zero.'),
  }),
  create(config, { system }) {
    const wanted = nameFilter(config.name_include, config.name_exclude);
    const known = new Map<string, Interrupt>();
    let run = 0;
    let header = '';

    return {
      collect() {
        run += 1;
        const bytes = system.proc.read('interrupts');
        const headerEnd = bytes.indexOf(lineFeed);
        if (headerEnd === -1) throw malformed('interrupts', 'no header');
        const newHeader = bytes.toString('latin1', 0, headerEnd);
        // The labels are kept for the columns; with other columns they are made anew.
        if (newHeader !== header) known.clear();
        header = newHeader;
        const cpus = words(header).map((name) => name.replace('CPU', ''));
        const counts = new Float64Array(cpus.length);
        const samples: Sample[] = [];
        for (let start = headerEnd + 1, end = 0; start < bytes.length; start = end + 1) {
          end = bytes.indexOf(lineFeed, start);
          if (end === -1) break;
          const row = readRow(bytes, start, end, counts);
          if (row === undefined) continue;
          let interrupt = known.get(row.type);
          if (interrupt?.details !== row.details) {
            interrupt = describe(row.type, row.details, cpus);
            known.set(row.type, interrupt);
          }
          // The same line again; two of powerpc's have one name, but tell of other things.
          if (interrupt.run === run) continue;
          interrupt.run = run;
          if (!wanted(interrupt.filterName)) continue;
          for (let column = 0; column < counts.length; column += 1) {
            const count = counts[column]!;
            if (count === 0 && !config.include_zeros) continue;
            samples.push(interruptsTotal.sample(count, interrupt.labels[column]!));
          }
        }
        for (const [type, interrupt] of known) if (interrupt.run !== run) known.delete(type);
        return samples;
      },
    };
  },
});

/** An interrupt as it is remembered between runs. */
interface Interrupt {
  readonly details: string;
  readonly filterName: string;
  /** One for each column. */
  readonly labels: readonly { cpu: string; type: string; info: string; devices: string }[];
  /** The number of the run that saw it last. */
  run: number;
}

function describe(type: string, details: string, cpus: readonly string[]): Interrupt {
  const parts = words(details);
  const isNumber = /^\d+$/.test(type);
  const info = isNumber ? parts[0]! : parts.join(' ');
  const devices = isNumber ? parts.slice(1).join(' ') : '';
  return {
    details,
    filterName: `${type};${info};${devices}`,
    labels: cpus.map((cpu) => ({ cpu, type, info, devices })),
    run: 0,
  };
}

const lineFeed = 0x0a;
const blank = 0x20;
const colon = 0x3a;
const zero = 0x30;
const nine = 0x39;

/**
 * Reads a line into `counts` and gives its name and what stands after the counts; undefined where it has fewer counts
 * than there are CPUs, or nothing after them. Reads bytes, as hosts with hundreds of CPUs have a megabyte of this.
 */
function readRow(
  bytes: Buffer,
  start: number,
  end: number,
  counts: Float64Array,
): { type: string; details: string } | undefined {
  const nameEnd = bytes.indexOf(colon, start);
  if (nameEnd === -1 || nameEnd >= end) return undefined;
  let at = nameEnd + 1;
  for (let column = 0; column < counts.length; column += 1) {
    while (at < end && bytes[at] === blank) at += 1;
    const first = at;
    let count = 0;
    while (at < end && bytes[at]! >= zero && bytes[at]! <= nine) {
      // The kernel's counts have 32 bits, so this is exact.
      count = count * 10 + bytes[at]! - zero;
      at += 1;
    }
    if (at === first || (at < end && bytes[at] !== blank)) return undefined;
    counts[column] = count;
  }
  const details = bytes.toString('utf8', at, end).trim();
  if (details === '') return undefined;
  return { type: bytes.toString('latin1', start, nameEnd).trim(), details };
}
