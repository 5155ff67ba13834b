/**
 * One TCP connection that many questions share (RFC 7766 §6.2.1): all may be under way at once, and
 * replies come in any order, told apart by id and checked as over UDP. It goes away when it was
 * idle for as long as we like or as the server says (RFC 7828 §3.2), and after a question went
 * unanswered: what has silted up once is not waited for again.
 */

import { FrameDecoder, frame } from '../net/framing.ts';
import type { Endpoint, Runtime, TcpConnection, Timer } from '../net/ports.ts';
import type { Edns } from '../wire/edns.ts';
import { EdnsOption } from '../wire/iana.ts';
import { MAX_MESSAGE_OCTETS } from '../wire/message.ts';
import { clientLimits, type ConnectionLimits } from './limits.ts';
import { closedWithoutReply, unreachable, type Exchange } from './outcome.ts';
import { writeRequest, type ExchangeRequest } from './request.ts';
import { ReplySieve, type Sieved } from './sieve.ts';
import { startWait, type Wait } from './wait.ts';

export interface SharedConnectionOptions {
  readonly runtime: Runtime;
  readonly server: Endpoint;
  readonly limits: ConnectionLimits;
  /** Called once, when it is over. */
  readonly onClose: (connection: SharedConnection, verdict: Verdict) => void;
}

/** Whether questions were answered on it; 'unused' when nobody waited for it to open. */
export type Verdict = 'proven' | 'failed' | 'unused';

/** One question on its way. */
interface Turn {
  readonly request: ExchangeRequest;
  readonly edns: Edns | false;
  readonly sieve: ReplySieve;
  readonly wait: Wait<Sieved>;
  /** Undefined until it was sent. */
  id: number | undefined;
}

export class SharedConnection {
  readonly #options: SharedConnectionOptions;
  readonly #opening = new AbortController();
  readonly #frames = new FrameDecoder();
  /** Sent, by id. */
  readonly #sent = new Map<number, Turn>();
  /** To be sent once the connection is open. */
  readonly #waiting = new Set<Turn>();
  #connection: TcpConnection | undefined;
  #idle: Timer | undefined;
  #idleMs: number;
  #strangers = 0;
  #verdict: Verdict = 'failed';
  #isRetired = false;
  #isOver = false;

  constructor(options: SharedConnectionOptions) {
    this.#options = options;
    this.#idleMs = options.limits.idleMs;
    void this.#open();
  }

  get isFree(): boolean {
    return !this.#isRetired && this.#load < this.#options.limits.inFlight;
  }

  get isIdle(): boolean {
    return this.#load === 0;
  }

  async ask(request: ExchangeRequest, edns: Edns | false): Promise<Exchange> {
    const { clock } = this.#options.runtime;
    const transport = 'tcp';
    const sieve = new ReplySieve({ clock, request, transport, invitedOctets: MAX_MESSAGE_OCTETS });
    const wait = startWait<Sieved>(clock, {
      timeoutMs: request.timeoutMs * clientLimits.tcpTimeFactor,
      signal: request.signal,
      onTimeout: () => {
        this.#isRetired = true;
        return sieve.nothingBetter();
      },
      cancelled: { kind: 'cancelled' },
    });
    this.#idle?.cancel();
    const turn: Turn = { request, edns: this.#withKeepalive(edns), sieve, wait, id: undefined };
    if (this.#connection) this.#send(this.#connection, turn);
    else this.#waiting.add(turn);
    const outcome = await wait.result;
    this.#leave(turn);
    // The sieve asks for TCP only over UDP.
    return outcome.kind === 'truncated' || outcome.kind === 'suspect'
      ? { kind: 'malformed', reason: outcome.kind }
      : outcome;
  }

  close(error: Error = closedWithoutReply()): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#isRetired = true;
    this.#opening.abort();
    this.#idle?.cancel();
    this.#connection?.destroy();
    for (const { sieve, wait } of [...this.#sent.values(), ...this.#waiting]) {
      wait.end(sieve.lastResort ?? unreachable('tcp', error));
    }
    this.#options.onClose(this, this.#verdict);
  }

  get #load(): number {
    return this.#sent.size + this.#waiting.size;
  }

  async #open(): Promise<void> {
    const { runtime, server } = this.#options;
    try {
      const { signal } = this.#opening;
      const connection = await runtime.network.connectTcp(server, { signal });
      if (this.#isOver) return connection.destroy();
      this.#connection = connection;
      connection.start({
        onData: (bytes) => this.#read(bytes),
        onEnd: () => this.close(),
        onDrain: () => {},
        onClose: (error) => this.close(error),
      });
      for (const turn of this.#waiting) this.#send(connection, turn);
      this.#waiting.clear();
    } catch (error) {
      this.close(error instanceof Error ? error : new Error(String(error)));
    }
    return undefined;
  }

  #send(connection: TcpConnection, turn: Turn): void {
    const { runtime } = this.#options;
    const { request, edns } = turn;
    const { local } = connection;
    let outgoing = writeRequest(runtime, request, { edns, local });
    // Far fewer are under way than there are ids; one that somebody chose may be taken, too.
    while (this.#sent.has(outgoing.expected.id)) {
      const anyId = { ...request, id: undefined };
      outgoing = writeRequest(runtime, anyId, { edns, local });
    }
    turn.id = outgoing.expected.id;
    this.#sent.set(turn.id, turn);
    turn.sieve.markSent(outgoing.expected);
    connection.write(frame(outgoing.octets));
  }

  #read(bytes: Uint8Array): void {
    for (const message of this.#frames.decode(bytes)) {
      if (this.#isOver) return;
      const turn =
        message.length < 2 ? undefined : this.#sent.get((message[0]! << 8) | message[1]!);
      if (!turn) {
        // Replies to who has left are some; a flood is none of ours.
        this.#strangers++;
        if (this.#strangers > this.#options.limits.strangers) this.close();
        continue;
      }
      const end = turn.sieve.take(new Uint8Array(message));
      if (!end) continue;
      if (end.kind === 'reply') this.#heed(end.message.edns);
      turn.wait.end(end);
      this.#leave(turn);
    }
  }

  /** The server's word on how long it keeps idle connections, in units of 100 ms. */
  #heed(edns: Edns | undefined): void {
    this.#verdict = 'proven';
    const data = edns?.options.find(({ code }) => code === EdnsOption.KEEPALIVE)?.data;
    if (data?.length !== 2) return;
    const keptMs = ((data[0]! << 8) | data[1]!) * 100;
    this.#idleMs = Math.min(this.#options.limits.idleMs, keptMs);
  }

  /** RFC 7828 §3.2.1: without a time, it asks the server for one. */
  #withKeepalive(edns: Edns | false): Edns | false {
    if (edns === false || !this.#options.limits.asksKeepalive) return edns;
    const option = { code: EdnsOption.KEEPALIVE, data: new Uint8Array(0) };
    return { ...edns, options: [...edns.options, option] };
  }

  /** Idempotent. */
  #leave(turn: Turn): void {
    this.#waiting.delete(turn);
    if (turn.id !== undefined && this.#sent.get(turn.id) === turn) this.#sent.delete(turn.id);
    if (this.#load > 0 || this.#isOver) return;
    // While it is being opened nobody may be left to wait for it.
    const isUseless = this.#isRetired || !this.#connection || this.#idleMs === 0;
    this.#idle?.cancel();
    if (!this.#connection && !this.#isRetired) this.#verdict = 'unused';
    if (isUseless) this.close();
    else this.#idle = this.#options.runtime.clock.schedule(this.#idleMs, () => this.close());
  }
}
