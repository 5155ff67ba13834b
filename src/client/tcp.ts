/**
 * One question over TCP: on a connection that others share, where the request brings such, else on
 * one of its own.
 * Replies are matched exactly as over UDP: a connection proves the address, not the question.
 */

import { FrameDecoder, frame } from '../net/framing.ts';
import type { Runtime, TcpConnection, TcpHandlers } from '../net/ports.ts';
import type { Edns } from '../wire/edns.ts';
import { MAX_MESSAGE_OCTETS } from '../wire/message.ts';
import { clientLimits } from './limits.ts';
import { closedWithoutReply, unreachable, type Exchange } from './outcome.ts';
import { localOf, writeRequest, type ExchangeRequest } from './request.ts';
import { ReplySieve, type Sieved } from './sieve.ts';
import { startWait, type Wait } from './wait.ts';

export async function exchangeTcp(
  runtime: Runtime,
  request: ExchangeRequest,
  edns: Edns | false,
): Promise<Exchange> {
  if (request.connections && request.localAddress === undefined) {
    return request.connections.ask(request, edns);
  }
  const outcome = await askOverTcp(runtime, request, edns);
  // The sieve asks for TCP only over UDP.
  if (outcome.kind !== 'truncated' && outcome.kind !== 'suspect') return outcome;
  return { kind: 'malformed', reason: outcome.kind };
}

async function askOverTcp(
  runtime: Runtime,
  request: ExchangeRequest,
  edns: Edns | false,
): Promise<Sieved> {
  const { clock, network } = runtime;
  const { server, signal } = request;
  if (signal?.aborted === true) return { kind: 'cancelled' };
  if (request.spend?.('tcp') === false) return { kind: 'out of budget' };
  const invitedOctets = MAX_MESSAGE_OCTETS;
  const sieve = new ReplySieve({ clock, request, transport: 'tcp', invitedOctets });
  const onTimeout = (): Sieved => sieve.nothingBetter();
  const cancelled: Sieved = { kind: 'cancelled' };
  const timeoutMs = request.timeoutMs * clientLimits.tcpTimeFactor;
  const wait = startWait<Sieved>(clock, { timeoutMs, signal, onTimeout, cancelled });
  // A connection that is still being opened when the wait ends must not stay open.
  const opening = new AbortController();
  void wait.result.then(() => opening.abort());
  let connection: TcpConnection | undefined;
  try {
    connection = await network.connectTcp(server, {
      signal: opening.signal,
      ...localOf(request),
    });
    connection.start(handlersFor(sieve, wait));
    if (!wait.isOver) {
      const { octets, expected } = writeRequest(runtime, request, {
        edns,
        local: connection.local,
      });
      sieve.markSent(expected);
      connection.write(frame(octets));
    }
    return await wait.result;
  } catch (error) {
    // An aborted opening rejects as well: then the wait knows better why.
    return wait.isOver ? await wait.result : unreachable('tcp', error);
  } finally {
    wait.end(cancelled);
    connection?.destroy();
  }
}

function handlersFor(sieve: ReplySieve, wait: Wait<Sieved>): TcpHandlers {
  const frames = new FrameDecoder();
  const gone = (error = closedWithoutReply()): void => {
    wait.end(sieve.lastResort ?? unreachable('tcp', error));
  };
  return {
    onData(bytes) {
      if (wait.isOver) return;
      for (const message of frames.decode(bytes)) {
        const end = sieve.take(new Uint8Array(message));
        if (end) return wait.end(end);
      }
    },
    onEnd: () => gone(),
    onDrain: () => {},
    onClose: (error) => gone(error),
  };
}
