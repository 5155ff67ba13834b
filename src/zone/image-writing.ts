/** How octets and labels go into an image, and how large its hash table is. */

import { nameLimits } from '../wire/name.ts';
import { HeaderWord, type ZoneImage } from './image-layout.ts';

/** Octets of a line of a large zone, about; what is more or fewer only moves the table once. */
const LINE_OCTETS = 24;
const LEAST_HEADS = 16;

/** Of a hash table for the zone of a file so large. */
export function headCountFor(fileOctets: number): number {
  let heads = LEAST_HEADS;
  while (heads * LINE_OCTETS < fileOctets) heads *= 2;
  return heads;
}

/** A copy of an image's hash table. */
export function headsIn(image: ZoneImage): Int32Array {
  const at = image[HeaderWord.HEADS]!;
  return new Int32Array(image.subarray(at, at + image[HeaderWord.HEAD_COUNT]!));
}

/** Where the labels of the name begin that `findLabels` looked at last. */
export const labelStarts: Uint8Array = new Uint8Array(nameLimits.octets);

/** How many labels there are without the root. */
export function findLabels(wire: Uint8Array): number {
  let count = 0;
  for (let at = 0; wire[at] !== 0; at += wire[at]! + 1) labelStarts[count++] = at;
  return count;
}

/** Where the label ends that begins at `at`. */
export function labelEnd(wire: Uint8Array, at: number): number {
  return at + wire[at]! + 1;
}

/** A length of 16 bits, then the octets. */
export function writeOctets(
  octets: Uint8Array,
  at: number,
  { from, length }: { readonly from: Uint8Array; readonly length: number },
): void {
  octets[at] = length >> 8;
  octets[at + 1] = length;
  if (length > LONG) octets.set(from.subarray(0, length), at + 2);
  else for (let i = 0; i < length; i++) octets[at + 2 + i] = from[i]!;
}

/** From here on copying by `set` is faster than octet by octet. */
const LONG = 64;
