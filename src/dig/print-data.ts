/**
 * The data of a record as dig writes them: hexadecimal and base64 in pieces, with `+multiline` over
 * several lines and with comments, with `+nocrypto` without keys and signatures. The text comes
 * from the wire layer; what is done to it depends on the type, by the table.
 */

import { DnsClass, DnssecAlgorithm, RRType } from '../wire/iana.ts';
import { readName, skipName } from '../wire/name-wire.ts';
import { namesIn, printOpaque, printRdata } from '../wire/rdata/rdata.ts';
import type { ResourceRecord } from '../wire/record.ts';
import { CLASS_BOUND } from './class-bound.ts';
import { periodWords } from './periods.ts';
import { unicodeName, type DataStyle } from './print-style.ts';

/** Lines but the first begin in the column of the data. */
const NEW_LINE = '\n\t\t\t\t';

export function printData(record: ResourceRecord, style: DataStyle): string {
  const text = unbrokenData(record, style);
  const sheet = new Sheet(style);
  const fields = text.split(' ');
  // RFC 3597 §5: '\#', the length, and digits unless it is zero.
  if (fields[0] === '\\#') return fields.length > 2 ? sheet.opaque(fields) : text;
  return FORMS.get(record.type)?.(fields, sheet, record) ?? text;
}

function unbrokenData(record: ResourceRecord, style: DataStyle): string {
  const { type, class: dnsClass, rdata } = record;
  const isOpaque = dnsClass !== DnsClass.IN && CLASS_BOUND.has(type);
  // Updates (RFC 2136 §2.4) use the classes NONE and ANY with data of any form or none.
  // Signatures are of class ANY, too, and have the form of their type (RFC 8945 §4.2).
  const isUpdate =
    type !== RRType.TSIG && (dnsClass === DnsClass.NONE || dnsClass === DnsClass.ANY);
  if (style.unknownFormat || isOpaque || isUpdate) return printOpaque(rdata);
  if (style.expandsAaaa && type === RRType.AAAA && rdata.length === 16) return expanded(rdata);
  return namesInUnicode(record, printRdata(type, rdata), style);
}

function namesInUnicode(
  { type, rdata }: ResourceRecord,
  text: string,
  { toUnicode }: DataStyle,
): string {
  if (!toUnicode) return text;
  const names = new Set(namesIn(type, rdata).map((name) => name.toString()));
  return text
    .split(' ')
    .map((field) => (names.has(field) ? unicodeName(field, toUnicode) : field))
    .join(' ');
}

function expanded(address: Uint8Array): string {
  const groups = Array.from({ length: 8 }, (_, i) => (address[2 * i]! << 8) | address[2 * i + 1]!);
  return groups.map((group) => group.toString(16).padStart(4, '0')).join(':');
}

/** The pieces that data are made of, as the style wants them. */
class Sheet {
  readonly style: DataStyle;
  /** Between the parts of data. */
  readonly lineBreak: string;

  constructor(style: DataStyle) {
    this.style = style;
    this.lineBreak = style.multiline ? NEW_LINE : ' ';
  }

  /** Digits in pieces. */
  pieces(digits = ''): string {
    const { width } = this.style;
    if (width === 0) return digits;
    return (digits.match(new RegExp(`.{1,${width}}`, 'g')) ?? []).join(this.lineBreak);
  }

  secret(digits = ''): string {
    return this.style.showsCrypto ? this.pieces(digits) : '[omitted]';
  }

  /** `text`, but in brackets where it may break. */
  bracketed(text: string): string {
    return this.style.multiline ? `( ${text} )` : text;
  }

  /** Fields on the first line, then the rest, in brackets where it may break. */
  behind(head: readonly string[], rest: string): string {
    const [open, close] = this.style.multiline ? [' (', ' )'] : ['', ''];
    return `${head.join(' ')}${open}${this.lineBreak}${rest}${close}`;
  }

