/** Whole numbers below 2^32 that a node keeps on its disk. */

import type { Disk } from '../process/process.ts';

/** 0 when nothing was written. */
export function readNumber(disk: Disk, key: string): number {
  const bytes = disk.read(key);
  return bytes ? new DataView(bytes.buffer, bytes.byteOffset).getUint32(0) : 0;
}

export function writeNumber(disk: Disk, key: string, value: number): void {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, value);
  disk.write(key, bytes);
}
