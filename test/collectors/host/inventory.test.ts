import { describe, expect, test } from 'vitest';
import { inventory, inventoryOf } from '../../../collectors/host/inventory.ts';
import type { SysinfoAnswers } from '../../../src/system/sysinfo.ts';
import { expose, fixedClock, systemOf, text } from '../../support/expose.ts';
import { fakeSysinfo, hangs, type Answers } from '../../support/fake-sysinfo.ts';
import { sceneOf } from '../../support/scene.ts';

const nowhere = sceneOf('');

/** Answers as the package gives them; what a collector does not look at is left out. */
const answer = <T>(part: Partial<T>): T => part as T;

type DiskAnswer = SysinfoAnswers['diskLayout'][number];
type BatteryAnswer = SysinfoAnswers['battery'];

const laptop: Answers = {
  osInfo: answer<SysinfoAnswers['osInfo']>({
    platform: 'linux',
    distro: 'Debian GNU/Linux',
    release: '12',
    codename: 'bookworm',
    kernel: '6.1.0-18-amd64',
    arch: 'x64',
    hostname: 'ada',
    fqdn: 'ada.example.org',
    build: '',
    serial: '3d1219c7c4c5404aaa1f6d2a48adfda4',
    uefi: true,
  }),
  system: answer<SysinfoAnswers['system']>({
    manufacturer: 'LENOVO',
    model: '20XW00',
    version: 'ThinkPad X1',
    serial: 'PF-SYSTEM',
    uuid: 'aaaa-bbbb',
    sku: 'Default string',
    virtual: false,
  }),
  baseboard: answer<SysinfoAnswers['baseboard']>({
    manufacturer: 'LENOVO',
    model: '20XW',
    version: 'SDK',
    serial: 'L1-BOARD',
  }),
  chassis: answer<SysinfoAnswers['chassis']>({ type: 'Notebook', serial: 'PF-CASE' }),
  bios: answer<SysinfoAnswers['bios']>({
    vendor: 'LENOVO',
    version: 'N32ET',
    releaseDate: '2023-10-11',
    revision: '1.6',
  }),
  cpu: answer<SysinfoAnswers['cpu']>({
    manufacturer: 'Intel',
    brand: 'Core™ i7-1370P',
    vendor: 'GenuineIntel',
    family: '6',
    model: '186',
    stepping: '2',
    revision: '',
    socket: 'U3E1',
    speedMax: 5.2,
    cores: 20,
    physicalCores: 14,
    performanceCores: 6,
    efficiencyCores: 8,
    processors: 1,
    cache: { l1d: 557_056, l1i: 720_896, l2: 12_058_624, l3: 0 },
  }),
  memLayout: [
    answer<SysinfoAnswers['memLayout'][number]>({
      size: 8_589_934_592,
      bank: 'BANK 0',
      type: 'LPDDR5',
      formFactor: 'Row Of Chips',
      manufacturer: 'Samsung',
      partNum: 'K3LK',
      ecc: false,
      clockSpeed: 6400,
      serialNum: 'MEM-1',
    }),
    answer<SysinfoAnswers['memLayout'][number]>({
      size: 8_589_934_592,
      bank: 'BANK 0',
      type: 'LPDDR5',
      formFactor: '',
      ecc: null,
      clockSpeed: 0,
      partNum: '',
      serialNum: '',
    }),
    answer<SysinfoAnswers['memLayout'][number]>({
      size: 0,
      bank: 'BANK 1',
      type: 'Empty',
      formFactor: '',
      partNum: '',
      serialNum: '',
    }),
  ],
  diskLayout: [
    answer<DiskAnswer>({
      device: '/dev/nvme0n1',
      type: 'NVMe',
      name: 'PM9A1',
      vendor: 'Samsung',
      size: 1_024_209_543_168,
      firmwareRevision: 'GXA7',
      interfaceType: 'PCIe',
      smartStatus: 'Ok',
      serialNum: 'S-DISK',
    }),
    answer<DiskAnswer>({
      device: '/dev/sda',
      type: 'HD',
      name: 'Old\nDisk',
      vendor: '',
      size: 0,
      firmwareRevision: '',
      interfaceType: 'USB',
      smartStatus: 'Predicted Failure',
      serialNum: '',
    }),
    answer<DiskAnswer>({
      device: '',
      type: 'SSD',
      name: '',
      vendor: '',
      size: 1,
      firmwareRevision: '',
      interfaceType: '',
      smartStatus: 'not supported',
      serialNum: '',
    }),
  ],
  graphics: {
    controllers: [
      { vendor: 'Intel', model: 'Iris Xe', bus: 'Onboard', busAddress: '00:02.0', vram: 128, vramDynamic: true },
      {
        vendor: 'NVIDIA',
        model: 'RTX A500',
        bus: 'PCI',
        pciBus: '01:00.0',
        vram: 4096,
        vramDynamic: false,
        memoryTotal: 4094,
        driverVersion: '535.1',
      },
    ],
    displays: [],
  },
  battery: answer<BatteryAnswer>({
    hasBattery: true,
    manufacturer: 'SMP',
    model: '5B10W',
    type: 'Li-poly',
    serial: 'BAT-1',
    isCharging: false,
    acConnected: false,
    percent: 80,
    designedCapacity: 57_000,
    maxCapacity: 51_300,
    currentCapacity: 41_040,
    capacityUnit: 'mWh',
    cycleCount: 112,
    voltage: 15.5,
    timeRemaining: 240,
    additionalBatteries: [
      answer<BatteryAnswer>({
        hasBattery: true,
        manufacturer: '',
        model: '',
        type: '',
        isCharging: true,
        acConnected: true,
        percent: 0,
        designedCapacity: 3000,
        maxCapacity: 0,
        currentCapacity: 0,
        capacityUnit: 'mAh',
        cycleCount: 0,
        voltage: 0,
        timeRemaining: 65_535,
      }),
    ],
  }),
};

