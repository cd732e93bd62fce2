/**
 * What the firmware says of the machine: vendor, model, versions, serial numbers.
 *
 * Source  /sys/class/dmi/id (Documentation/ABI/testing/sysfs-firmware-dmi-tables). Serial numbers and the UUID are for
 *         root only.
 * Labels  those that can be read; absent ones are left out.
 */
import { defineCollector, gauge, NoDataError, type Sample } from '../../src/collector.ts';
import { z } from '../../src/config/schema.ts';

// By label; the file has the same name but for the last.
const fields = [
  'bios_date',
  'bios_release',
  'bios_vendor',
  'bios_version',
  'board_asset_tag',
  'board_name',
  'board_serial',
  'board_vendor',
  'board_version',
  'chassis_asset_tag',
  'chassis_serial',
  'chassis_vendor',
  'chassis_version',
  'product_family',
  'product_name',
  'product_serial',
  'product_sku',
  'product_uuid',
  'product_version',
  'system_vendor',
] as const;

const info = gauge(
  'node_dmi_info',
  `A metric with a constant '1' value labeled by ${fields.join(', ')} if provided by DMI.`,
  fields.map((field) => `${field}?` as const),
);

export const dmi = defineCollector({
  name: 'dmi',
  summary: 'What the firmware says of the machine: vendor, model, versions, serial numbers.',
  source: '/sys/class/dmi/id',
  enabled: true,
  schedule: '5m',
  families: [info],
  config: z.strictObject({}),
  create(_config, { system: { sys } }) {
    let samples: readonly Sample[] | undefined;
    return {
      collect() {
        // The firmware wrote its tables before the kernel started.
        if (samples === undefined && !sys.exists('class/dmi/id')) throw noTables();
        samples ??= read();
        return samples;
      },
    };

    function read(): Sample[] {
      const labels: { -readonly [field in (typeof fields)[number]]?: string } = {};
      for (const field of fields) {
        const value = sys.attribute(`class/dmi/id/${field === 'system_vendor' ? 'sys_vendor' : field}`);
        if (value !== undefined) labels[field] = value;
      }
      if (Object.keys(labels).length === 0) throw noTables();
      return [info.sample(1, labels)];
    }
  },
});

function noTables(): NoDataError {
  return new NoDataError('the firmware gives no DMI tables');
}
