/**
 * The replies to one send, sieved: what matches ends the wait, everything else is ignored and
 * counted, and of what nearly matched the first is kept in case that nothing better comes.
 */

import type { Clock } from '../net/ports.ts';
import type { Message } from '../wire/message.ts';
import { clientLimits } from './limits.ts';
import { matchReply, type Expected, type Match } from './matching.ts';
import type { Exchange, ExchangeReply, Suspicion } from './outcome.ts';
import {
  wallSeconds,
  type ExchangeRequest,
  type ExchangeTransport,
  type Judged,
} from './request.ts';

/** 'truncated' and 'suspect' come over UDP only, and ask for TCP. */
export type Sieved =
  Exchange | { readonly kind: 'truncated' } | { readonly kind: 'suspect'; readonly why: Suspicion };

export interface SieveOptions {
  readonly clock: Clock;
  readonly request: ExchangeRequest;
  readonly transport: ExchangeTransport;
  /**
   * The most octets that the query invited. A larger datagram came in fragments, and whoever forges
   * those behind the first need not know id and port (RFC 5452 §3): its tail could be anybody's.
   */
  readonly invitedOctets: number;
}

export class ReplySieve {
  readonly #options: SieveOptions;
  #sentAtMs = 0;
  #expected: Expected | undefined;
  #ignored = 0;
  #lastResort: Exchange | undefined;

  constructor(options: SieveOptions) {
    this.#options = options;
  }

  /** From now on the round trip is measured, and replies are looked at. */
  markSent(expected: Expected): void {
    this.#expected = expected;
    this.#sentAtMs = this.#options.clock.monotonic();
  }

  /** The end of the exchange, or undefined to go on waiting. `octets` must not change any more. */
  take(octets: Uint8Array): Sieved | undefined {
    // Nobody can answer what was not sent.
    if (!this.#expected) return this.#ignore();
    const { request, transport } = this.#options;
    if (request.judge) return this.#heed(request.judge(octets, this.#expected, transport), octets);
    const match = matchReply(octets, this.#expected);
    switch (match.kind) {
      case 'reply':
        return octets.length > this.#options.invitedOctets
          ? this.#truncated(match.message, octets)
          : this.#matched(match, octets);
      case 'truncated':
        return this.#truncated(match.message, octets);
      case 'wrong id':
        return this.#isUdp ? { kind: 'suspect', why: 'wrong id' } : this.#ignore();
      case 'malformed':
        return this.#ignore({ kind: 'malformed', reason: match.reason });
      case 'bare error':
        return this.#ignore(this.#reply(match.message, octets));
      case 'other':
        return this.#ignore();
    }
  }

  #heed(judged: Judged, octets: Uint8Array): Exchange | undefined {
    switch (judged.kind) {
      case 'reply':
        return this.#reply(judged.message, octets);
      case 'other':
        return this.#ignore();
      case 'hopeless':
        return { kind: 'malformed', reason: 'it was judged so' };
    }
  }

  /** What to make of it when the time is over or the peer has gone. */
  nothingBetter(): Exchange {
    return this.#lastResort ?? { kind: 'timeout', ignored: this.#ignored };
  }

  get lastResort(): Exchange | undefined {
    return this.#lastResort;
  }

  get #isUdp(): boolean {
    return this.#options.transport === 'udp';
  }

  #truncated(message: Message | undefined, octets: Uint8Array): Sieved | undefined {
    if (this.#isUdp && this.#options.request.ignoreTruncation !== true)
      return { kind: 'truncated' };
    if (message) return this.#reply(message, octets);
    return this.#ignore({ kind: 'malformed', reason: 'truncated within a record' });
  }

  #ignore(lastResort?: Exchange): Exchange | undefined {
    this.#lastResort ??= lastResort;
    this.#ignored++;
    return this.#ignored < clientLimits.ignoredReplies ? undefined : this.nothingBetter();
  }

  #matched({ message, doubt, hasCookie }: MatchedReply, octets: Uint8Array): Sieved {
    if (doubt && this.#isUdp) return { kind: 'suspect', why: doubt };
    const { cookies } = this.#options.request;
    if (hasCookie) cookies?.learn(message);
    if (doubt === 'no cookie' || doubt === 'wrong cookie') cookies?.makeOptional();
    return this.#reply(message, octets, { hasCookie, changesCase: doubt === 'other case' });
  }

  #reply(
    message: Message,
    octets: Uint8Array,
    { hasCookie, changesCase }: Pick<ExchangeReply, 'hasCookie' | 'changesCase'> = NOTHING_PROVEN,
  ): ExchangeReply {
    const { clock, request, transport } = this.#options;
    const signature = this.#expected?.verifier?.verify(octets, wallSeconds(clock));
    return {
      kind: 'reply',
      message,
      server: request.server,
      transport,
      rttMs: clock.monotonic() - this.#sentAtMs,
      octets,
      withoutEdns: false,
      ignored: this.#ignored,
      changesCase,
      hasCookie,
      signature,
    };
  }
}

const NOTHING_PROVEN = { hasCookie: false, changesCase: false };

type MatchedReply = Extract<Match, { kind: 'reply' }>;
