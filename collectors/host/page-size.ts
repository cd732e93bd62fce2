/**
 * The size of a page of memory, which the kernel counts some memory in. Node.js does not tell it.
 *
 * Source  /proc/self/auxv (man 3 getauxval), pairs of a key and a value in the machine's word size and byte order. It is
 *         the same for every process, so the daemon's own is read, wherever the host's procfs is mounted.
 */
import { readFileSync } from 'node:fs';
import { endianness } from 'node:os';

/** AT_PAGESZ of include/uapi/linux/auxvec.h. */
const atPageSize = 6n;

let known: number | undefined;

/** The page size of this machine in bytes; undefined where the kernel does not tell it. */
export function pageSize(): number | undefined {
  if (known === undefined) {
    try {
      known = pageSizeOf(readFileSync('/proc/self/auxv'), process.arch === 'arm' || process.arch === 'ia32' ? 4 : 8);
    } catch {
      // Not Linux, or no procfs: the figures in pages cannot be told in bytes.
      return undefined;
    }
  }
  return known;
}

/** The page size that an auxiliary vector holds. */
export function pageSizeOf(auxv: Buffer, wordBytes: 4 | 8, little = endianness() === 'LE'): number | undefined {
  const word = (offset: number): bigint => {
    if (wordBytes === 4) return BigInt(little ? auxv.readUInt32LE(offset) : auxv.readUInt32BE(offset));
    return little ? auxv.readBigUInt64LE(offset) : auxv.readBigUInt64BE(offset);
  };
  for (let offset = 0; offset + 2 * wordBytes <= auxv.length; offset += 2 * wordBytes) {
    if (word(offset) === atPageSize) return Number(word(offset + wordBytes));
  }
  return undefined;
}
