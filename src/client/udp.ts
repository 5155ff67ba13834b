/**
 * One datagram to one server, and the wait for the reply that matches it. A resolver does this more
 * often than anything else, so the wait is one object, which is told of everything that may end it.
 */

import type { ConnectedUdpOptions, ConnectedUdpSocket, Runtime, Timer } from '../net/ports.ts';
import { copyBriefly } from '../wire/bytes.ts';
import { CLASSIC_UDP_PAYLOAD_SIZE, type Edns } from '../wire/edns.ts';
import { unreachable } from './outcome.ts';
import { writeRequest, type ExchangeRequest } from './request.ts';
import { ReplySieve, type Sieved } from './sieve.ts';

/** Calls back once, perhaps before it returns; no socket or timer outlives that. */
export function exchangeUdp(runtime: Runtime, asked: Asked, onOutcome: OnOutcome): void {
  const { request } = asked;
  if (request.signal?.aborted === true) onOutcome(CANCELLED);
  else if (request.spend?.('udp') === false) onOutcome({ kind: 'out of budget' });
  else new UdpExchange(runtime, asked, onOutcome).begin();
}

/** Never rejects. */
export function exchangeOverUdp(runtime: Runtime, asked: Asked): Promise<Sieved> {
  return new Promise((resolve) => exchangeUdp(runtime, asked, resolve));
}

const CANCELLED: Sieved = { kind: 'cancelled' };

interface Asked {
  readonly request: ExchangeRequest;
  readonly edns: Edns | false;
}

type OnOutcome = (outcome: Sieved) => void;

class UdpExchange implements ConnectedUdpOptions {
  readonly localAddress?: string;
  readonly localPort?: number;
  readonly #runtime: Runtime;
  readonly #asked: Asked;
  readonly #onOutcome: OnOutcome;
  readonly #sieve: ReplySieve;
  readonly #timer: Timer;
  #socket: ConnectedUdpSocket | undefined;
  #isOver = false;

  constructor(runtime: Runtime, asked: Asked, onOutcome: OnOutcome) {
    const { request, edns } = asked;
    this.#runtime = runtime;
    this.#asked = asked;
    this.#onOutcome = onOutcome;
    if (request.localAddress !== undefined) this.localAddress = request.localAddress;
    // 0 is as good as none.
    const { localPort = 0 } = request;
    if (localPort !== 0) this.localPort = localPort;
    const offered = edns === false ? 0 : edns.udpPayloadSize;
    const invitedOctets = Math.max(offered, CLASSIC_UDP_PAYLOAD_SIZE);
    const { clock } = runtime;
    this.#sieve = new ReplySieve({ clock, request, transport: 'udp', invitedOctets });
    this.#timer = clock.schedule(request.timeoutMs, () => this.#end(this.#sieve.nothingBetter()));
    request.signal?.addEventListener('abort', this.#cancel, { once: true });
  }

  begin(): void {
    const { network } = this.#runtime;
    const { server } = this.#asked.request;
    const atHand = network.connectUdpAtOnce?.(server, this);
    if (atHand) return this.#send(atHand);
    network.connectUdp(server, this).then(
      (socket) => this.#send(socket),
      (error: unknown) => this.#end(unreachable('udp', error)),
    );
  }

  onDatagram(datagram: Uint8Array): void {
    if (this.#isOver) return;
    // The socket takes its buffer back, and the decoded message refers to its octets.
    const end = this.#sieve.take(copyBriefly(datagram));
    if (end) this.#end(end);
  }

  onError(error: Error): void {
    this.#end(unreachable('udp', error));
  }

  #send(socket: ConnectedUdpSocket): void {
    if (this.#isOver) return socket.close();
    this.#socket = socket;
    try {
      const { request, edns } = this.#asked;
      const { octets, expected } = writeRequest(this.#runtime, request, {
        edns,
        local: socket.local,
      });
      this.#sieve.markSent(expected);
      socket.send(octets);
    } catch (error) {
      this.#end(unreachable('udp', error));
    }
  }

  readonly #cancel = (): void => this.#end(CANCELLED);

  #end(outcome: Sieved): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#timer.cancel();
    this.#asked.request.signal?.removeEventListener('abort', this.#cancel);
    // Nothing can come any more that another exchange could take for its own.
    if (outcome.kind === 'reply' && outcome.ignored === 0) this.#socket?.release();
    else this.#socket?.close();
    this.#onOutcome(outcome);
  }
}
