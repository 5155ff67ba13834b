/**
 * A zone (RFC 9499 §7): the records at and below an origin, immutable, with the lookup of RFC 1034
 * §4.3.2. `loadZone` makes one out of a master file, or says everything that is wrong with it; a
 * file with one error is no zone.
 *
 * `Zone` says nothing of how the records are kept: here they are objects in a map.
 */

import assert from 'node:assert/strict';
import { RRType } from '../wire/iana.ts';
import type { DnsName } from '../wire/name.ts';
import { readU32 } from '../wire/rdata/field.ts';
import type { RRset } from '../wire/record.ts';
import { failure, success, type Result } from '../wire/result.ts';
import { findInZone, rrsetOf, type Found, type ZoneNode, type ZoneTree } from './lookup.ts';
import { readMasterFile, type LocatedRecord, type MasterFileOptions } from './master-file.ts';
import { ProblemLog, type ZoneProblem } from './problem.ts';
import { TreeBuilder } from './tree-builder.ts';
import { checkTree, insertChecked } from './zone-checks.ts';

export interface Zone {
  readonly origin: DnsName;
  readonly soa: RRset;
  /** RFC 1035 §3.3.13: counts versions, modulo 2^32 (RFC 1982). */
  readonly serial: number;
  readonly recordCount: number;
  /** What is odd about the master file but serves. */
  readonly warnings: readonly ZoneProblem[];
  /** Exactly what stands at the name: no wildcards, and whatever a zone cut occludes. */
  rrset(name: DnsName, type: number): RRset | undefined;
  /** What the zone says about a name at or below its origin (RFC 1034 §4.3.2). */
  find(name: DnsName, type: number): Found;
  /** Every name that owns records, once: the origin first, the others as they first appeared. */
  names(): Iterable<DnsName>;
  /** Every RRset: the SOA first, then name by name. */
  rrsets(): Iterable<RRset>;
}

/** Without `origin`, the zone's origin is the owner of its SOA record. */
export function loadZone(
  octets: Uint8Array,
  options: MasterFileOptions,
): Result<Zone, readonly ZoneProblem[]> {
  const log = new ProblemLog(options.file, octets);
  const records = readMasterFile(octets, log, options);
  const origin = options.origin ?? records.find(({ type }) => type === RRType.SOA)?.name;
  const zone = origin === undefined ? undefined : buildZone(records, origin, log);
  if (origin === undefined && !log.hasErrors) {
    log.error(log.placeOfLine(1), 'expected a SOA record, found none in the file', 'soa-missing');
  }
  return log.hasErrors || zone === undefined ? failure(log.errors) : success(zone);
}

function buildZone(
  records: readonly LocatedRecord[],
  origin: DnsName,
  log: ProblemLog,
): Zone | undefined {
  // With syntax errors records are missing, so only what is there can be judged.
  const isComplete = !log.hasErrors;
  const builder = new TreeBuilder(origin);
  for (const record of records) insertChecked(builder, record, { origin, log });
  const apex = builder.nodes.get(origin.key);
  const soa = apex && rrsetOf(apex, RRType.SOA);
  if (soa === undefined) {
    if (isComplete) {
      const message = `expected a SOA record at ${origin.toString()}, found none`;
      log.error(log.placeOfLine(1), message, 'soa-missing');
    }
    return undefined;
  }
  if (isComplete) checkTree(builder.nodes, records, { origin, log });
  return new ZoneInMemory({ origin, soa, builder, warnings: log.warnings });
}

class ZoneInMemory implements Zone, ZoneTree {
  readonly origin: DnsName;
  readonly soa: RRset;
  readonly serial: number;
  readonly recordCount: number;
  readonly warnings: readonly ZoneProblem[];
  readonly negativeSoa: RRset;
  readonly #nodes: ReadonlyMap<string, ZoneNode>;

  constructor(parts: {
    readonly origin: DnsName;
    readonly soa: RRset;
    readonly builder: TreeBuilder;
    readonly warnings: readonly ZoneProblem[];
  }) {
    const [rdata] = parts.soa.rdatas;
    assert(rdata, 'an RRset is never empty');
    this.origin = parts.origin;
    this.soa = parts.soa;
    this.serial = readU32(rdata, rdata.length - 20);
    this.recordCount = parts.builder.recordCount;
    this.warnings = parts.warnings;
    const minimum = readU32(rdata, rdata.length - 4);
    // RFC 2308 §3, §5: the lesser of the SOA's TTL and its minimum field.
    this.negativeSoa = { ...parts.soa, ttl: Math.min(parts.soa.ttl, minimum) };
    this.#nodes = parts.builder.nodes;
  }

  node(key: string): ZoneNode | undefined {
    return this.#nodes.get(key);
  }

  rrset(name: DnsName, type: number): RRset | undefined {
    const node = this.#nodes.get(name.key);
    return node && rrsetOf(node, type);
  }

  find(name: DnsName, type: number): Found {
    return findInZone(this, name, type);
  }

  *names(): Iterable<DnsName> {
    for (const node of this.#nodesFromApex()) if (node.rrsets.length > 0) yield node.name;
  }

  *rrsets(): Iterable<RRset> {
    yield this.soa;
    for (const node of this.#nodesFromApex()) {
      for (const rrset of node.rrsets) if (rrset !== this.soa) yield rrset;
    }
  }

  *#nodesFromApex(): Iterable<ZoneNode> {
    const apex = this.#nodes.get(this.origin.key);
    assert(apex, 'the apex owns the SOA');
    yield apex;
    for (const node of this.#nodes.values()) if (node !== apex) yield node;
  }
}
