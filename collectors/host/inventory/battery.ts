/** Batteries: what they are and how they do. */
import { gauge, type Family, type FamilyHead, type Sample } from '../../../src/collector.ts';
import { fact, known } from './facts.ts';
import type { Inquiry } from './inquiry.ts';

const info = gauge('vitald_battery_info', 'A battery.', ['battery', 'manufacturer', 'model', 'type', 'serial?']);
const charge = gauge('vitald_battery_charge_ratio', 'How full a battery is, of what it can hold now.', ['battery']);
const charging = gauge('vitald_battery_charging', 'Whether a battery is being charged.', ['battery']);
const connected = gauge('vitald_battery_power_connected', 'Whether the machine runs on mains power.', ['battery']);
const health = gauge('vitald_battery_health_ratio', 'What a battery can hold now, of what it was designed to hold.', [
  'battery',
]);
const cycles = gauge('vitald_battery_cycles', 'Full discharges that a battery went through.', ['battery']);
const voltage = gauge('vitald_battery_voltage_volts', 'Voltage of a battery.', ['battery']);
const remaining = gauge('vitald_battery_remaining_seconds', 'Time until a battery that is used is empty.', ['battery']);
const designed = gauge('vitald_battery_designed_capacity_joules', 'Energy that a battery was designed to hold.', [
  'battery',
]);
const full = gauge('vitald_battery_full_capacity_joules', 'Energy that a battery can hold now.', ['battery']);
const current = gauge('vitald_battery_current_capacity_joules', 'Energy that a battery holds.', ['battery']);

/** What this file serves. */
export const batteryFamilies: readonly FamilyHead[] = [
  info,
  charge,
  charging,
  connected,
  health,
  cycles,
  voltage,
  remaining,
  designed,
  full,
  current,
];

/** The batteries; none where the machine has none. */
export async function batteries({ ask, serials }: Inquiry): Promise<Sample[]> {
  const { additionalBatteries = [], ...first } = await ask('battery');
  return [first, ...additionalBatteries]
    .filter(({ hasBattery }) => hasBattery)
    .flatMap((found, index) => {
      const battery = String(index);
      const samples = [
        info.sample(1, {
          battery,
          manufacturer: fact(found.manufacturer),
          model: fact(found.model),
          type: fact(found.type),
          ...(serials && { serial: fact(found.serial) }),
        }),
        charging.sample(found.isCharging ? 1 : 0, { battery }),
        connected.sample(found.acConnected ? 1 : 0, { battery }),
      ];
      const add = (family: Family<'battery'>, value: number | undefined): void => {
        if (value !== undefined && Number.isFinite(value)) samples.push(family.sample(value, { battery }));
      };
      // An empty battery has 0 percent, so that is a value here.
      add(charge, found.percent >= 0 && found.percent <= 100 ? found.percent / 100 : undefined);
      const designedCapacity = known(found.designedCapacity);
      const fullCapacity = known(found.maxCapacity);
      if (designedCapacity !== undefined && fullCapacity !== undefined) add(health, fullCapacity / designedCapacity);
      add(cycles, known(found.cycleCount));
      add(voltage, known(found.voltage));
      const minutes = known(found.timeRemaining);
      // macOS says 65,535 while it does not know yet.
      add(remaining, minutes === undefined || minutes >= 65_535 ? undefined : minutes * 60);
      // Milliampere-hours are no energy without a voltage.
      const joules = found.capacityUnit === 'mWh' ? 3.6 : Number.NaN;
      if (designedCapacity !== undefined) add(designed, designedCapacity * joules);
      if (fullCapacity !== undefined) add(full, fullCapacity * joules);
      add(current, known(found.currentCapacity) === undefined ? undefined : found.currentCapacity * joules);
      return samples;
    });
}
