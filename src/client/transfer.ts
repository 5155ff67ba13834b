/**
 * A zone transfer (AXFR, RFC 5936; IXFR, RFC 1995) over one connection: as many messages as it
 * takes, each handed on as it comes and then forgotten, so that a zone of any size needs the memory
 * of one message. Signatures are verified over the whole stream (RFC 8945 §5.3.1).
 *
 * Deliberately not here: IXFR over UDP, and what becomes of the records. Never throws; no socket or
 * timer outlives the returned promise.
 */

import { FrameDecoder, frame } from '../net/framing.ts';
import type { Runtime, TcpConnection, Timer } from '../net/ports.ts';
import type { ReplyVerdict } from '../tsig/verify.ts';
import { decodeMessage } from '../wire/decode.ts';
import { Rcode } from '../wire/iana.ts';
import type { Message } from '../wire/message.ts';
import type { Question } from '../wire/record.ts';
import type { Expected } from './matching.ts';
import { closedWithoutReply, unreachable, type Unanswered } from './outcome.ts';
import { localOf, wallSeconds, writeRequest, type ExchangeRequest } from './request.ts';
import { TransferSequence, type TransferStep } from './transfer-sequence.ts';

export interface TransferRequest extends ExchangeRequest {
  /** How long each message is waited for, the connection included in the first. */
  readonly timeoutMs: number;
  /** What the client of an IXFR has. */
  readonly knownSerial?: number;
}

export interface TransferMessage {
  readonly message: Message;
  /** As it came: whoever is given it may keep it. */
  readonly octets: Uint8Array;
  /** Of the answer's records, so many belong to the transfer; what follows is none of it. */
  readonly recordCount: number;
  /** Where the query was signed. A failure does not end the transfer: 'stop' does. */
  readonly signature: ReplyVerdict | undefined;
}

export type TransferOutcome =
  | { readonly kind: 'done'; readonly size: TransferSize }
  /** The server said no, or something went wrong with it in the middle. */
  | { readonly kind: 'refused'; readonly rcode: number }
  /** There were answers, but what they hold is no transfer. */
  | { readonly kind: 'no transfer'; readonly why: 'no SOA' | 'empty' }
  | { readonly kind: 'other question'; readonly questions: readonly Question[] }
  | { readonly kind: 'other id'; readonly expected: number; readonly found: number }
  | { readonly kind: 'stopped' }
  | Unanswered;

export interface TransferSize {
  readonly records: number;
  readonly messages: number;
  /** Without the framing. */
  readonly octets: number;
  /** From the query to the last message. */
  readonly tookMs: number;
  /** Every message was signed, or covered by a signature. */
  readonly isVerified: boolean;
}

/**
 * Sees each message once, in order. A promise holds the transfer up, so that a server that is
 * faster than whoever takes the records does not fill our memory.
 */
export type OnTransferMessage = (message: TransferMessage) => Verdict | Promise<Verdict>;

type Verdict = 'stop' | undefined;

export async function transfer(
  runtime: Runtime,
  request: TransferRequest,
  onMessage: OnTransferMessage,
): Promise<TransferOutcome> {
  const { network } = runtime;
  const { server } = request;
  const reader = new TransferReader(runtime, request, onMessage);
  const opening = new AbortController();
  void reader.result.then(() => opening.abort());
  let connection: TcpConnection | undefined;
  try {
    connection = await network.connectTcp(server, {
      signal: opening.signal,
      ...localOf(request),
    });
    reader.begin(connection);
    return await reader.result;
  } catch (error) {
    reader.end(unreachable('tcp', error));
    return await reader.result;
  } finally {
    connection?.destroy();
  }
}

class TransferReader {
  readonly result: Promise<TransferOutcome>;
  readonly #runtime: Runtime;
  readonly #request: TransferRequest;
  readonly #onMessage: OnTransferMessage;
  readonly #sequence: TransferSequence;
  readonly #frames = new FrameDecoder();
  /** Frames of the last piece of the stream that wait for their turn: 64 KiB and a bit, at most. */
  readonly #waiting: Uint8Array[] = [];
  #connection: TcpConnection | undefined;
  #settle: (outcome: TransferOutcome) => void = () => {};
  #isOver = false;
  #isHeldUp = false;
  /** What the connection came to while messages waited. */
  #ending: Unanswered | undefined;
  #timer: Timer | undefined;
  #expected: Expected | undefined;
  #sentAtMs = 0;
  #records = 0;
  #messages = 0;
  #octets = 0;
  #isVerified: boolean;

