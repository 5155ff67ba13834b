/**
 * Questions for parts of names, shared by all lookups that need the same one at the same time. A
 * thousand hosts of one domain would otherwise ask for the domain a thousand times at once: wasted,
 * and a thousand replies for a forger to guess one of (RFC 5452 §5).
 */

import { TransientMap } from '../net/transient.ts';
import { questionText } from '../query/step.ts';
import { askZone } from './ask-zone.ts';
import type { Core, Task } from './core.ts';
import { unlessAborted, waitsFor, type Lookup } from './lookups.ts';
import type { PartQuestion, PartReply } from './zone-step.ts';

interface Step {
  /** The lookup on whose behalf the question is asked. */
  readonly owner: Lookup;
  readonly reply: Promise<PartReply>;
}

export class MinimisedSteps {
  readonly #underWay = new TransientMap<string, Step>();

  async ask(core: Core, asked: PartQuestion, task: Task): Promise<PartReply> {
    const { question, delegation } = asked;
    const key = `${question.type}/${delegation.zone.labelCount}/${question.name.key}`;
    for (;;) {
      const present = this.#underWay.get(key);
      if (!present) return this.#start(key, task.waiter, askZone(core, asked, task));
      // Its owner waits for us, perhaps by way of others: whoever waited would wait for ever.
      if (waitsFor(present.owner, task.waiter)) return askZone(core, asked, task);
      task.story?.tell({ kind: 'joined lookup', question: questionText(question) });
      const reply = await join(present, task);
      if (!isAboutOwner(reply) || task.signal.aborted) return reply;
    }
  }

  async #start(key: string, owner: Lookup, reply: Promise<PartReply>): Promise<PartReply> {
    this.#underWay.set(key, { owner, reply });
    try {
      return await reply;
    } finally {
      this.#underWay.delete(key);
    }
  }
}

async function join({ owner, reply }: Step, { waiter, signal }: Task): Promise<PartReply> {
  waiter.waitsFor = owner;
  try {
    return await unlessAborted(reply, signal);
  } finally {
    waiter.waitsFor = undefined;
  }
}

/** The owner's budget is spent or nobody waits for it any more, but we may still ask. */
function isAboutOwner(reply: PartReply): boolean {
  if (reply.kind !== 'failure') return false;
  return reply.reason === 'exhausted' || reply.reason === 'cancelled';
}
