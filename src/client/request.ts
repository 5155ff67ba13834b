/** A question for one server, and the query in octets: with a fresh random id for every send. */

import type { Cancellation } from '../net/cancellation.ts';
import type { Clock, Endpoint, Runtime } from '../net/ports.ts';
import type { Edns } from '../wire/edns.ts';
import { encodeQuery } from '../wire/encode-query.ts';
import { encodeMessage } from '../wire/encode.ts';
import { EdnsOption } from '../wire/iana.ts';
import { createMessage, type Message } from '../wire/message.ts';
import type { TsigKey } from '../tsig/key.ts';
import { signatureOctets, signRequest } from '../tsig/sign.ts';
import { ReplyVerifier } from '../tsig/verify.ts';
import type { Question, ResourceRecord } from '../wire/record.ts';
import type { ServerCookies } from './cookies.ts';
import type { Expected } from './matching.ts';
import type { Exchange } from './outcome.ts';
import { randomiseCase } from './random-case.ts';

export interface ExchangeRequest {
  readonly server: Endpoint;
  readonly question: Question;
  /** How long one datagram is waited for; a TCP exchange gets `tcpTimeFactor` times as long. */
  readonly timeoutMs: number;
  /** Datagrams sent, at most, while no reply comes. Default 1: resending is the caller's policy. */
  readonly tries?: number;
  /** Begin with TCP. */
  readonly tcp?: boolean;
  /** Take a truncated reply as it is. */
  readonly ignoreTruncation?: boolean;
  readonly flags?: RequestFlags | undefined;
  /** Default: a random one, which is what protects a datagram. */
  readonly id?: number | undefined;
  /** Default: 1232 octets, DO clear. `false` sends none. */
  readonly edns?: Edns | false;
  /** Sends no question. Default false. */
  readonly headerOnly?: boolean;
  /**
   * Octets of the block that the query fills (RFC 7830, RFC 8467), signature included. Default 0:
   * none. Never without EDNS.
   */
  readonly padding?: number;
  /** Prerequisites of an update (RFC 2136 §2.4). */
  readonly answers?: readonly ResourceRecord[];
  /** The SOA that a client has of a zone whose changes it asks for (RFC 1995 §3); or an update. */
  readonly authorities?: readonly ResourceRecord[];
  /** Default true: ask again without EDNS where EDNS is not understood. */
  readonly ednsFallback?: boolean;
  /** Ask in random letter case, and have the reply repeat it. Default false. */
  readonly randomCase?: boolean;
  /** Those of this very server; absent: none are sent. Never without EDNS. */
  readonly cookies?: ServerCookies | undefined;
  /**
   * Signs the query, and verifies the reply (RFC 8945), which comes back whatever the verdict is:
   * see `ExchangeReply.signature`. The letter case is not drawn then: a signature proves more.
   */
  readonly key?: TsigKey | undefined;
  /** TCP connections to share. Default: one for each question. */
  readonly connections?: SharedConnections;
  /** Sees each query right before it is sent, signature included. */
  readonly onSend?: (octets: Uint8Array, local: Endpoint) => void;
  readonly localAddress?: string | undefined;
  /** Default, and 0: an unpredictable one for each datagram. */
  readonly localPort?: number | undefined;
  readonly signal?: Cancellation;
  /** Decides what is the reply, in place of `matchReply`: for whoever examines servers. */
  readonly judge?: (octets: Uint8Array, expected: Expected, transport: ExchangeTransport) => Judged;
  /** Called before every datagram and connection; false refuses it and ends the exchange. */
  readonly spend?: (transport: ExchangeTransport) => boolean;
}

/** A pool of connections, as the exchange sees it. */
export interface SharedConnections {
  ask(request: ExchangeRequest, edns: Edns | false): Promise<Exchange>;
}

/** Header bits of the query; all clear but those named. */
export type RequestFlags = Partial<
  Pick<Message, 'opcode' | 'aa' | 'tc' | 'rd' | 'ra' | 'z' | 'ad' | 'cd'>
>;

