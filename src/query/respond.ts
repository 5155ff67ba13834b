/**
 * Octets in, octets out: the whole pipeline around the answerers.
 *
 *     octets ─► answer cache ──────────────────────────────────────────────────────────► octets
 *                  └─► admit ─► answerer (steps, authority or resolver) ─► render ─► encode ─┘
 *                   ▲
 *                backlog: what takes long, while there is too much of it
 *
 * Octets that are signed are sealed last, so that nothing changes them. An answer of many messages
 * (a zone transfer) is a stream of such replies.
 *
 * An answerer that answers at once costs no promise. Whatever goes wrong inside ends here, in
 * SERVFAIL and one log line: no packet can end the process, and no query stays without a reply.
 */

import { setMaxListeners } from 'node:events';
import type { Cancellation } from '../net/cancellation.ts';
import type { Logger } from '../net/logger.ts';
import type { Clock } from '../net/ports.ts';
import { copyBriefly } from '../wire/bytes.ts';
import { encodeInto } from '../wire/encode.ts';
import { Opcode, opcodeText, Rcode, typeText } from '../wire/iana.ts';
import { HEADER_OCTETS, MAX_MESSAGE_OCTETS, type Header, type Message } from '../wire/message.ts';
import type { Question } from '../wire/record.ts';
import type { AddressPrefix } from './address-prefix.ts';
import type { AnswerCache } from './answer-cache.ts';
import type { Access } from './access.ts';
import { Backlog } from './backlog.ts';
import { isReflector, type Clients, type Greeting, type Verdict } from './clients.ts';
import { explainRejection } from './explanation.ts';
import { admit, type Admission, type Admittance } from './guard.ts';
import { LoggedSource } from './logged-source.ts';
import { emptyAnswer, type Answer, type Answerer, type Query } from './query.ts';
import { DROPPED, Hit, SHED } from './query-line.ts';
import type { QueryLog } from './query-log.ts';
import { replyHeader, type RenderOptions } from './render.ts';
import { channelOf, recursiveQuestion } from './question-scan.ts';
import { Reply } from './reply.ts';
import type { AnswerStream } from './reply-stream.ts';
import { drop, type Source } from './source.ts';
import { Keyring, wallSeconds } from './tsig.ts';

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
  /** Who answers opcodes beside QUERY; the others are not implemented. */
  readonly operations?: ReadonlyMap<number, Answerer>;
  /** Keys that requests may be signed with. */
  readonly keys?: Keyring;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Absent: every answer is made anew. */
  readonly finished?: FinishedAnswers;
  /** Absent: everybody may do everything. */
  readonly clients?: Clients;
  /** Absent: nobody writes down who asks for what. */
  readonly queryLog?: QueryLog | undefined;
  /** Absent: every query is answered at once, or begun. */
  readonly heavy?: HeavyQueries;
  /** Who is told why a message was rejected, when it asks. Absent: nobody. */
  readonly explainAllow?: readonly AddressPrefix[];
}

/** Queries that take much more than a look at what is known: some of them may have to wait. */
export interface HeavyQueries {
  /** Of a question with RD, valid until it returns; costs much less than to answer it. */
  isHeavy(question: Question): boolean;
  /** Called when one is dropped, since too many wait or it has waited for too long. */
  shed(): void;
}

export interface FinishedAnswers {
  readonly cache: AnswerCache;
  /** Which clients are answered alike: numbers up to 127. */
  viewOf(access: Access, client: Uint8Array): number;
}

const NO_GREETING: Greeting = { options: [], isProven: true };

