/**
 * A zone after a change: the image is copied, which takes the memory's time and no more, and edited
 * where the change is. What is gone stays behind as waste; when that is most of an image, all of it
 * is put together anew.
 */

import { failure, success, type Result } from '../wire/result.ts';
import { recordsOf, type ResourceRecord } from '../wire/record.ts';
import { typeText } from '../wire/iana.ts';
import type { ZoneDifference } from './difference.ts';
import { ImageBuilder } from './image-builder.ts';
import { openImage } from './image.ts';
import type { Zone } from './zone.ts';

/**
 * The version after `difference`, or why it does not fit: it takes away what is not there, or adds
 * what cannot stand where it is put. Throws `ImageLimitError` when the zone becomes too large.
 */
export function editZone(zone: Zone, difference: ZoneDifference): Result<Zone, string> {
  const { origin } = zone;
  const builder = new ImageBuilder(origin, { image: zone.image });
  try {
    const flaw = applyTo(builder, difference);
    if (flaw !== undefined) return failure(flaw);
    const { isMostlyWaste } = builder;
    const edited = openImage(builder.finish(), { origin });
    return success(isMostlyWaste ? compacted(edited) : edited);
  } finally {
    builder.discard();
  }
}

/** What does not fit; undefined when all of it does. */
export function applyTo(builder: ImageBuilder, difference: ZoneDifference): string | undefined {
  const { from, to, deleted, added } = difference;
  for (const record of [from, ...deleted]) {
    if (!builder.remove(record)) return `no record ${describe(record)} to delete`;
  }
  for (const record of [...added, to]) {
    if (!record.name.isSubdomainOf(builder.origin)) return `outside the zone: ${describe(record)}`;
    const { kind } = builder.insert(record);
    if (kind !== 'added' && kind !== 'ttl differs') return `${kind}: ${describe(record)}`;
  }
  return undefined;
}

function describe({ name, type }: ResourceRecord): string {
  return `${name.toString()} ${typeText(type)}`;
}

/** The same zone without what edits have left behind. */
function compacted(zone: Zone): Zone {
  const { origin } = zone;
  const builder = new ImageBuilder(origin, { fileOctets: zone.image.byteLength >> 2 });
  try {
    for (const rrset of zone.rrsets()) {
      for (const record of recordsOf(rrset)) builder.insert(record);
    }
    return openImage(builder.finish(), { origin });
  } finally {
    builder.discard();
  }
}
