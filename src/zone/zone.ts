/**
 * A zone (RFC 9499 §7): the records at and below an origin, immutable, with the lookup of RFC 1034
 * §4.3.2. `loadZone` makes one out of a master file, or says everything that is wrong with it; a
 * file with one error is no zone.
 *
 * `Zone` says nothing of how the records are kept: `image.ts` does.
 */

import type { DnsName } from '../wire/name.ts';
import type { RRset } from '../wire/record.ts';
import { failure, success, type Result } from '../wire/result.ts';
import type { ZoneImage } from './image-layout.ts';
import type { ImageSlab } from './image-memory.ts';
import type { Found } from './lookup.ts';
import { readRecords, type MasterFileOptions } from './master-file.ts';
import { ProblemLog, type ZoneProblem } from './problem.ts';
import { ZoneAssembly } from './zone-assembly.ts';

export interface Zone {
  readonly origin: DnsName;
  readonly soa: RRset;
  /** RFC 1035 §3.3.13: counts versions, modulo 2^32 (RFC 1982). */
  readonly serial: number;
  readonly recordCount: number;
  /** What is odd about the master file but serves. */
  readonly warnings: readonly ZoneProblem[];
  /** For `openImage` in another thread, without a copy being made. */
  readonly image: ZoneImage;
  /** Exactly what stands at the name: no wildcards, and whatever a zone cut occludes. */
  rrset(name: DnsName, type: number): RRset | undefined;
  /** All that stands there, in the same sense. */
  rrsetsOf(name: DnsName): readonly RRset[];
  /** What the zone says about a name at or below its origin (RFC 1034 §4.3.2). */
  find(name: DnsName, type: number): Found;
  /** Every name that owns records, once: the origin first, the others as they first appeared. */
  names(): Iterable<DnsName>;
  /** Every RRset: the SOA first, then name by name. */
  rrsets(): Iterable<RRset>;
}

export interface LoadOptions extends MasterFileOptions {
  /** Where the image goes if it is small; without it, it has a buffer of its own. */
  readonly slab?: ImageSlab | undefined;
}

/** Without `origin`, the zone's origin is the owner of its SOA record. */
export function loadZone(
  octets: Uint8Array,
  options: LoadOptions,
): Result<Zone, readonly ZoneProblem[]> {
  const log = new ProblemLog(options.file, octets);
  const { file, origin, readInclude, slab } = options;
  const records = new ZoneAssembly(log, { origin, slab, fileOctets: octets.length });
  // Not `...options`, which is slow where thousands of zones are loaded.
  const reading = { file, origin, readInclude, records };
  const zone = records.zoneFrom(() => readRecords(octets, log, reading));
  return log.hasErrors || zone === undefined ? failure(log.errors) : success(zone);
}
