/**
 * One question to one server: over UDP with a fresh id and a fresh connected socket from a random
 * port for every datagram (RFC 5452 §9.2), over TCP when the reply was truncated (RFC 7766 §5) or
 * when somebody is guessing ids, and once more without EDNS when the server does not know it
 * (RFC 6891 §7).
 *
 *     udp ─┬─ reply ───────────────┬─ TC ──────────────► tcp
 *          ├─ first wrong id ──────│───────────────────► tcp
 *          ├─ time over ─ next try │
 *          └─ network error        └─ FORMERR, NOTIMP without OPT ─► all over, without EDNS
 *
 * Whatever does not match the question is ignored and the wait goes on (`matching.ts`). Every
 * datagram and every connection is paid for by `spend`, inside the primitive that makes it.
 * Deliberately not here: which server to ask, retransmission beyond `tries`, reuse of connections,
 * cookies, transfers. Never throws; no socket or timer outlives the returned promise.
 */

import type { Runtime } from '../net/ports.ts';
import { plainEdns, type Edns } from '../wire/edns.ts';
import { Rcode } from '../wire/iana.ts';
import type { Message } from '../wire/message.ts';
import type { Exchange } from './outcome.ts';
import type { ExchangeRequest } from './request.ts';
import { exchangeTcp } from './tcp.ts';
import { exchangeUdp } from './udp.ts';

/** Asks one server one question. */
export async function exchange(runtime: Runtime, request: ExchangeRequest): Promise<Exchange> {
  const edns = request.edns ?? plainEdns();
  const first = await ask(runtime, request, edns);
  const canFallBack = edns !== false && request.ednsFallback !== false;
  if (first.kind !== 'reply' || !canFallBack || !lacksEdns(first.message)) return first;
  const second = await ask(runtime, request, false);
  return second.kind === 'reply' ? { ...second, withoutEdns: true } : second;
}

async function ask(
  runtime: Runtime,
  request: ExchangeRequest,
  edns: Edns | false,
): Promise<Exchange> {
  if (request.tcp === true) return exchangeTcp(runtime, request, edns);
  let last: Exchange = { kind: 'timeout', ignored: 0 };
  for (let tries = Math.max(1, request.tries ?? 1); tries > 0; tries--) {
    const outcome = await exchangeUdp(runtime, request, edns);
    if (outcome.kind === 'wrong id') {
      // Whoever sends wrong ids to the right port has found the port: no more guesses over UDP.
      return because(await exchangeTcp(runtime, request, edns), 'wrong id');
    }
    if (outcome.kind === 'truncated') {
      return because(await exchangeTcp(runtime, request, edns), 'truncated');
    }
    if (outcome.kind !== 'timeout' && outcome.kind !== 'malformed') return outcome;
    last = outcome;
  }
  return last;
}

function because(outcome: Exchange, tcpBecause: 'truncated' | 'wrong id'): Exchange {
  return outcome.kind === 'reply' ? { ...outcome, tcpBecause } : outcome;
}

/** RFC 6891 §7: an error from a responder that shows no sign of EDNS. */
function lacksEdns(message: Message): boolean {
  if (message.edns) return false;
  const { rcode } = message;
  return rcode === Rcode.FORMERR || rcode === Rcode.NOTIMP || rcode === Rcode.BADVERS;
}
