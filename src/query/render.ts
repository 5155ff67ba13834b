/**
 * A query and its answer become a reply: the only place that decides flags, EDNS and how large the
 * reply may be.
 */

import {
  CLASSIC_UDP_PAYLOAD_SIZE,
  DEFAULT_UDP_PAYLOAD_SIZE,
  plainEdns,
  type Edns,
  type EdnsOptionValue,
} from '../wire/edns.ts';
import type { OutgoingMessage } from '../wire/encode.ts';
import { encodeExplanation, type Explanation } from '../wire/explanation.ts';
import { EdnsOption } from '../wire/iana.ts';
import { MAX_MESSAGE_OCTETS, type Header, type Message } from '../wire/message.ts';
import type { Answer, ExtendedErrorValue, Transport } from './query.ts';

const renderLimits = {
  /** Of one reply: enough to say what happened. */
  extendedErrors: 4,
  /** Characters of the text of each. */
  extendedErrorText: 256,
} as const;

export interface RenderOptions {
  /** Is there recursion, and for this client? */
  readonly recursionAvailable: boolean;
  /** What NSID tells of this server to whoever asks (RFC 5001); absent: nothing. */
  readonly nsid?: Uint8Array | undefined;
}

/** What the reply to one message has beside the answer. */
export interface ReplyExtras {
  readonly options: readonly EdnsOptionValue[];
}

/** The reply to `query`, still to be cut to `replyLimit` by the encoder. */
export function renderReply(
  query: Message,
  answer: Answer,
  options: RenderOptions & Partial<ReplyExtras>,
): OutgoingMessage {
  // Spelled out, for speed: an object made by spreading costs more than all the rest of a reply.
  const reply: Draft<OutgoingMessage> = {
    id: query.id,
    qr: true,
    opcode: query.opcode,
    aa: answer.authoritative,
    tc: answer.isTruncated === true,
    rd: query.rd,
    ra: options.recursionAvailable,
    z: false,
    ad: false,
    // RFC 4035 §3.1.6: CD says nothing about data that nobody validated.
    cd: query.cd && !answer.authoritative,
    rcode: answer.rcode,
    // RFC 9619 §4: a message of several questions cannot be answered, so none is echoed.
    questions: query.questions.length === 1 ? query.questions : [],
    answers: answer.answers,
    authorities: answer.authorities,
    additionals: answer.additionals,
    requiredAdditionals: answer.requiredAdditionals ?? 0,
  };
  // RFC 6891 §7: no OPT in the reply to a query without one.
  if (query.edns) reply.edns = replyEdns(query.edns, answer, options);
  return reply;
}

/** The reply with as much of the explanation as fits in `room` octets beside it. */
export function withExplanation(
  reply: OutgoingMessage,
  explanation: Explanation,
  room: number,
): OutgoingMessage {
  const option = reply.edns && encodeExplanation(explanation, room);
  if (!reply.edns || !option) return reply;
  return { ...reply, edns: { ...reply.edns, options: [...reply.edns.options, option] } };
}

type Draft<Value> = { -readonly [Key in keyof Value]: Value[Key] };

/** The header of a reply without sections, for queries of which nothing else can be echoed. */
export function replyHeader(query: Header, rcode: number): Header {
  return {
    id: query.id,
    qr: true,
    opcode: query.opcode,
    aa: false,
    tc: false,
    rd: query.rd,
    ra: false,
    z: false,
    ad: false,
    cd: query.cd,
    rcode,
  };
}

/** Octets that the reply may have: what the client takes, and no more than passes unfragmented. */
export function replyLimit(query: Message, transport: Transport): number {
  if (transport === 'tcp') return MAX_MESSAGE_OCTETS;
  // RFC 6891 §6.2.3: values below 512 count as 512.
  const offered = Math.max(query.edns?.udpPayloadSize ?? 0, CLASSIC_UDP_PAYLOAD_SIZE);
  return Math.min(offered, DEFAULT_UDP_PAYLOAD_SIZE);
}

const EDNS = plainEdns();
const EDNS_DO = plainEdns(true);

function replyEdns(
  query: Edns,
  answer: Answer,
  { nsid, options: extras = [] }: RenderOptions & Partial<ReplyExtras>,
): Edns {
  const hasNothing = !answer.extendedErrors && !nsid && extras.length === 0;
  if (hasNothing) return query.dnssecOk ? EDNS_DO : EDNS;
  const errors = answer.extendedErrors ?? [];
  const options = errors.slice(0, renderLimits.extendedErrors).map(extendedErrorOption);
  const asksNsid = query.options.some(({ code }) => code === EdnsOption.NSID);
  if (nsid && asksNsid) options.unshift({ code: EdnsOption.NSID, data: nsid });
  return { ...plainEdns(query.dnssecOk), options: [...options, ...extras] };
}

/** RFC 8914 §2: a code of two octets and UTF-8 text. */
function extendedErrorOption(error: ExtendedErrorValue): EdnsOptionValue {
  const text = new TextEncoder().encode(shorten(error.text));
  return {
    code: EdnsOption.EDE,
    data: Uint8Array.of(error.code >> 8, error.code & 0xff, ...text),
  };
}

function shorten(text: string): string {
  const limit = renderLimits.extendedErrorText;
  return text.length <= limit ? text : `${text.slice(0, limit)}…`;
}
