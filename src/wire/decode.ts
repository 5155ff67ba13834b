/**
 * Octets to message (RFC 1035 §4.1, RFC 6891 §6.1), safe on any octets: returns an error value,
 * never throws, takes time linear in the input, and allocates at most eight octets per octet of
 * input and some KB, since records are read only when asked for. Reading all of them can cost more:
 * a pointer of two octets stands for up to 255.
 *
 * Checked here: the structure, every name, the rdata of types whose names may be compressed, EDNS.
 * Left to whoever interprets a record: the form of all other rdata (`isWellFormed`). What is
 * returned refers to `bytes`, which must not change while it is in use.
 */

import { decodeOptions, type Edns } from './edns.ts';
import { DnsClass, RRType } from './iana.ts';
import { HEADER_OCTETS, type Header, type Message } from './message.ts';
import { DnsName } from './name.ts';
import { beginMessage, compressionLimits, endMessage, readName, skipName } from './name-wire.ts';
import { expandRdata, isExpandable } from './rdata/rdata.ts';
import type { Question, ResourceRecord } from './record.ts';
import { failure, success, type Result } from './result.ts';

/** Why octets are no message, and where. */
export interface Malformed {
  readonly reason: MalformedReason;
  /** Offset of the part that is wrong. */
  readonly offset: number;
}

export type MalformedReason =
  | 'short header'
  | 'counts exceed the message'
  | 'too many questions'
  | 'bad name'
  | 'record cut short'
  | 'bad record data'
  | 'several OPT records'
  | 'OPT record out of place'
  | 'bad EDNS options'
  | 'octets behind the last record';

const decodeLimits = {
  /**
   * One is what exists (RFC 9619 §4); whoever wants to say so sees a few more. A question takes
   * five octets at least, too few to pay for an object each.
   */
  questions: 16,
} as const;

/** `asked`: the name that stands in the first question octet by octet, where that is known. */
export function decodeMessage(bytes: Uint8Array, asked?: DnsName): Result<Message, Malformed> {
  const header = decodeHeader(bytes);
  if (!header) return failure({ reason: 'short header', offset: 0 });
  const counts = [u16(bytes, 4), u16(bytes, 6), u16(bytes, 8), u16(bytes, 10)] as const;
  const leastOctets = counts[0] * 5 + (counts[1] + counts[2] + counts[3]) * 11;
  if (leastOctets > bytes.length - HEADER_OCTETS) {
    return failure({ reason: 'counts exceed the message', offset: 4 });
  }
  if (counts[0] > decodeLimits.questions) {
    return failure({ reason: 'too many questions', offset: 4 });
  }
  const reader = new Reader(bytes, asked);
  beginMessage(bytes);
  const questions = reader.questions(counts[0]);
  const answers = reader.records(counts[1], false);
  const authorities = reader.records(counts[2], false);
  const additionals = reader.records(counts[3], true);
  endMessage();
  if (!reader.error && reader.at < bytes.length) reader.fail('octets behind the last record');
  if (reader.error) return failure(reader.error);
  const opt = reader.opt;
  // Member by member: spreading the header costs more than all of the rest.
  const message: { -readonly [Key in keyof Message]: Message[Key] } = {
    id: header.id,
    qr: header.qr,
    opcode: header.opcode,
    aa: header.aa,
    tc: header.tc,
    rd: header.rd,
    ra: header.ra,
    z: header.z,
    ad: header.ad,
    cd: header.cd,
    rcode: opt ? (opt.rcodeHigh << 4) | header.rcode : header.rcode,
    questions,
    answers,
    authorities,
    additionals,
  };
  if (opt) message.edns = opt.edns;
  return success(message);
}

/** The header alone, of whatever octets follow; undefined below 12 octets. Rcode has four bits. */
export function decodeHeader(bytes: Uint8Array): Header | undefined {
  if (bytes.length < HEADER_OCTETS) return undefined;
  const high = bytes[2]!;
  const low = bytes[3]!;
  return {
    id: u16(bytes, 0),
    qr: (high & 0x80) !== 0,
    opcode: (high >> 3) & 0x0f,
    aa: (high & 0x04) !== 0,
    tc: (high & 0x02) !== 0,
    rd: (high & 0x01) !== 0,
    ra: (low & 0x80) !== 0,
    z: (low & 0x40) !== 0,
    ad: (low & 0x20) !== 0,
    cd: (low & 0x10) !== 0,
    rcode: low & 0x0f,
  };
}

/** Classes of records that in an update stand for RRsets, without rdata (RFC 2136 §2.4, §2.5). */
function isUpdateClass(dnsClass: number): boolean {
  return dnsClass === DnsClass.ANY || dnsClass === DnsClass.NONE;
}

interface Opt {
  readonly edns: Edns;
  readonly rcodeHigh: number;
}

/** Walks the sections once. After an error it stands still, and every list comes back empty. */
class Reader {
  at = HEADER_OCTETS;
  error: Malformed | undefined;
  opt: Opt | undefined;
  readonly #bytes: Uint8Array;
  readonly #source: Source;
  /** Of the record being read; one for all, so that tiny records cost no more than their view. */
  readonly #rdata = { start: 0, end: 0 };

  constructor(bytes: Uint8Array, asked: DnsName | undefined) {
    this.#bytes = bytes;
    this.#source = new Source(bytes, asked);
  }

  fail(reason: MalformedReason): void {
    this.error ??= { reason, offset: this.at };
  }

