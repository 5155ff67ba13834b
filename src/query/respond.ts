/**
 * Octets in, octets out: the whole pipeline around the answerers.
 *
 *     octets ─► answer cache ──────────────────────────────────────────────────────────► octets
 *                  └─► admit ─► answerer (steps, authority or resolver) ─► render ─► encode ─┘
 *
 * An answerer that answers at once costs no promise. Whatever goes wrong inside ends here, in
 * SERVFAIL and one log line: no packet can end the process, and no query stays without a reply.
 */

import { setMaxListeners } from 'node:events';
import type { Logger } from '../net/logger.ts';
import type { Clock, Endpoint } from '../net/ports.ts';
import { copyBytes } from '../wire/bytes.ts';
import { encodeInto } from '../wire/encode.ts';
import { opcodeText, Rcode, typeText } from '../wire/iana.ts';
import { HEADER_OCTETS, MAX_MESSAGE_OCTETS, type Header, type Message } from '../wire/message.ts';
import type { AnswerCache } from './answer-cache.ts';
import { admit } from './guard.ts';
import { emptyAnswer, type Answer, type Answerer, type Query, type Transport } from './query.ts';
import {
  renderReply,
  replyHeader,
  replyLimit,
  withExplanation,
  type RenderOptions,
} from './render.ts';
import { channelOf } from './question-scan.ts';

/** Where octets came from and where a late reply goes. */
export interface Source {
  readonly transport: Transport;
  readonly client: Endpoint;
  /** The client's address in network order; valid until `respond` returns. */
  readonly clientOctets: Uint8Array;
  /** Sends a reply that was not ready at once; never called after `respond` wrote one. */
  sendLater(reply: Uint8Array): void;
  /** Nothing will be sent: malformed beyond reply, or nobody waits any more. */
  dropped(): void;
}

export interface Responder {
  /**
   * Answers `octets`, which may be reused after the call. Returns the length of the reply written
   * into `out`, or 0: the reply comes by `source.sendLater`, or none does (`source.dropped`).
   */
  respond(octets: Uint8Array, source: Source, out: Uint8Array): number;
  /** Queries whose answer is still being looked for. */
  readonly pending: number;
  /** Takes no more queries: what comes from now on is dropped. */
  stop(): void;
  /** Ends the search for all pending answers; each ends as its answerer makes it end. */
  abort(): void;
}

export interface ResponderOptions extends RenderOptions {
  readonly answerer: Answerer;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Absent: every answer is made anew. */
  readonly finished?: FinishedAnswers;
}

export interface FinishedAnswers {
  readonly cache: AnswerCache;
  /** Which clients are answered alike: numbers up to 127. Negative: never out of the cache. */
  viewOf(client: Uint8Array): number;
}

export function createResponder(options: ResponderOptions): Responder {
  const abortion = new AbortController();
  // Every query in flight listens; Node takes more than ten listeners for a leak and says so.
  setMaxListeners(0, abortion.signal);
  let pending = 0;
  let isStopped = false;
  return {
    get pending() {
      return pending;
    },
    stop: () => (isStopped = true),
    abort: () => abortion.abort(),
    respond(octets, source, out) {
      if (isStopped) return drop(source);
      const { finished } = options;
      // In the debug log each query has its line, so each passes the step that writes it.
      const isDirect = finished !== undefined && !options.logger.isLevelEnabled('debug');
      if (isDirect) {
        const channel = channelOf(source.transport, finished.viewOf(source.clientOctets));
        const length = finished.cache.answer(octets, out, channel);
        if (length > 0) return length;
      }
      // The message refers to its octets, and the socket will reuse them.
      const admission = admit(copyBytes(octets));
      if (admission.kind === 'drop') return drop(source);
      if (admission.kind === 'malformed') return writeHeader(out, admission.header, options);
      const { message } = admission;
      const reply = new Reply(message, source.transport, options);
      if (admission.kind === 'rejected') return reply.write(admission.answer, out);
      const { transport, client } = source;
      const { question } = admission;
      const query = {
        message,
        question,
        transport,
        client,
        receivedAtMs: options.clock.monotonic(),
      };
      const outcome = ask(query, abortion.signal, options);
      if (!(outcome instanceof Promise)) {
        if (outcome.isDropped === true) return drop(source);
        const length = reply.write(outcome, out);
        if (isDirect) finished.cache.keep(out, length, outcome);
        return length;
      }
      pending++;
      void outcome.then((answer) => {
        pending--;
        if (answer.isDropped === true) source.dropped();
        else source.sendLater(reply.encode(answer));
      });
      return 0;
    },
  };
}

/** One query's way back. */
class Reply {
  readonly #message: Message;
  readonly #limit: number;
  readonly #options: ResponderOptions;

  constructor(message: Message, transport: Transport, options: ResponderOptions) {
    this.#message = message;
    this.#limit = replyLimit(message, transport);
    this.#options = options;
  }

  write(answer: Answer, out: Uint8Array): number {
    const room = out.length > this.#limit ? out.subarray(0, this.#limit) : out;
    try {
      const reply = renderReply(this.#message, answer, this.#options);
      const length = encodeInto(room, reply);
      if (!answer.explanation) return length;
      // Into what is left beside the whole answer, which must not be cut for it.
      return encodeInto(room, withExplanation(reply, answer.explanation, room.length - length));
    } catch (error) {
      this.#options.logger.error({ err: error }, 'a reply could not be encoded');
      const failed = emptyAnswer(Rcode.SERVFAIL);
      return encodeInto(room, renderReply(this.#message, failed, this.#options));
    }
  }

  encode(answer: Answer): Uint8Array {
    return scratch.slice(0, this.write(answer, scratch));
  }
}

const scratch = new Uint8Array(MAX_MESSAGE_OCTETS);

function ask(
  query: Query,
  signal: AbortSignal,
  options: ResponderOptions,
): Answer | Promise<Answer> {
  try {
    const outcome = options.answerer(query, signal);
    if (!(outcome instanceof Promise)) return outcome;
    return outcome.catch((error: unknown) => failedAnswer(query, error, options.logger));
  } catch (error) {
    return failedAnswer(query, error, options.logger);
  }
}

function failedAnswer(query: Query, error: unknown, logger: Logger): Answer {
  const { name, type } = query.question;
  logger.error(
    { err: error, name: name.toString(), type: typeText(type) },
    'a query could not be answered',
  );
  return emptyAnswer(Rcode.SERVFAIL);
}

function drop(source: Source): number {
  source.dropped();
  return 0;
}

function writeHeader(out: Uint8Array, header: Header, options: RenderOptions): number {
  // To an opcode that nobody knows, flags mean nothing.
  const ra = header.rcode === Rcode.FORMERR && options.recursionAvailable;
  const bare = { questions: [], answers: [], authorities: [], additionals: [] };
  const room = out.subarray(0, HEADER_OCTETS);
  return encodeInto(room, { ...replyHeader(header, header.rcode), ra, ...bare });
}

/** How a query reads in a log line. */
export function describeQuery(query: Query): Record<string, string> {
  const { question, transport, client, message } = query;
  return {
    name: question.name.toString(),
    type: typeText(question.type),
    opcode: opcodeText(message.opcode),
    transport,
    client: `${client.address}#${client.port}`,
  };
}
