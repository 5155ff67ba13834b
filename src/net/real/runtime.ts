/** The ports of this machine: its sockets, its clocks, its CSPRNG. Chosen only by `cli`. */

import { silentLogger, type Logger } from '../logger.ts';
import type { DatagramHandler, Endpoint, Random, Runtime, UdpSocket } from '../ports.ts';
import type { DescriptorLedger } from './batch/descriptor-ledger.ts';
import type { PeerSockets } from './batch/peer-sockets.ts';
import type { BatchedUdp } from './batch/support.ts';
import type { BugReporter } from './bugs.ts';
import { createClock } from './clock.ts';
import { createRandom } from './random.ts';
import { connectTcp, listenTcp } from './tcp.ts';
import type { PeerRequest, PeerSocket } from './peer-socket.ts';
import { bindUdp, KERNEL_BUFFER_OCTETS, openPeerSocket } from './udp.ts';
import { UpstreamPool, type UpstreamPoolLimits } from './upstream-pool.ts';

export interface RealRuntimeOptions {
  /** Hears of callbacks that threw: each is a bug of ours, survived by dropping the event. */
  readonly logger?: Logger;
  readonly udp?: BoundUdpOptions;
  /** How long the sockets of queries are used again. */
  readonly upstream?: Partial<UpstreamPoolLimits>;
}

export interface BoundUdpOptions {
  /** Default: batched where it works, and plain dgram elsewhere. */
  readonly io?: UdpIo;
  /** Lets several sockets share a port, of TCP too; only batched ones can. Default false. */
  readonly reusePort?: boolean;
  /** Where to note the sockets that a thread leaves open when it dies. */
  readonly ledger?: DescriptorLedger;
}

/** How bound UDP sockets are read: one datagram at a time, or many with one call. */
export type UdpIo = 'dgram' | 'batch';

export function createRealRuntime(options: RealRuntimeOptions = {}): Runtime {
  const logger = options.logger ?? silentLogger;
  const onBug: BugReporter = (err, where) => logger.error({ err, where }, 'bug: a callback threw');
  const random = createRandom();
  const clock = createClock(onBug);
  const udp = new UdpSockets(options.udp ?? {}, { logger, random, onBug });
  const pool = new UpstreamPool({
    open: (request) => udp.openPeer(request),
    random,
    clock,
    later: (delayMs, callback) => void setTimeout(callback, delayMs).unref(),
    limits: options.upstream,
  });
  return {
    random,
    clock,
    network: {
      bindUdp: (local, handler) => udp.bind(local, handler),
      connectUdp: (remote, udpOptions) => pool.connect(remote, udpOptions),
      connectUdpAtOnce: (remote, udpOptions) => pool.connectAtOnce(remote, udpOptions),
      async listenTcp(local, onConnection) {
        return listenTcp(local, onConnection, { onBug, bindShared: await udp.bindShared() });
      },
      connectTcp: (remote, tcpOptions = {}) => connectTcp(remote, tcpOptions, onBug),
    },
  };
}

interface UdpContext {
  readonly logger: Logger;
  readonly random: Random;
  readonly onBug: BugReporter;
}

/** Which adapter opens the sockets. */
class UdpSockets {
  readonly #options: BoundUdpOptions;
  readonly #context: UdpContext;
  #loading: Promise<BatchedUdp | undefined> | undefined;
  /** Once batches are in use. */
  #peers: Pick<PeerSockets, 'open'> | undefined;

  constructor(options: BoundUdpOptions, context: UdpContext) {
    this.#options = options;
    this.#context = context;
  }

  async bind(local: Endpoint, handler: DatagramHandler): Promise<UdpSocket> {
    const { io, reusePort = false } = this.#options;
    const { onBug } = this.#context;
    // On the first socket, so that programs that bind none do not pay for it.
    if (io !== 'dgram') this.#loading ??= this.#load();
    const batched = await this.#loading;
    if (batched === undefined) return bindUdp(local, handler, onBug);
    const kernelBufferOctets = KERNEL_BUFFER_OCTETS;
    return batched.bind(local, { handler, onBug, reusePort, kernelBufferOctets });
  }

  /** For TCP, where ports are shared. */
  async bindShared(): Promise<((local: Endpoint) => number) | undefined> {
    if (this.#options.reusePort !== true) return undefined;
    const batched = await (this.#loading ??= this.#load());
    return batched && ((local) => batched.bindStream(local));
  }

  openPeer(request: PeerRequest): Promise<PeerSocket> {
    // A port that somebody chose is bound the plain way.
    const peers = request.localPort === undefined ? this.#peers : undefined;
    return peers?.open(request) ?? openPeerSocket(request, this.#context);
  }

  async #load(): Promise<BatchedUdp | undefined> {
    const { logger, random, onBug } = this.#context;
    const [{ loadBatchedUdp }, { PeerSockets }] = await Promise.all([
      import('./batch/support.ts'),
      import('./batch/peer-sockets.ts'),
    ]);
    try {
      const batched = await loadBatchedUdp(this.#options.ledger);
      this.#peers = new PeerSockets({ libc: batched.libc, random, onBug });
      return batched;
    } catch (err) {
      if (this.#options.io === 'batch') throw err;
      logger.debug({ err }, 'UDP takes one datagram at a time');
      return undefined;
    }
  }
}
