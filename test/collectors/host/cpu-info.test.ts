import { expect, test } from 'vitest';
import { type CpuInfo, parseCpuInfo } from '../../../collectors/host/cpu-info.ts';

/** What is known of each CPU, without what is not. */
function known(text: string): Partial<CpuInfo>[] {
  return parseCpuInfo(text).map((cpu) =>
    Object.fromEntries(
      Object.entries(cpu).filter(([, value]) => value !== '' && value !== undefined && String(value) !== ''),
    ),
  );
}

test('reads the lines of s390, which has the frequency and the topology below the list', () => {
  const text = `vendor_id       : IBM/S390
# processors    : 2
bogomips per cpu: 3033.00
features	: esan3 zarch stfle
processor 0: version = FF,  identification = 2733E8,  machine = 2964
processor 1: version = FF,  identification = 2733E8,  machine = 2964

cpu number      : 0
physical id     : 6
core id         : 1
cpu MHz dynamic : 5000
cpu MHz static  : 5000

cpu number      : 1
physical id     : 6
core id         : 2
cpu MHz dynamic : 4900
`;

  expect(known(text)).toEqual([
    { cpu: '0', vendor: 'IBM/S390', flags: ['esan3', 'zarch', 'stfle'], package: '6', core: '1', mhz: 5000 },
    { cpu: '1', vendor: 'IBM/S390', flags: ['esan3', 'zarch', 'stfle'], package: '6', core: '2', mhz: 4900 },
  ]);
});

test('reads MIPS, which names the machine before the first CPU', () => {
  const text = `system type		: MediaTek MT7621
machine			: A router
processor		: 0
cpu model		: MIPS 1004Kc V2.15
BogoMIPS		: 586.13
isa			: mips1 mips2 mips32r1
core			: 0
`;

  expect(known(text)).toEqual([{ cpu: '0', vendor: 'MediaTek MT7621', model_name: 'MIPS 1004Kc V2.15' }]);
});

test('reads LoongArch', () => {
  const text = `system type		: generic-loongson-machine

processor		: 0
package			: 0
CPU Family		: Loongson-64bit
Model Name		: Loongson-3A5000
`;

  expect(known(text)).toEqual([
    { cpu: '0', vendor: 'generic-loongson-machine', family: 'Loongson-64bit', model_name: 'Loongson-3A5000' },
  ]);
});

test('reads PowerPC, whose clock has a unit', () => {
  const text = `processor	: 8
cpu		: POWER9, altivec supported
clock		: 2300.000000MHz
revision	: 2.2 (pvr 004e 1202)

timebase	: 512000000
platform	: PowerNV
model		: 8335-GTW
`;

  expect(known(text)).toEqual([{ cpu: '8', vendor: 'POWER9, altivec supported', mhz: 2300 }]);
});

test('keeps the blanks that a processor pads its name with', () => {
  expect(known('processor\t: 0\nmodel name\t:           Intel(R) Xeon(TM)  \nstepping\t: 3\n')).toEqual([
    { cpu: '0', model_name: '          Intel(R) Xeon(TM)', stepping: '3' },
  ]);
});

test('reads RISC-V', () => {
  const text = `processor	: 1
hart		: 3
isa		: rv64imafdc
mmu		: sv39
`;

  expect(known(text)).toEqual([{ cpu: '1', core: '3', model_name: 'rv64imafdc' }]);
});

test('reads an old ARM, which names model and features once', () => {
  const text = `Processor	: ARMv7 Processor rev 4 (v7l)
processor	: 0
BogoMIPS	: 76.80

processor	: 1
BogoMIPS	: 76.80

Features	: half thumb neon
`;

  expect(known(text)).toEqual([
    { cpu: '0', model_name: 'ARMv7 Processor rev 4 (v7l)', flags: ['half', 'thumb', 'neon'] },
    { cpu: '1', model_name: 'ARMv7 Processor rev 4 (v7l)', flags: ['half', 'thumb', 'neon'] },
  ]);
});

test.each(['', 'no colon', 'processor\n', ': \n'])('finds no CPU in %j', (text) => {
  expect(parseCpuInfo(text)).toEqual([]);
});
