import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { interrupts } from '../../../collectors/host/interrupts.ts';
import { expose, start, text, tornSystemOf } from '../../support/expose.ts';
import { sceneFolder, sceneOf } from '../../support/scene.ts';

test('reports each interrupt on each CPU', async () => {
  const scrape = await expose(interrupts, sceneFolder('rich-server', ['interrupts']));

  expect(scrape).toBe(text`
    # HELP node_interrupts_total Interrupt details.
    # TYPE node_interrupts_total counter
    node_interrupts_total{cpu="0",devices="2-edge timer",info="IR-IO-APIC",type="0"} 37
    node_interrupts_total{cpu="1",devices="2-edge timer",info="IR-IO-APIC",type="0"} 0
    node_interrupts_total{cpu="2",devices="2-edge timer",info="IR-IO-APIC",type="0"} 0
    node_interrupts_total{cpu="3",devices="2-edge timer",info="IR-IO-APIC",type="0"} 0
    node_interrupts_total{cpu="0",devices="8-edge rtc0",info="IR-IO-APIC",type="8"} 1
    node_interrupts_total{cpu="1",devices="8-edge rtc0",info="IR-IO-APIC",type="8"} 0
    node_interrupts_total{cpu="2",devices="8-edge rtc0",info="IR-IO-APIC",type="8"} 0
    node_interrupts_total{cpu="3",devices="8-edge rtc0",info="IR-IO-APIC",type="8"} 0
    node_interrupts_total{cpu="0",devices="16-fasteoi ehci_hcd:usb1, ahci[0000:00:11.5]",info="IR-IO-APIC",type="16"} 0
    node_interrupts_total{cpu="1",devices="16-fasteoi ehci_hcd:usb1, ahci[0000:00:11.5]",info="IR-IO-APIC",type="16"} 29
    node_interrupts_total{cpu="2",devices="16-fasteoi ehci_hcd:usb1, ahci[0000:00:11.5]",info="IR-IO-APIC",type="16"} 0
    node_interrupts_total{cpu="3",devices="16-fasteoi ehci_hcd:usb1, ahci[0000:00:11.5]",info="IR-IO-APIC",type="16"} 0
    node_interrupts_total{cpu="0",devices="1-edge eno1-TxRx-0",info="IR-PCI-MSIX-0000:18:00.0",type="124"} 330214411
    node_interrupts_total{cpu="1",devices="1-edge eno1-TxRx-0",info="IR-PCI-MSIX-0000:18:00.0",type="124"} 0
    node_interrupts_total{cpu="2",devices="1-edge eno1-TxRx-0",info="IR-PCI-MSIX-0000:18:00.0",type="124"} 4294967295
    node_interrupts_total{cpu="3",devices="1-edge eno1-TxRx-0",info="IR-PCI-MSIX-0000:18:00.0",type="124"} 0
    node_interrupts_total{cpu="0",devices="",info="Non-maskable interrupts",type="NMI"} 4013
    node_interrupts_total{cpu="1",devices="",info="Non-maskable interrupts",type="NMI"} 4012
    node_interrupts_total{cpu="2",devices="",info="Non-maskable interrupts",type="NMI"} 4011
    node_interrupts_total{cpu="3",devices="",info="Non-maskable interrupts",type="NMI"} 4010
    node_interrupts_total{cpu="0",devices="",info="Local timer interrupts",type="LOC"} 1802233441
    node_interrupts_total{cpu="1",devices="",info="Local timer interrupts",type="LOC"} 1702233442
    node_interrupts_total{cpu="2",devices="",info="Local timer interrupts",type="LOC"} 1602233443
    node_interrupts_total{cpu="3",devices="",info="Local timer interrupts",type="LOC"} 1502233444
    node_interrupts_total{cpu="0",devices="",info="Rescheduling interrupts",type="RES"} 120331
    node_interrupts_total{cpu="1",devices="",info="Rescheduling interrupts",type="RES"} 120332
    node_interrupts_total{cpu="2",devices="",info="Rescheduling interrupts",type="RES"} 120333
    node_interrupts_total{cpu="3",devices="",info="Rescheduling interrupts",type="RES"} 0
  `);
});

