/**
 * A message in dig's layout. What is shown follows the settings; blank lines follow dig, which
 * puts them with the comments and leaves them out with them. Pure: text in the end is one string.
 */

import { Opcode, opcodeText, Rcode, rcodeText, RRType } from '../wire/iana.ts';
import type { Message } from '../wire/message.ts';
import type { ResourceRecord } from '../wire/record.ts';
import { printEdns } from './print-edns.ts';
import { printQuestion, printRecord, type Layout } from './print-record.ts';
import type { Settings } from './settings.ts';

export type Shown = Pick<
  Settings,
  'showsQuestion' | 'showsAnswer' | 'showsAuthority' | 'showsAdditional' | 'showsComments'
> &
  Layout;

export function printMessage(message: Message, shown: Shown): string {
  const { showsComments } = shown;
  const titles = message.opcode === Opcode.UPDATE ? UPDATE_TITLES : QUERY_TITLES;
  const linesOf = (records: readonly ResourceRecord[]): readonly string[] =>
    records.map((record) => printRecord(record, shown));
  const section = (at: 1 | 2 | 3, isShown: boolean, records: readonly ResourceRecord[]): string =>
    isShown ? printSection(titles[at], linesOf(records), showsComments) : '';
  const questions = message.questions.map((question) => `;${printQuestion(question, shown)}`);
  return [
    showsComments ? `;; Got answer:\n${printHeader(message, titles)}\n` : '',
    showsComments && message.edns ? printEdns(message.edns) : '',
    shown.showsQuestion ? printSection(titles[0], questions, showsComments) : '',
    section(1, shown.showsAnswer, message.answers),
    section(2, shown.showsAuthority, message.authorities),
    section(
      3,
      shown.showsAdditional,
      message.additionals.filter((record) => !isSignature(record)),
    ),
    shown.showsAdditional ? printSignatures(message, shown) : '',
  ].join('');
}

/** A signature is of the whole message, and no record of the additional section to the reader. */
function isSignature({ type }: ResourceRecord): boolean {
  return type === RRType.TSIG;
}

function printSignatures({ additionals }: Message, shown: Shown): string {
  const lines = additionals.filter(isSignature).map((record) => printRecord(record, shown));
  if (lines.length === 0) return '';
  const body = lines.map((line) => `${line}\n`).join('');
  return shown.showsComments ? `;; TSIG PSEUDOSECTION:\n${body}\n` : body;
}

type Titles = readonly [string, string, string, string];

const QUERY_TITLES: Titles = ['QUESTION', 'ANSWER', 'AUTHORITY', 'ADDITIONAL'];
/** RFC 2136 §2. */
const UPDATE_TITLES: Titles = ['ZONE', 'PREREQUISITE', 'UPDATE', 'ADDITIONAL'];
const COUNT_NAMES: Readonly<Record<string, string>> = { QUESTION: 'QUERY', PREREQUISITE: 'PREREQ' };

function printHeader(message: Message, titles: Titles): string {
  const { questions, answers, authorities, additionals, edns } = message;
  const counts = [questions, answers, authorities, additionals].map((part) => part.length);
  counts[3]! += edns === undefined ? 0 : 1;
  const countTexts = titles.map((title, i) => `${COUNT_NAMES[title] ?? title}: ${counts[i]}`);
  const opcode = opcodeText(message.opcode);
  return [
    `;; ->>HEADER<<- opcode: ${opcode}, status: ${statusText(message.rcode)}, id: ${message.id}\n`,
    `;; flags:${flagsText(message)};${message.z ? ' MBZ: 0x4;' : ''} ${countTexts.join(', ')}\n`,
    message.rd && !message.ra ? ';; WARNING: recursion requested but not available\n' : '',
  ].join('');
}

function flagsText(message: Message): string {
  const flags = ['qr', 'aa', 'tc', 'rd', 'ra', 'ad', 'cd'] as const;
  return flags.map((flag) => (message[flag] ? ` ${flag}` : '')).join('');
}

/** dig knows no others by name; its mark for them tells a number from a mnemonic. */
function statusText(rcode: number): string {
  if (rcode <= Rcode.NOTZONE || rcode === Rcode.BADVERS || rcode === Rcode.BADCOOKIE) {
    return rcodeText(rcode);
  }
  return rcode < Rcode.BADVERS ? `RESERVED${rcode}` : `?${rcode}`;
}

function printSection(title: string, lines: readonly string[], hasComments: boolean): string {
  if (lines.length === 0) return '';
  const body = lines.map((line) => `${line}\n`).join('');
  return hasComments ? `;; ${title} SECTION:\n${body}\n` : body;
}
