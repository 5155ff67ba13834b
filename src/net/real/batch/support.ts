/** Whether this machine can do batched UDP: asked by trying it, not by versions and names. */

import { arch, endianness, platform } from 'node:os';

import { endpointOctets } from '../../address.ts';
import { DnsError } from '../../errors.ts';
import type { Endpoint, UdpSocket } from '../../ports.ts';
import { bindBatched, type BatchOptions } from './batch-socket.ts';
import type { DescriptorLedger } from './descriptor-ledger.ts';
import { loadLibc, type Libc } from './libc.ts';
import { bindShared } from './stream-descriptor.ts';

/** Why there is no batched UDP here; `cause` has the details. */
export class BatchedUdpError extends DnsError {
  readonly code = 'TSDNS_BATCHED_UDP';
}

const LOOPBACK: Endpoint = { address: '127.0.0.1', port: 0 };
const TRIAL_BUFFER_OCTETS = 4096;
/** Turns of the event loop until a datagram to ourselves must have arrived: the first one does. */
const MAX_TRIAL_TURNS = 10;

/** Opens a socket; throws `BindError`. */
type BindBatched = (local: Endpoint, options: BatchOptions) => UdpSocket;

export interface BatchedUdp {
  readonly bind: BindBatched;
  /** Binds a TCP socket that shares its port; returns its descriptor. */
  bindStream(local: Endpoint): number;
  readonly libc: Libc;
}

/** Rejects with `BatchedUdpError`. */
export async function loadBatchedUdp(ledger?: DescriptorLedger): Promise<BatchedUdp> {
  const machine = `${platform()} on ${arch()}`;
  // The structs of `abi.ts` are those of these machines.
  if (platform() !== 'linux' || !['x64', 'arm64'].includes(arch()) || endianness() !== 'LE') {
    throw new BatchedUdpError(`batched UDP needs Linux on x64 or arm64, and this is ${machine}`);
  }
  const libc = await loadLibc(ledger).catch((cause: unknown) => {
    const message = 'batched UDP needs the package koffi, which is not installed or does not load';
    throw new BatchedUdpError(message, { cause });
  });
  const bind: BindBatched = (local, options) => bindBatched(local, options, libc);
  await tryLoopback(bind);
  return { bind, bindStream: (local) => bindShared(local, libc), libc };
}

/** A socket sends itself a datagram, and must be woken up by it. */
async function tryLoopback(bind: BindBatched): Promise<void> {
  let hasArrived = false;
  let socket: UdpSocket | undefined;
  try {
    socket = bind(LOOPBACK, {
      handler: (datagram) => {
        hasArrived = datagram[0] === 1;
        return 0;
      },
      onBug: () => {},
      reusePort: false,
      kernelBufferOctets: TRIAL_BUFFER_OCTETS,
    });
    const octets = endpointOctets(LOOPBACK.address);
    const { local } = socket;
    const self = { endpoint: local, port: local.port, octets, retain: () => self };
    socket.send(Uint8Array.of(1), self);
    for (let turn = 0; turn < MAX_TRIAL_TURNS && !hasArrived; turn++) await nextTurn();
  } catch (cause) {
    throw new BatchedUdpError('batched UDP does not work on this machine', { cause });
  } finally {
    await socket?.close();
  }
  if (!hasArrived) throw new BatchedUdpError('batched UDP does not wake up on this machine');
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