  questions(count: number): readonly Question[] {
    const questions: Question[] = [];
    for (let i = 0; i < count && !this.error; i++) {
      const end = skipName(this.#bytes, this.at, this.#bytes.length);
      if (end < 0 || end + 4 > this.#bytes.length) {
        this.fail(end < 0 ? 'bad name' : 'record cut short');
        continue;
      }
      questions.push(new QuestionView(this.#source, this.at, end));
      this.at = end + 4;
    }
    return questions;
  }

  records(count: number, isAdditional: boolean): readonly ResourceRecord[] {
    // Many are made room for at once, for so many octets are there: growing costs three times it.
    const records = count <= FEW_RECORDS ? [] : new Array<ResourceRecord>(count);
    let length = 0;
    for (let i = 0; i < count && !this.error; i++) {
      const fixed = skipName(this.#bytes, this.at, this.#bytes.length);
      const reason = this.#recordError(fixed);
      if (reason !== undefined) {
        this.fail(reason);
        continue;
      }
      const { end } = this.#rdata;
      if (u16(this.#bytes, fixed) === RRType.OPT) this.#readOpt(fixed, isAdditional);
      else records[length++] = new RecordView(this.#source, this.at, fixed);
      this.at = end;
    }
    if (length < records.length) records.length = length;
    return records;
  }

  /** Sets `#rdata`. */
  #recordError(fixed: number): MalformedReason | undefined {
    if (fixed < 0) return 'bad name';
    if (fixed + 10 > this.#bytes.length) return 'record cut short';
    const rdata = this.#rdata;
    rdata.start = fixed + 10;
    rdata.end = fixed + 10 + u16(this.#bytes, fixed + 8);
    if (rdata.end > this.#bytes.length) return 'record cut short';
    if (rdata.start === rdata.end && isUpdateClass(u16(this.#bytes, fixed + 2))) return undefined;
    const type = u16(this.#bytes, fixed);
    return isExpandable(type, this.#bytes, rdata) ? undefined : 'bad record data';
  }

  #readOpt(fixed: number, isAdditional: boolean): void {
    if (this.opt) return this.fail('several OPT records');
    if (!isAdditional || fixed - this.at !== 1) return this.fail('OPT record out of place');
    const options = decodeOptions(this.#bytes, this.#rdata.start, this.#rdata.end);
    if (!options) return this.fail('bad EDNS options');
    const flags = u16(this.#bytes, fixed + 6);
    this.opt = {
      rcodeHigh: this.#bytes[fixed + 4]!,
      edns: {
        udpPayloadSize: u16(this.#bytes, fixed + 2),
        version: this.#bytes[fixed + 5]!,
        dnssecOk: (flags & 0x8000) !== 0,
        flags: flags & 0x7fff,
        options,
      },
    };
  }
}

const FEW_RECORDS = 16;

/**
 * The message that views refer to. It keeps the name that was read last, since in most messages
 * all owners are pointers to the question's name: read once, they share one object and its key.
 */
class Source {
  readonly bytes: Uint8Array;
  #nameAt: number;
  #name: DnsName;

  constructor(bytes: Uint8Array, asked: DnsName | undefined) {
    this.bytes = bytes;
    this.#nameAt = asked ? HEADER_OCTETS : 0;
    this.#name = asked ?? DnsName.root;
  }

  name(start: number): DnsName {
    let at = start;
    for (let hop = 0; hop < compressionLimits.hops && this.bytes[at]! >= 0xc0; hop++) {
      at = u16(this.bytes, at) & 0x3fff;
    }
    if (at !== this.#nameAt) {
      this.#name = readName(this.bytes, at);
      this.#nameAt = at;
    }
    return this.#name;
  }
}

class QuestionView implements Question {
  readonly #source: Source;
  readonly #start: number;
  /** Offset of the type, behind the name. */
  readonly #fixed: number;
  #name: DnsName | undefined;

  constructor(source: Source, start: number, fixed: number) {
    this.#source = source;
    this.#start = start;
    this.#fixed = fixed;
  }

  get name(): DnsName {
    return (this.#name ??= this.#source.name(this.#start));
  }

  get type(): number {
    return u16(this.#source.bytes, this.#fixed);
  }

  get class(): number {
    return u16(this.#source.bytes, this.#fixed + 2);
  }
}

/**
 * A record in a message. Fields are read on access: a message of thousands of tiny records must
 * not cost thousands of names.
 */
class RecordView implements ResourceRecord {
  readonly #source: Source;
  readonly #start: number;
  readonly #fixed: number;
  #name: DnsName | undefined;
  #rdata: Uint8Array | undefined;

  constructor(source: Source, start: number, fixed: number) {
    this.#source = source;
    this.#start = start;
    this.#fixed = fixed;
  }

  get name(): DnsName {
    return (this.#name ??= this.#source.name(this.#start));
  }

  get type(): number {
    return u16(this.#source.bytes, this.#fixed);
  }

  get class(): number {
    return u16(this.#source.bytes, this.#fixed + 2);
  }

  get ttl(): number {
    const high = u16(this.#source.bytes, this.#fixed + 4);
    // RFC 2181 §8: a TTL with the most significant bit set counts as zero.
    return high >= 0x8000 ? 0 : high * 0x10000 + u16(this.#source.bytes, this.#fixed + 6);
  }

  get rdata(): Uint8Array {
    return (this.#rdata ??= this.#readRdata());
  }

  #readRdata(): Uint8Array {
    const start = this.#fixed + 10;
    const end = start + u16(this.#source.bytes, start - 2);
    return expandRdata(this.type, this.#source.bytes, { start, end });
  }
}

function u16(bytes: Uint8Array, at: number): number {
  return (bytes[at]! << 8) | bytes[at + 1]!;
}
