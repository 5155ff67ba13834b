/** By what a version out of a master file is known again when the server starts anew. */

import { createHash } from 'node:crypto';
import { Octets } from '../wire/rdata/octets.ts';
import type { Zone } from '../zone/zone.ts';

/** Equal for equal records in the same order. */
export function markOf(zone: Zone): string {
  const hash = createHash('sha256');
  for (const { name, type, ttl, rdatas } of zone.rrsets()) {
    const octets = new Octets();
    octets.bytes(name.wire);
    octets.u16(type);
    octets.u32(ttl);
    for (const rdata of rdatas) {
      octets.u16(rdata.length);
      octets.bytes(rdata);
    }
    hash.update(octets.finish());
  }
  return hash.digest('base64');
}
