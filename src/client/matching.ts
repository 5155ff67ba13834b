/**
 * Whether octets are the reply to our question (RFC 5452 §9.1): a response, of our opcode and id,
 * with exactly our question. The peer's address and port are the connected socket's business.
 *
 * A reply that does not match says nothing about the server, whatever it holds: a forger could have
 * sent it. So nothing may react to it, but for the count of wrong ids.
 */

import { decodeHeader, decodeMessage } from '../wire/decode.ts';
import { Rcode } from '../wire/iana.ts';
import { HEADER_OCTETS, type Header, type Message } from '../wire/message.ts';
import { skipName } from '../wire/name-wire.ts';
import type { ReplyVerifier } from '../tsig/verify.ts';
import type { Question } from '../wire/record.ts';
import { evidenceIn, type CookieEvidence } from './cookies.ts';
import { restoreCase, withOwner } from './random-case.ts';

export interface Expected {
  readonly id: number;
  readonly opcode: number;
  readonly question: Question;
  /** No question was sent: the reply may have any, or none. */
  readonly isHeaderOnly: boolean;
  /** The query as it was sent, where the letter case of its name was drawn at random. */
  readonly drawn: Uint8Array | undefined;
  /** The cookie option that was sent. */
  readonly cookie: Uint8Array | undefined;
  /** A reply without our cookie cannot be from the server, as far as we know it. */
  readonly isCookieRequired: boolean;
  /** Where the query was signed. */
  readonly verifier: ReplyVerifier | undefined;
}

/**
 * What is wrong with a reply that is ours but for one thing: a forger who nearly made it, or a
 * server with ways of its own. A connection tells which.
 */
export type Doubt = 'other case' | 'no cookie' | 'wrong cookie';

export type Match =
  | {
      readonly kind: 'reply';
      readonly message: Message;
      readonly doubt: Doubt | undefined;
      /** It carries our cookie. */
      readonly hasCookie: boolean;
    }
  /** Id and question match, and TC is set; what follows them may be cut anywhere. */
  | { readonly kind: 'truncated'; readonly message?: Message }
  | { readonly kind: 'wrong id' }
  /** Id and question match, but the rest is no message. */
  | { readonly kind: 'malformed'; readonly reason: string }
  /**
   * An error with our id but without any question, as servers send that could not read the query.
   * Only worth something when nothing better comes.
   */
  | { readonly kind: 'bare error'; readonly message: Message }
  | { readonly kind: 'other' };

/**
 * `octets` must not change afterwards: the message refers to them. They get back the letter case of
 * the question here.
 */
export function matchReply(octets: Uint8Array, expected: Expected): Match {
  const header = decodeHeader(octets);
  if (header?.qr !== true || header.opcode !== expected.opcode) return { kind: 'other' };
  if (header.id !== expected.id) return { kind: 'wrong id' };
  const { question, drawn, cookie, isCookieRequired } = expected;
  const isRestored = drawn && restoreCase(octets, drawn, question.name);
  // Put back as it was asked for, the question's name need not be read out of the reply.
  const decoded = decodeMessage(octets, isRestored === true ? question.name : undefined);
  if (!decoded.ok) return matchBroken(octets, header, { expected, reason: decoded.error.reason });
  const message = decoded.value;
  const evidence = cookie ? evidenceIn(message, cookie) : 'none';
  if (isBareError(message, expected)) return bareError(message, isCookieRequired, evidence);
  if (!isTo(message, expected)) return { kind: 'other' };
  if (message.tc) return { kind: 'truncated', message };
  const isOtherCase = isRestored === false;
  return {
    kind: 'reply',
    message: drawn ? withOwner(message, question.name) : message,
    doubt: isOtherCase ? 'other case' : doubtCookie(evidence, isCookieRequired),
    hasCookie: evidence === 'ours',
  };
}

function bareError(message: Message, isCookieRequired: boolean, evidence: CookieEvidence): Match {
  if (isCookieRequired && evidence !== 'ours') return { kind: 'other' };
  return { kind: 'bare error', message };
}

function doubtCookie(evidence: CookieEvidence, isRequired: boolean): Doubt | undefined {
  if (evidence === 'not ours') return 'wrong cookie';
  return evidence === 'none' && isRequired ? 'no cookie' : undefined;
}

/** Some servers cut a reply in the middle of a record. Its head may still be for us. */
function matchBroken(
  octets: Uint8Array,
  header: Header,
  { expected, reason }: { readonly expected: Expected; readonly reason: string },
): Match {
  const end = skipName(octets, HEADER_OCTETS, octets.length);
  if (end < 0) return { kind: 'other' };
  const head = new Uint8Array(octets.subarray(0, end + 4));
  if (head[4] !== 0 || head[5] !== 1) return { kind: 'other' };
  head.fill(0, 6, HEADER_OCTETS);
  const decoded = decodeMessage(head);
  if (!decoded.ok || !asks(decoded.value, expected.question)) return { kind: 'other' };
  return header.tc ? { kind: 'truncated' } : { kind: 'malformed', reason };
}

function isBareError(message: Message, { isHeaderOnly }: Expected): boolean {
  const { rcode, questions, answers, authorities } = message;
  // Where no question was sent, none is missing.
  if (isHeaderOnly) return false;
  if (questions.length > 0 || answers.length > 0 || authorities.length > 0) return false;
  return rcode === Rcode.FORMERR || rcode === Rcode.NOTIMP;
}

function isTo(message: Message, { isHeaderOnly, question }: Expected): boolean {
  return isHeaderOnly || asks(message, question);
}

function asks({ questions }: Message, wanted: Question): boolean {
  const question = questions[0];
  return (
    questions.length === 1 &&
    question?.type === wanted.type &&
    question.class === wanted.class &&
    question.name.equals(wanted.name)
  );
}
