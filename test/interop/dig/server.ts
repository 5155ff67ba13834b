/**
 * A server on the loopback that says what its script says: over UDP and TCP, on one port. What it
 * is asked first of all names the script: the first label of the name.
 */
import { createSocket, type Socket as UdpSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';

import { FrameDecoder, frame } from '../../../src/net/framing.ts';

export type Transport = 'udp' | 'tcp';

/** Octets to send, in this order; TCP messages are framed, but for those in `raw`. */
export interface Said {
  readonly messages?: readonly Uint8Array[];
  /** As they are, over TCP only. */
  readonly raw?: Uint8Array;
  /** Closes the connection behind it: both directions, or with a reset. */
  readonly close?: 'end' | 'reset';
}

/** Undefined: nothing. */
export type Answer = (query: Uint8Array, transport: Transport) => Said | undefined;

export class ScriptedServer {
  readonly #udp: UdpSocket;
  readonly #tcp: Server;
  readonly #sockets = new Set<Socket>();

  private constructor(udp: UdpSocket, tcp: Server) {
    this.#udp = udp;
    this.#tcp = tcp;
  }

  static async start(address: string, answer: Answer): Promise<ScriptedServer> {
    const tcp = createServer();
    tcp.listen(0, address);
    await once(tcp, 'listening');
    const bound = tcp.address();
    const port = typeof bound === 'object' ? (bound?.port ?? 0) : 0;
    const udp = createSocket(address.includes(':') ? 'udp6' : 'udp4');
    udp.bind(port, address);
    await once(udp, 'listening');
    const server = new ScriptedServer(udp, tcp);
    udp.on('message', (query, { port: peerPort, address: peer }) => {
      for (const message of answer(query, 'udp')?.messages ?? []) udp.send(message, peerPort, peer);
    });
    tcp.on('connection', (socket) => server.#serve(socket, answer));
    return server;
  }

  get port(): number {
    return this.#udp.address().port;
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.#udp.close();
    this.#tcp.close();
    await Promise.all([once(this.#udp, 'close'), once(this.#tcp, 'close')]);
  }

  #serve(socket: Socket, answer: Answer): void {
    const frames = new FrameDecoder();
    this.#sockets.add(socket);
    // Whoever asks may have gone before it is answered.
    socket.on('error', () => {});
    socket.on('close', () => this.#sockets.delete(socket));
    socket.on('data', (bytes) => {
      for (const query of frames.decode(bytes)) {
        const said = answer(new Uint8Array(query), 'tcp');
        for (const message of said?.messages ?? []) socket.write(frame(message));
        if (said?.raw) socket.write(said.raw);
        if (said?.close === 'end') socket.end();
        if (said?.close === 'reset') socket.resetAndDestroy();
      }
    });
  }
}
