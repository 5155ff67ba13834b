/**
 * One question to one server: over UDP with a fresh id and a fresh connected socket from a random
 * port for every datagram (RFC 5452 §9.2), over TCP when the reply was truncated (RFC 7766 §5) or
 * somebody may be guessing, once more with a new cookie when the server wants one (RFC 7873 §5.3),
 * and once more without EDNS when the server does not know it (RFC 6891 §7).
 *
 *     udp ─┬─ reply ─────────────────┬─ TC ─────────────────────────► tcp
 *          ├─ first wrong id, other  │
 *          │  case, missing cookie ──│──────────────────────────────► tcp
 *          ├─ time over ─ next try   ├─ BADCOOKIE ─► udp ─ BADCOOKIE ► tcp
 *          └─ network error          └─ FORMERR, NOTIMP without OPT ─► all over, without EDNS
 *
 * Whatever does not match the question is ignored and the wait goes on (`matching.ts`). Every
 * datagram and every connection is paid for by `spend`, inside the primitive that makes it.
 * Deliberately not here: which server to ask, retransmission beyond `tries`, transfers. Never
 * throws; no socket or timer outlives the returned promise, but for those of shared connections.
 */

import type { Runtime } from '../net/ports.ts';
import { plainEdns, type Edns } from '../wire/edns.ts';
import { Rcode } from '../wire/iana.ts';
import type { Message } from '../wire/message.ts';
import type { Exchange, ExchangeReply, TcpReason } from './outcome.ts';
import type { ExchangeRequest } from './request.ts';
import type { Sieved } from './sieve.ts';
import { exchangeTcp } from './tcp.ts';
import { exchangeOverUdp, exchangeUdp } from './udp.ts';

/** Asks one server one question. */
export function exchange(runtime: Runtime, request: ExchangeRequest): Promise<Exchange> {
  return new Promise((resolve) => exchangeThen(runtime, request, resolve));
}

/**
 * As `exchange`, calling back once, perhaps before it returns: with the outcome where nothing had
 * to be asked twice, as is nearly always so, and no promise is needed.
 */
export function exchangeThen(
  runtime: Runtime,
  request: ExchangeRequest,
  onOutcome: (outcome: Exchange | Promise<Exchange>) => void,
): void {
  const edns = request.edns ?? plainEdns();
  if (request.tcp === true) return onOutcome(askOn(runtime, request, { edns }));
  exchangeUdp(runtime, { request, edns }, (udp) => {
    const isPlain = udp.kind === 'reply' && udp.message.rcode === Rcode.NOERROR;
    onOutcome(isPlain ? udp : askOn(runtime, request, { edns, udp }));
  });
}

/** From the first outcome on. */
async function askOn(
  runtime: Runtime,
  request: ExchangeRequest,
  attempt: Attempt,
): Promise<Exchange> {
  const { edns } = attempt;
  const first = await ask(runtime, request, attempt);
  const canFallBack = edns !== false && request.ednsFallback !== false;
  if (first.kind !== 'reply' || !canFallBack || !lacksEdns(first.message)) return first;
  const second = await ask(runtime, request, { edns: false });
  return second.kind === 'reply' ? { ...second, withoutEdns: true } : second;
}

interface Attempt {
  readonly edns: Edns | false;
  /** What came of the first datagram, where one was sent. */
  readonly udp?: Sieved | undefined;
}

async function ask(
  runtime: Runtime,
  request: ExchangeRequest,
  { edns, udp }: Attempt,
): Promise<Exchange> {
  if (request.tcp === true) return askOverTcp(runtime, request, { edns });
  let hasNewCookie = false;
  let sent = udp;
  let last: Exchange = { kind: 'timeout', ignored: 0 };
  for (let tries = Math.max(1, request.tries ?? 1); tries > 0; tries--) {
    const outcome = sent ?? (await exchangeOverUdp(runtime, { request, edns }));
    sent = undefined;
    if (outcome.kind === 'suspect') {
      // Whoever sends to the right port has found the port: no more guesses over UDP.
      return askOverTcp(runtime, request, { edns, because: outcome.why });
    }
    if (outcome.kind === 'truncated') {
      return askOverTcp(runtime, request, { edns, because: 'truncated' });
    }
    if (outcome.kind === 'reply' && wantsCookie(outcome)) {
      if (hasNewCookie) return askOverTcp(runtime, request, { edns, because: 'bad cookie' });
      hasNewCookie = true;
      tries++;
      continue;
    }
    if (outcome.kind !== 'timeout' && outcome.kind !== 'malformed') return outcome;
    last = outcome;
  }
  return last;
}

async function askOverTcp(
  runtime: Runtime,
  request: ExchangeRequest,
  { edns, because }: { readonly edns: Edns | false; readonly because?: TcpReason },
): Promise<Exchange> {
  const outcome = await exchangeTcp(runtime, request, edns);
  if (outcome.kind !== 'reply') return outcome;
  // A connection proves our address better than any cookie, so it does not know what it does.
  if (wantsCookie(outcome)) request.cookies?.suspend();
  return because ? { ...outcome, tcpBecause: because } : outcome;
}

/** It took our cookie and not the one that we had from the server before, if any. */
function wantsCookie({ message, hasCookie }: ExchangeReply): boolean {
  return hasCookie && message.rcode === Rcode.BADCOOKIE;
}

/** RFC 6891 §7: an error from a responder that shows no sign of EDNS. */
function lacksEdns(message: Message): boolean {
  if (message.edns) return false;
  const { rcode } = message;
  return rcode === Rcode.FORMERR || rcode === Rcode.NOTIMP || rcode === Rcode.BADVERS;
}
