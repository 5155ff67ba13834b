/**
 * One client's TCP connection (RFC 7766): queries one behind another, answered in whatever order
 * the answers come, and every way to hold the connection without using it bounded in time.
 *
 * Reading stops while the client has too much in flight or does not take its answers, so a client
 * cannot make us buffer more than a chunk, a message, and what `unsentOctets` allows.
 */

import { endpointOctets } from '../net/address.ts';
import { FrameDecoder, frame } from '../net/framing.ts';
import type { Clock, Endpoint, TcpConnection, Timer } from '../net/ports.ts';
import type { KeepAlive } from '../query/clients.ts';
import type { ReplyStream } from '../query/reply-stream.ts';
import type { Responder } from '../query/respond.ts';
import type { Source } from '../query/source.ts';
import { copyBytes } from '../wire/bytes.ts';
import { HEADER_OCTETS, MAX_MESSAGE_OCTETS } from '../wire/message.ts';
import type { TcpLimits } from './tcp-limits.ts';

export const tcpSessionLimits = {
  /** From accepting to the first octet: who connects has something to ask. */
  firstOctetMs: 3_000,
  /** Between queries, when the server is full: above half of its connections `idleMs` shrinks. */
  idleLeastMs: 200,
  /** From a message's first octet to its last, however slowly it drips. */
  messageMs: 2_000,
  /** A client that takes nothing of its answers for so long is gone. */
  stalledMs: 10_000,
  /** What one of many replies to one query may wait for the client to take it. */
  takenMs: 10_000,
  /** Answers that the client has not taken yet, before we stop reading its queries. */
  unsentOctets: 262_144,
} as const;

/** What the connection is waiting for, and must not wait for too long. */
type Deadline = 'firstOctetMs' | 'idleMs' | 'messageMs' | 'stalledMs' | 'none';

export interface TcpContext {
  readonly responder: Responder;
  readonly clock: Clock;
  readonly onClosed: () => void;
  /** Which part of the connections that the server takes are open, up to 1. */
  readonly crowding: () => number;
  readonly limits: Pick<TcpLimits, 'idleMs' | 'inFlight'>;
}

/** Serves `connection` until either side has enough; calls `onClosed` once. */
export function serveTcp(connection: TcpConnection, context: TcpContext): TcpSession {
  const session = new TcpSession(connection, context);
  session.start();
  return session;
}

export class TcpSession implements KeepAlive, ReplyStream {
  readonly #connection: TcpConnection;
  readonly #responder: Responder;
  readonly #clock: Clock;
  readonly #onClosed: () => void;
  readonly #crowding: () => number;
  readonly #limits: TcpContext['limits'];
  readonly #decoder: FrameDecoder = new FrameDecoder();
  /** Messages of chunks that arrived and are not taken up yet. */
  #waiting: Generator<Uint8Array, void, undefined> | undefined;
  #inFlight = 0;
  #isPaused = false;
  #isReadable = true;
  #isOpen = true;
  isWanted = false;
  /** Those who have more to send when the client has taken what there is. */
  readonly #onTaken = new Set<(isOpen: boolean) => void>();
  readonly clientOctets: Uint8Array;
  #deadline: Deadline = 'none';
  #timer: Timer | undefined;

  constructor(connection: TcpConnection, context: TcpContext) {
    this.#connection = connection;
    this.#responder = context.responder;
    this.#clock = context.clock;
    this.#onClosed = context.onClosed;
    this.#crowding = context.crowding;
    this.#limits = context.limits;
    this.clientOctets = endpointOctets(connection.remote.address);
  }

  get client(): Endpoint {
    return this.#connection.remote;
  }

