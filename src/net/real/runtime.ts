/** The ports of this machine: its sockets, its clocks, its CSPRNG. Chosen only by `cli`. */

import { silentLogger, type Logger } from '../logger.ts';
import type { Runtime } from '../ports.ts';
import type { BugReporter } from './bugs.ts';
import { createClock } from './clock.ts';
import { createRandom } from './random.ts';
import { connectTcp, listenTcp } from './tcp.ts';
import { bindUdp, connectUdp } from './udp.ts';

export interface RealRuntimeOptions {
  /** Hears of callbacks that threw: each is a bug of ours, survived by dropping the event. */
  readonly logger?: Logger;
}

export function createRealRuntime(options: RealRuntimeOptions = {}): Runtime {
  const logger = options.logger ?? silentLogger;
  const onBug: BugReporter = (err, where) => logger.error({ err, where }, 'bug: a callback threw');
  const random = createRandom();
  return {
    random,
    clock: createClock(onBug),
    network: {
      bindUdp: (local, handler) => bindUdp(local, handler, onBug),
      connectUdp: (remote, udpOptions) => connectUdp(remote, udpOptions, { random, onBug }),
      listenTcp: (local, onConnection) => listenTcp(local, onConnection, onBug),
      connectTcp: (remote, tcpOptions = {}) => connectTcp(remote, tcpOptions, onBug),
    },
  };
}
