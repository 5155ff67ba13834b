/**
 * A message in dig's layout. What is shown follows the settings; blank lines follow dig, which
 * puts them with the comments and leaves them out with them. Pure: text in the end is one string.
 */

import { Opcode, Rcode, rcodeText, RRType } from '../wire/iana.ts';
import type { Message } from '../wire/message.ts';
import type { ResourceRecord } from '../wire/record.ts';
import type { Counts } from './lenient-message.ts';
import { printEdns } from './print-edns.ts';
import type { CookieVerdict } from './print-options.ts';
import { printQuestion, printRecord } from './print-record.ts';
import { styleOf, type Style, type StyleExtras, type StyleSettings } from './print-style.ts';
import { asksWithEdns, type EdnsWishes } from './query.ts';
import type { Settings } from './settings.ts';

export type Shown = Pick<
  Settings,
  | 'showsQuestion'
  | 'showsAnswer'
  | 'showsAuthority'
  | 'showsAdditional'
  | 'showsComments'
  | keyof EdnsWishes
> &
  StyleSettings;

/** What is known of a message beside what it says. */
export interface View extends StyleExtras {
  /** It is our own. */
  readonly isQuery?: boolean;
  readonly cookie?: CookieVerdict | undefined;
  /** Octets behind its end. */
  readonly extraOctets?: number | undefined;
  /** What the header says of the sections, where it is not what they hold. */
  readonly counts?: Counts | undefined;
  /** A later message of a transfer, which has nothing to say but its records. */
  readonly isContinued?: boolean;
}

export function printMessage(message: Message, shown: Shown, view: View = {}): string {
  const { showsComments } = shown;
  const isContinued = view.isContinued === true;
  const hasTitles = showsComments && !isContinued;
  const style = styleOf(shown, view);
  const titles = titlesOf(message);
  const section = (at: 1 | 2 | 3, isShown: boolean, records: readonly ResourceRecord[]): string =>
    isShown ? printSection(titles[at], recordLines(records, style), { hasTitle: hasTitles }) : '';
  const { records, signatures } = splitSignatures(message.additionals);
  const questions = message.questions.map((question) => `;${printQuestion(question, style)}`);
  return [
    showsComments ? printHead(message, shown, view) : '',
    hasTitles ? '\n' : '',
    hasTitles && message.edns ? printEdns(message.edns, view.cookie) : '',
    shown.showsQuestion && !isContinued
      ? printSection(titles[0], questions, { hasTitle: hasTitles, isKept: view.isQuery })
      : '',
    section(1, shown.showsAnswer, message.answers),
    section(2, shown.showsAuthority, message.authorities),
    section(3, shown.showsAdditional, records),
    shown.showsAdditional && !isContinued ? printSignatures(signatures, style, hasTitles) : '',
  ].join('');
}

export type Titles = readonly [string, string, string, string];

export function titlesOf({ opcode }: Message): Titles {
  return opcode === Opcode.UPDATE ? UPDATE_TITLES : QUERY_TITLES;
}

const QUERY_TITLES: Titles = ['QUESTION', 'ANSWER', 'AUTHORITY', 'ADDITIONAL'];
/** RFC 2136 §2. */
const UPDATE_TITLES: Titles = ['ZONE', 'PREREQUISITE', 'UPDATE', 'ADDITIONAL'];

/** Records of the four sections, as the header counts them. */
export function countsOf(message: Message, { counts }: View): Counts {
  if (counts) return counts;
  const { questions, answers, authorities, additionals, edns } = message;
  const opt = edns === undefined ? 0 : 1;
  return [questions.length, answers.length, authorities.length, additionals.length + opt];
}

function printHead(message: Message, shown: Shown, view: View): string {
  const title = view.isQuery === true ? ';; Sending:\n' : ';; Got answer:\n';
  if (view.isContinued === true) return title;
  const [questions, answers, authorities, additionals] = countsOf(message, view);
  const counts =
    `QUERY: ${questions}, ANSWER: ${answers}, ` +
    `AUTHORITY: ${authorities}, ADDITIONAL: ${additionals}`;
  const { opcode, id } = message;
  const status = statusText(message.rcode);
  return [
    title,
    isLocal(message) ? MULTICAST_WARNING : '',
    `;; ->>HEADER<<- opcode: ${opcodeWord(opcode)}, status: ${status}, id: ${id}\n`,
    `;; flags:${flagsText(message)};${message.z ? ' MBZ: 0x4;' : ''} ${counts}\n`,
    view.isQuery === true ? '' : replyWarnings(message, shown, view),
  ].join('');
}

