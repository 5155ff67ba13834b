/**
 * One question to one server as a step of a story: why this server, what was sent, what came, how
 * long it took, and what of the reply was thrown away by which rule. Made only when somebody wants
 * to know.
 */

import type { Delegation } from '../cache/delegation-cache.ts';
import { describeOutcome, type Exchange, type ExchangeReply } from '../client/outcome.ts';
import type { Clock } from '../net/ports.ts';
import { questionText, type AskedStep, type Step } from '../query/step.ts';
import type { OpenStory, Story } from '../query/story.ts';
import { RRType, typeText } from '../wire/iana.ts';
import type { Message } from '../wire/message.ts';
import type { DnsName } from '../wire/name.ts';
import type { Question, ResourceRecord } from '../wire/record.ts';
import type { Classification } from './classify.ts';
import type { Core } from './core.ts';
import { whyIrrelevant } from './relevant.ts';
import type { ServerTable } from './servers.ts';
import { discard, negativeText, tellSome } from './steps.ts';

interface Asking {
  readonly server: string;
  readonly delegation: Delegation;
  readonly question: Question;
  /** How often the server was asked the same before. */
  readonly tries: number;
  readonly timeoutMs: number;
}

export function beginExchange(
  story: Story,
  { runtime, servers, upstreamPort }: Core,
  { server, delegation, question, tries, timeoutMs }: Asking,
): ToldExchange {
  const { zone, nameServers, configured } = delegation;
  // An address of the configuration has the name of its zone there, which is no server's.
  const named = nameServers.find(({ addresses }) => addresses.includes(server))?.name;
  const serverName = configured && named?.equals(zone) === true ? undefined : named;
  const step: AskedStep = {
    kind: 'asked',
    server,
    port: configured?.port ?? upstreamPort,
    ...(serverName && { serverName: serverName.toString() }),
    zone: zone.toString(),
    question: questionText(question),
    choice: choiceText(servers, server, { zone, tries }),
    timeoutMs,
  };
  return new ToldExchange(story.begin(step), { step, zone, clock: runtime.clock });
}

interface Begun {
  readonly step: AskedStep;
  /** Whose server is asked. */
  readonly zone: DnsName;
  readonly clock: Clock;
}

export class ToldExchange {
  readonly #story: OpenStory;
  readonly #begun: Begun;
  readonly #sinceMs: number;

  constructor(story: OpenStory, begun: Begun) {
    this.#story = story;
    this.#begun = begun;
    this.#sinceMs = begun.clock.monotonic();
  }

  /** For what comes of the reply. */
  get story(): Story {
    return this.#story;
  }

  replied(reply: ExchangeReply, meaning: Classification): void {
    const { transport, rttMs, ignored, tcpBecause } = reply;
    const outcome = describeMeaning(meaning);
    this.#end({
      outcome: reply.withoutEdns ? `${outcome}, once asked without EDNS` : outcome,
      transport,
      elapsedMs: rttMs,
      ...(tcpBecause && { tcpBecause }),
      ...(ignored > 0 && { ignored }),
      ...(meaning.kind === 'referral' && { ttl: meaning.referral.ttl }),
    });
    tellSome(this.#story, discardsOf(reply.message, this.#begun.zone, meaning));
  }

  failed(outcome: Exclude<Exchange, ExchangeReply>): void {
    const elapsedMs = this.#begun.clock.monotonic() - this.#sinceMs;
    const { kind } = outcome;
    this.#end({
      outcome: kind === 'timeout' ? 'timed out' : describeOutcome(outcome),
      elapsedMs,
      ...(kind === 'unreachable' && { transport: outcome.transport }),
      ...(kind === 'timeout' && outcome.ignored > 0 && { ignored: outcome.ignored }),
    });
  }

  #end(more: Partial<AskedStep>): void {
    this.#story.end({ ...this.#begun.step, ...more });
  }
}

function choiceText(
  servers: ServerTable,
  server: string,
  { zone, tries }: { readonly zone: DnsName; readonly tries: number },
): string {
  const { rttMs, silences, isDead } = servers.state(server);
  const again = tries === 0 ? '' : `try ${tries + 1}, `;
  if (servers.isLame(server, zone.key)) return `${again}known as lame`;
  if (isDead) return `${again}silent ${silences} times in a row`;
  if (rttMs !== undefined) return `${again}usually ${rttMs.toFixed(1)} ms`;
  return silences > 0 ? `${again}never answered` : `${again}not asked before`;
}

function describeMeaning(meaning: Classification): string {
  switch (meaning.kind) {
    case 'answer': {
      const { aliases, end } = meaning;
      const what = end.kind === 'negative' ? negativeText(end.rcode) : end.kind;
      const target = aliases.at(-1)?.target;
      if (!target) return what;
      return `alias of ${target.toString()}${end.kind === 'open' ? '' : `, ${what}`}`;
    }
    case 'referral':
      return `referral to ${meaning.referral.zone.toString()}`;
    case 'lame':
      return `lame (${meaning.why})`;
    case 'error':
      return `error (${meaning.why})`;
  }
}

/** Records that were not looked at, or that nothing asked for, and why. */
function discardsOf(message: Message, zone: DnsName, meaning: Classification): readonly Step[] {
  const wants = wantedBy(meaning);
  const { answers, authorities, additionals } = message;
  const judged = [
    ...answers.map((record) => [record, wants.answer?.(record)] as const),
    ...authorities.map((record) => [record, wants.authority?.(record)] as const),
    ...additionals.map((record) => [record, wants.additional?.(record)] as const),
  ];
  return judged.flatMap(([record, reason]) => {
    const rule = whyIrrelevant(record, zone) ?? reason;
    if (rule === undefined) return [];
    return [discard(`${record.name.toString()} ${typeText(record.type)}`, rule)];
  });
}

/** Why a record that passed the bailiwick rule is of no use, section by section. */
interface Wanted {
  readonly answer?: (record: ResourceRecord) => string | undefined;
  readonly authority?: (record: ResourceRecord) => string | undefined;
  readonly additional?: (record: ResourceRecord) => string | undefined;
}

function wantedBy(meaning: Classification): Wanted {
  switch (meaning.kind) {
    case 'answer': {
      const { aliases, end } = meaning;
      const used = [
        ...aliases.flatMap(({ rrsets }) => rrsets),
        ...('rrsets' in end ? end.rrsets : []),
      ];
      const isUsed = (record: ResourceRecord): boolean =>
        used.some(({ name, type }) => type === record.type && name.equals(record.name));
      return { answer: (record) => (isUsed(record) ? undefined : 'not on the chain of aliases') };
    }
    case 'referral': {
      const { zone, nameServers } = meaning.referral;
      const isGlue = (record: ResourceRecord): boolean =>
        nameServers.some(({ name }) => name.equals(record.name));
      return {
        authority: ({ name, type }) =>
          type !== RRType.NS || name.equals(zone) ? undefined : 'delegates another zone',
        additional: (record) => (isGlue(record) ? undefined : 'the address of no server named'),
      };
    }
    case 'lame':
    case 'error':
      return {};
  }
}
