/**
 * An entry of a scenario: what a packet has to match, the packet itself, and how it is adjusted to
 * the query that it answers.
 *
 *     ENTRY_BEGIN / MATCH … / ADJUST … / REPLY … / SECTION … / records / ENTRY_END
 *
 * EDNS is there when `DO` or `HEX_EDNSDATA` says so. `EXTRA_PACKET` begins the next packet of the
 * same reply.
 */

import { decodeMessage } from '../../wire/decode.ts';
import { plainEdns, type Edns, type EdnsOptionValue } from '../../wire/edns.ts';
import { Opcode, Rcode } from '../../wire/iana.ts';
import { createMessage, type Message } from '../../wire/message.ts';
import type { DnsName } from '../../wire/name.ts';
import { octetsOf, parseName } from '../../wire/name-text.ts';
import type { Question, ResourceRecord } from '../../wire/record.ts';
import { parseQuestion, parseRecord } from './record-text.ts';
import { type Line, type ScenarioLines, wordsOf } from './scenario-lines.ts';
import {
  ADJUST_WORDS,
  MATCH_WORDS,
  type AdjustWord,
  type Entry,
  type MatchWord,
  type ScriptedPacket,
} from './scenario.ts';

/** Reads what follows `ENTRY_BEGIN`, up to and with `ENTRY_END`. */
export function parseEntry(lines: ScenarioLines, begin: Line): Entry {
  const draft = new EntryDraft(lines);
  for (;;) {
    const line = lines.next('ENTRY_END');
    if (line.text === 'ENTRY_END') return draft.finish(begin.number);
    draft.read(line);
  }
}

/** `$ORIGIN`: for all names to come that are not absolute. */
export function readOrigin(lines: ScenarioLines, line: Line, text: string): void {
  const name = parseName(octetsOf(text), lines.origin);
  if (!name.ok) lines.fail(line, name.error);
  lines.origin = name.value;
}

type Section = 'questions' | 'answers' | 'authorities' | 'additionals';
const SECTIONS: Readonly<Record<string, Section>> = {
  QUESTION: 'questions',
  ANSWER: 'answers',
  AUTHORITY: 'authorities',
  ADDITIONAL: 'additionals',
};

type Flag = 'qr' | 'aa' | 'tc' | 'rd' | 'ra' | 'ad' | 'cd';
const FLAGS: Readonly<Record<string, Flag>> = {
  QR: 'qr',
  AA: 'aa',
  TC: 'tc',
  RD: 'rd',
  RA: 'ra',
  AD: 'ad',
  CD: 'cd',
};
const RCODES: Readonly<Record<string, number>> = { ...Rcode, NOTIMPL: Rcode.NOTIMP };
const OPCODES: Readonly<Record<string, number>> = Opcode;
/** Compact answers OK, a flag of EDNS (draft-ietf-dnsop-compact-denial-of-existence §3). */
const COMPACT_OK = 0x4000;

/** What reads each word behind the first one of a line. */
const WORDS: Readonly<
  Record<string, 'readMatch' | 'readAdjust' | 'readReply' | 'readSection' | 'readOriginWord'>
> = {
  MATCH: 'readMatch',
  ADJUST: 'readAdjust',
  REPLY: 'readReply',
  // An older name for it.
  FLAGS: 'readReply',
  SECTION: 'readSection',
  $ORIGIN: 'readOriginWord',
};

class EntryDraft {
  readonly #lines: ScenarioLines;
  readonly #match = new Set<MatchWord>();
  readonly #adjust = new Set<AdjustWord>();
  readonly #extendedErrors: (number | 'any')[] = [];
  readonly #packets: ScriptedPacket[] = [];
  #packet = new PacketDraft();
  #section: Section | undefined;
  #owner: DnsName | undefined;

  constructor(lines: ScenarioLines) {
    this.#lines = lines;
  }

