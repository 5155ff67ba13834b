/** The ports of this machine: its sockets, its clocks, its CSPRNG. Chosen only by `cli`. */

import { silentLogger, type Logger } from '../logger.ts';
import type { DatagramHandler, Endpoint, Runtime, UdpSocket } from '../ports.ts';
import type { BindBatched } from './batch/support.ts';
import type { BugReporter } from './bugs.ts';
import { createClock } from './clock.ts';
import { createRandom } from './random.ts';
import { connectTcp, listenTcp } from './tcp.ts';
import { bindUdp, connectUdp, KERNEL_BUFFER_OCTETS } from './udp.ts';

export interface RealRuntimeOptions {
  /** Hears of callbacks that threw: each is a bug of ours, survived by dropping the event. */
  readonly logger?: Logger;
  readonly udp?: BoundUdpOptions;
}

export interface BoundUdpOptions {
  /** Default: batched where it works, and plain dgram elsewhere. */
  readonly io?: UdpIo;
  /** Lets several sockets share a port; only batched ones can. Default false. */
  readonly reusePort?: boolean;
}

/** How bound UDP sockets are read: one datagram at a time, or many with one call. */
export type UdpIo = 'dgram' | 'batch';

export function createRealRuntime(options: RealRuntimeOptions = {}): Runtime {
  const logger = options.logger ?? silentLogger;
  const onBug: BugReporter = (err, where) => logger.error({ err, where }, 'bug: a callback threw');
  const random = createRandom();
  return {
    random,
    clock: createClock(onBug),
    network: {
      bindUdp: createBindUdp(options.udp ?? {}, logger, onBug),
      connectUdp: (remote, udpOptions) => connectUdp(remote, udpOptions, { random, onBug }),
      listenTcp: (local, onConnection) => listenTcp(local, onConnection, onBug),
      connectTcp: (remote, tcpOptions = {}) => connectTcp(remote, tcpOptions, onBug),
    },
  };
}

function createBindUdp(
  { io, reusePort = false }: BoundUdpOptions,
  logger: Logger,
  onBug: BugReporter,
): Runtime['network']['bindUdp'] {
  if (io === 'dgram') return (local, handler) => bindUdp(local, handler, onBug);
  // On the first socket, so that programs that bind none do not pay for it.
  let loading: Promise<BindBatched | undefined> | undefined;
  return async (local: Endpoint, handler: DatagramHandler): Promise<UdpSocket> => {
    loading ??= loadBatched(io === 'batch', logger);
    const bindBatched = await loading;
    if (bindBatched === undefined) return bindUdp(local, handler, onBug);
    const kernelBufferOctets = KERNEL_BUFFER_OCTETS;
    return bindBatched(local, { handler, onBug, reusePort, kernelBufferOctets });
  };
}

async function loadBatched(isForced: boolean, logger: Logger): Promise<BindBatched | undefined> {
  const { loadBatchedUdp } = await import('./batch/support.ts');
  try {
    return await loadBatchedUdp();
  } catch (err) {
    if (isForced) throw err;
    logger.debug({ err }, 'UDP takes one datagram at a time');
    return undefined;
  }
}