/** What a judge of the caller's own makes of octets that came. */
export type Judged =
  | { readonly kind: 'reply'; readonly message: Message }
  /** Not what is waited for. */
  | { readonly kind: 'other' }
  /** Nothing better will come: the exchange ends as 'malformed'. */
  | { readonly kind: 'hopeless' };

export type ExchangeTransport = 'udp' | 'tcp';

interface SignedRequest {
  readonly octets: Uint8Array;
  readonly verifier: ReplyVerifier | undefined;
}

export interface Outgoing {
  readonly octets: Uint8Array;
  readonly expected: Expected;
}

export function writeRequest(
  runtime: Runtime,
  request: ExchangeRequest,
  { edns, local }: { readonly edns: Edns | false; readonly local: Endpoint },
): Outgoing {
  const { question, cookies, key } = request;
  const id = request.id ?? runtime.random.uint16();
  const cookie = edns === false ? undefined : cookies?.optionFor(local.address);
  const unsigned = writeUnsigned(request, id, { edns, cookie });
  const isDrawn = drawsCase(request);
  if (isDrawn) randomiseCase(unsigned, question.name, runtime.random);
  const { octets, verifier } = signed(unsigned, key, runtime.clock);
  const expected: Expected = {
    id,
    opcode: request.flags?.opcode ?? 0,
    question,
    isHeaderOnly: request.headerOnly === true,
    drawn: isDrawn ? unsigned : undefined,
    cookie,
    isCookieRequired: cookies?.isRequired ?? false,
    verifier,
  };
  request.onSend?.(octets, local);
  return { octets, expected };
}

function signed(unsigned: Uint8Array, key: TsigKey | undefined, clock: Clock): SignedRequest {
  if (!key) return { octets: unsigned, verifier: undefined };
  const { octets, mac } = signRequest(unsigned, key, wallSeconds(clock));
  return { octets, verifier: new ReplyVerifier(key, mac) };
}

function drawsCase({ randomCase, headerOnly, key }: ExchangeRequest): boolean {
  return randomCase === true && headerOnly !== true && key === undefined;
}

interface Extensions {
  readonly edns: Edns | false;
  readonly cookie: Uint8Array | undefined;
}

function writeUnsigned(request: ExchangeRequest, id: number, extensions: Extensions): Uint8Array {
  const { question, flags, headerOnly, answers = [], authorities = [] } = request;
  const { key, padding = 0 } = request;
  const records = answers.length + authorities.length;
  const isBare = headerOnly !== true && records === 0 && padding === 0;
  if (isBare) {
    const { edns, cookie } = extensions;
    return encodeQuery({ question, id, flags, edns, cookie });
  }
  const edns = withCookie(extensions);
  const questions = headerOnly === true ? [] : [question];
  const bare = Object.assign(createMessage({ id, questions, answers, authorities }), flags);
  if (edns === false) return encodeMessage(bare);
  const octets = encodeMessage(Object.assign(bare, { edns }));
  if (padding === 0) return octets;
  const length = octets.length + 4 + (key ? signatureOctets(key) : 0);
  const data = new Uint8Array(Math.ceil(length / padding) * padding - length);
  const options = [...edns.options, { code: EdnsOption.PADDING, data }];
  return encodeMessage({ ...bare, edns: { ...edns, options } });
}

interface LocalChoice {
  readonly localAddress?: string | undefined;
  /** 0 is as good as none. */
  readonly localPort?: number | undefined;
}

/** Whence the query is to be sent, as the ports of `net` take it. */
export function localOf({ localAddress, localPort }: LocalChoice): {
  readonly localAddress?: string;
  readonly localPort?: number;
} {
  return {
    ...(localAddress !== undefined && { localAddress }),
    ...(localPort !== undefined && localPort !== 0 && { localPort }),
  };
}

/** What signatures bear (RFC 8945 §4.2). */
export function wallSeconds(clock: Clock): number {
  return Math.floor(clock.wall() / 1000);
}

function withCookie({ edns, cookie }: Extensions): Edns | false {
  if (!cookie || edns === false) return edns;
  return { ...edns, options: [...edns.options, { code: EdnsOption.COOKIE, data: cookie }] };
}
