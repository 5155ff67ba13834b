/** For tests of batched UDP, which skip, visibly, where it does not work; and a client. */

import { createSocket, type Socket } from 'node:dgram';

import type { Endpoint } from '../../../src/net/ports.ts';
import { BatchedUdpError, loadBatchedUdp } from '../../../src/net/real/batch/support.ts';

/**
 * Why there is no batched UDP on this machine; undefined when there is. That it was tried and does
 * not work is no reason to skip its tests.
 */
export async function reasonAgainstBatches(): Promise<string | undefined> {
  return loadBatchedUdp().then(
    () => undefined,
    (error: unknown) => {
      const isLacking = error instanceof BatchedUdpError && error.message.includes('needs');
      if (isLacking) return error.message;
      throw error;
    },
  );
}

/** A client with an open socket that notes what it hears, as text. */
export class Client {
  readonly heard: string[] = [];
  readonly senders: string[] = [];
  readonly #socket: Socket;
  #wanted = 0;
  #onWanted = (): void => {};

  constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('error', () => {});
    socket.on('message', (datagram, { address }) => {
      this.heard.push(datagram.toString('latin1'));
      this.senders.push(address);
      if (this.heard.length === this.#wanted) this.#onWanted();
    });
  }

  static open(address = '127.0.0.1'): Client {
    const type = address.includes(':') ? 'udp6' : 'udp4';
    const socket = createSocket({
      type,
      recvBufferSize: 4 << 20,
      // Without a tick for the look-up, `bind` and `send` have done their work when they return.
      lookup: (name, _, done) => done(null, name, type === 'udp6' ? 6 : 4),
    });
    socket.bind(0, address);
    return new Client(socket);
  }

  get port(): number {
    return this.#socket.address().port;
  }

  send(bytes: string | Uint8Array, to: Endpoint): void {
    const datagram = typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes;
    this.#socket.send(datagram, to.port, to.address);
  }

  hear(count: number): Promise<void> {
    this.#wanted = count;
    if (this.heard.length >= count) return Promise.resolve();
    return new Promise((resolve) => {
      this.#onWanted = resolve;
    });
  }

  close(): void {
    this.#socket.close();
  }
}
