/**
 * A message that is not one to its end, as far as dig 9.18 reads it: what stands before the first
 * fault, the faults themselves in its words, and the octets that are left. What dig calls malformed
 * beyond the strict decoder is found here too: data without the form of their type, EDNS options
 * without that of their kind, records of another class, a second question.
 */

import { decodeHeader } from '../wire/decode.ts';
import { decodeOptions, type Edns } from '../wire/edns.ts';
import { DnsClass, Opcode, RRType } from '../wire/iana.ts';
import { createMessage, HEADER_OCTETS, type Header, type Message } from '../wire/message.ts';
import type { DnsName } from '../wire/name.ts';
import { readName } from '../wire/name-wire.ts';
import { expandRdata } from '../wire/rdata/rdata.ts';
import type { Question, ResourceRecord } from '../wire/record.ts';
import { isOptionSound, nameEnd, rdataFault, type Fault } from './wire-faults.ts';

export interface LenientMessage {
  /** What could be read. */
  readonly message: Message;
  /** Records of the four sections, as the header says: some may be missing. */
  readonly counts: Counts;
  /** Octets behind what was read. */
  readonly extraOctets: number;
  /** What one can read on behind: dig does, with `+besteffort`. Undefined: there is none. */
  readonly mild: Fault | undefined;
  /** What ends the reading without any message. */
  readonly grave: Fault | undefined;
}

export type Counts = readonly [number, number, number, number];

/** `bytes` are a header at least, and must not change any more. */
export function readLeniently(bytes: Uint8Array): LenientMessage {
  const header = decodeHeader(bytes)!;
  const counts: Counts = [u16(bytes, 4), u16(bytes, 6), u16(bytes, 8), u16(bytes, 10)];
  const reader = new LenientReader(bytes, header);
  const questions = reader.questions(counts[0]);
  const answers = reader.records(counts[1], 1);
  const authorities = reader.records(counts[2], 2);
  const additionals = reader.records(counts[3], 3);
  const { opt, fault, mild } = reader;
  const message = createMessage({
    ...header,
    ...(opt && { edns: opt.edns, rcode: (opt.rcodeHigh << 4) | header.rcode }),
    questions,
    answers,
    authorities,
    additionals,
  });
  const isCut = fault === CUT;
  return {
    message,
    counts,
    extraOctets: bytes.length - reader.at,
    mild: mild ?? (isCut ? fault : undefined),
    grave: isCut ? undefined : fault,
  };
}

/** The only fault behind which dig keeps what it has read. */
const CUT: Fault = 'unexpected end of input';

/** Stops at the first fault that is not mild. */
class LenientReader {
  at = HEADER_OCTETS;
  opt: { readonly edns: Edns; readonly rcodeHigh: number } | undefined;
  fault: Fault | undefined;
  mild: Fault | undefined;
  readonly #bytes: Uint8Array;
  readonly #header: Header;
  /** Of the first question, else of the first record. */
  #class: number | undefined;

  constructor(bytes: Uint8Array, header: Header) {
    this.#bytes = bytes;
    this.#header = header;
  }

  questions(count: number): readonly Question[] {
    const questions: Question[] = [];
    for (let i = 0; i < count && this.fault === undefined; i++) {
      const name = this.#name();
      if (!name) break;
      if (this.at + 4 > this.#bytes.length) {
        this.fault = CUT;
        break;
      }
      const question = { name, type: this.#u16(), class: this.#u16() };
      this.#class ??= question.class;
      const isSecond = questions.length > 0;
      if (isSecond || question.class !== this.#class) this.mild ??= 'FORMERR';
      questions.push(question);
    }
    return questions;
  }

  records(count: number, section: 1 | 2 | 3): readonly ResourceRecord[] {
    const records: ResourceRecord[] = [];
    for (let left = count; left > 0 && this.fault === undefined; left--) {
      const record = this.#record(section);
      if (record) records.push(record);
    }
    return records;
  }

  /** Undefined for OPT, and where there is a fault. */
  #record(section: 1 | 2 | 3): ResourceRecord | undefined {
    const name = this.#name();
    if (!name) return undefined;
    if (this.at + 10 > this.#bytes.length) return this.#fail(CUT);
    const type = this.#u16();
    const dnsClass = this.#u16();
    const ttl = this.#u16() * 0x10000 + this.#u16();
    const length = this.#u16();
    if (this.at + length > this.#bytes.length) return this.#fail(CUT);
    this.#judgeClass(type, dnsClass);
    const range = { start: this.at, end: this.at + length };
    if (type === RRType.OPT) return this.#readOpt({ name, dnsClass, ttl, section, range });
    const isUpdate = this.#header.opcode === Opcode.UPDATE && length === 0;
    const fault = isUpdate ? undefined : rdataFault({ type, class: dnsClass }, this.#bytes, range);
    if (fault !== undefined) return this.#fail(fault);
    this.at = range.end;
    const rdata = expandRdata(type, this.#bytes, range);
    // RFC 2181 §8: a TTL with the most significant bit set counts as zero.
    return { name, type, class: dnsClass, ttl: ttl > 0x7fff_ffff ? 0 : ttl, rdata };
  }

  #readOpt(opt: {
    readonly name: DnsName;
    readonly dnsClass: number;
    readonly ttl: number;
    readonly section: 1 | 2 | 3;
    readonly range: { readonly start: number; readonly end: number };
  }): undefined {
    const { start, end } = opt.range;
    const isMisplaced = !opt.name.isRoot || opt.section !== 3 || this.opt !== undefined;
    const options = decodeOptions(this.#bytes, start, end);
    if (!options) return this.#fail(CUT);
    if (!options.every(isOptionSound)) return this.#fail('malformed OPT option');
    this.at = end;
    if (isMisplaced) {
      this.mild ??= 'FORMERR';
      return undefined;
    }
    const flags = opt.ttl & 0xffff;
    this.opt = {
      rcodeHigh: opt.ttl >>> 24,
      edns: {
        udpPayloadSize: opt.dnsClass,
        version: (opt.ttl >>> 16) & 0xff,
        dnssecOk: (flags & 0x8000) !== 0,
        flags: flags & 0x7fff,
        options,
      },
    };
    return undefined;
  }

  #judgeClass(type: number, dnsClass: number): void {
    if (this.#header.opcode === Opcode.UPDATE || OF_ANY_CLASS.has(type)) return;
    this.#class ??= dnsClass;
    if (this.#class !== DnsClass.ANY && this.#class !== dnsClass) this.mild ??= 'FORMERR';
  }

  #name(): DnsName | undefined {
    const end = nameEnd(this.#bytes, this.at, this.#bytes.length);
    if (typeof end === 'string') return this.#fail(end);
    const name = readName(this.#bytes, this.at);
    this.at = end;
    return name;
  }

  #fail(fault: Fault): undefined {
    this.fault = fault;
    return undefined;
  }

  #u16(): number {
    this.at += 2;
    return u16(this.#bytes, this.at - 2);
  }
}

/** Those of the message rather than of its class, and what keys are exchanged with. */
const OF_ANY_CLASS: ReadonlySet<number> = new Set([
  RRType.OPT,
  RRType.TSIG,
  RRType.SIG,
  RRType.KEY,
  RRType.TKEY,
]);

function u16(bytes: Uint8Array, at: number): number {
  return (bytes[at]! << 8) | bytes[at + 1]!;
}
