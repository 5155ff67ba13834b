/**
 * One question to a list of servers, as often as `+tries` says, with dig's remark for every
 * attempt that failed. The first reply counts, whatever it says. The exchange itself is `client`'s.
 */

import { exchange } from '../client/exchange.ts';
import { clientLimits } from '../client/limits.ts';
import type { Exchange, ExchangeReply } from '../client/outcome.ts';
import type { ExchangeRequest } from '../client/request.ts';
import type { Endpoint, Runtime } from '../net/ports.ts';
import { codeOf } from '../net/socket-errors.ts';
import { DEFAULT_UDP_PAYLOAD_SIZE, type Edns, type EdnsOptionValue } from '../wire/edns.ts';
import { EXPLAIN_OPTION } from '../wire/explanation.ts';
import { EdnsOption, Rcode } from '../wire/iana.ts';
import type { DnsName } from '../wire/name.ts';
import type { Question } from '../wire/record.ts';
import type { Output } from './output.ts';
import { timeoutFor, type Globals, type Settings } from './settings.ts';

/** A server and what the user calls it. */
export interface Server {
  readonly endpoint: Endpoint;
  readonly label: string;
}

export interface Reply extends ExchangeReply {
  readonly from: Server;
}

export interface AskContext {
  readonly runtime: Runtime;
  readonly globals: Pick<Globals, 'timeoutMs' | 'localAddress'>;
  readonly output: Output;
}

export type Failure =
  | { readonly kind: 'no reply' }
  /** Connections were refused, and the user has been told that no server could be reached. */
  | { readonly kind: 'no connection' };

/** `servers` is not empty. */
export async function ask(
  context: AskContext,
  question: Question,
  { servers, settings }: { readonly servers: readonly Server[]; readonly settings: Settings },
): Promise<Reply | Failure> {
  let failure: Failure = { kind: 'no reply' };
  for (let tries = settings.tries; tries > 0; tries--) {
    for (const server of servers) {
      const outcome = await attempt(context, question, { server, settings });
      if (outcome.kind === 'reply') return { ...outcome, from: server };
      const isConnection = outcome.kind === 'unreachable' && outcome.transport === 'tcp';
      failure = { kind: isConnection ? 'no connection' : 'no reply' };
      remarkOn(context.output, outcome, { server, name: question.name });
    }
  }
  return failure;
}

export function isReply(outcome: Reply | Failure): outcome is Reply {
  return outcome.kind === 'reply';
}

/** `127.0.0.1#53`. */
export function placeOf({ endpoint }: Server): string {
  return `${endpoint.address}#${endpoint.port}`;
}

/** One try, and again with a lower version of EDNS for as long as the server names one. */
async function attempt(
  context: AskContext,
  question: Question,
  { server, settings }: { readonly server: Server; readonly settings: Settings },
): Promise<Exchange> {
  const outcome = await attemptOnce(context, question, { server, settings });
  const ednsVersion = lowerVersionIn(outcome, settings);
  if (ednsVersion === undefined) return outcome;
  if (settings.showsComments) {
    context.output.remark(`BADVERS, retrying with EDNS version ${ednsVersion}.`);
  }
  return attempt(context, question, { server, settings: { ...settings, ednsVersion } });
}

/** Strictly lower, so that a server cannot keep us busy. */
function lowerVersionIn(
  outcome: Exchange,
  { negotiatesEdns, ednsVersion }: Settings,
): number | undefined {
  if (!negotiatesEdns || ednsVersion === undefined || outcome.kind !== 'reply') return undefined;
  const { rcode, edns } = outcome.message;
  if (rcode !== Rcode.BADVERS || edns === undefined) return undefined;
  return edns.version < ednsVersion ? edns.version : undefined;
}

async function attemptOnce(
  { runtime, globals, output }: AskContext,
  question: Question,
  { server, settings }: { readonly server: Server; readonly settings: Settings },
): Promise<Exchange> {
  const { opcode, aa, tc, rd, ra, z, ad, cd } = settings;
  const request: ExchangeRequest = {
    server: server.endpoint,
    question,
    timeoutMs: timeoutFor(globals, settings.transport),
    flags: { opcode, aa, tc, rd, ra, z, ad, cd },
    edns: ednsOf(settings),
    // The user wants to see what the server makes of EDNS, and of a reply that is too large.
    ednsFallback: false,
    ignoreTruncation: true,
    ...(globals.localAddress === undefined ? {} : { localAddress: globals.localAddress }),
  };
  const overTcp = (): Promise<Exchange> =>
    exchange(runtime, {
      ...request,
      tcp: true,
      timeoutMs: timeoutFor(globals, 'tcp') / clientLimits.tcpTimeFactor,
    });
  if (settings.transport === 'tcp') return overTcp();
  const outcome = await exchange(runtime, request);
  const isCut = outcome.kind === 'reply' && outcome.transport === 'udp' && outcome.message.tc;
  if (!isCut || settings.ignoresTruncation) return outcome;
  if (settings.showsComments) output.remark('Truncated, retrying in TCP mode.');
  return overTcp();
}

function ednsOf(settings: Settings): Edns | false {
  if (settings.ednsVersion === undefined) return false;
  return {
    udpPayloadSize: settings.udpPayloadSize ?? DEFAULT_UDP_PAYLOAD_SIZE,
    version: settings.ednsVersion,
    dnssecOk: settings.dnssecOk,
    flags: 0,
    options: optionsOf(settings),
  };
}

function optionsOf({ nsid, explains, trace }: Settings): readonly EdnsOptionValue[] {
  const codes = nsid ? [EdnsOption.NSID] : [];
  // The servers of a trace are strangers, who may take a private code for something else.
  return [...codes, ...(explains && !trace ? [EXPLAIN_OPTION] : [])].map((code) => {
    return { code, data: new Uint8Array(0) };
  });
}

function remarkOn(
  output: Output,
  outcome: Exclude<Exchange, ExchangeReply>,
  { server, name }: { readonly server: Server; readonly name: DnsName },
): void {
  const place = placeOf(server);
  switch (outcome.kind) {
    case 'unreachable': {
      const reason = reasonOf(outcome.error);
      if (outcome.transport === 'udp') {
        output.remark(`communications error to ${place}: ${reason}`);
        return;
      }
      const asked = name.isRoot ? '.' : name.toString().slice(0, -1);
      output.remark(`Connection to ${place}(${server.label}) for ${asked} failed: ${reason}.`);
      output.remark('no servers could be reached');
      return;
    }
    case 'malformed':
      output.remark(`Got bad packet from ${place}: ${outcome.reason}`);
      return;
    case 'timeout':
    case 'cancelled':
    case 'out of budget':
      output.remark(`communications error to ${place}: timed out`);
  }
}

const REASONS: ReadonlyMap<string, string> = new Map([
  ['ECONNREFUSED', 'connection refused'],
  ['ECONNRESET', 'connection reset'],
  ['ENETUNREACH', 'network unreachable'],
  ['EHOSTUNREACH', 'host unreachable'],
  ['ETIMEDOUT', 'timed out'],
  ['EADDRNOTAVAIL', 'address not available'],
  ['EACCES', 'permission denied'],
  ['EPERM', 'permission denied'],
]);

function reasonOf(error: Error): string {
  // A `ConnectError` has a code of its own, and the system's in its cause.
  const codes = [codeOf(error.cause), codeOf(error)];
  const known = codes.map((code) => REASONS.get(code ?? '')).find((reason) => reason !== undefined);
  return known ?? error.message;
}
