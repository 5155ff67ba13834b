/**
 * What a DNAME makes of a name below its owner: a CNAME, made here and never taken from a reply,
 * since the DNAME alone decides (RFC 6672 §3.1).
 */

import { RRType } from '../wire/iana.ts';
import type { DnsName } from '../wire/name.ts';
import { namesIn } from '../wire/rdata/rdata.ts';
import type { RRset } from '../wire/record.ts';
import type { Alias } from './classify.ts';

/** Undefined when the new name is longer than 255 octets (RFC 6672 §2.2). */
export function aliasByDname(name: DnsName, dname: RRset): Alias | undefined {
  const target = name.rebased(dname.name, namesIn(RRType.DNAME, dname.rdatas[0]!)[0]!);
  if (!target) return undefined;
  const { class: dnsClass, ttl } = dname;
  const cname = { name, type: RRType.CNAME, class: dnsClass, ttl, rdatas: [target.wire] };
  return { name, rrsets: [dname, cname], target };
}
