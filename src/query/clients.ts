/**
 * What we do for whom: decided by where a message came from, in one place for UDP and TCP.
 *
 *     judge   on the octets of the address, before anything is read:
 *             source that nobody can have ─► drop
 *             access list ─────────────────► drop | refuse | serve | recurse
 *             UDP, a stranger, too often ──► limited
 *     greet   on the message: cookies (RFC 7873), keepalive (RFC 7828), and what `judge` said
 *     late    on an answer that took long: it may be part of a pulse that is aimed at somebody
 */

import type { Clock, Random } from '../net/ports.ts';
import type { EdnsOptionValue } from '../wire/edns.ts';
import { EdnsOption, ExtendedError, Rcode } from '../wire/iana.ts';
import type { Message } from '../wire/message.ts';
import { AccessTable, type Access, type AccessRule } from './access.ts';
import { COOKIE_SECRET_OCTETS, ServerCookies, type CookieFinding } from './cookies.ts';
import { LateReplies, lateReplyLimits, type LateReplyLimits } from './late-replies.ts';
import { emptyAnswer, type Answer, type Transport } from './query.ts';
import { ResponseRate, responseRateLimits, type ResponseRateLimits } from './response-rate.ts';

/** Where a message came from. */
export interface Origin {
  readonly transport: Transport;
  /** The client's address in network order, 4 or 16 octets; valid until `respond` returns. */
  readonly clientOctets: Uint8Array;
  /** Of a connection. */
  readonly keepAlive?: KeepAlive | undefined;
}

/** What a TCP connection and its client have agreed upon (RFC 7828). */
export interface KeepAlive {
  /** How long the connection may be idle, as things are now. */
  readonly idleMs: number;
  /** The client has asked to be told. */
  isWanted: boolean;
}

export type Verdict = Access | 'limited';

/** 'require': over UDP nobody gets an answer without a cookie that proves the address. */
export type CookiePolicy = 'off' | 'answer' | 'require';

export interface ClientOptions {
  /** Networks that are refused everything, or get no reply at all. */
  readonly refuse?: readonly AccessRule['prefix'][];
  readonly drop?: readonly AccessRule['prefix'][];
  /** Default 'answer'. */
  readonly cookies?: CookiePolicy;
  /** Of 16 octets; the first makes cookies, the others are still taken. Default: a random one. */
  readonly cookieSecrets?: readonly Uint8Array[];
  readonly rate?: Partial<ResponseRateLimits>;
  readonly late?: Partial<LateReplyLimits>;
}

/** How a message is received, before its question is looked at. */
export interface Greeting {
  /** Instead of an answer to the question. */
  readonly answer?: Answer;
  /** For the reply, if it has EDNS. */
  readonly options: readonly EdnsOptionValue[];
  /** The client's address is its own. */
  readonly isProven: boolean;
}

export class Clients {
  readonly #clock: Clock;
  readonly #newRate: () => ResponseRate;
  #rateOfStrangers: ResponseRate | undefined;
  readonly #late: LateReplies;
  readonly #policy: CookiePolicy;
  readonly #cookies: ServerCookies;
  #access: AccessTable;

  constructor(
    options: ClientOptions,
    world: {
      readonly clock: Clock;
      readonly random: Random;
      readonly rules: readonly AccessRule[];
    },
  ) {
    const { clock, random, rules } = world;
    this.#clock = clock;
    this.#newRate = () =>
      new ResponseRate({ ...responseRateLimits, ...options.rate }, clock, random);
    this.#late = new LateReplies({ ...lateReplyLimits, ...options.late }, clock);
    this.#policy = options.cookies ?? 'answer';
    this.#cookies = new ServerCookies(options.cookieSecrets ?? [randomCookieSecret(random)]);
    this.#access = new AccessTable(rules);
  }

  /** A table of a megabyte, made when the first stranger comes. */
  get #rate(): ResponseRate {
    return (this.#rateOfStrangers ??= this.#newRate());
  }

  /** Other rules from the next message on. */
  replaceRules(rules: readonly AccessRule[]): void {
    this.#access = new AccessTable(rules);
  }

  /** Counts the message: to be asked once for each. */
  judge({ transport, clientOctets }: Origin): Verdict {
    if (transport === 'udp' && !mayBeAnswered(clientOctets)) return 'drop';
    const access = this.#access.of(clientOctets);
    const isExempt = access === 'drop' || access === 'recurse' || isLoopback(clientOctets);
    if (transport === 'tcp' || isExempt) return access;
    return this.#rate.take(clientOctets) ? access : 'limited';
  }

  /** Whether a finished answer will do: nothing is to be said to this client beside it. */
  mayBeDirect({ transport, keepAlive }: Origin, verdict: Verdict): boolean {
    if (verdict === 'limited' || verdict === 'refuse') return false;
    return transport === 'udp' ? this.#policy !== 'require' : keepAlive?.isWanted !== true;
  }

