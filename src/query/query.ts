/**
 * The values that travel through the pipeline: a question somebody asked us, and the answer. An
 * answer never changes once made; only `render` decides flags and truncation, and only `respond`
 * puts octets anywhere.
 */

import type { Cancellation } from '../net/cancellation.ts';
import type { Endpoint } from '../net/ports.ts';
import type { Explanation } from '../wire/explanation.ts';
import type { Message } from '../wire/message.ts';
import type { DnsName } from '../wire/name.ts';
import type { Question, RRset } from '../wire/record.ts';
import type { Access } from './access.ts';
import type { AnswerStream } from './reply-stream.ts';
import type { Story } from './story.ts';

export interface Query {
  /** Well-formed, exactly one question, EDNS version 0 or none. */
  readonly message: Message;
  /** The message as it came, which nobody changes. */
  readonly octets?: Uint8Array;
  readonly question: Question;
  readonly transport: Transport;
  readonly client: Endpoint;
  /** Milliseconds of the monotonic clock. */
  readonly receivedAtMs: number;
  /** What the access list says of the client; absent: 'serve'. */
  readonly access?: Access;
  /** The key that it was signed with (RFC 8945), and its signature is good; absent: unsigned. */
  readonly key?: DnsName;
  /** What happens is to be told; absent as a rule. */
  readonly story?: Story;
}

export type Transport = 'udp' | 'tcp';

export interface Answer {
  readonly rcode: number;
  /** AA: the answer comes out of a zone that we serve (RFC 1035 §4.1.1). */
  readonly authoritative: boolean;
  readonly answers: readonly RRset[];
  readonly authorities: readonly RRset[];
  readonly additionals: readonly RRset[];
  /** So many of the additional RRsets are glue that must be sent, or TC set (RFC 9471 §3). */
  readonly requiredAdditionals?: number;
  /**
   * Until when the same question is given the same answer, but for TTLs that count down: Infinity
   * for as long as zones and settings stay what they are, else milliseconds of the monotonic clock.
   * Absent: perhaps never again. A step that answers by anything else than question, flags, EDNS,
   * transport and view must leave it out.
   */
  readonly repeatableUntilMs?: number;
  readonly extendedErrors?: readonly ExtendedErrorValue[];
  /** For a client that wants to know how we came to it; sent as far as there is room. */
  readonly explanation?: Explanation;
  /** TC set although nothing was cut: the client is to come again over TCP. */
  readonly isTruncated?: boolean;
  /** No reply is sent: whoever asks is to learn nothing. */
  readonly isDropped?: boolean;
  /** More than one message: each has the rest of this answer, and another answer section. */
  readonly stream?: AnswerStream;
}

/** RFC 8914: a code of `ExtendedError` and words for people. */
export interface ExtendedErrorValue {
  readonly code: number;
  readonly text: string;
}

/**
 * Answers a query at once or later. `signal` ends when nobody waits for the answer any more.
 * An answerer that throws has a bug: `respond` answers SERVFAIL and logs one error line.
 */
export type Answerer = (query: Query, signal: Cancellation) => Answer | Promise<Answer>;

/** Does something before or after the answerers behind it; the order is one list in `app`. */
export type Step = (next: Answerer) => Answerer;

/** An answer without records. */
export function emptyAnswer(rcode: number, extendedErrors?: readonly ExtendedErrorValue[]): Answer {
  const bare = { rcode, authoritative: false, answers: [], authorities: [], additionals: [] };
  return extendedErrors ? { ...bare, extendedErrors } : bare;
}
