/**
 * QNAME minimisation (RFC 9156): servers are asked for no more of a name than they need to refer us
 * onwards. From the zone cut at hand one label is added after another until the whole name is
 * reached, and its type is shown only to servers that are known to have the name in their own zone.
 *
 *     root: com. A    com.: example.com. A    example.com.: www.example.com. A, www.example.com. MX
 *
 * The type asked on the way is A: it is what everybody asks (RFC 9156 §2.1), and unlike NS it never
 * makes a broken load balancer fail. Where A fails all the same, NS is tried before anything more
 * of the name is given away. When that fails as well, 'relaxed' goes on with the whole name and
 * 'strict' ends; for NXDOMAIN too (RFC 8020 §2), which some servers say of empty non-terminals.
 *
 * Steps are few, however many labels a name has (RFC 9156 §2.3). A name without a cut is remembered
 * for a while (`interiors.ts`), so that hosts below `cdn.example.com.` cost it only once.
 */

import { DnsClass, Rcode, RRType } from '../wire/iana.ts';
import type { DnsName } from '../wire/name.ts';
import type { Question } from '../wire/record.ts';
import type { Core, Task } from './core.ts';
import type { LookupResult } from './result.ts';
import { isKnown, keepAnswer, type AnswerReply } from './stored.ts';
import type { PartReply, ZoneReply } from './zone-step.ts';

export type QnameMinimisation = 'relaxed' | 'strict' | 'off';

export class Minimiser {
  readonly #core: Core;
  readonly #question: Question;
  readonly #task: Task;
  #isOver: boolean;
  #steps = 0;
  /** Labels of the deepest name that is known to exist in the zone, or of the zone. */
  #labels = 0;
  #type: number = RRType.A;

  constructor(core: Core, question: Question, task: Task) {
    this.#core = core;
    this.#question = question;
    this.#task = task;
    this.#isOver = core.minimisation === 'off';
  }

  /** The part of the name to ask the servers of `zone` for; undefined: the whole question. */
  next(zone: DnsName): Question | undefined {
    if (this.#isOver) return undefined;
    const { name } = this.#question;
    this.#labels = Math.max(this.#labels, zone.labelCount);
    for (;;) {
      const labels = this.#labels + this.#stride(name.labelCount - this.#labels);
      const isWhole = labels >= name.labelCount;
      if (isWhole && (!this.#hidesType || this.#labels >= name.labelCount)) return undefined;
      const asked = isWhole ? name : name.ancestor(labels);
      if (!this.#hasAsked(zone, asked)) return this.#spend(asked);
      this.#labels = asked.labelCount;
    }
  }

  #hasAsked(zone: DnsName, name: DnsName): boolean {
    const { cache, interiors, runtime } = this.#core;
    if (interiors.has(zone, name)) return true;
    const isWhole = name.labelCount === this.#question.name.labelCount;
    const question = { name, type: this.#type, class: DnsClass.IN };
    return isWhole && isKnown(cache, question, runtime.clock.monotonic());
  }

  /** DS is for the parent to answer anyway, and a question for A tells no more than this one. */
  get #hidesType(): boolean {
    const { type } = this.#question;
    return this.#type === RRType.A && type !== RRType.A && type !== RRType.DS;
  }

  /**
   * Takes what came of `asked`, but for a referral. The end of the lookup, or undefined to go on.
   */
  take(zone: DnsName, asked: Question, reply: Exclude<PartReply, { kind: 'referral' }>): End {
    if (reply.kind === 'answer') return this.#takeAnswer(zone, asked, reply);
    if (reply.kind === 'failure') return reply;
    // Whoever is silent about one type is so about the other.
    if (this.#type === RRType.NS || reply.isSilent) this.#isOver = true;
    else this.#type = RRType.NS;
    return undefined;
  }

  #takeAnswer(zone: DnsName, asked: Question, reply: AskedAnswer): End {
    const { cache, interiors, minimisation } = this.#core;
    const { answer } = reply;
    const isWhole = asked.name.equals(this.#question.name);
    if (isNxdomain(answer)) {
      this.#isOver = true;
      if (minimisation === 'relaxed' && !isWhole) return undefined;
      // It says so of everything below.
      const below = { ...answer, name: this.#question.name };
      return keepAnswer(cache, this.#question, { ...reply, answer: below });
    }
    const kept = keepAnswer(cache, asked, reply);
    // An alias is one for every type (RFC 1034 §3.6.2).
    if (isWhole && answer.aliases.length > 0 && this.#followsAliases) return kept;
    // The names below a DNAME are all aliases, and the whole name tells where to.
    if (answer.aliases.some(({ rrsets }) => rrsets[0]!.type === RRType.DNAME)) {
      this.#isOver = true;
      return undefined;
    }
    interiors.add(zone, asked.name);
    this.#labels = asked.name.labelCount;
    return undefined;
  }

  get #followsAliases(): boolean {
    const { type } = this.#question;
    return type !== RRType.CNAME && type !== RRType.ANY;
  }

  /** How many labels to add: one at first, then so many that the steps suffice for the rest. */
  #stride(labelsLeft: number): number {
    const { minimisedSteps, oneLabelSteps } = this.#core.limits;
    if (this.#steps < oneLabelSteps) return 1;
    const stepsLeft = minimisedSteps - this.#steps;
    return stepsLeft > 0 ? Math.ceil(labelsLeft / stepsLeft) : labelsLeft;
  }

  #spend(name: DnsName): Question | undefined {
    if (!this.#task.budget.spendMinimisedStep()) {
      this.#isOver = true;
      return undefined;
    }
    this.#steps++;
    return { name, type: this.#type, class: DnsClass.IN };
  }
}

type End = LookupResult | undefined;
type AskedAnswer = Extract<ZoneReply, { kind: 'answer' }>;

function isNxdomain({ aliases, end }: AnswerReply): boolean {
  return aliases.length === 0 && end.kind === 'negative' && end.rcode === Rcode.NXDOMAIN;
}
