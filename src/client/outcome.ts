/** What can come of asking one server one question: values, never exceptions. */

import type { Endpoint } from '../net/ports.ts';
import { HttpError } from '../net/secure.ts';
import { codeOf } from '../net/socket-errors.ts';
import type { ReplyVerdict } from '../tsig/verify.ts';
import type { Message } from '../wire/message.ts';
import type { Doubt } from './matching.ts';
import type { ExchangeTransport } from './request.ts';

export type Exchange =
  | ExchangeReply
  /** Nothing that matched came in time. */
  | { readonly kind: 'timeout'; readonly ignored: number }
  /** The host refused, or the network did. */
  | {
      readonly kind: 'unreachable';
      readonly transport: ExchangeTransport;
      readonly error: Error;
    }
  /** What came had our id and question, but is no message behind them. */
  | { readonly kind: 'malformed'; readonly reason: string }
  | { readonly kind: 'out of budget' }
  | { readonly kind: 'cancelled' };

export type Unanswered = Exclude<Exchange, ExchangeReply>;

export interface ExchangeReply {
  readonly kind: 'reply';
  readonly message: Message;
  readonly server: Endpoint;
  readonly transport: ExchangeTransport;
  /** From the last send to this reply. */
  readonly rttMs: number;
  /** The reply as it came: ours alone, nobody changes it. */
  readonly octets: Uint8Array;
  /** The server answered only after EDNS was left out. */
  readonly withoutEdns: boolean;
  /** Replies that were thrown away while waiting for this one. */
  readonly ignored: number;
  /** Why UDP was given up, where it was. */
  readonly tcpBecause?: TcpReason | undefined;
  /** The server does not repeat the letter case of a name, not even over TCP. */
  readonly changesCase: boolean;
  /**
   * Where the query was signed: whether the reply is from who has the key. Anybody may have written
   * a reply that is not 'valid'.
   */
  readonly signature?: ReplyVerdict | undefined;
  /** It carries our cookie: whoever wrote it saw the query. */
  readonly hasCookie: boolean;
}

export type TcpReason = 'truncated' | 'bad cookie' | Suspicion;

/** What came over UDP and nearly was the reply. */
export type Suspicion = 'wrong id' | Doubt;

/**
 * What a server did, in words that go behind its name: `did not answer in time`. They go to
 * strangers too, so no address is in them.
 */
export function describeOutcome(outcome: Exchange): string {
  switch (outcome.kind) {
    case 'reply':
      return 'replied';
    case 'timeout':
      return 'did not answer in time';
    case 'unreachable':
      return describeError(outcome.error);
    case 'malformed':
      return `sent a malformed reply: ${outcome.reason}`;
    case 'out of budget':
      return 'was not asked: out of budget';
    case 'cancelled':
      return 'was not waited for';
  }
}

function describeError(error: Error): string {
  if (error instanceof HttpError) return `gave no reply: ${error.message}`;
  const code = codeOf(error.cause) ?? codeOf(error);
  // What has no code is an error of ours, of a connection and not of an address.
  if (code === undefined) return `could not be asked: ${error.message}`;
  return DEEDS.get(code) ?? 'could not be asked';
}

/** By error codes of the operating system; those of this machine's own doing as such. */
const DEEDS: ReadonlyMap<string, string> = new Map([
  ['ECONNREFUSED', 'refused the connection'],
  ['ECONNRESET', 'broke the connection'],
  ['EPIPE', 'broke the connection'],
  ['EOF', 'closed the connection without a reply'],
  ['ETIMEDOUT', 'did not answer in time'],
  ['EHOSTUNREACH', 'cannot be reached'],
  ['EHOSTDOWN', 'cannot be reached'],
  ['ENETUNREACH', 'cannot be reached from this network'],
  ['EADDRNOTAVAIL', 'cannot be reached from this network'],
  ['EAFNOSUPPORT', 'cannot be reached from this network'],
  ['EACCES', 'could not be asked: this machine forbids it'],
  ['EPERM', 'could not be asked: this machine forbids it'],
]);

/** The peer has closed its connection in an orderly way, and owes us a reply. */
export function closedWithoutReply(): Error {
  return Object.assign(new Error('the connection was closed without a reply'), { code: 'EOF' });
}

export function unreachable(transport: ExchangeTransport, error: unknown): Unanswered {
  const cause = error instanceof Error ? error : new Error(String(error));
  return { kind: 'unreachable', transport, error: cause };
}
