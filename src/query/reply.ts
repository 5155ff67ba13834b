/**
 * One query's way back: its answer becomes octets as the client takes them, sealed where the query
 * was signed, at once or later, in one message or many.
 */

import assert from 'node:assert/strict';
import type { Cancellation } from '../net/cancellation.ts';
import type { Logger } from '../net/logger.ts';
import type { Clock } from '../net/ports.ts';
import { copyBytes } from '../wire/bytes.ts';
import { encodeInto } from '../wire/encode.ts';
import { Rcode } from '../wire/iana.ts';
import { MAX_MESSAGE_OCTETS, type Message } from '../wire/message.ts';
import type { RRset } from '../wire/record.ts';
import type { Greeting } from './clients.ts';
import { emptyAnswer, type Answer, type Transport } from './query.ts';
import {
  renderReply,
  replyLimit,
  withExplanation,
  type RenderOptions,
  type ReplyExtras,
} from './render.ts';
import { sendStream, type AnswerStream } from './reply-stream.ts';
import { drop, type Source } from './source.ts';
import { wallSeconds, type Seal } from './tsig.ts';

/** What a reply says beside its answer, and how it is sent. */
export interface ReplyTerms {
  readonly transport: Transport;
  readonly greeting: Greeting;
  readonly recursionAvailable: boolean;
  readonly seal: Seal | undefined;
}

export interface ReplyContext extends Pick<RenderOptions, 'nsid'> {
  readonly clock: Clock;
  readonly logger: Logger;
}

export class Reply implements RenderOptions, ReplyExtras {
  readonly recursionAvailable: boolean;
  readonly nsid: Uint8Array | undefined;
  readonly options: ReplyExtras['options'];
  readonly #message: Message;
  readonly #limit: number;
  readonly #seal: Seal | undefined;
  readonly #clock: Clock;
  readonly #logger: Logger;

  constructor(message: Message, terms: ReplyTerms, { nsid, clock, logger }: ReplyContext) {
    this.recursionAvailable = terms.recursionAvailable;
    this.nsid = nsid;
    this.options = terms.greeting.options;
    this.#message = message;
    this.#limit = replyLimit(message, terms.transport);
    this.#seal = terms.seal;
    this.#clock = clock;
    this.#logger = logger;
  }

  write(answer: Answer, out: Uint8Array): number {
    const seal = this.#seal;
    const limit = Math.min(out.length, this.#limit);
    if (!seal) return this.#encode(answer, out.length > limit ? out.subarray(0, limit) : out);
    const length = this.#encode(answer, out.subarray(0, limit - seal.octets));
    const sealed = seal.seal(copyBytes(out, 0, length), wallSeconds(this.#clock));
    out.set(sealed);
    return sealed.length;
  }

  #encode(answer: Answer, room: Uint8Array): number {
    try {
      const reply = renderReply(this.#message, answer, this);
      const length = encodeInto(room, reply);
      if (!answer.explanation) return length;
      // Into what is left beside the whole answer, which must not be cut for it.
      return encodeInto(room, withExplanation(reply, answer.explanation, room.length - length));
    } catch (error) {
      this.#logger.error({ err: error }, 'a reply could not be encoded');
      const failed = emptyAnswer(Rcode.SERVFAIL);
      return encodeInto(room, renderReply(this.#message, failed, this));
    }
  }

  writeOrDrop(answer: Answer, source: Source, out: Uint8Array): number {
    return answer.isDropped === true ? drop(source) : this.write(answer, out);
  }

  /** An answer of many messages. The client is gone when there is nowhere to send them. */
  async stream(
    answer: Answer,
    stream: AnswerStream,
    to: { readonly source: Source; readonly signal: Cancellation },
  ): Promise<void> {
    const clock = this.#clock;
    const { stream: connection } = to.source;
    assert(connection, 'an answer of many messages goes over TCP');
    const encode = (answers: readonly RRset[]): Uint8Array | undefined => {
      const message = scratch.slice(0, this.write({ ...answer, answers }, scratch));
      // TC: there is a record too large for any message.
      return (message[2]! & 0x02) === 0 ? message : undefined;
    };
    try {
      await sendStream(stream, { stream: connection, clock, signal: to.signal, encode });
    } catch (error) {
      this.#logger.error({ err: error }, 'a bug: a reply of many messages ended early');
    }
  }

  /** An answer that was not ready at once. */
  send(answer: Answer, source: Source): void {
    if (answer.isDropped === true) source.dropped();
    else source.sendLater(scratch.subarray(0, this.write(answer, scratch)));
  }
}

const scratch = new Uint8Array(MAX_MESSAGE_OCTETS);
