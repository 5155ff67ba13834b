/** Questions and records as people write them in scenarios. */

import { DnsClass, parseType, RRType } from '../../../wire/iana.ts';
import type { DnsName } from '../../../wire/name.ts';
import { octetsOf, parseName } from '../../../wire/name-text.ts';
import { parseRdata } from '../../../wire/rdata/rdata.ts';
import { splitTokens } from '../../../wire/rdata/tokens.ts';
import type { Question, RRset } from '../../../wire/record.ts';

/** 'www.example.com. A', the type A when none is named; or what is wrong with it. */
export function questionOf(text: string): Question | string {
  const [owner = '', typeName, ...more] = text.trim().split(/\s+/);
  const name = parseName(octetsOf(owner.endsWith('.') ? owner : `${owner}.`));
  if (!name.ok) return `'${owner}' is no domain name: ${name.error}`;
  const type = typeName === undefined ? RRType.A : parseType(typeName);
  if (type === undefined || more.length > 0) return `expected NAME TYPE, got '${text}'`;
  return { name: name.value, type, class: DnsClass.IN };
}

/** One record, 'www 300 IN A 192.0.2.2', relative to the zone; or what is wrong with it. */
export function rrsetOf(text: string, origin: DnsName): RRset | string {
  const [owner, ...rest] = splitTokens(octetsOf(text));
  const name = parseName(owner?.text ?? '', origin);
  if (!name.ok) return `'${owner?.text ?? ''}' is no domain name: ${name.error}`;
  const ttl = rest[0]?.text ?? '';
  if (!/^\d{1,9}$/.test(ttl)) return `expected NAME TTL [IN] TYPE DATA, got '${text}'`;
  rest.shift();
  if (rest[0]?.text.toUpperCase() === 'IN') rest.shift();
  const typeName = rest.shift()?.text ?? '';
  const type = parseType(typeName);
  if (type === undefined) return `'${typeName}' is no record type`;
  const rdata = parseRdata(type, rest, origin);
  if (!rdata.ok) return `${typeName}: ${rdata.error.message}`;
  return { name: name.value, type, class: DnsClass.IN, ttl: Number(ttl), rdatas: [rdata.value] };
}
