/**
 * The servers of a scenario: what the resolver asks them gets its reply out of the script at once,
 * or waits for a step that is to come when there is one for it. Else it is unscripted: answered
 * SERVFAIL, or never.
 */

import { decodeMessage } from '../../wire/decode.ts';
import { encodeMessage } from '../../wire/encode.ts';
import { Rcode } from '../../wire/iana.ts';
import { createMessage, type Message } from '../../wire/message.ts';
import type { Question } from '../../wire/record.ts';
import { printQuestions } from './print.ts';
import { repliesTo } from './replies.ts';
import type { Dialect, Entry, Step } from './scenario.ts';
import type { Asked, Script } from './script.ts';
import type { ServerQuery } from './stage.ts';

export interface ServersOptions {
  readonly script: Script;
  readonly dialect: Dialect;
  readonly unscripted: 'servfail' | 'drop';
  readonly note: (text: string, message?: Message) => void;
}

export interface Sent {
  readonly query: ServerQuery;
  readonly message: Message;
}

export interface Waiting extends Sent {
  /** The same question to the same server once more, while the first one waits. */
  readonly copies: Sent[];
}

type CheckOutQuery = Extract<Step, { kind: 'check out query' }>;

const serverLimits = {
  /** Queries in one scenario: afterwards there is silence, which ends every loop. */
  queries: 5000,
} as const;

export class Servers {
  readonly #options: ServersOptions;
  readonly #waiting: Waiting[] = [];
  readonly #unscripted = new Set<string>();
  #taken = 0;

  constructor(options: ServersOptions) {
    this.#options = options;
  }

  /** In order of arrival. */
  get waiting(): readonly Waiting[] {
    return this.#waiting;
  }

  /** As `address name type`, each once. */
  get unscripted(): readonly string[] {
    return [...this.#unscripted];
  }

  take(query: ServerQuery): void {
    const { note } = this.#options;
    const decoded = decodeMessage(query.octets);
    const text = `resolver → ${query.server.address}, ${query.transport}`;
    if (!decoded.ok) return note(`${text}, ${query.octets.length} octets that are no message`);
    note(text, decoded.value);
    this.#taken++;
    if (this.#taken > serverLimits.queries) return undefined;
    const sent = { query, message: decoded.value };
    const same = this.#sameAs(sent);
    if (same) return void same.copies.push(sent);
    this.#waiting.push({ ...sent, copies: [] });
    return this.serve();
  }

  /**
   * To testbound a query is pending once, however often it is sent: a step that answers it, or lets
   * it fail, means all of its copies.
   */
  #sameAs({ query, message }: Sent): Waiting | undefined {
    if (this.#options.dialect === 'deckard') return undefined;
    return this.#waiting.find(
      (one) =>
        one.query.server.address === query.server.address &&
        one.query.transport === query.transport &&
        isSameQuestion(one.message.questions[0], message.questions[0]),
    );
  }

  /** Does for the waiting queries what can be done at the current step. */
  serve(): void {
    for (const waiting of [...this.#waiting]) {
      this.#showToStep(waiting);
      if (!this.#waiting.includes(waiting)) continue;
      const entry = this.#options.script.find(asked(waiting));
      if (entry) this.#answer(waiting, entry);
      else if (!this.#isAwaited(waiting)) this.#answerUnscripted(waiting);
    }
  }

  /** Replies to the oldest query that `entry` matches, else to the oldest. False: none waits. */
  reply(entry: Entry): boolean {
    const { script } = this.#options;
    const matching = this.#waiting.find((one) => script.matches(entry, asked(one)));
    const waiting = matching ?? this.#waiting[0];
    if (waiting) this.#answer(waiting, entry);
    return waiting !== undefined;
  }

  /** Lets the oldest query fail. False: none waits. */
  fail(kind: 'timeout' | 'error'): boolean {
    const waiting = this.#waiting.shift();
    if (!waiting) return false;
    this.#options.note(`${waiting.query.server.address}: ${kind}`);
    if (kind === 'error') for (const { query } of [waiting, ...waiting.copies]) query.refuse();
    return true;
  }

  /** The current step may be there to see this query, and may answer it. */
  #showToStep(waiting: Waiting): void {
    const { script, note } = this.#options;
    script.skipFurtherFailures((step) => this.#isLookedFor(waiting, step));
    const { step } = script;
    if (!step || !this.#isLookedFor(waiting, step)) return;
    note(`the query is as expected (line ${step.entry.line})`);
    if (step.entry.adjust.has('copy_id')) this.#answer(waiting, step.entry);
    script.advance();
  }

  #isLookedFor(waiting: Waiting, step: Step): step is CheckOutQuery {
    if (step.kind !== 'check out query') return false;
    if (step.address !== undefined && step.address !== waiting.query.server.address) return false;
    return this.#options.script.matches(step.entry, asked(waiting));
  }

  /** Whether a step to come is for this query, so that it must wait. */
  #isAwaited(waiting: Waiting): boolean {
    const { script, dialect } = this.#options;
    if (dialect === 'deckard') return false;
    return script.stepsUntilCheck.some((step) => {
      if (step.kind === 'timeout' || step.kind === 'error') return true;
      if (step.kind !== 'reply' && step.kind !== 'check out query') return false;
      return script.matches(step.entry, asked(waiting));
    });
  }

  #answer(waiting: Waiting, entry: Entry): void {
    this.#drop(waiting);
    const { note, dialect } = this.#options;
    const { query, message } = waiting;
    const { address } = query.server;
    if (entry.adjust.has('do_not_answer')) return note(`${address} is silent`);
    for (const reply of repliesTo(message, entry, dialect)) {
      note(`${address} → resolver (line ${entry.line})`, reply.message);
      query.send(reply.octets);
    }
    for (const copy of waiting.copies) {
      for (const { octets } of repliesTo(copy.message, entry, dialect)) copy.query.send(octets);
    }
    return undefined;
  }

  #answerUnscripted(waiting: Waiting): void {
    this.#drop(waiting);
    const { note, unscripted } = this.#options;
    const { query, message } = waiting;
    const { address } = query.server;
    this.#unscripted.add(`${address} ${printQuestions(message)}`);
    if (unscripted === 'drop') return note(`${address} is silent (unscripted)`);
    const reply = servfail(message);
    note(`${address} → resolver (unscripted)`, reply);
    query.send(encodeMessage(reply));
    for (const copy of waiting.copies) copy.query.send(encodeMessage(servfail(copy.message)));
    return undefined;
  }

  #drop(waiting: Waiting): void {
    this.#waiting.splice(this.#waiting.indexOf(waiting), 1);
  }
}

function isSameQuestion(a: Question | undefined, b: Question | undefined): boolean {
  if (!a || !b) return false;
  return a.name.equals(b.name) && a.type === b.type && a.class === b.class;
}

function servfail({ id, opcode, rd, questions, edns }: Message): Message {
  const parts = { id, opcode, rd, questions, qr: true, rcode: Rcode.SERVFAIL };
  return createMessage(edns ? { ...parts, edns } : parts);
}

function asked({ query, message }: Waiting): Asked {
  return { message, address: query.server.address, transport: query.transport };
}