function replyWarnings(message: Message, shown: Shown, { extraOctets = 0 }: View): string {
  const { rcode, rd, ra, edns } = message;
  const isEdnsRefused =
    asksWithEdns(shown) &&
    edns === undefined &&
    (rcode === Rcode.FORMERR || rcode === Rcode.NOTIMP);
  const options = `${shown.dnssecOk ? '+nodnssec ' : ''}+noedns`;
  return [
    rd && !ra ? ';; WARNING: recursion requested but not available\n' : '',
    isEdnsRefused
      ? `\n;; WARNING: EDNS query returned status ${rcodeText(rcode)} - retry with '${options}'\n`
      : '',
    // dig's plural.
    extraOctets > 0 ? `;; WARNING: Message has ${extraOctets} extra bytes at end\n` : '',
  ].join('');
}

const MULTICAST_WARNING = `\
;; WARNING: .local is reserved for Multicast DNS
;; You are currently testing what happens when an mDNS query is leaked to DNS
`;

function isLocal({ questions }: Message): boolean {
  return questions.some(({ name }) => name.ancestor(1).key === '\x05local\x00');
}

export function flagsText(message: Message): string {
  const flags = ['qr', 'aa', 'tc', 'rd', 'ra', 'ad', 'cd'] as const;
  return flags.map((flag) => (message[flag] ? ` ${flag}` : '')).join('');
}

export function opcodeWord(opcode: number): string {
  return OPCODES.get(opcode) ?? `RESERVED${opcode}`;
}

const OPCODES: ReadonlyMap<number, string> = new Map([
  [Opcode.QUERY, 'QUERY'],
  [Opcode.IQUERY, 'IQUERY'],
  [Opcode.STATUS, 'STATUS'],
  [Opcode.NOTIFY, 'NOTIFY'],
  [Opcode.UPDATE, 'UPDATE'],
]);

/** dig's mark for codes without a name tells a number from a mnemonic. */
function statusText(rcode: number): string {
  const word = rcodeWord(rcode);
  return /^[0-9]/.test(word) ? `?${word}` : word;
}

/** dig knows no others by name. */
export function rcodeWord(rcode: number): string {
  if (rcode <= Rcode.NOTZONE || rcode === Rcode.BADVERS || rcode === Rcode.BADCOOKIE) {
    return rcodeText(rcode);
  }
  return rcode < Rcode.BADVERS ? `RESERVED${rcode}` : String(rcode);
}

/** Signatures of the whole message (RFC 8945, RFC 2931) stand apart from its records. */
function splitSignatures(additionals: readonly ResourceRecord[]): {
  readonly records: readonly ResourceRecord[];
  readonly signatures: readonly ResourceRecord[];
} {
  const isSignature = ({ type, rdata }: ResourceRecord): boolean =>
    type === RRType.TSIG || (type === RRType.SIG && rdata[0] === 0 && rdata[1] === 0);
  if (!additionals.some(isSignature)) return { records: additionals, signatures: [] };
  return {
    records: additionals.filter((record) => !isSignature(record)),
    signatures: additionals.filter(isSignature),
  };
}

function printSignatures(
  signatures: readonly ResourceRecord[],
  style: Style,
  hasTitles: boolean,
): string {
  return signatures
    .map((signature) => {
      const title = signature.type === RRType.TSIG ? 'TSIG' : 'SIG0';
      const line = `${printRecord(signature, style)}\n`;
      return hasTitles ? `;; ${title} PSEUDOSECTION:\n${line}\n` : line;
    })
    .join('');
}

function recordLines(records: readonly ResourceRecord[], style: Style): readonly string[] {
  return records.map((record) => printRecord(record, style));
}

/** dig gives even a query without a question the title of one. */
function printSection(
  title: string,
  lines: readonly string[],
  {
    hasTitle,
    isKept = false,
  }: { readonly hasTitle: boolean; readonly isKept?: boolean | undefined },
): string {
  if (lines.length === 0 && !isKept) return '';
  const body = lines.map((line) => `${line}\n`).join('');
  return hasTitle ? `;; ${title} SECTION:\n${body}\n` : body;
}
