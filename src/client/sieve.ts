/**
 * The replies to one send, sieved: what matches ends the wait, everything else is ignored and
 * counted, and of what nearly matched the first is kept in case that nothing better comes.
 */

import type { Clock } from '../net/ports.ts';
import type { Message } from '../wire/message.ts';
import { clientLimits } from './limits.ts';
import { matchReply, type Expected } from './matching.ts';
import type { Exchange } from './outcome.ts';
import type { ExchangeRequest, ExchangeTransport } from './request.ts';

/** 'truncated' and 'wrong id' come over UDP only, and ask for TCP. */
export type Sieved = Exchange | { readonly kind: 'truncated' } | { readonly kind: 'wrong id' };

export interface SieveOptions {
  readonly clock: Clock;
  readonly request: ExchangeRequest;
  readonly expected: Expected;
  readonly transport: ExchangeTransport;
  /**
   * The most octets that the query invited. A larger datagram came in fragments, and whoever forges
   * those behind the first need not know id and port (RFC 5452 §3): its tail could be anybody's.
   */
  readonly invitedOctets: number;
}

export class ReplySieve {
  readonly #options: SieveOptions;
  #sentAtMs: number;
  #ignored = 0;
  #lastResort: Exchange | undefined;

  constructor(options: SieveOptions) {
    this.#options = options;
    this.#sentAtMs = options.clock.monotonic();
  }

  /** The time from which the round trip is measured. */
  markSent(): void {
    this.#sentAtMs = this.#options.clock.monotonic();
  }

  /** The end of the exchange, or undefined to go on waiting. `octets` must not change any more. */
  take(octets: Uint8Array): Sieved | undefined {
    const match = matchReply(octets, this.#options.expected);
    switch (match.kind) {
      case 'reply':
        return octets.length > this.#options.invitedOctets
          ? this.#truncated(match.message, octets)
          : this.#reply(match.message, octets);
      case 'truncated':
        return this.#truncated(match.message, octets);
      case 'wrong id':
        return this.#isUdp ? { kind: 'wrong id' } : this.#ignore();
      case 'malformed':
        return this.#ignore({ kind: 'malformed', reason: match.reason });
      case 'bare error':
        return this.#ignore(this.#reply(match.message, octets));
      case 'other':
        return this.#ignore();
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

  #reply(message: Message, octets: Uint8Array): Exchange {
    const { clock, request, transport } = this.#options;
    return {
      kind: 'reply',
      message,
      server: request.server,
      transport,
      rttMs: clock.monotonic() - this.#sentAtMs,
      octets,
      withoutEdns: false,
      ignored: this.#ignored,
    };
  }
}
