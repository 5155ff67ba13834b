/**
 * Replies of authoritative servers as what is compared of them: rcode, AA, TC, the answer, the SOA
 * of negative answers, the NS and DS of referrals and the glue inside the delegated zone; no
 * sections where TC says to ask again over TCP.
 */
import { rcodeText, RRType, typeText } from '../../../src/wire/iana.ts';
import type { Message } from '../../../src/wire/message.ts';
import { printRdata } from '../../../src/wire/rdata/rdata.ts';
import type { ResourceRecord } from '../../../src/wire/record.ts';
import { zoneOf, type Disagreement, type Reply } from './known-differences.ts';

export function replyOf(message: Message, origins: Disagreement['origins']): Reply {
  const { rcode, aa, tc, answers, authorities, additionals } = message;
  // The NS of an apex come along where responses are not minimal.
  const cuts = authorities.filter(
    ({ name, type }) => type === RRType.NS && zoneOf(name, origins)?.equals(name) !== true,
  );
  const isReferral = cuts.length > 0;
  const decisive = authorities.filter(
    ({ type }) => type === RRType.SOA || (isReferral && (type === RRType.NS || type === RRType.DS)),
  );
  const glue = additionals.filter(
    ({ name, type }) =>
      (type === RRType.A || type === RRType.AAAA) &&
      cuts.some((cut) => name.isSubdomainOf(cut.name)),
  );
  return {
    rcode: rcodeText(rcode),
    aa,
    tc,
    answer: tc ? [] : linesOf(answers),
    authority: tc ? [] : linesOf(decisive),
    glue: tc ? [] : linesOf(glue),
  };
}

/** Repetitions of a record are no difference of ours: the server's own tests forbid them. */
function linesOf(records: readonly ResourceRecord[]): readonly string[] {
  const lines = records.map(({ name, ttl, type, rdata }) =>
    `${name.toString()} ${ttl} ${typeText(type)} ${printRdata(type, rdata)}`.toLowerCase(),
  );
  return [...new Set(lines)].toSorted();
}