test('reads counts that follow the name without a blank, as on arm64', async () => {
  const scrape = await expose(interrupts, sceneFolder('arm-board', ['interrupts']));

  expect(scrape).toBe(text`
    # HELP node_interrupts_total Interrupt details.
    # TYPE node_interrupts_total counter
    node_interrupts_total{cpu="0",devices="30 Level arch_timer",info="GICv2",type="11"} 99494120
    node_interrupts_total{cpu="1",devices="30 Level arch_timer",info="GICv2",type="11"} 87124309
    node_interrupts_total{cpu="0",devices="65 Level fe007000.dma, DMA IRQ",info="GICv2",type="14"} 1024
    node_interrupts_total{cpu="1",devices="65 Level fe007000.dma, DMA IRQ",info="GICv2",type="14"} 0
    node_interrupts_total{cpu="0",devices="",info="Rescheduling interrupts",type="IPI0"} 20331
    node_interrupts_total{cpu="1",devices="",info="Rescheduling interrupts",type="IPI0"} 20332
    node_interrupts_total{cpu="0",devices="",info="Completion interrupts",type="IPI10"} 4294967290
    node_interrupts_total{cpu="1",devices="",info="Completion interrupts",type="IPI10"} 4294967291
  `);
});

test('leaves out zeros on request', async () => {
  const scrape = await expose(interrupts, sceneFolder('arm-board', ['interrupts']), { include_zeros: false });

  expect(scrape.match(/^node_interrupts_total/gm)).toHaveLength(7);
  expect(scrape).not.toContain('} 0\n');
});

/** The types that are reported with some options. */
async function types(options: object): Promise<string[]> {
  const scrape = await expose(interrupts, sceneFolder('rich-server', ['interrupts']), { ...options });
  return [...new Set([...scrape.matchAll(/type="([^"]+)"/g)].map(([, type = '']) => type))];
}

test('matches filters against type, info and devices', async () => {
  expect(await types({ name_include: '^LOC;' })).toEqual(['LOC']);
  expect(await types({ name_include: ';.*;.*eno1' })).toEqual(['124']);
  expect(await types({ name_exclude: 'edge|Local|^RES;Rescheduling interrupts;$' })).toEqual(['16', 'NMI']);
});

test("labels a count with the kernel's number of the CPU while another is offline", async () => {
  const scrape = await expose(interrupts, sceneOf('== proc/interrupts\n   CPU0   CPU2\n 5:  1  2  GIC  1-edge  uart'));

  expect(scrape).toBe(text`
    # HELP node_interrupts_total Interrupt details.
    # TYPE node_interrupts_total counter
    node_interrupts_total{cpu="0",devices="1-edge uart",info="GIC",type="5"} 1
    node_interrupts_total{cpu="2",devices="1-edge uart",info="GIC",type="5"} 2
  `);
});

test('follows CPUs and devices that come and go', async () => {
  const host = sceneOf('== proc/interrupts\n  CPU0 CPU1\n 5: 1 2 GIC 1-edge uart\n 6: 3 4 GIC 2-edge spi');
  const exposed = start(interrupts, host);
  await exposed.scrape();

  writeFileSync(join(host, 'proc/interrupts'), '  CPU1\n 5: 7 GIC 1-edge i2c\n');
  const scrape = await exposed.scrape();
  exposed.close();

  expect(scrape).toBe(text`
    # HELP node_interrupts_total Interrupt details.
    # TYPE node_interrupts_total counter
    node_interrupts_total{cpu="1",devices="1-edge i2c",info="GIC",type="5"} 7
  `);
});

test('keeps whole lines of a file that is torn or has garbage', async () => {
  const scrape = await expose(
    interrupts,
    tornSystemOf(
      sceneOf(
        '=!= proc/interrupts\n  CPU0 CPU1\n 5: 1 x GIC 1 uart\n 6: 1\nno colon\n 7: -1 2 GIC\n 8: 1 2 GIC 2 spi\n 9: 1 2 GIC 3 i',
      ),
    ),
  );

  expect(scrape.match(/type="\d+"/g)).toEqual(['type="8"', 'type="8"']);
});

test('tells two interrupts of one name apart by what they are, and takes one that is listed twice once', async () => {
  const rows = ' LOC: 1 Local timer interrupts\n LOC: 2 Other local timer interrupts\n 9: 3 GIC 1 a\n 9: 3 GIC 1 a\n';
  const scrape = await expose(interrupts, sceneOf(`== proc/interrupts\n CPU0\n${rows}`));

  expect(scrape.match(/(?<=type=").* \d$/gm)).toEqual(['LOC"} 1', 'LOC"} 2', '9"} 3']);
});

test('refuses an empty file', async () => {
  await expect(expose(interrupts, sceneOf('== proc/interrupts'))).rejects.toMatchObject({ code: 'SOURCE_MALFORMED' });
});

test('says which file is missing', async () => {
  await expect(expose(interrupts, sceneOf(''))).rejects.toMatchObject({ code: 'SOURCE_MISSING' });
});
