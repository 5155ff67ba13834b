/**
 * Whether a reply is the one that is waited for, as dig 9.18 judges it and with what it says: who
 * examines a server wants to see what it sends, so that more is believed here than by a resolver,
 * and nothing is thrown away in silence.
 *
 *     octets ─┬─ too short, or of another id ─► UDP: waits on; TCP: gives up
 *             ├─ no message, even leniently ──► shows the octets and gives up
 *             ├─ of another opcode ───────────► waits on
 *             ├─ to another question ─────────► UDP: waits on; TCP: gives up
 *             └─ else it is the reply, be it without QR, without a question, or cut
 */

import type { Expected } from '../client/matching.ts';
import type { ExchangeTransport, Judged } from '../client/request.ts';
import { decodeHeader, decodeMessage } from '../wire/decode.ts';
import { classText, typeText } from '../wire/iana.ts';
import type { Message } from '../wire/message.ts';
import { isWellFormed } from '../wire/rdata/rdata.ts';
import type { ResourceRecord } from '../wire/record.ts';
import { nameText } from './failures.ts';
import { readLeniently, type Counts } from './lenient-message.ts';
import type { Output } from './output.ts';
import { opcodeWord } from './print-message.ts';
import { isOptionSound } from './wire-faults.ts';

/** What there is to say of a reply that is no message to its end. */
export interface Leniency {
  readonly counts: Counts;
  readonly extraOctets: number;
}

const OTHER: Judged = { kind: 'other' };
const HOPELESS: Judged = { kind: 'hopeless' };
const DUMP_COLUMNS = 16;

/** Judges the replies to one query. */
export class ReplyJudge {
  readonly #output: Output;
  readonly #isBestEffort: boolean;
  /** Of the reply. */
  leniency: Leniency | undefined;
  /** The user has been told why. */
  isHopeless = false;

  constructor(output: Output, isBestEffort: boolean) {
    this.#output = output;
    this.#isBestEffort = isBestEffort;
  }

  judge(octets: Uint8Array, expected: Expected, transport: ExchangeTransport): Judged {
    const judged = this.#judge(octets, expected, transport === 'udp');
    this.isHopeless ||= judged.kind === 'hopeless';
    return judged;
  }

  #judge(octets: Uint8Array, expected: Expected, isUdp: boolean): Judged {
    const output = this.#output;
    const header = decodeHeader(octets);
    if (!header) {
      const text = 'short (< header size) message';
      output.remark(isUdp ? `Warning: ${text} received` : `ERROR: ${text}`);
      return isUdp ? OTHER : HOPELESS;
    }
    const isOurs = header.id === expected.id;
    if (!isOurs) {
      const word = isUdp ? 'Warning' : 'ERROR';
      output.remark(`${word}: ID mismatch: expected ID ${expected.id}, got ${header.id}`);
      if (!isUdp) return HOPELESS;
    }
    if (!header.qr) output.remark('Warning: query response not set');
    if (!isOurs) return OTHER;
    const message = strictly(octets) ?? this.#leniently(octets);
    if (!message) return HOPELESS;
    if (message.opcode !== expected.opcode) {
      const [wanted, found] = [opcodeWord(expected.opcode), opcodeWord(message.opcode)];
      output.remark(`Warning: Opcode mismatch: expected ${wanted}, got ${found}`);
      return OTHER;
    }
    if (!this.#isToQuestion(message, expected)) return isUdp ? OTHER : HOPELESS;
    return { kind: 'reply', message };
  }

  /** No question at all is as good as ours. */
  #isToQuestion({ questions }: Message, { question }: Expected): boolean {
    const others = questions.filter(({ name, type, class: dnsClass }) => {
      return type !== question.type || dnsClass !== question.class || !name.equals(question.name);
    });
    for (const { name, type, class: dnsClass } of others) {
      const found = `${nameText(name)}/${typeText(type)}/${classText(dnsClass)}`;
      this.#output.remark(`;; Question section mismatch: got ${found}`);
    }
    return others.length === 0;
  }

  #leniently(octets: Uint8Array): Message | undefined {
    const { message, counts, extraOctets, mild, grave } = readLeniently(octets);
    const fault = this.#isBestEffort ? grave : (mild ?? grave);
    if (fault !== undefined) {
      this.#output.remark(`Got bad packet: ${fault}\n${dump(octets)}`);
      return undefined;
    }
    if (mild !== undefined) {
      this.#output.remark('Warning: Message parser reports malformed message packet.');
    }
    this.leniency = { counts, extraOctets };
    return message;
  }
}

/** A message in which dig finds no fault either. */
function strictly(octets: Uint8Array): Message | undefined {
  const decoded = decodeMessage(octets);
  if (!decoded.ok) return undefined;
  const { questions, answers, authorities, additionals, edns } = decoded.value;
  const [question, ...others] = questions;
  if (!question || others.length > 0) return undefined;
  const isSound = ({ type, class: dnsClass, rdata }: ResourceRecord): boolean =>
    dnsClass === question.class && isWellFormed(type, rdata);
  const isWhole =
    answers.every(isSound) &&
    authorities.every(isSound) &&
    additionals.every(isSound) &&
    edns?.options.every(isOptionSound) !== false;
  return isWhole ? decoded.value : undefined;
}

/** In lines of sixteen octets, with what is ASCII among them beside it. */
function dump(octets: Uint8Array): string {
  const lines = [`${octets.length} bytes`];
  for (let at = 0; at < octets.length; at += DUMP_COLUMNS) {
    const part = [...octets.subarray(at, at + DUMP_COLUMNS)];
    const digits = part.map((octet) => `${octet.toString(16).padStart(2, '0')} `).join('');
    const text = part.map((octet) => (isPrintable(octet) ? String.fromCharCode(octet) : '.'));
    lines.push(`${digits.padEnd(3 * DUMP_COLUMNS)}         ${text.join('')}`);
  }
  return lines.join('\n');
}

/** dig shows no spaces either. */
function isPrintable(octet: number): boolean {
  return octet > 0x20 && octet < 0x7f;
}