  /** The fuller the server, the sooner an idle connection makes room (RFC 7766 §6.2.3). */
  get idleMs(): number {
    const share = Math.min(1, 2 * (1 - this.#crowding()));
    return Math.max(tcpSessionLimits.idleLeastMs, Math.floor(this.#limits.idleMs * share));
  }

  start(): void {
    this.#setDeadline('firstOctetMs');
    this.#connection.start({
      onData: (octets) => this.#receive(octets),
      onEnd: () => {
        this.#isReadable = false;
        this.#proceed();
      },
      onDrain: () => {
        this.#tellTaken();
        this.#proceed();
      },
      onClose: () => this.#closed(),
    });
  }

  /** Takes no more queries, and closes when those in flight are answered. */
  drain(): void {
    this.#isReadable = false;
    this.#waiting = undefined;
    this.#proceed();
  }

  destroy(): void {
    this.#connection.destroy();
  }

  #receive(octets: Uint8Array): void {
    if (!this.#isReadable) return;
    // The chunk is the socket's; messages may wait here until others are answered.
    this.#waiting = this.#decoder.decode(copyBytes(octets));
    this.#proceed();
  }

  /** Takes up what the limits allow, and decides what the connection waits for next. */
  #proceed(): void {
    while (this.#waiting && this.#hasRoom) {
      const { value: message, done } = this.#waiting.next();
      if (done === true) this.#waiting = undefined;
      else this.#answer(message);
    }
    if (!this.#isOpen) return;
    this.#setPaused(this.#waiting !== undefined || !this.#hasRoom);
    this.#setDeadline(this.#nextDeadline());
  }

  #nextDeadline(): Deadline {
    const { unsentBytes } = this.#connection;
    if (unsentBytes > tcpSessionLimits.unsentOctets) return 'stalledMs';
    if (!this.#isReadable && !this.#waiting && this.#inFlight === 0) {
      this.#connection.end();
      return 'stalledMs';
    }
    // While we do not read, the client cannot be blamed for what it has not sent.
    if (this.#isPaused) return 'none';
    if (!this.#decoder.isBetweenMessages) return 'messageMs';
    return this.#inFlight > 0 ? 'none' : 'idleMs';
  }

  get #hasRoom(): boolean {
    return (
      this.#inFlight < this.#limits.inFlight &&
      this.#connection.unsentBytes <= tcpSessionLimits.unsentOctets
    );
  }

  #answer(message: Uint8Array): void {
    if (message.length < HEADER_OCTETS) {
      // No client that speaks DNS sends this; the stream is out of step, or hostile.
      this.#connection.destroy();
      return;
    }
    this.#inFlight++;
    // A whole message has come: the deadline of the next counts anew.
    this.#setDeadline('none');
    const length = this.#responder.respond(message, new TcpSource(this), out);
    if (length > 0) this.#settle(out.subarray(0, length));
  }

  /** A reply that was not ready at once. */
  complete(reply: Uint8Array): void {
    this.#settle(reply);
    this.#proceed();
  }

  /** The query in hand gets no reply. */
  forget(): void {
    this.#inFlight--;
  }

  /** One of several replies to a query. */
  write(reply: Uint8Array): void {
    if (this.#isOpen) this.#connection.write(frame(reply));
  }

  taken(): Promise<boolean> {
    if (!this.#isOpen) return Promise.resolve(false);
    const isIdle = this.#connection.unsentBytes === 0;
    return new Promise((resolve) => {
      // With nothing to wait for, whoever else has something to do has his turn all the same.
      const delayMs = isIdle ? 0 : tcpSessionLimits.takenMs;
      const timer = this.#clock.schedule(delayMs, () => {
        // Who took nothing for so long is given up by whoever waits for him.
        done(isIdle && this.#isOpen);
      });
      const done = (isOpen: boolean): void => {
        timer.cancel();
        this.#onTaken.delete(done);
        resolve(isOpen);
      };
      this.#onTaken.add(done);
    });
  }

  end(): void {
    this.#inFlight--;
    this.#proceed();
  }

  break(): void {
    this.#inFlight--;
    this.#connection.destroy();
  }

  #tellTaken(): void {
    for (const done of [...this.#onTaken]) done(this.#isOpen);
  }

  #settle(reply: Uint8Array): void {
    this.#inFlight--;
    if (this.#isOpen) this.#connection.write(frame(reply));
  }

  #setPaused(isPaused: boolean): void {
    if (isPaused === this.#isPaused) return;
    this.#isPaused = isPaused;
    if (isPaused) this.#connection.pause();
    else this.#connection.resume();
  }

  /** A deadline that runs already goes on: more octets or answers do not move it. */
  #setDeadline(deadline: Deadline): void {
    if (deadline === this.#deadline) return;
    this.#deadline = deadline;
    this.#timer?.cancel();
    this.#timer = undefined;
    if (deadline === 'none') return;
    const delayMs = deadline === 'idleMs' ? this.idleMs : tcpSessionLimits[deadline];
    this.#timer = this.#clock.schedule(delayMs, () => this.#connection.destroy());
  }

  #closed(): void {
    this.#isOpen = false;
    this.#tellTaken();
    this.#waiting = undefined;
    this.#setDeadline('none');
    this.#onClosed();
  }
}

class TcpSource implements Source {
  readonly transport = 'tcp';
  readonly #session: TcpSession;

  constructor(session: TcpSession) {
    this.#session = session;
  }

  get client(): Endpoint {
    return this.#session.client;
  }

  get clientPort(): number {
    return this.#session.client.port;
  }

  get clientOctets(): Uint8Array {
    return this.#session.clientOctets;
  }

  get keepAlive(): KeepAlive {
    return this.#session;
  }

  get stream(): ReplyStream {
    return this.#session;
  }

  sendLater(reply: Uint8Array): void {
    this.#session.complete(reply);
  }

  dropped(): void {
    // Called inside `respond`: the session goes on with the next message by itself.
    this.#session.forget();
  }
}

const out: Uint8Array = new Uint8Array(MAX_MESSAGE_OCTETS);
