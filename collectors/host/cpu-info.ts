/**
 * The parser of /proc/cpuinfo, whose keys each architecture chooses for itself (arch/.../kernel/proc.c or cpuinfo.c).
 *
 * Most write a block for each CPU, opened by `processor : N`; what stands before the first block holds for all. s390
 * writes one line `processor N: ...` for each CPU and further blocks opened by `cpu number : N`. Old ARM kernels name
 * the model once, in a line `Processor : ...`.
 */
import { decimal, words } from '../../src/system/numbers.ts';

/** One logical CPU; text that the architecture does not write is empty. */
export interface CpuInfo {
  cpu: string;
  package: string;
  core: string;
  vendor: string;
  family: string;
  model: string;
  model_name: string;
  microcode: string;
  stepping: string;
  cachesize: string;
  /** Clock frequency in MHz, where the architecture tells it. */
  mhz: number | undefined;
  flags: readonly string[];
  bugs: readonly string[];
}

type TextField = Exclude<keyof CpuInfo, 'mhz' | 'flags' | 'bugs'>;

const textFields: Readonly<Record<string, TextField>> = {
  vendor_id: 'vendor',
  vendor: 'vendor',
  'system type': 'vendor', // MIPS and LoongArch
  cpu: 'vendor', // PowerPC: the name of the chip
  'cpu family': 'family',
  'CPU Family': 'family', // LoongArch
  model: 'model',
  'model name': 'model_name',
  'Model Name': 'model_name', // LoongArch
  'cpu model': 'model_name', // MIPS
  Processor: 'model_name', // old ARM
  isa: 'model_name', // RISC-V; MIPS writes it too, after its model
  microcode: 'microcode',
  stepping: 'stepping',
  'cache size': 'cachesize',
  'physical id': 'package',
  'core id': 'core',
  hart: 'core', // RISC-V
};

const noCpu: CpuInfo = {
  cpu: '',
  package: '',
  core: '',
  vendor: '',
  family: '',
  model: '',
  model_name: '',
  microcode: '',
  stepping: '',
  cachesize: '',
  mhz: undefined,
  flags: [],
  bugs: [],
};

/** The CPUs of /proc/cpuinfo, in its order; none where the text names none. */
export function parseCpuInfo(text: string): CpuInfo[] {
  const common: CpuInfo = { ...noCpu };
  const cpus: CpuInfo[] = [];
  let current = common;
  for (const line of text.split('\n')) {
    const colon = line.indexOf(':');
    if (colon === -1) continue;
    const key = line.slice(0, colon).trim();
    // Some processors pad their own name with blanks, which belong to it.
    const value = line
      .slice(colon + 1)
      .replace(/^ /, '')
      .trimEnd();
    // PowerPC ends with a block about the machine, whose model is not that of its last CPU.
    if (key === 'timebase') current = { ...noCpu };
    const numbered = /^processor(?: +(\d+))?$/.exec(key);
    if (numbered !== null) {
      current = { ...common, cpu: numbered[1] ?? value };
      cpus.push(current);
    } else if (key === 'cpu number') {
      current = cpus.find(({ cpu }) => cpu === value) ?? { ...common };
    } else {
      setField(current, key, value, cpus);
    }
  }
  return cpus;
}

function setField(cpu: CpuInfo, key: string, value: string, all: readonly CpuInfo[]): void {
  const field = textFields[key];
  if (field !== undefined) {
    if (key !== 'isa' || cpu.model_name === '') cpu[field] = value;
  } else if (key === 'cpu MHz' || key === 'cpu MHz dynamic' || key === 'clock') {
    cpu.mhz = decimal(/^[\d.]+/.exec(value)?.[0]);
  } else if (key === 'flags' || key === 'features') {
    cpu.flags = words(value);
  } else if (key === 'Features') {
    // ARM: old kernels write it once, below the last CPU.
    const flags = words(value);
    for (const each of all) if (each === cpu || each.flags.length === 0) each.flags = flags;
  } else if (key === 'bugs') {
    cpu.bugs = words(value);
  }
}