export function createResponder(options: ResponderOptions): Responder {
  const abortion = new AbortController();
  // Every query in flight listens; Node takes more than ten listeners for a leak and says so.
  setMaxListeners(0, abortion.signal);
  const { queryLog, finished } = options;
  const gate = gateOf(options);
  const hit = finished && new Hit(finished.cache.logText);
  const knownAnswer = finishedAnswer(finished);
  const backlog = new Backlog<Arrival>(options.clock, {
    begin(arrival) {
      // Others may have asked the same, and have their answer by now.
      const { octets, source, channel } = arrival;
      const known = knownAnswer(octets, scratch, channel);
      const length = known > 0 ? known : pipeline.answer(arrival, scratch);
      if (length > 0) source.sendLater(scratch.subarray(0, length));
    },
    shed: ({ source }) => shed(source),
  });
  const shed = (source: Source): 0 => {
    options.heavy?.shed();
    source.dropped('shed');
    return 0;
  };
  const pipeline = new Pipeline(options, backlog, abortion.signal);
  let isStopped = false;
  return {
    get pending() {
      return pipeline.pending + backlog.size;
    },
    stop: () => (isStopped = true),
    abort() {
      backlog.clear();
      abortion.abort();
    },
    respond(octets, source, out) {
      const verdict = isStopped ? 'drop' : judge(source, gate);
      if (verdict === 'drop') {
        queryLog?.note(octets, source, DROPPED);
        return drop(source);
      }
      const channel = directChannel(source, verdict, gate);
      const known = knownAnswer(octets, out, channel);
      if (known > 0) {
        queryLog?.noteHit(octets, source, hit!.as(out, known));
        return known;
      }
      const receivedAtMs = options.clock.monotonic();
      const isPutOff = !backlog.isOpen && hasToWait(octets, source, { verdict, options });
      if (isPutOff && backlog.isFull(receivedAtMs)) {
        queryLog?.note(octets, source, SHED);
        return shed(source);
      }
      // The message refers to its octets, and the socket will reuse them.
      const copy = copyBriefly(octets);
      const logged = queryLog && new LoggedSource(source, { octets: copy, receivedAtMs }, queryLog);
      const to = logged ?? source;
      const arrival = { octets: copy, source: to, verdict, channel, receivedAtMs };
      if (isPutOff) {
        backlog.add(arrival, receivedAtMs);
        return 0;
      }
      const length = pipeline.answer(arrival, out);
      if (length > 0) logged?.answered(out.subarray(0, length));
      return length;
    },
  };
}

/** What decides whether a query passes, and how soon. */
interface Gate {
  readonly finished: FinishedAnswers | undefined;
  readonly logger: Logger;
  readonly clients: Clients | undefined;
}

/** Each query reads it: of an object of few properties V8 finds them at once. */
function gateOf({ finished, logger, clients }: ResponderOptions): Gate {
  return { finished, logger, clients };
}

/** A query as it came. */
interface Arrival {
  readonly octets: Uint8Array;
  readonly source: Source;
  readonly verdict: Verdict;
  /** Where its answer is kept when it is finished. */
  readonly channel: number;
  readonly receivedAtMs: number;
}

/** Whether it takes more than a look at what is known. Over TCP few can ask, and wait for us. */
function hasToWait(octets: Uint8Array, source: Source, reception: Reception): boolean {
  const { verdict, options } = reception;
  const { heavy } = options;
  if (!heavy || source.transport !== 'udp' || verdict !== 'recurse') return false;
  const question = recursiveQuestion(octets);
  return question !== undefined && heavy.isHeavy(question);
}

/** From a message to its answer, for what is not finished yet. */
class Pipeline {
  readonly #options: ResponderOptions;
  readonly #backlog: Backlog<Arrival>;
  readonly #signal: Cancellation;
  readonly #admittance: Admittance;
  pending = 0;

  constructor(options: ResponderOptions, backlog: Backlog<Arrival>, signal: Cancellation) {
    this.#options = options;
    this.#backlog = backlog;
    this.#signal = signal;
    this.#admittance = admittanceOf(options);
  }

  /** As `respond`. */
  answer(arrival: Arrival, out: Uint8Array): number {
    const options = this.#options;
    const { octets, source, verdict } = arrival;
    const admission = admit(octets, this.#admittance);
    if (admission.kind === 'drop') return drop(source);
    if (admission.kind === 'malformed') {
      if (isReflected(source, verdict)) return drop(source);
      return writeHeader(out, admission.header, mayRecurse(verdict, options));
    }
    const greeting = greet(admission.message, source, { verdict, options });
    const recursionAvailable = mayRecurse(verdict, options);
    const { message, seal } = admission;
    const { transport } = source;
    const reply = new Reply(message, { transport, greeting, recursionAvailable, seal }, options);
    if (greeting.answer) return reply.writeOrDrop(greeting.answer, source, out);
    if (admission.kind === 'rejected')
      return reply.write(explained(admission, source, options), out);
    const query = queryOf(admission, arrival);
    const outcome = ask(query, this.#signal, options);
    if (!(outcome instanceof Promise)) return this.#write(outcome, { reply, arrival, out });
    this.#await(outcome, { query, reply, greeting, source });
    return 0;
  }

  #write(answer: Answer, { reply, arrival, out }: Writing): number {
    const { source, channel } = arrival;
    if (answer.stream) return this.#stream(answer.stream, { answer, reply, source });
    const length = reply.writeOrDrop(answer, source, out);
    if (channel !== NO_CHANNEL && length > 0)
      this.#options.finished!.cache.keep(out, length, answer);
    return length;
  }

  #await(outcome: Promise<Answer>, { query, reply, greeting, source }: Awaiting): void {
    const { clients, clock, logger } = this.#options;
    this.pending++;
    this.#backlog.began();
    const finish = (answer: Answer): void => {
      this.pending--;
      this.#backlog.finished();
      if (answer.stream) return void this.#stream(answer.stream, { answer, reply, source });
      const ageMs = clock.monotonic() - query.receivedAtMs;
      reply.send(clients?.late(answer, { source, greeting, ageMs }) ?? answer, source);
    };
    outcome.then(finish, (error: unknown) => finish(failedAnswer(query, error, logger)));
  }

