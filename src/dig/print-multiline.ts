/**
 * Data over several lines, as `+multiline` shows them: SOA with the meaning of each number, keys
 * with their role and tag, signatures, digests and opaque data in short lines. Types that are not
 * in the table stay on one line: dig breaks some more that are rare, such as KEY, DHCID, IPSECKEY
 * and ZONEMD. It also looks for the name of a private algorithm inside the key.
 */

import { DnssecAlgorithm, RRType } from '../wire/iana.ts';
import type { ResourceRecord } from '../wire/record.ts';

/** Digits of hexadecimal or base64 in a line. */
const CHUNK = 44;
/** Lines but the first begin in the column of the data. */
const NEW_LINE = '\n\t\t\t\t';

/** `text` is the data on one line with unbroken digits; undefined: it stays there. */
export function breakLines(record: ResourceRecord, text: string): string | undefined {
  const fields = text.split(' ');
  // RFC 3597 §5: '\#', the length, and digits unless it is zero.
  if (fields[0] === '\\#') return fields.length > 2 ? breakDigits(fields, 2) : undefined;
  return FORMS.get(record.type)?.(fields, record);
}

type Form = (fields: readonly string[], record: ResourceRecord) => string;

const digest: Form = (fields) => breakAfter(fields, 3);

const FORMS: ReadonlyMap<number, Form> = new Map([
  [RRType.SOA, breakSoa],
  [RRType.RRSIG, breakSignature],
  [RRType.DNSKEY, breakKey],
  [RRType.CDNSKEY, breakKey],
  [RRType.DS, digest],
  [RRType.CDS, digest],
  [RRType.TLSA, digest],
  [RRType.SMIMEA, digest],
  [RRType.CERT, digest],
  [RRType.SSHFP, (fields) => breakAfter(fields, 2)],
  [RRType.OPENPGPKEY, (fields) => breakDigits(fields, 0)],
  [RRType.NSEC3, breakNsec3],
]);

/** Names of the five numbers of a SOA. */
const SOA_NUMBERS = ['serial', 'refresh', 'retry', 'expire', 'minimum'] as const;
const LONGEST_NUMBER = '4294967295'.length;

function breakSoa(fields: readonly string[]): string {
  const lines = SOA_NUMBERS.map((what, at) => {
    const number = fields[at + 2]!;
    const duration = what === 'serial' ? '' : ` (${durationText(Number(number))})`;
    return `${number.padEnd(LONGEST_NUMBER)} ; ${what}${duration}`;
  });
  return [`${fields[0]} ${fields[1]} (`, ...lines, ')'].join(NEW_LINE);
}

const UNITS = [
  ['week', 604_800],
  ['day', 86_400],
  ['hour', 3600],
  ['minute', 60],
  ['second', 1],
] as const;

/** '1 hour 1 minute 1 second'. */
function durationText(seconds: number): string {
  let left = seconds;
  const parts = UNITS.flatMap(([unit, length]) => {
    const count = Math.floor(left / length);
    left %= length;
    return count === 0 ? [] : [`${count} ${unit}${count === 1 ? '' : 's'}`];
  });
  return parts.join(' ') || '0 seconds';
}

function breakSignature(fields: readonly string[]): string {
  const head = `${fields.slice(0, 4).join(' ')} (`;
  return [head, fields.slice(4, 8).join(' '), `${chunksOf(fields[8])} )`].join(NEW_LINE);
}

/** RFC 4034 §2.1.1, RFC 5011 §7. */
const KeyFlag = { secureEntryPoint: 0x0001, revoke: 0x0080 } as const;

function breakKey(fields: readonly string[], { rdata }: ResourceRecord): string {
  const flags = Number(fields[0]);
  const isEntry = (flags & KeyFlag.secureEntryPoint) !== 0;
  const revoked = isEntry && (flags & KeyFlag.revoke) !== 0 ? 'revoked ' : '';
  const role = `${revoked}${isEntry ? 'KSK' : 'ZSK'}`;
  const algorithm = ALGORITHMS.get(rdata[3] ?? 0) ?? fields[2];
  const comment = `${role}; alg = ${algorithm} ; key id = ${keyTag(rdata)}`;
  const head = `${fields.slice(0, 3).join(' ')} (`;
  return [head, chunksOf(fields[3]), `) ; ${comment}`].join(NEW_LINE);
}

/** Zero is no algorithm but a request to delete (RFC 8078 §4), which dig shows as a number. */
const ALGORITHMS: ReadonlyMap<number, string> = new Map(
  Object.entries(DnssecAlgorithm).flatMap(([name, code]) => (code === 0 ? [] : [[code, name]])),
);

/** RFC 4034 §B. */
function keyTag(rdata: Uint8Array): number {
  const sum = rdata.reduce((total, octet, at) => total + (at % 2 === 0 ? octet << 8 : octet), 0);
  return (sum + ((sum >>> 16) & 0xffff)) & 0xffff;
}

function breakNsec3(fields: readonly string[]): string {
  const [next, types] = [fields[4]!, fields.slice(5).join(' ')];
  const lines = types === '' ? [next] : [next, types];
  return `${[`${fields.slice(0, 4).join(' ')} (`, ...lines].join(NEW_LINE)} )`;
}

/** Digits from the field `count` on, on lines of their own. */
function breakAfter(fields: readonly string[], count: number): string {
  return `${fields.slice(0, count).join(' ')} (${NEW_LINE}${chunksOf(fields[count])} )`;
}

/** Digits from the field `count` on, which begin on the first line. */
function breakDigits(fields: readonly string[], count: number): string {
  return [...fields.slice(0, count), '(', chunksOf(fields[count]), ')'].join(' ');
}

function chunksOf(digits = ''): string {
  return (digits.match(new RegExp(`.{1,${CHUNK}}`, 'g')) ?? []).join(NEW_LINE);
}
