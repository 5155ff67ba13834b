/**
 * Addresses that no public name has any business with (DNS rebinding): a page of the internet whose
 * name suddenly means a machine of this network gets the browser to talk to it. Records with such
 * addresses are taken out of what servers say before anything is kept, in A and AAAA records, in
 * IPv6 clothes, and in the hints of SVCB and HTTPS records; but for domains that may have them.
 */

import { matchesPrefix, type AddressPrefix } from '../query/address-prefix.ts';
import type { Step } from '../query/step.ts';
import type { Story } from '../query/story.ts';
import { ExtendedError, Rcode, RRType, SvcParamKey, typeText } from '../wire/iana.ts';
import type { DnsName } from '../wire/name.ts';
import { skipName } from '../wire/name-wire.ts';
import { isWellFormed, printRdata } from '../wire/rdata/rdata.ts';
import type { RRset } from '../wire/record.ts';
import { discard, tellSome } from './steps.ts';
import type { AnswerReply } from './stored.ts';

export interface PrivateAddressesOptions {
  readonly prefixes: readonly AddressPrefix[];
  /** These names and all below may have private addresses. */
  readonly domains: readonly DnsName[];
}

/**
 * `answer` without private addresses; when nothing is left of it, as if there were no data. What is
 * taken out is told to `story`.
 */
export function withoutPrivateAddresses(
  answer: AnswerReply,
  options: PrivateAddressesOptions,
  story?: Story,
): AnswerReply {
  const { end } = answer;
  if (options.prefixes.length === 0 || end.kind !== 'data') return answer;
  const rrsets = end.rrsets.flatMap((rrset) => scrub(rrset, options) ?? []);
  if (story) tellSome(story, removed(end.rrsets, rrsets));
  if (rrsets.length > 0) return { ...answer, end: { kind: 'data', rrsets } };
  // Without SOA it is not kept: it is not what the zone says.
  const noData = { kind: 'negative', rcode: Rcode.NOERROR, soa: undefined } as const;
  const text = `${answer.name.toString()} has private addresses, which are filtered`;
  const remarks = { extendedErrors: [{ code: ExtendedError.BLOCKED, text }] };
  return { ...answer, end: noData, remarks };
}

function scrub(rrset: RRset, { prefixes, domains }: PrivateAddressesOptions): RRset | undefined {
  const { name, type, rdatas } = rrset;
  const addressesOf = READERS.get(type);
  if (!addressesOf || domains.some((domain) => name.isSubdomainOf(domain))) return rrset;
  const isPrivate = (octets: Uint8Array): boolean =>
    prefixes.some((prefix) => matchesPrefix(plainAddress(octets), prefix));
  // Whatever a client might read out of malformed data, we cannot.
  const kept = rdatas.filter(
    (rdata) => isWellFormed(type, rdata) && !addressesOf(rdata).some(isPrivate),
  );
  if (kept.length === rdatas.length) return rrset;
  return kept.length > 0 ? { ...rrset, rdatas: kept } : undefined;
}

/** A step for each record of `before` that `after` lacks. */
function removed(before: readonly RRset[], after: readonly RRset[]): readonly Step[] {
  const kept = new Set(after.flatMap(({ rdatas }) => rdatas));
  return before.flatMap(({ name, type, rdatas }) =>
    rdatas
      .filter((rdata) => !kept.has(rdata))
      .map((rdata) => {
        const what = `${name.toString()} ${typeText(type)} ${printRdata(type, rdata)}`;
        return discard(what, 'a private address, which names of this domain must not have');
      }),
  );
}

type AddressReader = (rdata: Uint8Array) => readonly Uint8Array[];

const READERS: ReadonlyMap<number, AddressReader> = new Map<number, AddressReader>([
  [RRType.A, (rdata) => [rdata]],
  [RRType.AAAA, (rdata) => [rdata]],
  [RRType.SVCB, hintsOf],
  [RRType.HTTPS, hintsOf],
]);

const HINT_OCTETS: ReadonlyMap<number, number> = new Map([
  [SvcParamKey.ipv4hint, 4],
  [SvcParamKey.ipv6hint, 16],
]);

/** Of well-formed data (RFC 9460 §2.2): priority, target, then key, length and value each. */
function hintsOf(rdata: Uint8Array): readonly Uint8Array[] {
  const hints: Uint8Array[] = [];
  const u16 = (at: number): number => (rdata[at]! << 8) | rdata[at + 1]!;
  for (let at = skipName(rdata, 2, rdata.length); at < rdata.length;) {
    const octets = HINT_OCTETS.get(u16(at));
    const end = at + 4 + u16(at + 2);
    for (let hint = at + 4; octets !== undefined && hint < end; hint += octets) {
      hints.push(rdata.subarray(hint, hint + octets));
    }
    at = end;
  }
  return hints;
}

/** IPv4 in IPv6 clothes (::ffff:0:0/96, RFC 4291 §2.5.5.2) is IPv4. */
function plainAddress(octets: Uint8Array): Uint8Array {
  const isMapped =
    octets.length === 16 &&
    octets[10] === 0xff &&
    octets[11] === 0xff &&
    octets.subarray(0, 10).every((octet) => octet === 0);
  return isMapped ? octets.subarray(12) : octets;
}
