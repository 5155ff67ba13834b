/**
 * A referral whose servers all lie inside the zone that they serve and came without addresses: a
 * circle, unless the parent tells the address when asked for it. It should have come along
 * (RFC 9471 §2), and some servers leave it out. What the parent says then is glue like any other:
 * for this cut alone, no longer than its TTL, never an answer to a client.
 */

import type { Delegation } from '../cache/delegation-cache.ts';
import { DnsClass, RRType } from '../wire/iana.ts';
import { askZone } from './ask-zone.ts';
import type { Core, Task } from './core.ts';
import type { Question } from '../wire/record.ts';
import type { Referral } from './referral.ts';
import type { AnswerReply } from './stored.ts';

interface Granted {
  readonly referral: Referral;
  readonly parent: Delegation;
}

/** Whether nothing leads to the servers but themselves. */
export function isCircle({ zone, nameServers }: Referral): boolean {
  return nameServers.every(({ name, glue }) => glue.length === 0 && name.isSubdomainOf(zone));
}

/**
 * The referral, which is a circle, with what its giver knows of one of the servers, drawn by lot,
 * where it knows anything.
 */
export async function completeGlue(
  core: Core,
  { referral, parent }: Granted,
  task: Task,
): Promise<Referral> {
  const { zone, nameServers } = referral;
  const ask = async (question: Question): Promise<AnswerReply | undefined> => {
    const reply = await askZone(core, { delegation: parent, question }, task);
    return reply.kind === 'answer' ? reply.answer : undefined;
  };
  // Whoever refers us onwards, or fails, would do so for the other type as well.
  const askParent = async (question: Question): Promise<AnswerReply | undefined> => {
    const answer = await ask(question);
    const isAlias = answer !== undefined && answer.aliases.length > 0;
    if (!isAlias || !answer.name.isSubdomainOf(parent.zone)) return isAlias ? undefined : answer;
    // One alias is followed, as for names outside (`name-server-addresses.ts`).
    return ask({ ...question, name: answer.name });
  };
  const { name } = nameServers[core.runtime.random.below(nameServers.length)]!;
  for (const type of core.useIPv6 ? [RRType.A, RRType.AAAA] : [RRType.A]) {
    const answer = await askParent({ name, type, class: DnsClass.IN });
    if (!answer) return referral;
    const { end } = answer;
    if (end.kind !== 'data') continue;
    const ttl = end.rrsets.reduce((least, rrset) => Math.min(least, rrset.ttl), referral.ttl);
    const found = { name, glue: end.rrsets.flatMap(({ rdatas }) => rdatas) };
    return { zone, nameServers: nameServers.map((one) => (one.name === name ? found : one)), ttl };
  }
  return referral;
}
