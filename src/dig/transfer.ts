/**
 * Zone transfers: every message is printed as it comes, and nothing of it is kept. Ends as dig's
 * do, with the size, or with '; Transfer failed.' where the server ends it.
 */

import { transfer, type TransferMessage, type TransferOutcome } from '../client/transfer.ts';
import type { Unanswered } from '../client/outcome.ts';
import { localOf } from '../client/request.ts';
import type { Endpoint } from '../net/ports.ts';
import { classText, RRType, typeText } from '../wire/iana.ts';
import type { Question } from '../wire/record.ts';
import type { AskContext, Reply } from './ask.ts';
import { nameText, remarkOn, signatureProblem, type Failure } from './failures.ts';
import { queryOf } from './query.ts';
import { countsOf } from './print-message.ts';
import { reportMessage, reportTransferSize, type ReportContext } from './report.ts';
import { timeoutFor, type Settings } from './settings.ts';
import type { Server } from './transports.ts';

export type TransferContext = AskContext & ReportContext;

interface Options {
  readonly servers: readonly Server[];
  readonly settings: Settings;
}

/** Over HTTP a reply is one message, so that there are no transfers. */
export function isTransfer({ type, transport }: Settings): boolean {
  if (type !== RRType.AXFR && type !== RRType.IXFR) return false;
  return transport === 'tcp' || transport === 'tls';
}

/** Undefined when a server has answered, be it with a refusal. */
export async function askForTransfer(
  context: TransferContext,
  question: Question,
  { servers, settings }: Options,
): Promise<Failure | undefined> {
  let failure: Failure = { kind: 'no reply' };
  for (let tries = settings.tries; tries > 0; tries--) {
    for (const server of servers) {
      const outcome = await attempt(context, question, { server, settings });
      if (!isUnanswered(outcome)) {
        finish(context, outcome, { server, settings });
        return undefined;
      }
      failure = remarkOn(context.output, outcome, { server, name: question.name });
      if (failure.kind === 'given up' || outcome.kind === 'malformed') return failure;
    }
  }
  return failure;
}

interface Target {
  readonly server: Server;
  readonly settings: Settings;
}

async function attempt(
  context: TransferContext,
  question: Question,
  { server, settings }: Target,
): Promise<TransferOutcome> {
  const { globals, transports, key, cookie, output } = context;
  const runtime = await transports.streamRuntime(server, settings);
  if (!runtime.ok) return { kind: 'unreachable', transport: 'tcp', error: runtime.error };
  let query: Uint8Array = new Uint8Array(0);
  let local: Endpoint = { address: '', port: 0 };
  let isDoubted = false;
  let isFirst = true;
  const onMessage = (message: TransferMessage): undefined | Promise<'stop' | undefined> => {
    const problem = message.signature && signatureProblem(message.signature);
    // Behind one that fails nothing can be verified: once said is enough.
    if (problem !== undefined && !isDoubted) {
      output.remark(`Couldn't verify signature: ${problem}`);
      isDoubted = true;
    }
    const reply = replyOf(message, { server, settings, query, local });
    // dig's habit: data alone are all data.
    const isCut = settings.oneSoa && !globals.short;
    reportMessage(context, isCut ? withoutOtherSoas(reply, isFirst) : reply, settings);
    isFirst = false;
    return output.drained()?.then((isOpen) => (isOpen ? undefined : 'stop'));
  };
  const request = {
    server: server.endpoint,
    question,
    timeoutMs: timeoutFor(globals, settings.transport),
    ...queryOf(settings, question, settings.cookie ?? cookie),
    ...(question.type === RRType.IXFR && { knownSerial: settings.ixfrSerial }),
    onSend: (octets: Uint8Array, from: Endpoint) => {
      query = octets;
      local = from;
      if (settings.showsQuery) {
        context.showQuery?.({ octets, server: server.endpoint, local }, settings);
      }
    },
    ...localOf(globals),
    ...(key && { key }),
  };
  return transfer(runtime.value, request, onMessage);
}

/** As the reporter takes it. */
function replyOf(
  { message, octets, signature }: TransferMessage,
  { server, settings, query, local }: Target & Pick<Reply, 'query' | 'local'>,
): Reply {
  return {
    kind: 'reply',
    message,
    server: server.endpoint,
    transport: 'tcp',
    rttMs: 0,
    octets,
    withoutEdns: false,
    ignored: 0,
    changesCase: false,
    hasCookie: false,
    ...(signature && { signature }),
    from: server,
    via: settings.transport,
    method: settings.https.method,
    query,
    local,
  };
}

/** All but the first SOA of a transfer, which is one of the first message's. */
function withoutOtherSoas(reply: Reply, isFirst: boolean): Reply {
  const { message } = reply;
  const answers = message.answers.filter(({ type }, at) => {
    return type !== RRType.SOA || (isFirst && at === 0);
  });
  // The header is shown as it came.
  const leniency = { counts: countsOf(message, {}), extraOctets: 0 };
  return { ...reply, message: { ...message, answers }, leniency };
}

function isUnanswered(outcome: TransferOutcome): outcome is Unanswered {
  switch (outcome.kind) {
    case 'timeout':
    case 'unreachable':
    case 'malformed':
    case 'out of budget':
    case 'cancelled':
      return true;
    case 'done':
    case 'refused':
    case 'no transfer':
    case 'other id':
    case 'other question':
    case 'stopped':
      return false;
  }
}

function finish(
  context: TransferContext,
  outcome: Exclude<TransferOutcome, Unanswered>,
  { server, settings }: Target,
): void {
  const { output } = context;
  switch (outcome.kind) {
    case 'done':
      reportTransferSize(
        context,
        {
          size: outcome.size,
          isSigned: context.key !== undefined,
          from: server,
          via: settings.transport,
          method: settings.https.method,
        },
        settings,
      );
      break;
    case 'other question':
      for (const { name, type, class: dnsClass } of outcome.questions) {
        const found = `${nameText(name)}/${typeText(type)}/${classText(dnsClass)}`;
        output.remark(`;; Question section mismatch: got ${found}`);
      }
      break;
    case 'other id':
      output.remark(`ERROR: ID mismatch: expected ID ${outcome.expected}, got ${outcome.found}`);
      break;
    case 'refused':
    case 'stopped':
      fail(context, '');
      break;
    case 'no transfer':
      fail(context, outcome.why === 'no SOA' ? "  Didn't start with SOA answer." : '');
  }
}

function fail({ output, globals }: TransferContext, why: string): void {
  output.releaseBanner(globals.showsCommand && !globals.short);
  output.failTransfer(why);
}
