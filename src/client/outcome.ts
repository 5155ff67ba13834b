/** What can come of asking one server one question: values, never exceptions. */

import { formatEndpoint } from '../net/address.ts';
import type { Endpoint } from '../net/ports.ts';
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
  readonly tcpBecause?: TcpReason;
  /** The server does not repeat the letter case of a name, not even over TCP. */
  readonly changesCase: boolean;
  /**
   * Where the query was signed: whether the reply is from who has the key. Anybody may have written
   * a reply that is not 'valid'.
   */
  readonly signature?: ReplyVerdict;
  /** It carries our cookie: whoever wrote it saw the query. */
  readonly hasCookie: boolean;
}

export type TcpReason = 'truncated' | 'bad cookie' | Suspicion;

/** What came over UDP and nearly was the reply. */
export type Suspicion = 'wrong id' | Doubt;

/** How people read it: `192.0.2.1:53 timed out`. */
export function describeExchange(server: Endpoint, outcome: Exchange): string {
  return `${formatEndpoint(server)} ${describeOutcome(outcome)}`;
}

/** The same without the server. */
export function describeOutcome(outcome: Exchange): string {
  switch (outcome.kind) {
    case 'reply':
      return 'replied';
    case 'timeout':
      return 'timed out';
    case 'unreachable':
      return `unreachable: ${outcome.error.message}`;
    case 'malformed':
      return `sent a malformed reply: ${outcome.reason}`;
    case 'out of budget':
      return 'not asked: out of budget';
    case 'cancelled':
      return 'cancelled';
  }
}

export function unreachable(transport: ExchangeTransport, error: unknown): Exchange {
  const cause = error instanceof Error ? error : new Error(String(error));
  return { kind: 'unreachable', transport, error: cause };
}