const scrapeOf = (answers: Answers, options: Record<string, unknown> = {}): Promise<string> =>
  expose(inventoryOf(fakeSysinfo('linux', answers)), nowhere, options);

const samplesIn = (scrape: string): string[] => scrape.split('\n').filter((line) => line.startsWith('vitald'));

test('tells what the machine is made of, without serial numbers', async () => {
  const scrape = await scrapeOf(laptop);

  expect(samplesIn(scrape)).toEqual(
    text`
      vitald_battery_charge_ratio{battery="0"} 0.8
      vitald_battery_charge_ratio{battery="1"} 0
      vitald_battery_charging{battery="0"} 0
      vitald_battery_charging{battery="1"} 1
      vitald_battery_current_capacity_joules{battery="0"} 147744
      vitald_battery_cycles{battery="0"} 112
      vitald_battery_designed_capacity_joules{battery="0"} 205200
      vitald_battery_full_capacity_joules{battery="0"} 184680
      vitald_battery_health_ratio{battery="0"} 0.9
      vitald_battery_info{battery="0",manufacturer="SMP",model="5B10W",type="Li-poly"} 1
      vitald_battery_info{battery="1",manufacturer="",model="",type=""} 1
      vitald_battery_power_connected{battery="0"} 0
      vitald_battery_power_connected{battery="1"} 1
      vitald_battery_remaining_seconds{battery="0"} 14400
      vitald_battery_voltage_volts{battery="0"} 15.5
      vitald_cpu_cache_bytes{cache="l1d"} 557056
      vitald_cpu_cache_bytes{cache="l1i"} 720896
      vitald_cpu_cache_bytes{cache="l2"} 12058624
      vitald_cpu_cores_of_kind{kind="performance"} 6
      vitald_cpu_cores_of_kind{kind="efficiency"} 8
      vitald_cpu_info{brand="Core™ i7-1370P",family="6",manufacturer="Intel",model="186",revision="",socket="U3E1",stepping="2",vendor="GenuineIntel"} 1
      vitald_cpu_logical_cores 20
      vitald_cpu_physical_cores 14
      vitald_cpu_processors 1
      vitald_cpu_speed_max_hertz 5200000000
      vitald_disk_info{device="nvme0n1",firmware="GXA7",interface="PCIe",model="PM9A1",type="NVMe",vendor="Samsung"} 1
      vitald_disk_info{device="sda",firmware="",interface="USB",model="Old\nDisk",type="HD",vendor=""} 1
      vitald_disk_info{device="disk 2",firmware="",interface="",model="",type="SSD",vendor=""} 1
      vitald_disk_size_bytes{device="nvme0n1"} 1024209543168
      vitald_disk_size_bytes{device="disk 2"} 1
      vitald_disk_smart_healthy{device="nvme0n1"} 1
      vitald_disk_smart_healthy{device="sda"} 0
      vitald_firmware_info{date="2023-10-11",revision="1.6",vendor="LENOVO",version="N32ET"} 1
      vitald_gpu_info{bus="Onboard",driver="",gpu="00:02.0",model="Iris Xe",vendor="Intel"} 1
      vitald_gpu_info{bus="PCI",driver="535.1",gpu="01:00.0",model="RTX A500",vendor="NVIDIA"} 1
      vitald_gpu_memory_bytes{gpu="01:00.0"} 4292870144
      vitald_inventory_part_success{part="os"} 1
      vitald_inventory_part_success{part="system"} 1
      vitald_inventory_part_success{part="cpu"} 1
      vitald_inventory_part_success{part="memory"} 1
      vitald_inventory_part_success{part="disk"} 1
      vitald_inventory_part_success{part="gpu"} 1
      vitald_inventory_part_success{part="battery"} 1
      vitald_memory_module_info{ecc="false",form_factor="Row Of Chips",manufacturer="Samsung",part_number="K3LK",slot="BANK 0",type="LPDDR5"} 1
      vitald_memory_module_info{ecc="",form_factor="",manufacturer="",part_number="",slot="BANK 0 2",type="LPDDR5"} 1
      vitald_memory_module_size_bytes{slot="BANK 0"} 8589934592
      vitald_memory_module_size_bytes{slot="BANK 0 2"} 8589934592
      vitald_memory_module_speed_transfers_per_second{slot="BANK 0"} 6400000000
      vitald_os_info{architecture="x64",boot="uefi",build="",codename="bookworm",distribution="Debian GNU/Linux",fqdn="ada.example.org",hostname="ada",kernel="6.1.0-18-amd64",platform="linux",release="12"} 1
      vitald_system_info{board_manufacturer="LENOVO",board_model="20XW",board_version="SDK",chassis_type="Notebook",hypervisor="",manufacturer="LENOVO",model="20XW00",sku="",version="ThinkPad X1",virtual="false"} 1
    `
      .trimEnd()
      .split('\n'),
  );
  expect(scrape).not.toMatch(/PF-SYSTEM|aaaa-bbbb|L1-BOARD|PF-CASE|MEM-1|S-DISK|BAT-1|3d1219c7/);
});

