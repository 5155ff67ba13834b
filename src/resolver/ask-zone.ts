/**
 * One question to the servers of one zone: the best address first, then the next, until one of
 * them answers or refers us further down. Addresses of NS names that came without glue are looked
 * up only when those at hand are used up; once they have failed as well, the glue that the names'
 * own parents gave is tried. Every send is paid for twice, from the query's budget and from this
 * step's share.
 *
 * A reply with nothing in it at all, or nothing that counts, is what a server says that lost its
 * zone as well as one that has no such data: a few others are asked before it is believed.
 *
 * When all of them fail, two last resorts are left: servers that only the zone itself names
 * (`child-names.ts`), and data that a server repeated without being one for the zone. The parent is
 * not asked again who serves the zone (RFC 4697 §2.1.1).
 */

import type { Exchange } from '../client/outcome.ts';
import type { Core, Task } from './core.ts';
import {
  ZoneStep,
  type Asking,
  type PartQuestion,
  type PartReply,
  type ZoneQuestion,
  type ZoneReply,
} from './zone-step.ts';

export function askZone(core: Core, asked: ZoneQuestion, task: Task): Promise<ZoneReply>;
export function askZone(core: Core, asked: PartQuestion, task: Task): Promise<PartReply>;
export function askZone(
  core: Core,
  asked: ZoneQuestion | PartQuestion,
  task: Task,
): Promise<PartReply> {
  const step = new ZoneStep(core, asked, task);
  const asking = step.stop() ? undefined : step.beginAtHand();
  if (!asking) return goOn(step);
  // As a rule an address is at hand and its reply of use: then this is the only promise.
  return new Promise((resolve) => {
    step.ask(asking, (outcome) => resolve(replyOf(step, asking, outcome)));
  });
}

/** Does not throw: nobody is there to catch it. */
function replyOf(
  step: ZoneStep,
  asking: Asking,
  outcome: Exchange | Promise<Exchange>,
): PartReply | Promise<PartReply> {
  if (outcome instanceof Promise) {
    return takeLate(step, asking, outcome).then((reply) => reply ?? goOn(step));
  }
  step.end(asking);
  try {
    return step.take(asking, outcome) ?? goOn(step);
  } catch (error) {
    return Promise.reject(error instanceof Error ? error : new Error(String(error)));
  }
}

/** To whoever is to be asked next, until there is a reply or nobody is left. */
async function goOn(step: ZoneStep): Promise<PartReply> {
  for (;;) {
    const stop = step.stop();
    if (stop) return stop;
    const address = step.addressAtHand() ?? (await step.nextAddress());
    if (address === undefined) return step.stop() ?? step.fail();
    const asking = step.begin(address);
    if (!asking) continue;
    const outcome = new Promise<Exchange>((resolve) => step.ask(asking, resolve));
    const reply = await takeLate(step, asking, outcome);
    if (reply) return reply;
  }
}

async function takeLate(
  step: ZoneStep,
  asking: Asking,
  outcome: Promise<Exchange>,
): Promise<PartReply | undefined> {
  let known: Exchange;
  try {
    known = await outcome;
  } finally {
    step.end(asking);
  }
  return step.take(asking, known);
}
