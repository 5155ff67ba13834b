/**
 * `+trace`: walks the delegations from the root down to the name, and shows what each server says.
 *
 * The root's servers are learned from the configured server. Addresses come from the glue of each
 * referral, else from the configured server. All servers are asked on the port of `-p`, as with
 * dig. Unlike dig, which stops there, a server that is lame or refers sideways is reported and the
 * next one of its zone is asked.
 */

import type { Runtime } from '../net/ports.ts';
import { DnsClass, Rcode, rcodeText, RRType, typeText } from '../wire/iana.ts';
import type { Message } from '../wire/message.ts';
import { DnsName } from '../wire/name.ts';
import { namesIn } from '../wire/rdata/rdata.ts';
import type { ResourceRecord } from '../wire/record.ts';
import { ask, isReply, type Reply } from './ask.ts';
import { placeOf } from './failures.ts';
import { printTraceGraph, printTraceStep } from './print-trace.ts';
import { report, type ReportContext } from './report.ts';
import { addressesIn, askForAddresses, ofFamily, serverAt, type ServerContext } from './servers.ts';
import { portFor, type Settings } from './settings.ts';
import { stepOf, type TraceStep } from './trace-step.ts';
import type { Server } from './transports.ts';

export type TraceContext = ServerContext & ReportContext;

const limits = {
  /** A name has at most 127 labels, and no delegation is above another: real walks take five. */
  steps: 128,
  /** Servers of one zone that are tried: the root has thirteen. */
  serversOfZone: 16,
} as const;

/** What the walk came to. */
export interface Traced {
  readonly isAnswered: boolean;
  readonly steps: readonly TraceStep[];
  /** The answer. */
  readonly reply: Reply | undefined;
}

/** `servers` are those of the configuration. */
export async function trace(
  context: TraceContext,
  { name, settings }: { readonly name: DnsName; readonly settings: Settings },
  servers: readonly Server[],
): Promise<Traced> {
  const walk: Walk = { context, name, settings, servers, steps: [], reply: undefined };
  let zone = await askForRoot(walk);
  for (let steps = 0; zone !== undefined && steps < limits.steps; steps++) {
    const next = await askZone(walk, zone);
    if (next === 'answered') break;
    zone = next;
  }
  const { steps, reply } = walk;
  if (settings.traceForm === 'dot') {
    const question = `${name.toString()} ${typeText(settings.type)}`;
    context.output.print(printTraceGraph(question, steps));
  }
  return { isAnswered: reply !== undefined, steps, reply };
}

interface Walk {
  readonly context: TraceContext;
  readonly name: DnsName;
  readonly settings: Settings;
  readonly servers: readonly Server[];
  readonly steps: TraceStep[];
  /** The answer. */
  reply: Reply | undefined;
}

/** A zone and what its parent says of its servers. */
interface Delegation {
  readonly zone: DnsName;
  readonly nameServers: readonly DnsName[];
  readonly glue: readonly ResourceRecord[];
}

async function askForRoot(walk: Walk): Promise<Delegation | undefined> {
  const { context, servers, settings } = walk;
  const question = { name: DnsName.root, type: RRType.NS, class: DnsClass.IN };
  // A resolver may refuse to answer from its cache alone, and this one is no part of the walk.
  const outcome = await ask(context, question, { servers, settings: { ...settings, rd: true } });
  if (!isReply(outcome)) return undefined;
  show(walk, outcome, stepOf(outcome, DnsName.root, { kind: 'start', owner: DnsName.root }));
  const { answers, additionals } = outcome.message;
  const nameServers = serversNamed(answers, DnsName.root);
  if (nameServers.length > 0) return { zone: DnsName.root, nameServers, glue: additionals };
  context.output.remark(`${placeOf(outcome.from)} does not know the servers of the root`);
  return undefined;
}

