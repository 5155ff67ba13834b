/**
 * Replies of many messages, as zone transfers are (RFC 5936 §2.2): made one at a time, as the
 * client takes them, so that a zone of any size costs the memory of a few messages. Between them
 * other queries have their turn.
 */

import type { Cancellation } from '../net/cancellation.ts';
import type { Clock } from '../net/ports.ts';
import type { RRset } from '../wire/record.ts';

const replyStreamLimits = {
  /** Written before we wait for the client: some milliseconds of work. */
  burstOctets: 65_536,
} as const;

/** How a client is sent several replies to one query; the connection's side of it. */
export interface ReplyStream {
  write(reply: Uint8Array): void;
  /** True when the client has taken what was written, false when it is gone, or too slow. */
  taken(): Promise<boolean>;
  /** That was all. */
  end(): void;
  /** It cannot be finished: ends the connection, lest a part is taken for the whole. */
  break(): void;
}

/** An answer in many messages. */
export interface AnswerStream {
  /** The answer section of each message, small enough for one. */
  readonly parts: Iterable<readonly RRset[]>;
  /** For how long it may take, in milliseconds. */
  readonly timeMs: number;
  /** Called once, at the end. */
  readonly finish: (outcome: StreamOutcome) => void;
}

export interface StreamOutcome {
  readonly isWhole: boolean;
  readonly messages: number;
  readonly octets: number;
}

export interface StreamContext {
  readonly stream: ReplyStream;
  readonly clock: Clock;
  readonly signal: Cancellation;
  /** A message out of its answer section; undefined when it fits in none. */
  readonly encode: (part: readonly RRset[]) => Uint8Array | undefined;
}

/** Sends all of it, or as much as the client takes. Does not reject. */
export async function sendStream(answer: AnswerStream, context: StreamContext): Promise<void> {
  const { stream, clock, signal, encode } = context;
  const endMs = clock.monotonic() + answer.timeMs;
  const counts = { messages: 0, octets: 0 };
  let isWhole = false;
  try {
    let burst = 0;
    for (const part of answer.parts) {
      const message = encode(part);
      if (!message || signal.aborted || clock.monotonic() > endMs) return;
      stream.write(message);
      counts.messages++;
      counts.octets += message.length;
      burst += message.length;
      if (burst < replyStreamLimits.burstOctets) continue;
      burst = 0;
      if (!(await stream.taken())) return;
    }
    isWhole = true;
  } finally {
    if (isWhole) stream.end();
    else stream.break();
    answer.finish({ isWhole, ...counts });
  }
}
