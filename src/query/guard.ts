/**
 * What stands between a stranger's octets and the answerers: either a well-formed query, or the
 * reply that its faults deserve, or nothing at all.
 *
 * Never answered: what is no message, and every response. Two servers that answer each other's
 * errors would do so forever (CVE-2024-2169).
 */

import type { Header, Message } from '../wire/message.ts';
import { decodeHeader, decodeMessage } from '../wire/decode.ts';
import { Opcode, Rcode, RRType, typeText } from '../wire/iana.ts';
import type { DnsName } from '../wire/name.ts';
import type { Question } from '../wire/record.ts';
import { emptyAnswer, type Answer } from './query.ts';
import { checkSignature, Keyring, type Seal } from './tsig.ts';

export type Admission =
  | { readonly kind: 'drop' }
  /** A fault that leaves nothing to echo but the header. */
  | { readonly kind: 'malformed'; readonly header: Header }
  /** A message that is answered without asking any answerer. */
  | {
      readonly kind: 'rejected';
      readonly message: Message;
      readonly answer: Answer;
      /** For people. */
      readonly why: string;
      readonly seal?: Seal;
    }
  | {
      readonly kind: 'admitted';
      readonly message: Message;
      readonly question: Question;
      /** Whose signature it bears, and how the reply is signed. */
      readonly key?: DnsName;
      readonly seal?: Seal;
    };

export interface Admittance {
  readonly keys: Keyring;
  /** Of the wall clock, looked at only when somebody signs. */
  readonly nowSeconds: number;
  /** Beside QUERY. */
  readonly opcodes: ReadonlySet<number>;
}

const NOTHING_SPECIAL: Admittance = { keys: new Keyring(), nowSeconds: 0, opcodes: new Set() };

/** Judges the octets of a UDP datagram or of a TCP frame. */
export function admit(octets: Uint8Array, admittance: Admittance = NOTHING_SPECIAL): Admission {
  const header = decodeHeader(octets);
  if (!header || header.qr) return { kind: 'drop' };
  // RFC 1035 §4.1.1: of other opcodes not even the layout is known, so nothing behind is read.
  // Neither are flags: RFC 8906 §3.1.4 wants them clear.
  const { opcode } = header;
  if (opcode !== Opcode.QUERY && !admittance.opcodes.has(opcode)) {
    return { kind: 'malformed', header: { ...header, rd: false, cd: false, rcode: Rcode.NOTIMP } };
  }
  const decoded = decodeMessage(octets);
  if (!decoded.ok) return { kind: 'malformed', header: { ...header, rcode: Rcode.FORMERR } };
  return judge(decoded.value, octets, admittance);
}

function judge(message: Message, octets: Uint8Array, admittance: Admittance): Admission {
  const reject = (rcode: number, why: string, seal?: Seal): Admission => {
    return { kind: 'rejected', message, answer: emptyAnswer(rcode), why, ...(seal && { seal }) };
  };
  // RFC 6891 §6.1.3: the version is judged before anything else that a newer one might redefine.
  if (message.edns && message.edns.version > 0) {
    return reject(Rcode.BADVERS, `EDNS version ${message.edns.version} is not known here`);
  }
  const signature = checkSignature(message, octets, admittance);
  if (signature.kind === 'malformed') return reject(Rcode.FORMERR, 'its signature is malformed');
  if (signature.kind === 'rejected') {
    return reject(Rcode.NOTAUTH, 'its signature does not hold', signature.seal);
  }
  const sealed = signature.kind === 'valid' ? signature : undefined;
  const question = message.questions[0];
  // RFC 9619 §4: a query has exactly one question; so has what NOTIFY and UPDATE call otherwise.
  if (question === undefined || message.questions.length !== 1) {
    return reject(Rcode.FORMERR, `it has ${message.questions.length} questions`, sealed?.seal);
  }
  const refusal = message.opcode === Opcode.QUERY ? refuseType(question) : undefined;
  if (refusal) return reject(refusal.rcode, refusal.why, sealed?.seal);
  const admitted = { kind: 'admitted', message, question: plain(question) } as const;
  return sealed ? { ...admitted, key: sealed.key.name, seal: sealed.seal } : admitted;
}

/** A decoded question is a view: `{ ...view }` would lose what it reads on access. */
function plain({ name, type, class: dnsClass }: Question): Question {
  return { name, type, class: dnsClass };
}

function refuseType({
  type,
}: Question): { readonly rcode: number; readonly why: string } | undefined {
  switch (type) {
    // A question for what can only be part of a message (RFC 6891 §6.1.1, RFC 8945 §4.2).
    case RRType.OPT:
    case RRType.TSIG:
    case RRType.TKEY:
      return { rcode: Rcode.FORMERR, why: `${typeText(type)} is no type of data` };
    case RRType.MAILA:
    case RRType.MAILB:
      return { rcode: Rcode.NOTIMP, why: `${typeText(type)} is obsolete` };
    default:
      return undefined;
  }
}