/** Asks the servers of a zone in random order, until one answers or refers further down. */
async function askZone(
  walk: Walk,
  delegation: Delegation,
): Promise<Delegation | 'answered' | undefined> {
  const { context, name, settings } = walk;
  const question = { name, type: settings.type, class: settings.class };
  const candidates = shuffled(context.runtime, delegation.nameServers);
  for (const nameServer of candidates.slice(0, limits.serversOfZone)) {
    for (const server of await addressesOf(walk, delegation, nameServer)) {
      const outcome = await ask(context, question, { servers: [server], settings });
      if (!isReply(outcome)) continue;
      const step = judge(outcome.message, { name, zone: delegation.zone });
      const { zone } = delegation;
      if (step.kind === 'lame') {
        walk.steps.push(stepOf(outcome, zone, { kind: 'lame', reason: step.reason }));
        context.output.remark(`${step.reason} from ${placeOf(server)}(${server.label})`);
        continue;
      }
      if (step.kind === 'answer') {
        walk.reply = outcome;
        show(walk, outcome, stepOf(outcome, zone, { kind: 'answer' }));
        return 'answered';
      }
      const owner = step.delegation.zone;
      show(walk, outcome, stepOf(outcome, zone, { kind: 'referral', owner }));
      return step.delegation;
    }
  }
  return undefined;
}

/** As the user wants to see steps: each reply, a line or two about it, or all in the end. */
function show({ context, settings, steps }: Walk, reply: Reply, step: TraceStep): void {
  steps.push(step);
  const { output, globals } = context;
  if (globals.json || settings.traceForm === 'dot') return;
  if (settings.traceForm === undefined) return report(context, reply, settings);
  output.releaseBanner(globals.showsCommand && !globals.short);
  output.print(printTraceStep(step, steps.length));
  if (step.kind === 'answer') report(context, reply, settings);
}

type Step =
  | { readonly kind: 'answer' }
  | { readonly kind: 'referral'; readonly delegation: Delegation }
  | { readonly kind: 'lame'; readonly reason: string };

/** What a reply means for the walk, for a question to a server of `zone`. */
function judge(
  message: Message,
  { name, zone }: { readonly name: DnsName; readonly zone: DnsName },
): Step {
  const { rcode, answers, authorities } = message;
  if (rcode !== Rcode.NOERROR && rcode !== Rcode.NXDOMAIN) {
    return { kind: 'lame', reason: `lame server: ${rcodeText(rcode)}` };
  }
  if (rcode === Rcode.NXDOMAIN || answers.length > 0 || message.aa) return { kind: 'answer' };
  const owner = authorities.find(({ type }) => type === RRType.NS)?.name;
  if (owner === undefined) return { kind: 'answer' };
  if (!owner.isBelow(zone) || !name.isSubdomainOf(owner)) {
    const isHorizontal = owner.equals(zone);
    return { kind: 'lame', reason: `BAD ${isHorizontal ? '(HORIZONTAL) ' : ''}REFERRAL` };
  }
  const nameServers = serversNamed(authorities, owner);
  return {
    kind: 'referral',
    delegation: { zone: owner, nameServers, glue: message.additionals },
  };
}

/** Glue first; a name without it is looked up as any other. */
async function addressesOf(
  { context, servers, settings }: Walk,
  { glue }: Delegation,
  nameServer: DnsName,
): Promise<readonly Server[]> {
  const { family } = context.globals;
  const port = portFor(context.globals, settings.transport);
  const known = ofFamily(addressesIn(glue, nameServer), family);
  const plain: Settings = { ...settings, rd: true, dnssecOk: false };
  const addresses =
    known.length > 0
      ? known
      : await askForAddresses(context, nameServer, { servers, settings: plain });
  const label = nameServer.isRoot ? '.' : nameServer.toString().slice(0, -1);
  if (addresses.length === 0) {
    context.output.remark(`couldn't get address for '${label}': not found`);
  }
  return addresses.map((address) => serverAt(port, address, label));
}

function serversNamed(records: readonly ResourceRecord[], owner: DnsName): readonly DnsName[] {
  return records
    .filter((record) => record.type === RRType.NS && record.name.equals(owner))
    .flatMap((record) => namesIn(record.type, record.rdata));
}

function shuffled<T>({ random }: Runtime, items: readonly T[]): readonly T[] {
  const left = [...items];
  return items.map(() => left.splice(random.below(left.length), 1)[0]!);
}
