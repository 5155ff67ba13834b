/** One datagram to one server, and the wait for the reply that matches it. */

import type { ConnectedUdpSocket, Runtime } from '../net/ports.ts';
import { CLASSIC_UDP_PAYLOAD_SIZE, type Edns } from '../wire/edns.ts';
import { unreachable } from './outcome.ts';
import { localOf, writeRequest, type ExchangeRequest } from './request.ts';
import { ReplySieve, type Sieved } from './sieve.ts';
import { startWait } from './wait.ts';

export async function exchangeUdp(
  runtime: Runtime,
  request: ExchangeRequest,
  edns: Edns | false,
): Promise<Sieved> {
  const { clock, network } = runtime;
  const { server, signal, timeoutMs } = request;
  if (signal?.aborted === true) return { kind: 'cancelled' };
  if (request.spend?.('udp') === false) return { kind: 'out of budget' };
  const offered = edns === false ? 0 : edns.udpPayloadSize;
  const invitedOctets = Math.max(offered, CLASSIC_UDP_PAYLOAD_SIZE);
  const sieve = new ReplySieve({ clock, request, transport: 'udp', invitedOctets });
  const onTimeout = (): Sieved => sieve.nothingBetter();
  const cancelled: Sieved = { kind: 'cancelled' };
  const wait = startWait<Sieved>(clock, { timeoutMs, signal, onTimeout, cancelled });
  let socket: ConnectedUdpSocket | undefined;
  try {
    socket = await network.connectUdp(server, {
      onDatagram(datagram) {
        if (wait.isOver) return;
        // The socket takes its buffer back, and the decoded message refers to its octets. (A
        // Buffer's `slice` would be a view.)
        const end = sieve.take(new Uint8Array(datagram));
        if (end) wait.end(end);
      },
      onError: (error) => wait.end(unreachable('udp', error)),
      ...localOf(request),
    });
    if (!wait.isOver) {
      const { octets, expected } = writeRequest(runtime, request, { edns, local: socket.local });
      sieve.markSent(expected);
      socket.send(octets);
    }
    const outcome = await wait.result;
    // Nothing can come any more that another exchange could take for its own.
    if (outcome.kind === 'reply' && outcome.ignored === 0) socket.release();
    return outcome;
  } catch (error) {
    return unreachable('udp', error);
  } finally {
    wait.end(cancelled);
    socket?.close();
  }
}
