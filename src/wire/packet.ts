/**
 * The public edge: messages as objects in the shape of the npm package `dns-packet`, which much of
 * the JavaScript ecosystem speaks. Only its types are used: its code must never see octets that a
 * peer chose. `fromPacket(toPacket(message))` is the message again, octet by octet.
 *
 * Names are text without the trailing dot ('.' is the root), with the escapes of RFC 1035 §5.1 for
 * octets that text cannot hold: dns-packet itself has none and merges such names.
 *
 * Where this goes beyond dns-packet: `rcode` includes the upper bits of EDNS ('BADVERS'); types and
 * classes have their mnemonics ('HTTPS', 'NONE'), those without are 'UNKNOWN_65280'. A record whose
 * data do not fit the shape of its type (malformed, or strings that are not UTF-8) appears as of
 * type 'UNKNOWN_16' with the rdata as Buffer. Class bits are never taken for mDNS flags.
 */

import type * as dnsPacket from 'dns-packet';
import type { Edns } from './edns.ts';
import { DnsClass, Opcode, parseClass, Rcode, RRType } from './iana.ts';
import { createMessage, type Header, type Message } from './message.ts';
import { hasShape, readShape, writeData } from './packet/data.ts';
import { fromPacketOption, toPacketOption, type PacketOption } from './packet/options.ts';
import * as values from './packet/values.ts';
import { integerOf, listOf, objectOf, refuse, ShapeError } from './packet/values.ts';
import type { Question, ResourceRecord } from './record.ts';
import { failure, success, type Result } from './result.ts';

/** Types of ours that dns-packet does not know: as Buffers, but for SVCB and HTTPS. */
type OtherType = Exclude<keyof typeof RRType, dnsPacket.RecordType | 'SVCB' | 'HTTPS'>;
type UnknownText = `UNKNOWN_${number}`;

export type PacketClass = dnsPacket.RecordClass | 'NONE' | UnknownText;

/** `data` of SVCB and HTTPS records (RFC 9460), which dns-packet lacks. */
export interface ServiceData {
  readonly priority: number;
  readonly target: string;
  /** Such as `{ alpn: ['h2'], port: 443, ipv4hint: ['192.0.2.1'], key667: Buffer }`. */
  readonly params: Readonly<Record<string, unknown>>;
}

type Shaped =
  | Exclude<dnsPacket.Answer, dnsPacket.OptAnswer | dnsPacket.TxtAnswer>
  | dnsPacket.BaseAnswer<'TXT', Buffer[]>
  | dnsPacket.BaseAnswer<'SVCB' | 'HTTPS', ServiceData>
  | dnsPacket.BaseAnswer<OtherType | UnknownText, Buffer>;

type Complete<T> = T extends unknown
  ? Omit<T, 'ttl' | 'class' | 'flush'> & { ttl: number; class: PacketClass; flush: boolean }
  : never;

/** A record; `type` tells what `data` is. `flush` is always false. */
export type PacketRecord = Complete<Shaped>;

/** The OPT record of RFC 6891 §6.1, among the additional records. */
export type PacketOpt = Omit<dnsPacket.OptAnswer, 'options'> & { options: PacketOption[] };

export interface PacketQuestion {
  name: string;
  type: string;
  class: PacketClass;
}

export interface Packet extends Omit<
  dnsPacket.DecodedPacket,
  'questions' | 'answers' | 'authorities' | 'additionals'
> {
  id: number;
  type: 'query' | 'response';
  /** The 15 bits beside QR: opcode, flags, and the lower bits of the rcode. */
  flags: number;
  opcode: string;
  rcode: string;
  questions: PacketQuestion[];
  answers: PacketRecord[];
  authorities: PacketRecord[];
  additionals: (PacketRecord | PacketOpt)[];
}

/** What `fromPacket` takes: packets of ours, of dns-packet, and as they come out of JSON. */
export interface PacketInput extends Partial<Omit<dnsPacket.DecodedPacket, Section>> {
  readonly opcode?: string | undefined;
  readonly rcode?: string | undefined;
  readonly questions?: readonly QuestionInput[] | undefined;
  readonly answers?: readonly RecordInput[] | undefined;
  readonly authorities?: readonly RecordInput[] | undefined;
  readonly additionals?: readonly RecordInput[] | undefined;
}

type Section = 'questions' | 'answers' | 'authorities' | 'additionals';

export interface QuestionInput {
  readonly name: string;
  readonly type: string;
  /** Default 'IN'. */
  readonly class?: string | undefined;
}

export interface RecordInput extends QuestionInput {
  readonly ttl?: number | undefined;
  readonly flush?: boolean | undefined;
  /** By type, as in `PacketRecord`. */
  readonly data?: unknown;
}

