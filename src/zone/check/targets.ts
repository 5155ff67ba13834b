/**
 * Where NS, MX and SRV point, when it is into the zone: never to an alias (RFC 2181 §10.3,
 * RFC 2782), and to a name with addresses.
 */

import { RRType, typeText } from '../../wire/iana.ts';
import type { DnsName } from '../../wire/name.ts';
import { namesIn } from '../../wire/rdata/rdata.ts';
import type { LocatedRecord } from '../master-file.ts';
import { targetFieldOf, type CheckContext } from './report.ts';
import type { Arrival, CheckedName } from './zone-index.ts';

export function checkTargets(context: CheckContext): void {
  const { index } = context;
  for (const [type, word] of TYPES) {
    for (const record of index.ofType(type)) {
      const [target] = namesIn(type, record.rdata);
      // '.' says that there is no service (RFC 2782, RFC 7505).
      if (!target || target.isRoot || !target.isSubdomainOf(index.origin)) continue;
      if (!isAuthoritative(record, context)) continue;
      checkTarget(record, target, { ...context, word });
    }
  }
}

const TYPES: readonly (readonly [type: number, word: string])[] = [
  [RRType.NS, 'ns'],
  [RRType.MX, 'mx'],
  [RRType.SRV, 'srv'],
];

interface TargetContext extends CheckContext {
  /** The type in codes. */
  readonly word: string;
}

function checkTarget(record: LocatedRecord, target: DnsName, context: TargetContext): void {
  const { index, report, word } = context;
  const arrival = index.arrive(target);
  const what = `${target.toString()}, to which the ${typeText(record.type)} record points,`;
  // BIND and Knot refuse zones whose own servers cannot be reached.
  const isOwnServer = record.type === RRType.NS && record.name.equals(index.origin);
  const at = targetFieldOf(record);
  const say = (code: string, message: string): void =>
    isOwnServer ? report.error(at, code, message) : report.warning(at, code, message);
  switch (arrival.kind) {
    case 'below DNAME':
      say(`${word}-is-alias`, `${what} is below the DNAME at ${arrival.owner.toString()}`);
      return;
    case 'delegated':
      if (isMissingGlue(record, target, { ...context, cut: arrival.cut })) {
        const message = `${what} has no address records, and the delegation needs them as glue`;
        report.warning(at, 'missing-glue', message);
      }
      return;
    case 'node':
    case 'wildcard':
      if (arrival.node.types.has(RRType.CNAME)) say(`${word}-is-alias`, `${what} is an alias`);
      else if (context.isComplete && !hasAddress(arrival.node)) {
        say(`${word}-without-address`, `${what} has no address records`);
      }
      return;
    case 'empty':
    case 'nothing':
      if (context.isComplete) say(`${word}-without-address`, `${what} ${absence(arrival)}`);
  }
}

function absence({ kind }: Arrival): string {
  return kind === 'empty' ? 'has no records' : 'does not exist';
}

/** Below its own cut a server cannot be found without addresses here (RFC 9471 §2.1). */
function isMissingGlue(
  record: LocatedRecord,
  target: DnsName,
  { index, isComplete, cut }: CheckContext & { readonly cut: DnsName },
): boolean {
  if (!isComplete || record.type !== RRType.NS || !record.name.equals(cut)) return false;
  if (!target.isSubdomainOf(cut)) return false;
  const node = index.node(target);
  return node === undefined || !hasAddress(node);
}

function hasAddress({ types }: CheckedName): boolean {
  return types.has(RRType.A) || types.has(RRType.AAAA);
}

/** What is below a cut or a DNAME is reported as such; only NS stand at a cut. */
function isAuthoritative({ name, type }: LocatedRecord, { index }: CheckContext): boolean {
  if (index.dnameAbove(name)) return false;
  const cut = index.cutOf(name);
  return cut === undefined || (type === RRType.NS && cut.equals(name));
}
