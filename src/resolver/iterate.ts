/**
 * The walk (RFC 1034 §5.3.3): from the closest known zone cut to the zone that answers, one
 * referral at a time, each strictly deeper than the one before. What of the name the servers on the
 * way are shown is the minimiser's business.
 */

import type { Delegation, NameServer } from '../cache/delegation-cache.ts';
import type { Random } from '../net/ports.ts';
import type { Story } from '../query/story.ts';
import { Rcode, RRType } from '../wire/iana.ts';
import type { Question } from '../wire/record.ts';
import { askZone } from './ask-zone.ts';
import type { Core, Task } from './core.ts';
import { Minimiser } from './minimise.ts';
import { completeGlue, isCircle } from './missing-glue.ts';
import { parentsWord } from './own-word.ts';
import type { GluedName, Referral } from './referral.ts';
import { unanswered, type LookupResult } from './result.ts';
import { startStep, tellDiscardedServers } from './steps.ts';
import { keepAnswer, type AnswerReply } from './stored.ts';
import type { PartQuestion, PartReply, ZoneReply } from './zone-step.ts';

export function iterate(core: Core, question: Question, task: Task): Promise<LookupResult> {
  const start = closestDelegation(core, question, { beyondMs: task.cutsBeyondMs });
  const isFirst = start.configured?.first === true;
  return isFirst
    ? walkOnwards(core, { question, start }, task)
    : walk(core, { question, start }, task);
}

/** From configured servers, and without them where they fail. */
async function walkOnwards(core: Core, first: Start, task: Task): Promise<LookupResult> {
  const { question } = first;
  let { start } = first;
  for (;;) {
    const result = await walk(core, { question, start }, task);
    const isOver = result.kind !== 'failure' || result.reason !== 'unanswered';
    if (isOver || start.configured?.first !== true) return result;
    start = closestDelegation(core, question, { failed: start });
  }
}

interface Start {
  readonly question: Question;
  readonly start: Delegation;
}

async function walk(core: Core, { question, start }: Start, task: Task): Promise<LookupResult> {
  const minimiser = new Minimiser(core, question, task);
  let delegation = start;
  const known = parentsWord(core, question, start);
  if (known) return known;
  task.story?.tell(startStep(start, core.runtime.clock));
  for (let referrals = 0; referrals <= core.limits.referrals;) {
    const part = isWhole(delegation) ? undefined : minimiser.next(delegation.zone);
    let reply: PartReply;
    if (part) {
      reply = await core.minimisedSteps.ask(
        core,
        asPart(core, { question, delegation }, part),
        task,
      );
      if (reply.kind !== 'referral') {
        const end = minimiser.take(delegation.zone, part, reply);
        if (end) return end;
        continue;
      }
    } else {
      reply = await askZone(core, { delegation, question }, task);
      if (reply.kind === 'answer') return conclude(core, { question, delegation }, reply);
      if (reply.kind === 'failure') return reply;
    }
    core.counters.referrals++;
    referrals++;
    let { referral } = reply;
    if (isCircle(referral)) {
      referral = await completeGlue(core, { referral, parent: delegation }, task);
    }
    delegation = acceptReferral(core, referral, { parent: delegation, story: task.story });
    const told = parentsWord(core, question, delegation);
    if (told) return told;
  }
  return unanswered(`more than ${core.limits.referrals} referrals`);
}

/** A forwarder resolves the whole name; and of what is not to be kept, no part is either. */
function isWhole({ configured }: Delegation): boolean {
  return configured?.kind === 'forward' || configured?.isCached === false;
}

/** A question for the whole name that hides its type decides nothing when it fails. */
function asPart(core: Core, { question, delegation }: Walked, part: Question): PartQuestion {
  const isTentative = core.minimisation === 'relaxed' || part.name.equals(question.name);
  return { delegation, question: part, isTentative };
}

interface Walked {
  readonly question: Question;
  readonly delegation: Delegation;
}

function conclude(
  core: Core,
  { question, delegation }: Walked,
  reply: Extract<ZoneReply, { kind: 'answer' }>,
): LookupResult {
  const { answer } = reply;
  if (delegation.configured?.isCached === false) return { ...answer, kind: 'found' };
  const found = keepAnswer(core.cache, question, reply);
  shortenServerAddress(core, question, delegation);
  if (isBare(answer)) core.cache.negatives.putBare({ ...question, name: answer.name });
  return answer.remarks ? { ...found, remarks: answer.remarks } : found;
}

/**
 * An address that a zone gives for a server of its own is kept no longer than the cut that led
 * there, or a zone that was taken away would live on at it when its name comes without glue.
 */
function shortenServerAddress(core: Core, { name, type }: Question, delegation: Delegation): void {
  const { nameServers, expiresAtMs } = delegation;
  if (type !== RRType.A && type !== RRType.AAAA) return;
  if (nameServers.some((server) => server.name.equals(name))) {
    core.cache.records.shorten(name, type, expiresAtMs);
  }
}

/** NODATA without SOA that comes from a server, not from policy. */
function isBare({ end, remarks }: AnswerReply): boolean {
  return end.kind === 'negative' && end.rcode === Rcode.NOERROR && !end.soa && !remarks;
}

interface StartOptions {
  /** The zone of configuration that was to be asked and failed. */
  readonly failed?: Delegation;
  /** Cuts that are over by then do not count. */
  readonly beyondMs?: number | undefined;
}

/** Who is asked first. */
function closestDelegation(
  core: Core,
  { name, type }: Question,
  { failed, beyondMs }: StartOptions,
): Delegation {
  // DS records stand above the cut (RFC 4035 §3.1.4.1), so the zone itself is not to be asked.
  const start = type === RRType.DS && name.labelCount > 0 ? name.parent : name;
  const configured = core.configured.closest(start, failed && failed.zone.labelCount - 1);
  // A forwarder answers for everything below its zone, cuts and all.
  if (configured?.configured?.kind === 'forward') return configured;
  const known = core.cache.delegations.closest(start, beyondMs);
  const isBelow = (known?.zone.labelCount ?? -1) > (configured?.zone.labelCount ?? -1);
  return (isBelow ? known : configured) ?? core.root.get(core);
}

/** Cuts the referral down to what we are willing to work with, and keeps it. */
function acceptReferral(
  core: Core,
  referral: Referral,
  { parent, story }: { readonly parent: Delegation; readonly story: Story | undefined },
): Delegation {
  const { limits, runtime } = core;
  const chosen = sample(referral.nameServers, limits.nameServers, runtime.random);
  const nameServers = chosen.map((server) => withAddresses(core, server));
  if (story) tellDiscardedServers(story, core, { referral, nameServers });
  const { zone, ttl: ttlSeconds } = referral;
  return core.cache.delegations.put({ zone, nameServers, ttlSeconds }, parent);
}

function withAddresses(core: Core, { name, glue }: GluedName): NameServer {
  const askable = glue.flatMap((octets) => core.mayAsk(octets) ?? []);
  return { name, addresses: askable.slice(0, core.limits.addressesPerName) };
}

/** So many of `items`, each as likely as the others: all of a hostile NS set is too many. */
function sample<T>(items: readonly T[], count: number, random: Random): readonly T[] {
  if (items.length <= count) return items;
  const left = [...items];
  const drawn: T[] = [];
  while (drawn.length < count) drawn.push(...left.splice(random.below(left.length), 1));
  return drawn;
}