  constructor(runtime: Runtime, request: TransferRequest, onMessage: OnTransferMessage) {
    this.#runtime = runtime;
    this.#request = request;
    this.#onMessage = onMessage;
    this.#sequence = new TransferSequence(request.question.name, request.knownSerial);
    this.#isVerified = request.key !== undefined;
    this.result = new Promise((resolve) => {
      this.#settle = resolve;
    });
    request.signal?.addEventListener('abort', this.#cancel, { once: true });
    if (request.signal?.aborted === true) this.#cancel();
    else this.#awaitMessage();
  }

  /** Sends the query. */
  begin(connection: TcpConnection): void {
    connection.start({
      onData: (bytes) => this.#read(bytes),
      onEnd: () => this.#close(closedWithoutReply()),
      onDrain: () => {},
      onClose: (error = closedWithoutReply()) => this.#close(error),
    });
    this.#connection = connection;
    if (this.#isOver) return;
    const { edns = false } = this.#request;
    const { local } = connection;
    const { octets, expected } = writeRequest(this.#runtime, this.#request, { edns, local });
    this.#expected = expected;
    this.#sentAtMs = this.#runtime.clock.monotonic();
    connection.write(frame(octets));
  }

  /** Idempotent: the first outcome counts. */
  end(outcome: TransferOutcome): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#timer?.cancel();
    this.#request.signal?.removeEventListener('abort', this.#cancel);
    this.#settle(outcome);
  }

  readonly #cancel = (): void => this.end({ kind: 'cancelled' });

  #awaitMessage(): void {
    this.#timer?.cancel();
    this.#timer = this.#runtime.clock.schedule(this.#request.timeoutMs, () => {
      this.end({ kind: 'timeout', ignored: 0 });
    });
  }

  #close(error: Error): void {
    this.#ending ??= unreachable('tcp', error);
    if (!this.#isHeldUp) this.end(this.#ending);
  }

  #read(bytes: Uint8Array): void {
    for (const octets of this.#frames.decode(bytes)) this.#waiting.push(new Uint8Array(octets));
    if (!this.#isHeldUp) this.#takeWaiting();
  }

  #takeWaiting(): void {
    for (;;) {
      const octets = this.#isOver ? undefined : this.#waiting.shift();
      if (!octets) return;
      const taken = this.#take(octets);
      if (taken instanceof Promise) {
        void this.#holdUp(taken);
        return;
      }
      this.#goOn(taken);
    }
  }

  async #holdUp(taken: Promise<TransferOutcome | undefined>): Promise<void> {
    this.#isHeldUp = true;
    this.#timer?.cancel();
    this.#connection?.pause();
    const outcome = await taken.catch((error: unknown) => unreachable('tcp', error));
    this.#isHeldUp = false;
    this.#goOn(outcome);
    this.#takeWaiting();
    if (this.#isHeldUp) return;
    if (this.#ending) this.end(this.#ending);
    else this.#connection?.resume();
  }

  #goOn(outcome: TransferOutcome | undefined): void {
    if (outcome) this.end(outcome);
    else if (!this.#isOver) this.#awaitMessage();
  }

  /** Undefined to go on. */
  #take(octets: Uint8Array): TransferOutcome | undefined | Promise<TransferOutcome | undefined> {
    const expected = this.#expected!;
    const found = octets.length < 2 ? 0 : (octets[0]! << 8) | octets[1]!;
    if (found !== expected.id) return { kind: 'other id', expected: expected.id, found };
    const decoded = decodeMessage(octets);
    if (!decoded.ok) return { kind: 'malformed', reason: decoded.error.reason };
    const message = decoded.value;
    if (!isOfTransfer(message, expected)) {
      return { kind: 'other question', questions: message.questions };
    }
    this.#messages++;
    this.#octets += octets.length;
    const now = wallSeconds(this.#runtime.clock);
    const signature = expected.verifier?.verify(octets, now);
    if (signature?.kind === 'failed') this.#isVerified = false;
    const { count: recordCount, step } = this.#count(message.answers);
    this.#records += recordCount;
    const judge = (verdict: Verdict): TransferOutcome | undefined =>
      verdict === 'stop' ? { kind: 'stopped' } : this.#judge(message, { recordCount, step });
    const verdict = this.#onMessage({ message, octets, recordCount, signature });
    return verdict instanceof Promise ? verdict.then(judge) : judge(verdict);
  }

  #judge(
    { rcode }: Message,
    { recordCount, step }: { readonly recordCount: number; readonly step: TransferStep },
  ): TransferOutcome | undefined {
    if (rcode !== Rcode.NOERROR) return { kind: 'refused', rcode };
    if (step === 'no SOA') return { kind: 'no transfer', why: 'no SOA' };
    if (step === 'end') return { kind: 'done', size: this.#size(this.#expected!) };
    // RFC 5936 §2.2: a message without records is none of a transfer.
    return recordCount === 0 ? { kind: 'no transfer', why: 'empty' } : undefined;
  }

  #count(records: Message['answers']): { readonly count: number; readonly step: TransferStep } {
    let count = 0;
    for (const record of records) {
      const step = this.#sequence.take(record);
      count++;
      if (step !== 'more') return { count, step };
    }
    return { count, step: 'more' };
  }

  #size({ verifier }: Expected): TransferSize {
    return {
      records: this.#records,
      messages: this.#messages,
      octets: this.#octets,
      tookMs: this.#runtime.clock.monotonic() - this.#sentAtMs,
      // What no signature has covered by now is covered by none.
      isVerified: this.#isVerified && verifier?.isComplete === true,
    };
  }
}

/** RFC 5936 §2.2.1, §2.2.2: messages after the first need not repeat the question. */
function isOfTransfer({ qr, questions }: Message, { question }: Expected): boolean {
  if (!qr || questions.length > 1) return false;
  const [asked] = questions;
  if (!asked) return true;
  return asked.type === question.type && asked.name.equals(question.name);
}