test('tells serial numbers where it is asked to', async () => {
  const scrape = await scrapeOf(laptop, { serials: true });

  expect(scrape).toContain(',serial="PF-SYSTEM",');
  expect(scrape).toContain(',uuid="aaaa-bbbb",');
  for (const label of [
    'board_serial="L1-BOARD"',
    'chassis_serial="PF-CASE"',
    'serial="MEM-1"',
    'serial="S-DISK"',
    'serial="BAT-1"',
    'machine_id="3d1219c7c4c5404aaa1f6d2a48adfda4"',
  ]) {
    expect(scrape).toContain(label);
  }
});

const failed = (scrape: string): string[] =>
  [...scrape.matchAll(/part_success\{part="(\w+)"\} 0/g)].map(([, part]) => part!);

describe('a part costs itself only', () => {
  test.each([
    ['osInfo', 'os'],
    ['system', 'system'],
    ['cpu', 'cpu'],
    ['memLayout', 'memory'],
    ['diskLayout', 'disk'],
    ['graphics', 'gpu'],
    ['battery', 'battery'],
  ] as const)('where %s fails', async (question, part) => {
    const scrape = await scrapeOf({ ...laptop, [question]: new Error('no such command') });

    expect(failed(scrape)).toEqual([part]);
    expect(samplesIn(scrape).length).toBeGreaterThan(30);
  });

  test.each(['baseboard', 'chassis', 'bios'] as const)('and the machine is told though %s fails', async (question) => {
    const scrape = await scrapeOf({ ...laptop, [question]: new Error('no such file') });

    expect(failed(scrape)).toEqual([]);
    expect(scrape).toContain('model="20XW00"');
  });

  test.each(['osInfo', 'diskLayout', 'bios'] as const)(
    'where %s hangs, and it is given up at the end',
    async (question) => {
      const aborted: string[] = [];
      const fake = fakeSysinfo('linux', { ...laptop, [question]: hangs });
      const sysinfo: typeof fake = {
        platform: 'linux',
        ask(asked, signal) {
          if (asked === question) signal.addEventListener('abort', () => aborted.push(asked));
          return fake.ask(asked, signal);
        },
      };
      // Time passes at once here.
      const clock = {
        ...fixedClock(),
        after(_ms: number, run: () => void) {
          const handle = setImmediate(run);
          return { cancel: () => clearImmediate(handle) };
        },
      };
      const scrape = await expose(inventoryOf(sysinfo), systemOf(nowhere, { clock }));

      expect(failed(scrape)).toHaveLength(1);
      expect(samplesIn(scrape).length).toBeGreaterThan(30);
      expect(aborted).toContain(question);
    },
  );
});