  opaque([mark = '', length = '', digits]: readonly string[]): string {
    return `${mark} ${length} ${this.bracketed(this.pieces(digits))}`;
  }
}

/** Undefined: the text is as it should be. */
type Form = (fields: readonly string[], sheet: Sheet, record: ResourceRecord) => string | undefined;

/** Digits from the field `count` on. */
function tailed(count: number): Form {
  return (fields, sheet) => {
    if (fields.length <= count) return undefined;
    return sheet.behind(fields.slice(0, count), sheet.pieces(fields[count]));
  };
}

/** The same, of what `+nocrypto` hides. */
function secretTailed(count: number): Form {
  return (fields, sheet) => sheet.behind(fields.slice(0, count), sheet.secret(fields[count]));
}

const FORMS: ReadonlyMap<number, Form> = new Map<number, Form>([
  [RRType.SOA, soa],
  [RRType.RRSIG, signature],
  [RRType.SIG, oldSignature],
  [RRType.KEY, key],
  [RRType.DNSKEY, key],
  [RRType.CDNSKEY, key],
  [RRType.RKEY, key],
  [RRType.DS, secretTailed(3)],
  [RRType.CDS, secretTailed(3)],
  [RRType.DLV, secretTailed(3)],
  [RRType.TA, secretTailed(3)],
  [RRType.ZONEMD, secretTailed(3)],
  [RRType.TLSA, tailed(3)],
  [RRType.SMIMEA, tailed(3)],
  [RRType.CERT, tailed(3)],
  [RRType.SINK, tailed(3)],
  [RRType.SSHFP, tailed(2)],
  [RRType.OPENPGPKEY, ([digits], sheet) => sheet.bracketed(sheet.secret(digits))],
  [RRType.EID, ([digits], sheet) => sheet.bracketed(sheet.pieces(digits))],
  [RRType.NIMLOC, ([digits], sheet) => sheet.bracketed(sheet.pieces(digits))],
  [RRType.HHIT, identity],
  [RRType.BRID, identity],
  [RRType.DHCID, dhcid],
  [RRType.IPSECKEY, gateway],
  [
    RRType.HIP,
    ([algorithm, ...rest], sheet) =>
      sheet.bracketed([`${algorithm} ${rest[0] ?? ''}`, ...rest.slice(1)].join(sheet.lineBreak)),
  ],
  [RRType.NSEC3, nsec3],
]);

/** Names of the five numbers of a SOA. */
const SOA_NUMBERS = ['serial', 'refresh', 'retry', 'expire', 'minimum'] as const;
const LONGEST_NUMBER = '4294967295'.length;

function soa(fields: readonly string[], { style }: Sheet): string | undefined {
  if (!style.multiline) return undefined;
  const head = `${fields[0]} ${fields[1]} (`;
  if (!style.comments) return `${[head, ...fields.slice(2)].join(NEW_LINE)})`;
  const lines = SOA_NUMBERS.map((what, at) => {
    const number = fields[at + 2]!;
    const period = what === 'serial' ? '' : ` (${periodWords(Number(number))})`;
    return `${number.padEnd(LONGEST_NUMBER)} ; ${what}${period}`;
  });
  return [head, ...lines, ')'].join(NEW_LINE);
}

function signature(fields: readonly string[], sheet: Sheet): string {
  const middle = fields.slice(4, 8).join(' ');
  return sheet.behind(fields.slice(0, 4), middle + sheet.lineBreak + sheet.secret(fields[8]));
}

/** dig breaks it one field later, and shows it with `+nocrypto` too. */
function oldSignature(fields: readonly string[], sheet: Sheet): string {
  const middle = fields.slice(5, 8).join(' ');
  return sheet.behind(fields.slice(0, 5), middle + sheet.lineBreak + sheet.pieces(fields[8]));
}

/** RFC 4034 §2.1.1, RFC 5011 §7. */
const KeyFlag = { secureEntryPoint: 0x0001, revoke: 0x0080 } as const;

