/**
 * Message to octets (RFC 1035 §4.1), within a limit. What does not fit is left out by whole RRsets,
 * never by single records (RFC 2181 §9), and TC says so when it was an answer, an authority, or a
 * required additional record; other additional records go silently. Room for EDNS is kept first,
 * since a truncated reply without it would look like one from a server that lacks EDNS.
 */

import { NameCompressor } from './compression.ts';
import { optRecordLength, type Edns } from './edns.ts';
import { Rcode, RRType } from './iana.ts';
import { HEADER_OCTETS, MAX_MESSAGE_OCTETS, type Header, type Message } from './message.ts';
import { descriptionOf } from './rdata/descriptions.ts';
import { isWellFormed } from './rdata/rdata.ts';
import type { Question, ResourceRecord, RRset } from './record.ts';

/** A message to be sent: sections by RRsets, which are the units of truncation. */
export interface OutgoingMessage extends Header {
  readonly questions: readonly Question[];
  readonly answers: readonly RRset[];
  readonly authorities: readonly RRset[];
  readonly additionals: readonly RRset[];
  /** So many of the additional RRsets must be sent or TC set: glue (RFC 9471 §3). Default 0. */
  readonly requiredAdditionals?: number;
  readonly edns?: Edns;
}

/** Where messages are put together: the memory of each then has the size of what came of it. */
const scratch = new Uint8Array(MAX_MESSAGE_OCTETS);

/** A fresh array of at most `limit` octets. */
export function encodeMessage(message: Message, limit: number = MAX_MESSAGE_OCTETS): Uint8Array {
  const out = limit === MAX_MESSAGE_OCTETS ? scratch : scratch.subarray(0, limit);
  const sections = {
    answers: runs(message.answers),
    authorities: runs(message.authorities),
    additionals: runs(message.additionals),
  };
  return out.slice(0, write(out, message, sections));
}

/**
 * Encodes into `out`, whose length is the limit (at least 12 + the question + EDNS, else those are
 * left out as well). Returns the length of the message.
 */
export function encodeInto(out: Uint8Array, message: OutgoingMessage): number {
  return write(out, message, message);
}

type Sections = Pick<OutgoingMessage, 'answers' | 'authorities' | 'additionals'>;

function write(
  out: Uint8Array,
  message: Omit<OutgoingMessage, keyof Sections>,
  { answers, authorities, additionals }: Sections,
): number {
  const { edns } = message;
  const writer = new Writer(out, edns ? optRecordLength(edns) : 0);
  let isComplete = writer.questions(message.questions);
  isComplete &&= writer.section(1, answers, answers.length);
  isComplete &&= writer.section(2, authorities, authorities.length);
  isComplete &&= writer.section(3, additionals, message.requiredAdditionals ?? 0);
  const hasEdns = edns !== undefined && writer.edns(edns, message.rcode >>> 4);
  // Without its upper bits BADVERS would read NOERROR: an error must stay one.
  const rcode = message.rcode > 15 && !hasEdns ? Rcode.SERVFAIL : message.rcode;
  writer.header(message, { tc: message.tc || !isComplete, rcode });
  return writer.length;
}

class Writer {
  length = HEADER_OCTETS;
  readonly #out: Uint8Array;
  readonly #names: NameCompressor;
  readonly #counts = [0, 0, 0, 0];
  /** Where records must end, so that EDNS still fits. */
  readonly #limit: number;

  constructor(out: Uint8Array, reserved: number) {
    this.#out = out;
    this.#names = new NameCompressor(out);
    this.#limit = out.length - reserved;
  }

  questions(questions: readonly Question[]): boolean {
    for (const question of questions) {
      const at = this.#names.write(question.name.wire, this.length, this.#limit - 4);
      if (at < 0) return false;
      this.#u16(at, question.type);
      this.#u16(at + 2, question.class);
      this.length = at + 4;
      this.#counts[0]!++;
    }
    return true;
  }

  /** Writes what fits. False when one of the first `required` RRsets did not. */
  section(index: 1 | 2 | 3, rrsets: readonly RRset[], required: number): boolean {
    for (const [i, rrset] of rrsets.entries()) {
      const end = this.#rrset(rrset, this.length);
      if (end < 0) {
        this.#names.truncate(this.length);
        if (i < required) return false;
        continue;
      }
      this.length = end;
      this.#counts[index]! += rrset.rdatas.length;
    }
    return true;
  }