export function toPacket(message: Message): Packet {
  const additionals: (PacketRecord | PacketOpt)[] = message.additionals.map(toRecord);
  if (message.edns) additionals.push(toOpt(message.edns, message.rcode >>> 4));
  return {
    id: message.id,
    type: message.qr ? 'response' : 'query',
    flags: flagsOf(message),
    flag_qr: message.qr,
    opcode: OPCODES.get(message.opcode) ?? `OPCODE_${message.opcode}`,
    flag_aa: message.aa,
    flag_tc: message.tc,
    flag_rd: message.rd,
    flag_ra: message.ra,
    flag_z: message.z,
    flag_ad: message.ad,
    flag_cd: message.cd,
    rcode: RCODES.get(message.rcode) ?? `RCODE_${message.rcode}`,
    questions: message.questions.map((question) => ({
      name: values.textOfName(question.name),
      type: values.textOfType(question.type),
      class: textOfClass(question.class),
    })),
    answers: message.answers.map(toRecord),
    authorities: message.authorities.map(toRecord),
    additionals,
  };
}

/**
 * The message that a packet describes. Where `flags` is there it alone counts, as in dns-packet;
 * without, `flag_*`, `opcode` and `rcode` do. Missing sections are empty, a missing class is IN,
 * missing numbers are 0. The error names the place: "answers[0]: expected an IPv4 address, found
 * '1.2.3'".
 */
export function fromPacket(packet: PacketInput): Result<Message, string> {
  try {
    const opts: Opt[] = [];
    const additionals = section(packet, 'additionals', (record) => {
      if (objectOf(record)['type'] !== 'OPT') return fromRecord(record);
      opts.push(fromOpt(record));
      return undefined;
    });
    if (opts.length > 1) throw new ShapeError('there are several OPT records');
    const message = createMessage({
      ...headerOf(packet, opts[0]?.rcodeHigh),
      questions: section(packet, 'questions', fromQuestion),
      answers: section(packet, 'answers', fromRecord),
      authorities: section(packet, 'authorities', fromRecord),
      additionals,
    });
    return success(opts[0] ? { ...message, edns: opts[0].edns } : message);
  } catch (error) {
    if (!(error instanceof ShapeError)) throw error;
    return failure(error.message);
  }
}

/**
 * A packet as JSON. Buffers become texts in base64; `JSON.stringify` alone would make them
 * `{"type":"Buffer","data":[1,2]}`, which `fromPacket` reads, but nobody else likes to.
 */
export function printPacket(packet: Packet, indent?: number): string {
  const replace = (_key: string, value: unknown): unknown => {
    const isBuffer = typeof value === 'object' && value !== null && 'data' in value;
    if (!isBuffer || !('type' in value) || value.type !== 'Buffer') return value;
    return Buffer.from(values.bytesOf(value)).toString('base64');
  };
  return JSON.stringify(packet, replace, indent);
}

interface Opt {
  readonly edns: Edns;
  readonly rcodeHigh: number;
}

function toRecord(record: ResourceRecord): PacketRecord {
  const { name, type, ttl, rdata } = record;
  const data = readShape(type, rdata);
  const isOpaque = data === undefined;
  return {
    name: values.textOfName(name),
    type: isOpaque && hasShape(type) ? `UNKNOWN_${type}` : values.textOfType(type),
    ttl,
    class: textOfClass(record.class),
    flush: false,
    data: isOpaque ? Buffer.from(rdata) : data,
    // The table of shapes pairs types and data; the compiler cannot follow it.
  } as PacketRecord;
}

function toOpt(edns: Edns, extendedRcode: number): PacketOpt {
  return {
    name: '.',
    type: 'OPT',
    udpPayloadSize: edns.udpPayloadSize,
    extendedRcode,
    ednsVersion: edns.version,
    flags: (edns.dnssecOk ? DNSSEC_OK : 0) | edns.flags,
    flag_do: edns.dnssecOk,
    options: edns.options.map(toPacketOption),
  };
}

function fromQuestion(value: unknown): Question {
  const question = objectOf(value);
  return {
    name: values.nameOfText(question['name']),
    type: values.typeOfText(question['type']),
    class: classOf(question['class'] ?? 'IN'),
  };
}

function fromRecord(value: unknown): ResourceRecord {
  const record = objectOf(value);
  const { name, type, class: dnsClass } = fromQuestion(value);
  if (type === RRType.OPT) throw new ShapeError('an OPT record stands among the additionals only');
  const isOpaque = values.unknownNumber(values.stringOf(record['type'])) !== undefined;
  const data = record['data'];
  const rdata = isOpaque ? values.bytesOf(data) : writeData(type, data);
  if (rdata.length > 0xffff) throw new ShapeError('the data exceed 65535 octets');
  return {
    name,
    type,
    class: record['flush'] === true ? dnsClass | MDNS_FLUSH : dnsClass,
    ttl: integerOf(record['ttl'], 0xffffffff),
    // A copy, so that whoever goes on using a Buffer cannot change the message.
    rdata: Uint8Array.from(rdata),
  };
}