test('says little of a machine that says little', async () => {
  const scrape = await scrapeOf({
    osInfo: answer<SysinfoAnswers['osInfo']>({ platform: 'linux', distro: 'unknown', release: 'unknown', uefi: null }),
    system: answer<SysinfoAnswers['system']>({
      manufacturer: '',
      model: 'Docker Container',
      serial: '-',
      virtual: true,
      virtualHost: 'KVM',
    }),
    bios: answer<SysinfoAnswers['bios']>({ vendor: '', version: '' }),
    cpu: answer<SysinfoAnswers['cpu']>({ speedMax: 0, cores: 2, performanceCores: 2, efficiencyCores: 0 }),
    // What the package makes up where it may not ask the firmware.
    memLayout: [
      answer<SysinfoAnswers['memLayout'][number]>({ size: 25_276_514_304, bank: '', type: '', formFactor: '' }),
    ],
    diskLayout: [],
    graphics: { controllers: [], displays: [] },
    battery: answer<BatteryAnswer>({ hasBattery: false }),
  });

  expect(samplesIn(scrape).filter((line) => !line.startsWith('vitald_inventory'))).toEqual([
    'vitald_cpu_info{brand="",family="",manufacturer="",model="",revision="",socket="",stepping="",vendor=""} 1',
    'vitald_cpu_logical_cores 2',
    'vitald_os_info{architecture="",boot="",build="",codename="",distribution="",fqdn="",hostname="",kernel="",platform="linux",release=""} 1',
    'vitald_system_info{board_manufacturer="",board_model="",board_version="",chassis_type="",hypervisor="KVM",manufacturer="",model="Docker Container",sku="",version="",virtual="true"} 1',
  ]);
});

test('takes the inventory of this machine', async () => {
  const scrape = await expose(inventory, nowhere);

  expect(scrape).toMatch(/^vitald_os_info\{.*\} 1$/m);
  expect(scrape).toContain('vitald_inventory_part_success{part="cpu"} 1\n');
});
