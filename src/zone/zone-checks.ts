/**
 * Whether records make a zone that can be served. Errors are what no answer could be right about:
 * no or two SOA, no NS at the apex, records outside the zone, a CNAME beside other data
 * (RFC 1034 §3.6.2), two DNAMEs at a name (RFC 6672 §2.4), types that are questions only. Warnings
 * are what serves, but not as its author thought: repeated records and TTLs that differ
 * (RFC 2181 §5), delegations without the addresses they need, data below a DNAME.
 */

import { isMetaType, RRType, typeText } from '../wire/iana.ts';
import type { DnsName } from '../wire/name.ts';
import { namesIn } from '../wire/rdata/rdata.ts';
import { addressesOf, rrsetOf, type ZoneNode } from './lookup.ts';
import type { LocatedRecord } from './master-file.ts';
import type { ProblemLog } from './problem.ts';
import type { TreeBuilder } from './tree-builder.ts';

export interface CheckContext {
  readonly origin: DnsName;
  readonly log: ProblemLog;
}

/** Adds one record, or reports why it cannot stand where it is. */
export function insertChecked(
  builder: TreeBuilder,
  record: LocatedRecord,
  { origin, log }: CheckContext,
): void {
  const misplaced = misplacement(record, origin);
  if (misplaced !== undefined) {
    log.error(log.placeOfLine(record.line), misplaced.message, misplaced.code);
    return;
  }
  const insertion = builder.insert(record);
  if (insertion.kind === 'added') return;
  const place = log.placeOfLine(record.line);
  const name = record.name.toString();
  const type = typeText(record.type);
  switch (insertion.kind) {
    case 'duplicate':
      // A zone ends with its SOA in some dumps, as in a transfer (RFC 5936 §2.2).
      log.warning(
        place,
        `the same ${type} record of ${name} stands in the file before`,
        'duplicate-record',
      );
      break;
    case 'ttl differs':
      warnOfTtl(record, insertion.ttl, log);
      break;
    case 'not single':
      log.error(place, `expected one ${type} record at ${name}, found a second`, 'not-single');
      break;
    case 'conflict': {
      const other = typeText(insertion.other);
      const types = record.type === RRType.CNAME ? `CNAME beside ${other}` : `${type} beside CNAME`;
      log.error(
        place,
        `expected a CNAME record alone at its name, found ${types} at ${name}`,
        'cname-and-other-data',
      );
      break;
    }
  }
}

/** What can be judged only when every record is there. */
export function checkTree(
  nodes: ReadonlyMap<string, ZoneNode>,
  records: readonly LocatedRecord[],
  context: CheckContext,
): void {
  const { origin, log } = context;
  const apex = nodes.get(origin.key);
  if (apex && rrsetOf(apex, RRType.NS) === undefined) {
    const soa = records.find(({ type }) => type === RRType.SOA);
    const place = log.placeOfLine(soa?.line ?? 1);
    const message = `expected NS records at the apex ${origin.toString()}, found none`;
    log.error(place, message, 'apex-ns-missing');
  }
  const hasDname = records.some(({ type }) => type === RRType.DNAME);
  let lastName: DnsName | undefined;
  for (const record of records) {
    if (record.type === RRType.NS) checkServer(nodes, record, context);
    if (hasDname && record.name !== lastName) warnBelowDname(nodes, record, context);
    lastName = record.name;
  }
}

function misplacement(
  record: LocatedRecord,
  origin: DnsName,
): { readonly message: string; readonly code: string } | undefined {
  const name = record.name.toString();
  if (!record.name.isSubdomainOf(origin)) {
    const expected = `a name at or below the zone's origin ${origin.toString()}`;
    return { message: `expected ${expected}, found ${name}`, code: 'out-of-zone' };
  }
  if (isMetaType(record.type)) {
    const message = `expected a type that holds data, found ${typeText(record.type)}`;
    return { message, code: 'meta-type' };
  }
  if (record.type === RRType.SOA && !record.name.equals(origin)) {
    const expected = `the SOA record at the zone's origin ${origin.toString()}`;
    return { message: `expected ${expected}, found it at ${name}`, code: 'soa-below-apex' };
  }
  return undefined;
}

function warnOfTtl(record: LocatedRecord, ttl: number, log: ProblemLog): void {
  // RFC 4034 §3: a signature has the TTL of the RRset that it covers.
  if (record.type === RRType.RRSIG) return;
  const rrset = `${typeText(record.type)} records of ${record.name.toString()}`;
  const smaller = Math.min(ttl, record.ttl);
  const message = `TTL ${record.ttl} differs from TTL ${ttl} of the other ${rrset}`;
  log.warning(log.placeOfLine(record.line), `${message}; ${smaller} counts for all`, 'ttl-mismatch');
}

/** A server whose name is in this zone needs an address in it (RFC 1034 §4.2.1). */
function checkServer(
  nodes: ReadonlyMap<string, ZoneNode>,
  record: LocatedRecord,
  { origin, log }: CheckContext,
): void {
  const [server] = namesIn(RRType.NS, record.rdata);
  if (server === undefined) return;
  const isApex = record.name.equals(origin);
  if (!server.isSubdomainOf(isApex ? origin : record.name)) return;
  const tree = { node: (key: string): ZoneNode | undefined => nodes.get(key) };
  if (addressesOf(tree, server).length > 0 || isRedirectedElsewhere(nodes, server, record)) return;
  const name = server.toString();
  const what = isApex ? 'name server' : `glue: the delegation of ${record.name.toString()} to`;
  const code = isApex ? 'ns-without-address' : 'missing-glue';
  log.warning(log.placeOfLine(record.line), `no address records for ${what} ${name}`, code);
}

/** The apex may name a server below a delegation, where its address is not ours to have. */
function isRedirectedElsewhere(
  nodes: ReadonlyMap<string, ZoneNode>,
  server: DnsName,
  record: LocatedRecord,
): boolean {
  for (let labels = server.labelCount; labels > record.name.labelCount; labels--) {
    const node = nodes.get(server.ancestor(labels).key);
    if (node && rrsetOf(node, RRType.NS) !== undefined) return true;
  }
  return false;
}

/** RFC 6672 §2.4 forbids them; a lookup never gets there, so they do no harm. */
function warnBelowDname(
  nodes: ReadonlyMap<string, ZoneNode>,
  record: LocatedRecord,
  { origin, log }: CheckContext,
): void {
  for (let labels = record.name.labelCount - 1; labels >= origin.labelCount; labels--) {
    const node = nodes.get(record.name.ancestor(labels).key);
    const dname = node && rrsetOf(node, RRType.DNAME);
    if (dname === undefined) continue;
    const names = `${record.name.toString()} is below the DNAME at ${dname.name.toString()}`;
    log.warning(log.placeOfLine(record.line), `${names} and is never found`, 'below-dname');
    return;
  }
}