  /** False when it does not fit. */
  edns(edns: Edns, rcodeHigh: number): boolean {
    if (this.length + optRecordLength(edns) > this.#out.length) return false;
    const at = this.length;
    this.#out[at] = 0;
    this.#u16(at + 1, RRType.OPT);
    this.#u16(at + 3, edns.udpPayloadSize);
    this.#out[at + 5] = rcodeHigh;
    this.#out[at + 6] = edns.version;
    this.#u16(at + 7, (edns.dnssecOk ? 0x8000 : 0) | (edns.flags & 0x7fff));
    this.length = at + 11;
    for (const option of edns.options) {
      this.#u16(this.length, option.code);
      this.#u16(this.length + 2, option.data.length);
      this.#out.set(option.data, this.length + 4);
      this.length += 4 + option.data.length;
    }
    this.#u16(at + 9, this.length - at - 11);
    this.#counts[3]!++;
    return true;
  }

  header(header: Header, final: { readonly tc: boolean; readonly rcode: number }): void {
    this.#u16(0, header.id);
    this.#out[2] =
      (header.qr ? 0x80 : 0) |
      ((header.opcode & 0x0f) << 3) |
      (header.aa ? 0x04 : 0) |
      (final.tc ? 0x02 : 0) |
      (header.rd ? 0x01 : 0);
    this.#out[3] =
      (header.ra ? 0x80 : 0) |
      (header.z ? 0x40 : 0) |
      (header.ad ? 0x20 : 0) |
      (header.cd ? 0x10 : 0) |
      (final.rcode & 0x0f);
    for (let i = 0; i < 4; i++) this.#u16(4 + 2 * i, this.#counts[i]!);
  }

  #rrset(rrset: RRset, start: number): number {
    let at = start;
    for (const rdata of rrset.rdatas) {
      at = this.#names.write(rrset.name.wire, at, this.#limit - 10);
      if (at < 0) return -1;
      this.#u16(at, rrset.type);
      this.#u16(at + 2, rrset.class);
      this.#u16(at + 4, rrset.ttl >>> 16);
      this.#u16(at + 6, rrset.ttl & 0xffff);
      const end = this.#rdata(rrset.type, rdata, at + 10);
      if (end < 0) return -1;
      this.#u16(at + 8, end - at - 10);
      at = end;
    }
    return at;
  }

  #rdata(type: number, rdata: Uint8Array, start: number): number {
    const description = descriptionOf(type);
    // Malformed rdata go as they are: a half of them, compressed, would be remembered as names.
    if (description?.names !== 'compressed' || !isWellFormed(type, rdata))
      return this.#copy(rdata, start);
    let at = start;
    let from = 0;
    for (const field of description.fields) {
      const end = field.end(rdata, from, rdata.length);
      const octets = rdata.subarray(from, end);
      at =
        field.kind === 'name' ? this.#names.write(octets, at, this.#limit) : this.#copy(octets, at);
      if (at < 0) return -1;
      from = end;
    }
    return at;
  }

  #copy(octets: Uint8Array, at: number): number {
    if (at + octets.length > this.#limit) return -1;
    this.#out.set(octets, at);
    return at + octets.length;
  }

  #u16(at: number, value: number): void {
    this.#out[at] = value >>> 8;
    this.#out[at + 1] = value & 0xff;
  }
}

/** Neighbours of one owner, class, type and TTL as one RRset, in the order given. */
function runs(records: readonly ResourceRecord[]): RRset[] {
  const rrsets: (RRset & { rdatas: Uint8Array[] })[] = [];
  for (const { name, type, class: dnsClass, ttl, rdata } of records) {
    const last = rrsets.at(-1);
    const continues =
      last?.type === type && last.class === dnsClass && last.ttl === ttl && last.name.equals(name);
    if (continues) last.rdatas.push(rdata);
    else rrsets.push({ name, type, class: dnsClass, ttl, rdatas: [rdata] });
  }
  return rrsets;
}