function fromOpt(value: unknown): Opt {
  const opt = objectOf(value);
  if (!values.nameOfText(opt['name']).isRoot) throw new ShapeError('an OPT record is named "."');
  const flags =
    opt['flags'] === undefined && opt['flag_do'] === true
      ? DNSSEC_OK
      : integerOf(opt['flags'], 0xffff);
  return {
    rcodeHigh: integerOf(opt['extendedRcode'], 0xff),
    edns: {
      udpPayloadSize: integerOf(opt['udpPayloadSize'] ?? DNS_PACKET_PAYLOAD_SIZE, 0xffff),
      version: integerOf(opt['ednsVersion'], 0xff),
      dnssecOk: (flags & DNSSEC_OK) !== 0,
      flags: flags & ~DNSSEC_OK,
      options: listOf(opt['options'] ?? []).map(fromPacketOption),
    },
  };
}

function headerOf(packet: PacketInput, rcodeHigh: number | undefined): Header {
  const flags = packet.flags === undefined ? flagsOfNames(packet) : integerOf(packet.flags, 0xffff);
  const rcode = packet.flags === undefined ? rcodeOf(packet.rcode ?? 'NOERROR') : flags & 0x0f;
  if (rcode > 15 && rcodeHigh === undefined) refuse(packet.rcode, 'an rcode below 16 without OPT');
  return {
    id: integerOf(packet.id, 0xffff),
    qr: packet.type === undefined ? packet.flag_qr === true : packet.type === 'response',
    opcode: (flags >> 11) & 0x0f,
    aa: (flags & Flag.aa) !== 0,
    tc: (flags & Flag.tc) !== 0,
    rd: (flags & Flag.rd) !== 0,
    ra: (flags & Flag.ra) !== 0,
    z: (flags & Flag.z) !== 0,
    ad: (flags & Flag.ad) !== 0,
    cd: (flags & Flag.cd) !== 0,
    rcode: rcode | ((rcodeHigh ?? 0) << 4),
  };
}

function flagsOf(header: Header): number {
  const bits = FLAGS.filter(([flag]) => header[flag]).reduce((sum, [, bit]) => sum | bit, 0);
  return bits | (header.opcode << 11) | (header.rcode & 0x0f);
}

function flagsOfNames(packet: PacketInput): number {
  const bits = FLAGS.filter(([flag]) => packet[`flag_${flag}`] === true);
  return bits.reduce((sum, [, bit]) => sum | bit, opcodeOf(packet.opcode ?? 'QUERY') << 11);
}

function section<T>(
  packet: PacketInput,
  name: Section,
  convert: (value: unknown) => T | undefined,
): T[] {
  return listOf(packet[name] ?? []).flatMap((value, i) => {
    try {
      const converted = convert(value);
      return converted === undefined ? [] : [converted];
    } catch (error) {
      if (!(error instanceof ShapeError)) throw error;
      throw new ShapeError(`${name}[${i}]: ${error.message}`);
    }
  });
}

function textOfClass(number: number): PacketClass {
  return CLASSES.get(number) ?? `UNKNOWN_${number}`;
}

function classOf(value: unknown): number {
  const text = values.stringOf(value);
  if (text === 'CS') return 2;
  return values.unknownNumber(text) ?? parseClass(text) ?? refuse(value, 'a class');
}

function opcodeOf(text: string): number {
  const digits = /^OPCODE_([0-9]{1,2})$/.exec(text)?.[1];
  const known = [...OPCODES].find(([, mnemonic]) => mnemonic === text)?.[0];
  return integerOf(
    digits === undefined ? (known ?? refuse(text, 'an opcode')) : Number(digits),
    15,
  );
}

function rcodeOf(text: string): number {
  const digits = /^RCODE_([0-9]{1,4})$/.exec(text)?.[1];
  const known = [...RCODES].find(([, mnemonic]) => mnemonic === text)?.[0];
  return integerOf(
    digits === undefined ? (known ?? refuse(text, 'an rcode')) : Number(digits),
    0xfff,
  );
}

const Flag = {
  aa: 0x400,
  tc: 0x200,
  rd: 0x100,
  ra: 0x80,
  z: 0x40,
  ad: 0x20,
  cd: 0x10,
} as const;
const FLAGS = Object.entries(Flag) as [keyof typeof Flag, number][];

/** The DO bit (RFC 3225 §3). */
const DNSSEC_OK = 0x8000;
/** RFC 6762 §10.2; only out of packets that say so, never out of a class. */
const MDNS_FLUSH = 0x8000;
/** What dns-packet sends where a packet does not say. */
const DNS_PACKET_PAYLOAD_SIZE = 4096;

const CLASSES: ReadonlyMap<number, PacketClass> = new Map<number, PacketClass>([
  [DnsClass.IN, 'IN'],
  [2, 'CS'],
  [DnsClass.CH, 'CH'],
  [DnsClass.HS, 'HS'],
  [DnsClass.NONE, 'NONE'],
  [DnsClass.ANY, 'ANY'],
]);
const OPCODES: ReadonlyMap<number, string> = inverse(Opcode);
const RCODES: ReadonlyMap<number, string> = inverse(Rcode);

function inverse(table: Readonly<Record<string, number>>): ReadonlyMap<number, string> {
  return new Map(Object.entries(table).map(([text, number]) => [number, text]));
}
