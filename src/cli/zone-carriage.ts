/**
 * Files and zones on their way between threads: as values that can be cloned, with images in the
 * memory that threads share.
 */

import { DnsName } from '../wire/name.ts';
import { openImage } from '../zone/image.ts';
import type { ZoneSource } from './options.ts';
import type { FileOutcome, LoadOutcome } from './zone-files.ts';

/** A `ZoneSource` with its origin in wire form. */
export interface CarriedSource extends Omit<ZoneSource, 'origin'> {
  readonly origin: Uint8Array | undefined;
}

export function carried(source: ZoneSource): CarriedSource {
  return { ...source, origin: source.origin?.wire };
}

export function sourceOf(file: CarriedSource): ZoneSource {
  return { ...file, origin: file.origin && DnsName.fromWire(file.origin) };
}

export function cloneable(outcome: FileOutcome): LoadOutcome {
  if (outcome.kind !== 'zone') return outcome;
  const { zone, included } = outcome;
  return { kind: 'image', image: zone.image, warnings: zone.warnings, included };
}

export function opened(outcome: LoadOutcome): FileOutcome {
  if (outcome.kind !== 'image') return outcome;
  const { image, warnings, included } = outcome;
  return { kind: 'zone', zone: openImage(image, { warnings }), included };
}