  greet(message: Message, origin: Origin, verdict: Verdict): Greeting {
    const cookie = this.#findCookie(message, origin);
    const isTcp = origin.transport === 'tcp';
    const isProven = isTcp || (cookie !== 'malformed' && cookie?.kind === 'valid');
    if (verdict === 'limited' && !isProven) {
      const isSlip = this.#rate.slips(origin.clientOctets);
      return { answer: isSlip ? truncated : dropped, options: [], isProven };
    }
    const keepAlive = isTcp ? findKeepAlive(message, origin) : undefined;
    const isMalformed = cookie === 'malformed' || keepAlive === 'malformed';
    if (isMalformed) return { answer: emptyAnswer(Rcode.FORMERR), options: [], isProven };
    const options = [cookie?.option, keepAlive].filter((option) => option !== undefined);
    const answer = verdict === 'refuse' ? refused : this.#answerToCookie(message, origin, cookie);
    return answer ? { answer, options, isProven } : { options, isProven };
  }

  /** What is sent of an answer that comes `ageMs` after its query. */
  late(
    answer: Answer,
    {
      source,
      greeting,
      ageMs,
    }: { readonly source: Origin; readonly greeting: Greeting; readonly ageMs: number },
  ): Answer {
    if (greeting.isProven || !this.#late.isLate(ageMs)) return answer;
    if (isLoopback(source.clientOctets)) return answer;
    return this.#late.reduce(answer);
  }

  #findCookie(message: Message, { clientOctets }: Origin): CookieFinding | 'malformed' | undefined {
    const { edns } = message;
    if (this.#policy === 'off' || edns?.version !== 0 || edns.options.length === 0)
      return undefined;
    const nowSeconds = Math.floor(this.#clock.wall() / 1000);
    return this.#cookies.find(message, { address: clientOctets, nowSeconds });
  }

  /** What a cookie, or its absence, gets in place of the answer to the question. */
  #answerToCookie(
    message: Message,
    { transport, clientOctets }: Origin,
    cookie: CookieFinding | undefined,
  ): Answer | undefined {
    // RFC 7873 §5.4: a query without a question asks for a cookie.
    if (cookie && message.questions.length === 0) {
      return emptyAnswer(cookie.kind === 'invalid' ? Rcode.BADCOOKIE : Rcode.NOERROR);
    }
    const isRequired = this.#policy === 'require' && transport === 'udp';
    if (!isRequired || cookie?.kind === 'valid' || isLoopback(clientOctets)) return undefined;
    // RFC 7873 §5.2.3: with what it needs for the next try; without cookies TCP is the way.
    return cookie ? emptyAnswer(Rcode.BADCOOKIE) : { ...truncated, rcode: Rcode.REFUSED };
  }
}

const truncated: Answer = { ...emptyAnswer(Rcode.NOERROR), isTruncated: true };
const dropped: Answer = { ...emptyAnswer(Rcode.NOERROR), isDropped: true };
const refused: Answer = emptyAnswer(Rcode.REFUSED, [
  { code: ExtendedError.PROHIBITED, text: 'nothing is offered to this address' },
]);

export function randomCookieSecret(random: Random): Uint8Array {
  return Uint8Array.from({ length: COOKIE_SECRET_OCTETS }, () => random.below(256));
}

/** RFC 7828 §3.3: the timeout in tenths of a second, once asked for in every reply. */
function findKeepAlive(
  message: Message,
  { keepAlive }: Origin,
): EdnsOptionValue | 'malformed' | undefined {
  if (!keepAlive || !message.edns) return undefined;
  const asked = message.edns.options.find(({ code }) => code === EdnsOption.KEEPALIVE);
  // A client must not send a time (§3.2.1).
  if (asked && asked.data.length > 0) return 'malformed';
  if (asked) keepAlive.isWanted = true;
  if (!keepAlive.isWanted) return undefined;
  const tenths = Math.floor(keepAlive.idleMs / 100);
  return { code: EdnsOption.KEEPALIVE, data: Uint8Array.of(tenths >> 8, tenths & 0xff) };
}

function mayBeAnswered(address: Uint8Array): boolean {
  const first = address[0]!;
  // 0.0.0.0/8 is nobody, 224.0.0.0/3 is many or reserved (RFC 1122 §3.2.1.3); ff00::/8 is many.
  if (address.length === 4) return first !== 0 && first < 224;
  return first !== 0xff && !isUnspecified(address);
}

function isUnspecified(address: Uint8Array): boolean {
  return address[0] === 0 && address.every((octet) => octet === 0);
}

function isLoopback(address: Uint8Array): boolean {
  if (address.length === 4) return address[0] === 127;
  if (address[0] !== 0 || address[15] !== 1) return false;
  for (let i = 1; i < 15; i++) if (address[i] !== 0) return false;
  return true;
}

/**
 * Echo, discard, daytime, quote of the day, character generator: these answer whatever comes, for
 * ever (CVE-2024-2169). And a name server that sends us what is no query would get an error for it,
 * which it may take for a query in turn.
 */
const REFLECTING_PORTS: ReadonlySet<number> = new Set([0, 7, 9, 13, 17, 19, 53]);

/** Whether a message that cannot be understood came from where an error would come back. */
export function isReflector(port: number): boolean {
  return REFLECTING_PORTS.has(port);
}
