/**
 * Names of PCI vendors, devices and classes, from the list that distributions ship as pci.ids.
 *
 * Source  pci.ids: `vvvv  name`, below it `<tab>dddd  name`, below that `<tab><tab>ssss ssss  name`; classes stand in
 *         the same shape at the end, the first of each with `C ` before it.
 */

/** The names by what the list has as their key; each answers the number where the list has no name. */
export interface PciIds {
  vendor(vendor: string): string;
  device(vendor: string, device: string): string;
  subsystem(vendor: string, device: string, subsystemVendor: string, subsystemDevice: string): string;
  /** The name of the nearest of programming interface, subclass and class; six digits. */
  class(code: string): string;
}

/** Reads the list; all numbers are hexadecimal, in lower case, without `0x`. */
export function parsePciIds(text: string): PciIds {
  // One map for all: a vendor is `v1`, its device `v1 d1`, a subsystem of that `v1 d1 s1 s2`; a class `C 01`, `C 0108`.
  const names = new Map<string, string>();
  let first = '';
  let second = '';
  for (const line of text.split('\n')) {
    const [, tabs = '', isClass, number = '', name = ''] =
      /^(\t{0,2})(C )?([0-9a-f]{2,4}(?: [0-9a-f]{4})?) {2}(.+)$/i.exec(line) ?? [];
    if (name === '') continue;
    const id = number.toLowerCase();
    const inClasses = first.startsWith('C ');
    if (tabs === '') {
      first = isClass === undefined ? id : `C ${id}`;
      second = '';
      names.set(first, name.trim());
    } else if (tabs === '\t') {
      second = inClasses ? `${first}${id}` : `${first} ${id}`;
      names.set(second, name.trim());
    } else if (second !== '') {
      names.set(inClasses ? `${second}${id}` : `${second} ${id}`, name.trim());
    }
  }
  return {
    vendor: (vendor) => names.get(vendor) ?? vendor,
    device: (vendor, device) => names.get(`${vendor} ${device}`) ?? device,
    subsystem: (vendor, device, subsystemVendor, subsystemDevice) =>
      names.get(`${vendor} ${device} ${subsystemVendor} ${subsystemDevice}`) ?? subsystemDevice,
    class: (code) =>
      names.get(`C ${code}`) ??
      names.get(`C ${code.slice(0, 4)}`) ??
      names.get(`C ${code.slice(0, 2)}`) ??
      `Unknown class (${code})`,
  };
}
