/**
 * Whether SELinux is on, and whether it enforces its policy.
 *
 * Source  /sys/fs/selinux/enforce (Documentation/ABI/removed/sysfs-selinux-disable, selinuxfs); /etc/selinux/config for
 *         the mode that the next boot takes.
 * Units   modes: 1 enforcing, 0 permissive, -1 disabled.
 *
 * SELinux counts as on once selinuxfs is mounted and a policy is loaded; before that every process is labelled "kernel".
 */
import { defineCollector, gauge, type Sample } from '../../src/collector.ts';
import { z } from '../../src/config/schema.ts';
import { unsigned } from '../../src/system/numbers.ts';

const enabled = gauge('node_selinux_enabled', 'SELinux is enabled, 1 is true, 0 is false');
const configMode = gauge('node_selinux_config_mode', 'Configured SELinux enforcement mode');
const currentMode = gauge('node_selinux_current_mode', 'Current SELinux enforcement mode');

export const selinux = defineCollector({
  name: 'selinux',
  summary: 'Whether SELinux is on, and whether it enforces its policy.',
  source: '/sys/fs/selinux, /etc/selinux/config',
  differences: [
    'Without a readable /etc/selinux/config the configured mode is absent, not "disabled"; so is a current mode that cannot be read.',
    'Looks below `path.sysfs`, also where that is mounted read-only, as in a container.',
  ],
  enabled: true,
  schedule: '1m',
  families: [enabled, configMode, currentMode],
  config: z.strictObject({}),
  create(_config, { system }) {
    return {
      collect() {
        const isMounted = system.sys.exists('fs/selinux/enforce');
        // Labels end with a NUL.
        const label = system.proc.attribute('self/attr/current')?.replaceAll('\0', '');
        if (!isMounted || label === 'kernel') return [enabled.sample(0)];
        const samples: Sample[] = [enabled.sample(1)];
        const configured = system.rootfs.textIfAny('etc/selinux/config');
        if (configured !== undefined) samples.push(configMode.sample(configuredMode(configured)));
        const enforce = unsigned(system.sys.attribute('fs/selinux/enforce'));
        if (enforce !== undefined) samples.push(currentMode.sample(enforce));
        return samples;
      },
    };
  },
});

const modes = new Map([
  ['enforcing', 1],
  ['permissive', 0],
]);

/** The mode of a line `SELINUX=...`; without one SELinux starts disabled. */
function configuredMode(text: string): number {
  const mode = /^\s*SELINUX=\s*"?(\w+)"?/m.exec(text)?.[1];
  return modes.get(mode ?? '') ?? -1;
}