  #stream(stream: AnswerStream, { answer, reply, source }: Streaming): 0 {
    this.pending++;
    const delivery = reply.stream(answer, stream, { source, signal: this.#signal });
    void delivery.then(() => this.pending--);
    return 0;
  }
}

interface Writing {
  readonly reply: Reply;
  readonly arrival: Arrival;
  readonly out: Uint8Array;
}

interface Awaiting {
  readonly query: Query;
  readonly reply: Reply;
  readonly greeting: Greeting;
  readonly source: Source;
}

interface Streaming {
  readonly answer: Answer;
  readonly reply: Reply;
  readonly source: Source;
}

function explained(
  rejected: Extract<Admission, { readonly kind: 'rejected' }>,
  { client }: Source,
  { clock, explainAllow: allow = [] }: ResponderOptions,
): Answer {
  const explanation = explainRejection(rejected, client, { allow, clock });
  return explanation ? { ...rejected.answer, explanation } : rejected.answer;
}

function admittanceOf({ operations, keys = new Keyring(), clock }: ResponderOptions): Admittance {
  return {
    keys,
    opcodes: new Set(operations?.keys()),
    get nowSeconds() {
      return wallSeconds(clock);
    },
  };
}

/** For whom no finished answer will do. */
const NO_CHANNEL = -1;

/** Where the cache of finished answers may look for whom. */
function directChannel(
  source: Source,
  verdict: Verdict,
  { finished, logger, clients }: Gate,
): number {
  // In the debug log each query has its line, so each passes the step that writes it.
  if (finished === undefined || logger.isLevelEnabled('debug')) return NO_CHANNEL;
  if (clients && !clients.mayBeDirect(source, verdict)) return NO_CHANNEL;
  const view = finished.viewOf(accessOf(verdict), source.clientOctets);
  return channelOf(source.transport, view);
}

/** Writes an answer that was finished before; its length, or 0, as always without a channel. */
function finishedAnswer(
  finished: FinishedAnswers | undefined,
): (octets: Uint8Array, out: Uint8Array, channel: number) => number {
  if (!finished) return () => 0;
  const { cache } = finished;
  return (octets, out, channel) => cache.answer(octets, out, channel);
}

function judge(source: Source, { clients }: Gate): Verdict {
  return clients?.judge(source) ?? 'recurse';
}

interface Reception {
  readonly verdict: Verdict;
  readonly options: ResponderOptions;
}

function greet(message: Message, source: Source, { verdict, options }: Reception): Greeting {
  return options.clients?.greet(message, source, verdict) ?? NO_GREETING;
}

/** From where an error might come back, and again, or from whom too much comes as it is. */
function isReflected({ transport, clientPort }: Source, verdict: Verdict): boolean {
  return verdict === 'limited' || (transport === 'udp' && isReflector(clientPort));
}

function queryOf(
  { message, question, key }: Pick<Query, 'message' | 'question' | 'key'>,
  { octets, source, verdict, receivedAtMs }: Arrival,
): Query {
  const { transport, client } = source;
  const access = accessOf(verdict);
  const query = { message, question, octets, transport, client, receivedAtMs, access };
  return key ? { ...query, key } : query;
}

const scratch = new Uint8Array(MAX_MESSAGE_OCTETS);

/** Does not throw; what it promises may be rejected. */
function ask(
  query: Query,
  signal: Cancellation,
  options: ResponderOptions,
): Answer | Promise<Answer> {
  try {
    const { opcode } = query.message;
    const { answerer, operations } = options;
    const responsible = opcode === Opcode.QUERY ? answerer : operations!.get(opcode)!;
    return responsible(query, signal);
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

function accessOf(verdict: Verdict): Access {
  return verdict === 'limited' ? 'serve' : verdict;
}

/**
 * RA says to whom it is sent that recursion is there for them (RFC 1035 §4.1.1). Said to others, it
 * would invite them to ask, and scanners to count an open resolver.
 */
function mayRecurse(verdict: Verdict, { recursionAvailable }: ResponderOptions): boolean {
  return recursionAvailable && accessOf(verdict) === 'recurse';
}

function writeHeader(out: Uint8Array, header: Header, recursionAvailable: boolean): number {
  // To an opcode that nobody knows, flags mean nothing.
  const ra = header.rcode === Rcode.FORMERR && recursionAvailable;
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
