/**
 * The clients' TCP connections to the resolver. A connection ends with its reply, unless that says
 * that it may stay (RFC 7828): then the same client's next question goes over it.
 */

import { FrameDecoder, frame } from '../../net/framing.ts';
import type { Endpoint, TcpConnection } from '../../net/ports.ts';
import type { SimHost } from '../../sim/host.ts';
import { decodeMessage } from '../../wire/decode.ts';
import { EdnsOption } from '../../wire/iana.ts';

export interface TcpQuestion {
  readonly octets: Uint8Array;
  /** Of the client. */
  readonly address: string;
  readonly onReply: (octets: Uint8Array) => void;
}

interface Kept {
  readonly connection: TcpConnection;
  /** Takes what comes next. */
  onReply: TcpQuestion['onReply'];
}

export class ClientConnections {
  /** By the client's address. */
  readonly #kept = new Map<string, Kept>();

  /** The clients that have one open though nothing is asked. */
  get keepers(): Iterable<string> {
    return this.#kept.keys();
  }

  ask(host: SimHost, remote: Endpoint, question: TcpQuestion): void {
    const kept = this.#kept.get(question.address);
    if (kept) {
      kept.onReply = question.onReply;
      kept.connection.write(frame(question.octets));
      return;
    }
    const { network } = host.runtime;
    const opened = network.connectTcp(remote, { localAddress: question.address });
    void opened.then((connection) => this.#converse(connection, question));
  }

  #converse(connection: TcpConnection, { octets, address, onReply }: TcpQuestion): void {
    const frames = new FrameDecoder();
    const open: Kept = { connection, onReply };
    connection.start({
      onData: (bytes) => {
        for (const reply of frames.decode(bytes)) {
          if (mayStay(reply)) this.#kept.set(address, open);
          else connection.end();
          open.onReply(new Uint8Array(reply));
        }
      },
      onEnd: () => {
        this.#forget(address, open);
        connection.end();
      },
      onDrain: () => {},
      onClose: () => this.#forget(address, open),
    });
    connection.write(frame(octets));
  }

  #forget(address: string, open: Kept): void {
    if (this.#kept.get(address) === open) this.#kept.delete(address);
  }
}

function mayStay(reply: Uint8Array): boolean {
  const decoded = decodeMessage(reply);
  const options = decoded.ok ? (decoded.value.edns?.options ?? []) : [];
  return options.some(({ code, data }) => code === EdnsOption.KEEPALIVE && data.some(Boolean));
}