function key(fields: readonly string[], sheet: Sheet, record: ResourceRecord): string | undefined {
  const { multiline, comments, showsCrypto } = sheet.style;
  // A KEY may say that there is none (RFC 2535 §3.1.2).
  if (fields.length < 4) return undefined;
  const tag = keyTag(record.rdata);
  const body = showsCrypto ? sheet.pieces(fields[3]) : `[key id = ${tag}]`;
  const [open, space, close] = multiline ? [' (', ' ', ')'] : ['', '', ''];
  const end = comments ? sheet.lineBreak : space;
  const head = fields.slice(0, 3).join(' ');
  const comment = comments ? keyComment(record, tag) : '';
  return `${head}${open}${sheet.lineBreak}${body}${end}${close}${comment}`;
}

function keyComment({ type, rdata }: ResourceRecord, tag: number): string {
  const flags = ((rdata[0] ?? 0) << 8) | (rdata[1] ?? 0);
  const isEntry = (flags & KeyFlag.secureEntryPoint) !== 0;
  const revoked = isEntry && (flags & KeyFlag.revoke) !== 0 ? 'revoked ' : '';
  const role = ROLED.has(type) ? ` ; ${revoked}${isEntry ? 'KSK' : 'ZSK'}` : '';
  return `${role}; alg = ${algorithmText(rdata)} ; key id = ${tag}`;
}

/** A private algorithm is told by the name before the key (RFC 4034 §A.1.1). */
function algorithmText(rdata: Uint8Array): string {
  const number = rdata[3] ?? 0;
  const end = number === DnssecAlgorithm.PRIVATEDNS ? skipName(rdata, 4, rdata.length) : -1;
  if (end < 0 || rdata[4]! > MAX_LABEL) return ALGORITHMS.get(number) ?? String(number);
  const name = readName(rdata, 4).toString();
  return name === '.' ? name : name.slice(0, -1);
}

/** What stands above it points elsewhere, and there is no message to point into. */
const MAX_LABEL = 63;

const ROLED: ReadonlySet<number> = new Set([RRType.DNSKEY, RRType.CDNSKEY]);

/** Zero is no algorithm but a request to delete (RFC 8078 §4), which dig shows as a number. */
const ALGORITHMS: ReadonlyMap<number, string> = new Map(
  Object.entries(DnssecAlgorithm).flatMap(([name, code]) => (code === 0 ? [] : [[code, name]])),
);

/** RFC 4034 §B. */
function keyTag(rdata: Uint8Array): number {
  const sum = rdata.reduce((total, octet, at) => total + (at % 2 === 0 ? octet << 8 : octet), 0);
  return (sum + ((sum >>> 16) & 0xffff)) & 0xffff;
}

function nsec3(fields: readonly string[], sheet: Sheet): string | undefined {
  if (!sheet.style.multiline) return undefined;
  const types = fields.slice(5).join(' ');
  return sheet.behind(
    fields.slice(0, 4),
    types === '' ? fields[4]! : fields[4]! + NEW_LINE + types,
  );
}

function dhcid([digits]: readonly string[], sheet: Sheet, { rdata }: ResourceRecord): string {
  const text = sheet.bracketed(sheet.pieces(digits));
  if (!sheet.style.multiline || rdata.length <= 2) return text;
  return `${text} ; ${(rdata[0]! << 8) | rdata[1]!} ${rdata[2]} ${rdata.length - 3}`;
}

/** IPSECKEY: the key may be missing. */
function gateway(fields: readonly string[], sheet: Sheet): string {
  const head = fields.slice(0, 4).join(' ');
  const rest = fields.length > 4 ? sheet.lineBreak + sheet.pieces(fields[4]) : '';
  return sheet.bracketed(head + rest);
}

function identity([digits]: readonly string[], sheet: Sheet): string {
  const text = sheet.pieces(digits);
  return sheet.style.multiline ? ` (${text} )` : text;
}
