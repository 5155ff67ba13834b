/**
 * A source that tells the query log what becomes of its query. Of finished answers, which are the
 * most, `respond` tells it itself: this is for those that cost more in any case.
 */

import type { Endpoint } from '../net/ports.ts';
import type { KeepAlive } from './clients.ts';
import type { Transport } from './query.ts';
import type { QueryLog } from './query-log.ts';
import { rcodeOf, Way, type Ending } from './query-line.ts';
import type { ReplyStream } from './reply-stream.ts';
import type { Source } from './source.ts';

export class LoggedSource implements Source {
  readonly #source: Source;
  /** The query, for as long as it is under way. */
  readonly #octets: Uint8Array;
  readonly #receivedAtMs: number;
  readonly #log: QueryLog;

  constructor(
    source: Source,
    query: { readonly octets: Uint8Array; readonly receivedAtMs: number },
    log: QueryLog,
  ) {
    this.#source = source;
    this.#octets = query.octets;
    this.#receivedAtMs = query.receivedAtMs;
    this.#log = log;
  }

  get transport(): Transport {
    return this.#source.transport;
  }

  get client(): Endpoint {
    return this.#source.client;
  }

  get clientPort(): number {
    return this.#source.clientPort;
  }

  get clientOctets(): Uint8Array {
    return this.#source.clientOctets;
  }

  get keepAlive(): KeepAlive | undefined {
    return this.#source.keepAlive;
  }

  get stream(): ReplyStream | undefined {
    const { stream } = this.#source;
    return stream && new LoggedStream(stream, (ending) => this.#note(ending));
  }

  /** The reply was written at once. */
  answered(reply: Uint8Array): void {
    this.#note({ way: Way.MADE, rcode: rcodeOf(reply), octets: reply.length });
  }

  sendLater(reply: Uint8Array): void {
    this.#note({ way: Way.LATER, rcode: rcodeOf(reply), octets: reply.length });
    this.#source.sendLater(reply);
  }

  dropped(why?: 'shed'): void {
    this.#note({ way: why === 'shed' ? Way.SHED : Way.DROPPED, rcode: -1, octets: 0 });
    this.#source.dropped(why);
  }

  #note(ending: Omit<Ending, 'microseconds'>): void {
    const log = this.#log;
    const microseconds = Math.round((log.nowMs - this.#receivedAtMs) * 1000);
    log.note(this.#octets, this, { ...ending, microseconds });
  }
}

/** Counts what is sent. */
class LoggedStream implements ReplyStream {
  readonly #stream: ReplyStream;
  readonly #note: (ending: Omit<Ending, 'microseconds'>) => void;
  #rcode = -1;
  #octets = 0;

  constructor(stream: ReplyStream, note: (ending: Omit<Ending, 'microseconds'>) => void) {
    this.#stream = stream;
    this.#note = note;
  }

  write(reply: Uint8Array): void {
    this.#rcode = rcodeOf(reply);
    this.#octets += reply.length;
    this.#stream.write(reply);
  }

  taken(): Promise<boolean> {
    return this.#stream.taken();
  }

  end(): void {
    this.#tell(Way.STREAMED);
    this.#stream.end();
  }

  break(): void {
    this.#tell(Way.BROKEN);
    this.#stream.break();
  }

  #tell(way: Way): void {
    this.#note({ way, rcode: this.#rcode, octets: this.#octets });
  }
}