  read(line: Line): void {
    const [word = '', ...rest] = wordsOf(line.text);
    const read = WORDS[word];
    if (read) for (const text of rest) this[read](text, line);
    else if (!this.#readBlock(word, line)) this.#readRecord(line);
  }

  finish(line: number): Entry {
    this.#packets.push(this.#packet.finish());
    return {
      line,
      match: this.#match,
      extendedErrors: this.#extendedErrors,
      adjust: this.#adjust,
      packets: this.#packets,
    };
  }

  readMatch(text: string, line: Line): void {
    const word = text.toLowerCase();
    const extendedError = /^ede=(any|[0-9]+)$/.exec(word)?.[1];
    const known = MATCH_WORDS.find((candidate) => candidate === word);
    if (known) this.#match.add(known);
    else if (extendedError === 'any') this.#extendedErrors.push('any');
    else if (extendedError !== undefined) this.#extendedErrors.push(Number(extendedError));
    else this.#lines.fail(line, `there is no MATCH word '${text}'`);
  }

  readAdjust(text: string, line: Line): void {
    const word = text.toLowerCase();
    const known = ADJUST_WORDS.find((candidate) => candidate === word);
    if (!known) this.#lines.fail(line, `there is no ADJUST word '${text}'`);
    this.#adjust.add(known);
  }

  readReply(text: string, line: Line): void {
    const word = text.toUpperCase();
    const packet = this.#packet;
    if (FLAGS[word]) packet.flags.add(FLAGS[word]);
    else if (word === 'DO') packet.edns = { ...packet.needEdns(), dnssecOk: true };
    else if (word === 'CO') packet.edns = { ...packet.needEdns(), flags: COMPACT_OK };
    else if (Object.hasOwn(OPCODES, word)) packet.opcode = OPCODES[word]!;
    else if (Object.hasOwn(RCODES, word)) packet.rcode = RCODES[word]!;
    else this.#lines.fail(line, `there is no REPLY word '${text}'`);
  }

  readSection(text: string, line: Line): void {
    this.#section = SECTIONS[text];
    if (!this.#section) this.#lines.fail(line, `there is no section '${text}'`);
  }

  readOriginWord(text: string, line: Line): void {
    readOrigin(this.#lines, line, text);
  }

  /** What stands alone on its line; false when it is something else. */
  #readBlock(word: string, line: Line): boolean {
    switch (word) {
      case 'EXTRA_PACKET':
        this.#packets.push(this.#packet.finish());
        this.#packet = new PacketDraft();
        this.#section = undefined;
        return true;
      case 'HEX_ANSWER_BEGIN':
        this.#packet.octets = this.#readHex(line, 'HEX_ANSWER_END');
        return true;
      case 'HEX_EDNSDATA_BEGIN':
        this.#readEdnsData(line);
        return true;
      case 'MANDATORY':
        // That the entry is used shows in what is checked.
        return true;
      case 'RAW':
        this.#readRaw(line.text.slice(word.length), line);
        return true;
      case 'TSIG':
        return this.#lines.fail(line, 'signed messages (TSIG) are not supported');
      default:
        return false;
    }
  }

  /** On the line itself, or on those that follow. */
  #readRaw(text: string, line: Line): void {
    let digits = text;
    while (/^[0-9a-fA-F\s]+$/.test(this.#lines.peek()?.text ?? '')) {
      digits += this.#lines.next('ENTRY_END').text;
    }
    this.#packet.octets = this.#octetsOf(digits, line);
  }

  #readEdnsData(begin: Line): void {
    const octets = this.#readHex(begin, 'HEX_EDNSDATA_END');
    const options = readOptions(octets);
    if (!options) this.#lines.fail(begin, 'the octets are no EDNS options');
    this.#packet.edns = { ...this.#packet.needEdns(), options };
  }

  #readHex(begin: Line, end: string): Uint8Array {
    let digits = '';
    for (;;) {
      const line = this.#lines.next(end);
      if (line.text === end) break;
      digits += line.text;
    }
    return this.#octetsOf(digits, begin);
  }

  #octetsOf(text: string, line: Line): Uint8Array {
    const digits = text.replaceAll(/\s/g, '');
    if (!/^([0-9a-fA-F]{2})*$/.test(digits)) {
      this.#lines.fail(line, 'expected octets of two hexadecimal digits each');
    }
    return Uint8Array.from(digits.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
  }

  #readRecord(line: Line): void {
    const section = this.#section;
    if (!section) this.#lines.fail(line, `expected a word such as SECTION, found '${line.text}'`);
    if (section === 'questions') {
      const question = parseQuestion(line.text, this.#lines.origin);
      if (!question.ok) this.#lines.fail(line, question.error);
      this.#packet.questions.push(question.value);
      return;
    }
    const { isIndented } = line;
    const context = { origin: this.#lines.origin, owner: this.#owner, isIndented };
    const record = parseRecord(line.text, context);
    if (!record.ok) this.#lines.fail(line, record.error);
    this.#owner = record.value.name;
    this.#packet[section].push(record.value);
  }
}

/** Undefined when they overrun the octets. As many as there are: scripts test that limit, too. */
function readOptions(octets: Uint8Array): EdnsOptionValue[] | undefined {
  const options: EdnsOptionValue[] = [];
  for (let at = 0; at < octets.length;) {
    if (at + 4 > octets.length) return undefined;
    const code = (octets[at]! << 8) | octets[at + 1]!;
    const end = at + 4 + ((octets[at + 2]! << 8) | octets[at + 3]!);
    if (end > octets.length) return undefined;
    options.push({ code, data: octets.slice(at + 4, end) });
    at = end;
  }
  return options;
}

class PacketDraft {
  readonly flags: Set<Flag> = new Set();
  readonly questions: Question[] = [];
  readonly answers: ResourceRecord[] = [];
  readonly authorities: ResourceRecord[] = [];
  readonly additionals: ResourceRecord[] = [];
  opcode: number = Opcode.QUERY;
  rcode: number = Rcode.NOERROR;
  edns: Edns | undefined;
  octets: Uint8Array | undefined;

  needEdns(): Edns {
    return this.edns ?? plainEdns();
  }

  finish(): ScriptedPacket {
    const { questions, answers, authorities, additionals, opcode, rcode, edns, octets } = this;
    const flags: Partial<Record<Flag, true>> = {};
    for (const flag of this.flags) flags[flag] = true;
    const sections = { questions, answers, authorities, additionals };
    const parts: Partial<Message> = { opcode, rcode, ...flags, ...sections };
    const message = createMessage(edns ? { ...parts, edns } : parts);
    if (!octets) return { message };
    const decoded = decodeMessage(octets);
    return { message: decoded.ok ? decoded.value : message, octets };
  }
}
