/** Whole numbers below 2^32 that a node keeps on its disk. */

import type { Disk } from '../process/process.ts';

const OCTETS = 4;

/** 0 when nothing was written, or only a part of it before a crash. */
export function readNumber(disk: Disk, key: string): number {
  const bytes = disk.read(key);
  if (bytes === undefined || bytes.length < OCTETS) return 0;
  return new DataView(bytes.buffer, bytes.byteOffset).getUint32(0);
}

export function writeNumber(disk: Disk, key: string, value: number): void {
  const bytes = new Uint8Array(OCTETS);
  new DataView(bytes.buffer).setUint32(0, value);
  disk.write(key, bytes);
}
