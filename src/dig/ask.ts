/**
 * One question to a list of servers, as often as `+tries` says, with dig's remark for every
 * attempt that failed. The first reply counts, whatever it says. The exchange itself is `client`'s,
 * the way to the server that of `transports.ts`.
 */

import type { ExchangeReply, Unanswered } from '../client/outcome.ts';
import type { ExchangeRequest } from '../client/request.ts';
import type { Endpoint, Runtime } from '../net/ports.ts';
import type { TsigKey } from '../tsig/key.ts';
import { EdnsOption, Rcode } from '../wire/iana.ts';
import type { Question } from '../wire/record.ts';
import { remarkOn, signatureProblem, type Failure } from './failures.ts';
import type { Output } from './output.ts';
import { queryOf } from './query.ts';
import { ReplyJudge, type Leniency } from './reply-judge.ts';
import { timeoutFor, type Globals, type Settings, type Transport } from './settings.ts';
import type { Server, Transports } from './transports.ts';

export interface Reply extends ExchangeReply {
  readonly from: Server;
  /** What brought it: 'tcp' after a truncated reply to 'udp'. */
  readonly via: Transport;
  /** Of HTTP. */
  readonly method: 'GET' | 'POST';
  /** The query as it was sent. */
  readonly query: Uint8Array;
  /** Whence it was sent. */
  readonly local: Endpoint;
  /** Where it is no message to its end. */
  readonly leniency?: Leniency | undefined;
}

/** The user has been told why nothing can be made of the reply. */
interface Hopeless {
  readonly kind: 'hopeless';
}

type Outcome = Reply | Unanswered | Hopeless;

/** A query as it leaves. */
export interface Sent {
  readonly octets: Uint8Array;
  readonly server: Endpoint;
  readonly local: Endpoint;
}

export interface AskContext {
  readonly runtime: Runtime;
  readonly transports: Transports;
  readonly globals: Pick<Globals, 'timeoutMs' | 'localAddress' | 'localPort'>;
  /** Signs every query. */
  readonly key: TsigKey | undefined;
  /** Our part of all cookies (RFC 7873 §4.1). */
  readonly cookie: Uint8Array;
  readonly output: Output;
  /** Sees every query as it leaves, where `+qr` wants it shown. */
  readonly showQuery?: ((sent: Sent, settings: Settings) => void) | undefined;
  /** Sees a reply that is not the last word: BADCOOKIE, with `+showbadcookie`. */
  readonly showReply?: ((reply: Reply, settings: Settings) => void) | undefined;
}

/** `servers` is not empty. */
export async function ask(
  context: AskContext,
  question: Question,
  { servers, settings }: { readonly servers: readonly Server[]; readonly settings: Settings },
): Promise<Reply | Failure> {
  let failure: Failure = { kind: 'no reply' };
  for (let left = settings.tries * servers.length - 1; left >= 0; left--) {
    const server = servers[servers.length - 1 - (left % servers.length)]!;
    const outcome = await attempt(context, { question, server, cookies: 0 }, settings);
    if (outcome.kind === 'reply') {
      const isOtherBetter = isServfail(outcome) && !settings.stopsAtServfail;
      const isLast = left % servers.length === 0;
      if (isOtherBetter && settings.showsComments) {
        const next = isLast ? '' : ', trying next server';
        context.output.remark(`Got SERVFAIL reply from ${server.endpoint.address}${next}`);
      }
      if (!isOtherBetter || isLast) return outcome;
      continue;
    }
    if (outcome.kind === 'hopeless') return { kind: 'given up', why: 'the reply is none' };
    failure = remarkOn(context.output, outcome, { server, name: question.name });
    if (failure.kind === 'given up') break;
  }
  return failure;
}

export function isReply(outcome: Reply | Failure): outcome is Reply {
  return outcome.kind === 'reply';
}

interface Target {
  readonly question: Question;
  readonly server: Server;
}

/**
 * One try; and again with what the server gave in return: a lower version of EDNS, for as long as
 * it names one, and its cookie, at most twice, the second time over TCP.
 */
