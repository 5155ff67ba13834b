/** CNAME chains within the zone, and what RFC 6672 §2.4 forbids beside and below a DNAME. */

import { RRType } from '../../wire/iana.ts';
import type { DnsName } from '../../wire/name.ts';
import { namesIn } from '../../wire/rdata/rdata.ts';
import type { LocatedRecord } from '../master-file.ts';
import { fieldOf, targetFieldOf, type CheckContext } from './report.ts';
import type { ZoneIndex } from './zone-index.ts';

const aliasLimits = {
  /** Aliases followed from one name: resolvers give up sooner. */
  chain: 16,
} as const;

export function checkAliases(context: CheckContext): void {
  const { index, report } = context;
  for (const record of index.ofType(RRType.CNAME)) checkCname(record, context);
  for (const record of index.ofType(RRType.DNAME)) {
    const owner = record.name;
    if (owner.isWildcard) {
      const message = `what the DNAME of the wildcard ${owner.toString()} means is undefined`;
      report.warning(record, 'dname-at-wildcard', `${message} (RFC 4592)`);
    }
    const isApex = owner.equals(index.origin);
    if (!isApex && index.recordsAt(owner, RRType.NS).length > 0) {
      const message = `NS records stand beside the DNAME at ${owner.toString()}`;
      report.warning(fieldOf(record, 'type'), 'ns-and-dname', `${message}: the name is delegated`);
    }
    if (targetOf(record)?.isSubdomainOf(owner) === true) {
      report.warning(
        targetFieldOf(record),
        'dname-loop',
        'the target of the DNAME is below the DNAME itself',
      );
    }
  }
  for (const { name, types } of index.names()) {
    const owner = index.dnameAbove(name);
    const [record] = owner ? ([...types.values()][0] ?? []) : [];
    if (!owner || !record || isBelowHigherCut(name, owner, index)) continue;
    const message = `${name.toString()} is below the DNAME at ${owner.toString()}`;
    report.warning(record, 'below-dname', `${message} and is never found`);
  }
}

/** Then the cut is what occludes it. */
function isBelowHigherCut(name: DnsName, owner: DnsName, index: ZoneIndex): boolean {
  const cut = index.cutOf(name);
  return cut !== undefined && cut.labelCount <= owner.labelCount;
}

function checkCname(record: LocatedRecord, { index, report, isComplete }: CheckContext): void {
  const visited = new Set([record.name.key]);
  let target = targetOf(record);
  for (let i = 0; i < aliasLimits.chain; i++) {
    if (target === undefined || !target.isSubdomainOf(index.origin)) return;
    if (visited.has(target.key)) {
      report.warning(
        targetFieldOf(record),
        'cname-loop',
        `the alias leads to ${target.toString()} for ever`,
      );
      return;
    }
    visited.add(target.key);
    const arrival = index.arrive(target);
    if (arrival.kind === 'nothing' && isComplete) {
      const message = `the alias leads to ${target.toString()}, which does not exist`;
      report.warning(targetFieldOf(record), 'dangling-alias', message);
    }
    if (arrival.kind !== 'node' && arrival.kind !== 'wildcard') return;
    const [next] = arrival.node.types.get(RRType.CNAME) ?? [];
    if (next === undefined) return;
    target = targetOf(next);
  }
  const message = `the alias leads over more than ${aliasLimits.chain} other aliases`;
  report.warning(targetFieldOf(record), 'cname-chain-long', message);
}

function targetOf({ type, rdata }: LocatedRecord): DnsName | undefined {
  return namesIn(type, rdata)[0];
}
