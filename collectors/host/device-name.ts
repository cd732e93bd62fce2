/**
 * The names by which `hwmon` and `drm` label a device: where it sits in the device tree, as that outlasts a reboot
 * while the numbers of hwmonN and cardN depend on the order in which drivers load.
 */
import type { Tree } from '../../src/system/index.ts';

/** A name in lower case, with `_` for what a metric name cannot hold, and none at either end. */
export function cleanName(text: string): string {
  return text
    .toLowerCase()
    .replaceAll(/[^a-z0-9:_]/gu, '_')
    .replaceAll(/^_+|_+$/g, '');
}

/** The last two folders of the path that `<folder>/device` leads to, such as `platform_coretemp_0`. */
export function deviceName(sys: Tree, folder: string): string | undefined {
  const path = sys.realPath(`${folder}/device`);
  if (path === undefined) return undefined;
  const [parent = '', device = ''] = path.split('/').slice(-2).map(cleanName);
  if (device === '') return undefined;
  return parent === '' ? device : `${parent}_${device}`;
}