async function attempt(
  context: AskContext,
  target: Target & { readonly cookies: number },
  settings: Settings,
): Promise<Outcome> {
  const { cookies } = target;
  const outcome = await attemptOnce(context, target, settings);
  if (outcome.kind !== 'reply') return outcome;
  const say = (text: string): void => {
    if (settings.showsComments) context.output.remark(text);
  };
  const ednsVersion = lowerVersionIn(outcome, settings);
  if (ednsVersion !== undefined) {
    say(`BADVERS, retrying with EDNS version ${ednsVersion}.`);
    return attempt(context, target, { ...settings, ednsVersion });
  }
  const cookie = cookies < 2 ? newCookieIn(outcome, settings) : undefined;
  if (!cookie) return outcome;
  if (settings.showsBadCookie) context.showReply?.(outcome, settings);
  say(`BADCOOKIE, retrying${cookies > 0 ? ' in TCP mode' : ''}.`);
  const transport = cookies > 0 ? 'tcp' : settings.transport;
  const again = { ...target, cookies: cookies + 1 };
  return attempt(context, again, { ...settings, cookie, transport });
}

/** Strictly lower, so that a server cannot keep us busy. */
function lowerVersionIn(
  { message }: Reply,
  { negotiatesEdns, ednsVersion }: Settings,
): number | undefined {
  const { rcode, edns } = message;
  if (!negotiatesEdns || ednsVersion === undefined || rcode !== Rcode.BADVERS) return undefined;
  return edns !== undefined && edns.version < ednsVersion ? edns.version : undefined;
}

/** What the server wants to see (RFC 7873 §5.3), if it is for us. */
function newCookieIn(
  { message, via }: Reply,
  { retriesBadCookie, sendsCookie }: Settings,
): Uint8Array | undefined {
  if (message.rcode !== Rcode.BADCOOKIE || !retriesBadCookie || !sendsCookie || via !== 'udp') {
    return undefined;
  }
  return message.edns?.options.find(({ code }) => code === EdnsOption.COOKIE)?.data;
}

async function attemptOnce(
  context: AskContext,
  target: Target,
  settings: Settings,
): Promise<Outcome> {
  const outcome = await send(context, target, settings);
  const isCut = outcome.kind === 'reply' && outcome.via === 'udp' && outcome.message.tc;
  if (!isCut || settings.ignoresTruncation) return verified(context, outcome);
  if (settings.showsComments) context.output.remark('Truncated, retrying in TCP mode.');
  return verified(context, await send(context, target, { ...settings, transport: 'tcp' }));
}

async function send(
  context: AskContext,
  { question, server }: Target,
  settings: Settings,
): Promise<Outcome> {
  const { globals, transports, key } = context;
  let query: Uint8Array = new Uint8Array(0);
  let local: Endpoint = { address: '', port: 0 };
  const parts = queryOf(settings, question, settings.cookie ?? context.cookie);
  // Field by field: spread, it takes longer than all else that is done before a query leaves.
  const judge = new ReplyJudge(context.output, settings.isBestEffort);
  const request: ExchangeRequest = {
    flags: parts.flags,
    edns: parts.edns,
    id: parts.id,
    headerOnly: parts.headerOnly,
    padding: parts.padding,
    authorities: parts.authorities,
    server: server.endpoint,
    question,
    timeoutMs: timeoutFor(globals, settings.transport),
    // The user wants to see what the server makes of EDNS, and of a reply that is too large.
    ednsFallback: false,
    ignoreTruncation: true,
    judge: (octets, expected, transport) => judge.judge(octets, expected, transport),
    onSend: (octets, from) => {
      query = octets;
      local = from;
      if (settings.showsQuery) {
        context.showQuery?.({ octets, server: server.endpoint, local }, settings);
      }
    },
    localAddress: globals.localAddress,
    localPort: globals.localPort,
    key,
  };
  const outcome = await transports.exchange(request, server, settings);
  if (judge.isHopeless) return { kind: 'hopeless' };
  if (outcome.kind !== 'reply') return outcome;
  const { transport } = settings;
  const via = transport === 'udp' ? outcome.transport : transport;
  return {
    kind: 'reply',
    message: outcome.message,
    server: outcome.server,
    transport: outcome.transport,
    rttMs: outcome.rttMs,
    octets: outcome.octets,
    withoutEdns: outcome.withoutEdns,
    ignored: outcome.ignored,
    tcpBecause: outcome.tcpBecause,
    changesCase: outcome.changesCase,
    hasCookie: outcome.hasCookie,
    signature: outcome.signature,
    from: server,
    via,
    method: settings.https.method,
    query,
    local,
    leniency: judge.leniency,
  };
}

function verified({ output }: AskContext, outcome: Outcome): Outcome {
  if (outcome.kind !== 'reply' || !outcome.signature) return outcome;
  const problem = signatureProblem(outcome.signature);
  if (problem !== undefined) output.remark(`Couldn't verify signature: ${problem}`);
  return outcome;
}

function isServfail({ message }: Reply): boolean {
  return message.rcode === Rcode.SERVFAIL;
}
