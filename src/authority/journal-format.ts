/**
 * The file of a zone that changes while the server runs, as entries one behind the other:
 *
 *     length 4 │ checksum 8 │ kind 1 │ data …
 *
 *     head        magic, version, origin
 *     difference  … as many as are kept from before the base …
 *     base        records of a version …, then how many and that it ends
 *     difference  what has changed since, oldest first
 *     checked     when its primary was last known to have no newer version
 *     source      by what the master file can be told that it came from
 *
 * An entry whose checksum is wrong, or that is cut short, is where a write was torn: it and what
 * follows was never acknowledged to anybody.
 */

import { createHash } from 'node:crypto';
import { DnsClass } from '../wire/iana.ts';
import { DnsName } from '../wire/name.ts';
import { skipPlainName } from '../wire/name-wire.ts';
import { Octets } from '../wire/rdata/octets.ts';
import type { ResourceRecord } from '../wire/record.ts';
import type { ZoneDifference } from '../zone/difference.ts';

export type Entry =
  | { readonly kind: 'head'; readonly origin: DnsName }
  | { readonly kind: 'base'; readonly records: readonly ResourceRecord[] }
  | { readonly kind: 'base end'; readonly count: number }
  | { readonly kind: 'difference'; readonly difference: ZoneDifference }
  | { readonly kind: 'checked'; readonly atMs: number }
  | { readonly kind: 'source'; readonly mark: string };

const KINDS = ['head', 'base', 'base end', 'difference', 'checked', 'source'] as const;
const MAGIC = 'ts-dns zone 1';
const CHECKSUM_OCTETS = 8;
const FRAME_OCTETS = 4 + CHECKSUM_OCTETS;

export function encodeEntry(entry: Entry): Uint8Array {
  const octets = new Octets();
  octets.u8(KINDS.indexOf(entry.kind));
  writeData(octets, entry);
  const payload = octets.finish();
  const framed = new Uint8Array(FRAME_OCTETS + payload.length);
  new DataView(framed.buffer).setUint32(0, payload.length);
  framed.set(checksumOf(payload), 4);
  framed.set(payload, FRAME_OCTETS);
  return framed;
}

export interface ReadEntry {
  readonly entry: Entry;
  /** Where it ends in the file. */
  readonly end: number;
}

/** All entries up to the first that is torn, or to the end. */
export function* readEntries(octets: Uint8Array): Generator<ReadEntry> {
  const view = new DataView(octets.buffer, octets.byteOffset, octets.byteLength);
  for (let at = 0; at + FRAME_OCTETS <= octets.length;) {
    const end = at + FRAME_OCTETS + view.getUint32(at);
    if (end > octets.length) return;
    const payload = octets.subarray(at + FRAME_OCTETS, end);
    const checksum = octets.subarray(at + 4, at + FRAME_OCTETS);
    if (Buffer.compare(checksumOf(payload), checksum) !== 0) return;
    const entry = readPayload(payload);
    if (!entry) return;
    yield { entry, end };
    at = end;
  }
}

function checksumOf(payload: Uint8Array): Uint8Array {
  return createHash('sha256').update(payload).digest().subarray(0, CHECKSUM_OCTETS);
}

function writeData(octets: Octets, entry: Entry): void {
  switch (entry.kind) {
    case 'head':
      octets.bytes(new TextEncoder().encode(MAGIC));
      octets.bytes(entry.origin.wire);
      break;
    case 'base':
      writeRecords(octets, entry.records);
      break;
    case 'base end':
      octets.u32(entry.count);
      break;
    case 'difference': {
      const { from, to, deleted, added } = entry.difference;
      octets.u32(deleted.length);
      writeRecords(octets, [from, ...deleted, to, ...added]);
      break;
    }
    case 'checked':
      octets.u32(Math.floor(entry.atMs / 2 ** 32));
      octets.u32(entry.atMs % 2 ** 32);
      break;
    case 'source':
      octets.bytes(new TextEncoder().encode(entry.mark));
  }
}

function readPayload(payload: Uint8Array): Entry | undefined {
  const kind = KINDS[payload[0]!];
  if (kind === undefined) return undefined;
  const data = payload.subarray(1);
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  switch (kind) {
    case 'head': {
      const isOurs = new TextDecoder().decode(data.subarray(0, MAGIC.length)) === MAGIC;
      const name = data.slice(MAGIC.length);
      const isName = skipPlainName(name, 0, name.length) === name.length;
      return isOurs && isName ? { kind, origin: DnsName.fromWire(name) } : undefined;
    }
    case 'base':
      return { kind, records: readRecords(data) };
    case 'base end':
      return { kind, count: view.getUint32(0) };
    case 'difference': {
      const [from, ...rest] = readRecords(data.subarray(4));
      const gone = view.getUint32(0);
      const to = rest[gone];
      if (!from || !to) return undefined;
      const difference = { from, to, deleted: rest.slice(0, gone), added: rest.slice(gone + 1) };
      return { kind, difference };
    }
    case 'checked':
      return { kind, atMs: view.getUint32(0) * 2 ** 32 + view.getUint32(4) };
    case 'source':
      return { kind, mark: new TextDecoder().decode(data) };
  }
}

/** Class IN, so owner, type, TTL, length, rdata. */
function writeRecords(octets: Octets, records: readonly ResourceRecord[]): void {
  for (const { name, type, ttl, rdata } of records) {
    octets.bytes(name.wire);
    octets.u16(type);
    octets.u32(ttl);
    octets.u16(rdata.length);
    octets.bytes(rdata);
  }
}

/** Of data whose checksum was right. */
function readRecords(data: Uint8Array): readonly ResourceRecord[] {
  const records: ResourceRecord[] = [];
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  for (let at = 0; at < data.length;) {
    const fixed = skipPlainName(data, at, data.length);
    const start = fixed + 8;
    const end = start + view.getUint16(fixed + 6);
    records.push({
      name: DnsName.fromWire(data.slice(at, fixed)),
      type: view.getUint16(fixed),
      class: DnsClass.IN,
      ttl: view.getUint32(fixed + 2),
      rdata: data.slice(start, end),
    });
    at = end;
  }
  return records;
}
