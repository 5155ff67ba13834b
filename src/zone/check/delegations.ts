/**
 * Zone cuts (RFC 1034 §4.2.1, RFC 2181 §6): what stands at and below them is the child's, but for
 * NS, DS and the addresses that the delegation needs.
 */

import { RRType, typeText } from '../../wire/iana.ts';
import type { DnsName } from '../../wire/name.ts';
import { namesIn } from '../../wire/rdata/rdata.ts';
import { fieldOf, type CheckContext } from './report.ts';
import type { CheckedName } from './zone-index.ts';

export function checkDelegations(context: CheckContext): void {
  checkSecureDelegations(context);
  for (const record of context.index.ofType(RRType.NS)) {
    if (!record.name.isWildcard) continue;
    const message = `what NS records of the wildcard ${record.name.toString()} mean is undefined`;
    context.report.warning(record, 'ns-at-wildcard', `${message} (RFC 4592)`);
  }
  const servers = serversOf(context);
  for (const node of context.index.names()) {
    const cut = context.index.cutOf(node.name);
    if (cut) checkOccluded(node, { ...context, cut, servers });
  }
}

interface CutContext extends CheckContext {
  readonly cut: DnsName;
  readonly servers: ReadonlySet<string>;
}

function checkOccluded(node: CheckedName, { cut, servers, report }: CutContext): void {
  const isCut = node.name.equals(cut);
  const name = node.name.toString();
  for (const [type, records] of node.types) {
    if (isCut && AT_CUT.has(type)) continue;
    const isAddress = type === RRType.A || type === RRType.AAAA;
    if (isAddress && servers.has(node.name.key)) continue;
    for (const record of records) {
      if (isAddress) {
        const message = `the address of ${name} is no glue: no NS record names it`;
        report.warning(record, 'extra-glue', `${message}, and ${cut.toString()} is delegated`);
      } else {
        const message = `${typeText(type)} of ${name} is never found`;
        report.warning(record, 'occluded', `${message}: ${cut.toString()} is delegated`);
      }
    }
  }
}

/** RFC 4035 §2.4: DS records belong to delegations, on the parent's side. */
function checkSecureDelegations({ index, report, isComplete }: CheckContext): void {
  for (const record of index.ofType(RRType.DS)) {
    if (record.name.equals(index.origin)) {
      const message = 'the DS records of a zone belong to its parent';
      report.warning(fieldOf(record, 'type'), 'ds-at-apex', message);
    } else if (isComplete && index.recordsAt(record.name, RRType.NS).length === 0) {
      const message = `there are DS records but no NS records at ${record.name.toString()}`;
      report.warning(fieldOf(record, 'type'), 'ds-without-ns', message);
    }
  }
}

/** Servers of any delegation: their addresses may be glue. */
function serversOf({ index }: CheckContext): ReadonlySet<string> {
  const servers = new Set<string>();
  for (const record of index.ofType(RRType.NS)) {
    for (const server of namesIn(RRType.NS, record.rdata)) servers.add(server.key);
  }
  return servers;
}

/** RFC 4035 §2.2, §2.3: NS, and what signing puts there. */
const AT_CUT: ReadonlySet<number> = new Set([
  RRType.NS,
  RRType.DS,
  // Reported as what it is (`aliases.ts`).
  RRType.DNAME,
  RRType.NSEC,
  RRType.RRSIG,
  RRType.SIG,
  RRType.NXT,
]);
