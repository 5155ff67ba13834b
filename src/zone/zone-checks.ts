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
import type { RecordField } from './field-place.ts';
import type { LocatedRecord } from './master-file.ts';
import type { ProblemLog } from './problem.ts';
import type { TreeBuilder } from './tree-builder.ts';

export interface CheckContext {
  readonly origin: DnsName;
  readonly log: ProblemLog;
}

/** A zone that is whole. */
export interface CheckedTree {
  readonly soaLine: number;
  readonly hasDname: boolean;
  /** Whether there are such records at a name at or below the origin. */
  owns(name: DnsName, type: number): boolean;
  /** NS records, and all below a DNAME. */
  recordsToCheck(): Iterable<LocatedRecord>;
}

/** Adds one record, or reports why it cannot stand where it is. */
export function insertChecked(
  builder: TreeBuilder,
  record: LocatedRecord,
  { origin, log }: CheckContext,
): void {
  const misplaced = misplacement(record, origin);
  if (misplaced !== undefined) {
    const { message, code, field } = misplaced;
    log.error(log.placeOfProblem(record.line, 'error', field), message, code);
    return;
  }
  const insertion = builder.insert(record);
  if (insertion.kind === 'added') return;
  const name = record.name.toString();
  const type = typeText(record.type);
  switch (insertion.kind) {
    case 'duplicate':
      // A zone ends with its SOA in some dumps, as in a transfer (RFC 5936 §2.2).
      log.warning(
        log.placeOfLine(record.line),
        `the same ${type} record of ${name} stands in the file before`,
        'duplicate-record',
      );
      break;
    case 'ttl differs':
      warnOfTtl(record, insertion.ttl, log);
      break;
    case 'not single':
      log.error(
        log.placeOfProblem(record.line, 'error', 'type'),
        `expected one ${type} record at ${name}, found a second`,
        'not-single',
      );
      break;
    case 'conflict': {
      const other = typeText(insertion.other);
      const types = record.type === RRType.CNAME ? `CNAME beside ${other}` : `${type} beside CNAME`;
      log.error(
        log.placeOfProblem(record.line, 'error', 'type'),
        `expected a CNAME record alone at its name, found ${types} at ${name}`,
        'cname-and-other-data',
      );
      break;
    }
  }
}

/** What can be judged only when every record is there. */
export function checkTree(tree: CheckedTree, context: CheckContext): void {
  const { origin, log } = context;
  if (!tree.owns(origin, RRType.NS)) {
    const message = `expected NS records at the apex ${origin.toString()}, found none`;
    log.error(log.placeOfLine(tree.soaLine), message, 'apex-ns-missing');
  }
  for (const record of tree.recordsToCheck()) {
    if (record.type === RRType.NS) checkServer(tree, record, context);
    if (tree.hasDname) warnBelowDname(tree, record, context);
  }
}

interface Misplacement {
  readonly message: string;
  readonly code: string;
  /** Absent: the owner. */
  readonly field?: RecordField;
}

function misplacement(record: LocatedRecord, origin: DnsName): Misplacement | undefined {
  const { name } = record;
  if (!name.isSubdomainOf(origin)) {
    const expected = `a name at or below the zone's origin ${origin.toString()}`;
    return { message: `expected ${expected}, found ${name.toString()}`, code: 'out-of-zone' };
  }
  if (isMetaType(record.type)) {
    const message = `expected a type that holds data, found ${typeText(record.type)}`;
    return { message, code: 'meta-type', field: 'type' };
  }
  if (record.type === RRType.SOA && !name.equals(origin)) {
    const expected = `the SOA record at the zone's origin ${origin.toString()}`;
    const message = `expected ${expected}, found it at ${name.toString()}`;
    return { message, code: 'soa-below-apex' };
  }
  return undefined;
}

function warnOfTtl(record: LocatedRecord, ttl: number, log: ProblemLog): void {
  // RFC 4034 §3: a signature has the TTL of the RRset that it covers.
  if (record.type === RRType.RRSIG) return;
  const rrset = `${typeText(record.type)} records of ${record.name.toString()}`;
  const smaller = Math.min(ttl, record.ttl);
  const message = `TTL ${record.ttl} differs from TTL ${ttl} of the other ${rrset}`;
  log.warning(
    log.placeOfProblem(record.line, 'warning', 'ttl'),
    `${message}; ${smaller} counts for all`,
    'ttl-mismatch',
  );
}

/** A server whose name is in this zone needs an address in it (RFC 1034 §4.2.1). */
function checkServer(
  tree: CheckedTree,
  record: LocatedRecord,
  { origin, log }: CheckContext,
): void {
  const [server] = namesIn(RRType.NS, record.rdata);
  if (server === undefined) return;
  const isApex = record.name.equals(origin);
  if (!server.isSubdomainOf(isApex ? origin : record.name)) return;
  if (tree.owns(server, RRType.A) || tree.owns(server, RRType.AAAA)) return;
  if (isRedirectedElsewhere(tree, server, record)) return;
  const name = server.toString();
  const what = isApex ? 'name server' : `glue: the delegation of ${record.name.toString()} to`;
  const code = isApex ? 'ns-without-address' : 'missing-glue';
  const place = log.placeOfProblem(record.line, 'warning', SERVER_FIELD);
  log.warning(place, `no address records for ${what} ${name}`, code);
}

/** Of NS record data. */
const SERVER_FIELD = 0;

/** The apex may name a server below a delegation, where its address is not ours to have. */
function isRedirectedElsewhere(tree: CheckedTree, server: DnsName, record: LocatedRecord): boolean {
  for (let labels = server.labelCount; labels > record.name.labelCount; labels--) {
    if (tree.owns(server.ancestor(labels), RRType.NS)) return true;
  }
  return false;
}

/** RFC 6672 §2.4 forbids them; a lookup never gets there, so they do no harm. */
function warnBelowDname(
  tree: CheckedTree,
  record: LocatedRecord,
  { origin, log }: CheckContext,
): void {
  for (let labels = record.name.labelCount - 1; labels >= origin.labelCount; labels--) {
    const above = record.name.ancestor(labels);
    if (!tree.owns(above, RRType.DNAME)) continue;
    const names = `${record.name.toString()} is below the DNAME at ${above.toString()}`;
    log.warning(log.placeOfLine(record.line), `${names} and is never found`, 'below-dname');
    return;
  }
}
