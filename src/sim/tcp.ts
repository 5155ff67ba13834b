/**
 * TCP on a simulated host: listeners and the opening of connections. Connecting takes one round
 * trip, is refused where nobody listens, and times out where nobody is.
 */

import type { Cancellation } from '../net/cancellation.ts';
import { canonicalEndpointAddress } from '../net/address.ts';
import type { ConnectTcpOptions, Endpoint, Listener, TcpConnection } from '../net/ports.ts';
import { bindError, connectError, SocketFailure } from '../net/socket-errors.ts';
import type { Fabric } from './fabric.ts';
import type { Acceptor, ConnectionEnd, Machine } from './machine.ts';
import { PortTable } from './port-table.ts';
import { type Retransmission, SimTcpEnd, transmitReliably } from './tcp-connection.ts';
import { chooseLocal } from './udp.ts';

/** RFC 6298 §2.1 and Linux' `tcp_syn_retries`: a connection attempt is given up after 127 s. */
const synRetransmission: Retransmission = { firstMs: 1000, maxTries: 6 };
const nothing = new Uint8Array(0);

type OnConnection = (connection: TcpConnection) => void;

export class TcpStack {
  readonly connections: Set<ConnectionEnd> = new Set();
  readonly #machine: Machine;
  readonly #fabric: Fabric;
  readonly #listeners = new PortTable<Acceptor>();

  constructor(machine: Machine, fabric: Fabric) {
    this.#machine = machine;
    this.#fabric = fabric;
  }

  get listenerCount(): number {
    return this.#listeners.size;
  }

  findListener(local: Endpoint): Acceptor | undefined {
    return this.#listeners.find(local);
  }

  listen(wanted: Endpoint, onConnection: OnConnection): Listener {
    const local = chooseLocal(wanted, this.#machine, this.#listeners);
    if (local instanceof SocketFailure) throw bindError(wanted, 'tcp', local);
    let isOpen = true;
    const { engine } = this.#fabric;
    this.#listeners.claim(local, {
      get isOpen() {
        return isOpen;
      },
      accept: (connection) => engine.callOut(() => onConnection(connection)),
    });
    const close = (): Promise<void> => {
      if (isOpen) this.#listeners.release(local);
      isOpen = false;
      return Promise.resolve();
    };
    return { local, close };
  }

  connect(remote: Endpoint, options: ConnectTcpOptions): Promise<TcpConnection> {
    return new Promise((resolve, reject) => {
      const { signal } = options;
      const refuse = (cause: unknown): void => reject(connectError(remote, cause));
      if (signal?.aborted === true) {
        refuse(new Error('aborted', { cause: signal.reason }));
        return;
      }
      const ends = this.#chooseEnds(remote, options);
      if (ends instanceof SocketFailure) {
        refuse(ends);
        return;
      }
      this.#open(ends, { resolve, refuse, signal });
    });
  }

  #open(ends: Ends, { resolve, refuse, signal }: Attempt): void {
    const { engine } = this.#fabric;
    const context = { fabric: this.#fabric, machine: this.#machine, ...ends };
    const settle = (outcome: () => void): void => {
      signal?.removeEventListener('abort', abort);
      engine.callOut(outcome);
    };
    const client = new SimTcpEnd({
      ...context,
      onEstablished: () => {
        client.send('ack');
        settle(() => resolve(client));
      },
    });
    const fail = (cause: unknown): void => {
      client.abandon();
      settle(() => refuse(cause));
    };
    const abort = (): void => fail(new Error('aborted', { cause: signal?.reason }));
    signal?.addEventListener('abort', abort, { once: true });

    const syn = { transport: 'tcp', kind: 'syn', ...addressed(ends), bytes: nothing } as const;
    const isWanted = (): boolean => client.isOpen;
    const answer = (target: Machine): void => {
      const acceptor = target.tcp.findListener(syn.to);
      if (acceptor !== undefined) {
        answerSyn({ client, acceptor, machine: target, fabric: this.#fabric });
        return;
      }
      transmitReliably(
        { fabric: this.#fabric, machine: target },
        { ...syn, kind: 'reset', from: syn.to, to: syn.from },
        {
          arrive: () => {
            if (client.isOpen) fail(new SocketFailure('ECONNREFUSED', 'connect'));
          },
          giveUp: () => {},
          isWanted,
        },
      );
    };
    transmitReliably(context, syn, {
      arrive: answer,
      giveUp: () => fail(new SocketFailure('ETIMEDOUT', 'connect')),
      isWanted,
      retransmission: synRetransmission,
    });
  }

  #chooseEnds(wanted: Endpoint, options: ConnectTcpOptions): Ends | SocketFailure {
    const address = canonicalEndpointAddress(wanted.address);
    if (address === undefined) return new SocketFailure('EINVAL', 'connect');
    const source = options.localAddress ?? this.#machine.sourceFor(address);
    if (source === undefined) return new SocketFailure('ENETUNREACH', 'connect');
    const wantedLocal = { address: source, port: options.localPort ?? 0 };
    const local = chooseLocal(wantedLocal, this.#machine, this.#listeners);
    return local instanceof SocketFailure
      ? local
      : { local, remote: { address, port: wanted.port } };
  }
}

interface Ends {
  readonly local: Endpoint;
  readonly remote: Endpoint;
}

interface Attempt {
  readonly resolve: (connection: TcpConnection) => void;
  readonly refuse: (cause: unknown) => void;
  readonly signal: Cancellation | undefined;
}

interface Handshake {
  readonly client: SimTcpEnd;
  readonly acceptor: Acceptor;
  readonly machine: Machine;
  readonly fabric: Fabric;
}

/** The listening side: the program hears of the connection when the handshake is complete. */
function answerSyn({ client, acceptor, machine, fabric }: Handshake): void {
  const server = new SimTcpEnd({
    fabric,
    machine,
    local: client.remote,
    remote: client.local,
    onEstablished: (end) => {
      if (acceptor.isOpen) acceptor.accept(end);
      else end.reset();
    },
  });
  server.pair(client);
  server.send('syn-ack');
}

function addressed({ local, remote }: Ends): { readonly from: Endpoint; readonly to: Endpoint } {
  return { from: local, to: remote };
}
