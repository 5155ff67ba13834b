/**
 * What clients would be told at a time, and why: a scenario is played until then, with servers that
 * are dead or not, and each question is asked at every resolver, all in the same instant, with the
 * wish for an explanation (`wire/explanation.ts`).
 */

import { exchange } from '../../client/exchange.ts';
import type { SimHost } from '../../sim/host.ts';
import { plainEdns } from '../../wire/edns.ts';
import { decodeExplanation, EXPLAIN_OPTION, type Explanation } from '../../wire/explanation.ts';
import { rcodeText } from '../../wire/iana.ts';
import type { Message } from '../../wire/message.ts';
import type { Question } from '../../wire/record.ts';
import { isFailure, readReply } from './answers.ts';
import { DNS_PORT, type LabInternet } from './internet.ts';
import type { ScenarioEvent, TtlScenario } from './scenario.ts';
import { runScenario } from './scenario-run.ts';
import type { Truths } from './truths.ts';

export interface WhatIf {
  readonly atMs: number;
  /** From when on; default: just before the questions. */
  readonly dead: readonly { readonly node: string; readonly sinceMs?: number }[];
  readonly questions: readonly Question[];
  readonly epochMs?: number;
  readonly atStart?: (internet: LabInternet) => void;
}

/** What a client of `resolver` gets. */
export interface Foretold {
  readonly resolver: string;
  readonly question: Question;
  /** The data, or what stands for them: 'NXDOMAIN', 'SERVFAIL', 'no answer'. */
  readonly value: string;
  readonly isFailure: boolean;
  readonly ttlSeconds: number | undefined;
  /** For how long it had been untrue; 0 where it is true, or nobody knows. */
  readonly staleMs: number;
  /** What its zone says; undefined where nobody knows. */
  readonly truth: string | undefined;
  /** Until the client of an ordinary datagram would have it. */
  readonly tookMs: number;
  readonly explanation: Explanation | undefined;
}

/** Longer than any resolver tries, and than a client waits: the resolver has the last word. */
const PATIENCE_MS = 60_000;
const ONE_WAY_MS = 1;
const ASKING_ADDRESS = '10.255.0.1';

export async function foretell(scenario: TtlScenario, what: WhatIf): Promise<readonly Foretold[]> {
  const { atMs, dead, questions, epochMs, atStart } = what;
  const crashes = dead.map(({ node, sinceMs = atMs - 1 }): ScenarioEvent => ({
    ...{ kind: 'crash', atMs: Math.max(0, sinceMs), nodes: [node] },
  }));
  let foretold: readonly Foretold[] = [];
  const events = [...scenario.events.filter((event) => event.atMs <= atMs), ...crashes];
  const until = { ...scenario, durationMs: atMs, events };
  await runScenario(until, {
    ...(epochMs !== undefined && { epochMs }),
    ...(atStart && { atStart }),
    watched: questions,
    atEnd: async (internet, truths) => {
      foretold = await askAll(internet, scenario, { questions, truths });
    },
  });
  return foretold;
}

async function askAll(
  internet: LabInternet,
  { populations }: TtlScenario,
  asked: { readonly questions: readonly Question[]; readonly truths: Truths },
): Promise<readonly Foretold[]> {
  const { world } = internet;
  const resolvers = [...new Set(populations.map(({ resolver }) => resolver))];
  const host = world.host({ name: 'who asks what if', addresses: [ASKING_ADDRESS] });
  for (const resolver of resolvers) {
    world.linkBoth(host, internet.host(resolver), { delayMs: ONE_WAY_MS });
  }
  const all = resolvers.flatMap((resolver) =>
    asked.questions.map((question) =>
      ask(host, { resolver, question, internet, truths: asked.truths }),
    ),
  );
  return world.run(Promise.all(all));
}

interface Asking {
  readonly resolver: string;
  readonly question: Question;
  readonly internet: LabInternet;
  readonly truths: Truths;
}

async function ask(
  host: SimHost,
  { resolver, question, internet, truths }: Asking,
): Promise<Foretold> {
  const { runtime } = host;
  const beganMs = runtime.clock.monotonic();
  const explain = { code: EXPLAIN_OPTION, data: new Uint8Array(0) };
  const outcome = await exchange(runtime, {
    server: { address: internet.host(resolver).addresses[0]!, port: DNS_PORT },
    question,
    timeoutMs: PATIENCE_MS,
    // There an explanation has room; the connection costs one more round trip.
    tcp: true,
    flags: { rd: true },
    edns: { ...plainEdns(), options: [explain] },
  });
  const tookMs = runtime.clock.monotonic() - beganMs - 2 * ONE_WAY_MS;
  const told = { resolver, question, tookMs, truth: truths.current(question) };
  if (outcome.kind !== 'reply') {
    const nothing = { value: 'no answer', isFailure: true, ttlSeconds: undefined, staleMs: 0 };
    return { ...told, ...nothing, explanation: undefined };
  }
  const { message } = outcome;
  const read = readReply(message, question.type);
  const failed = isFailure(read);
  const leftMs = runtime.clock.monotonic() - ONE_WAY_MS;
  const staleMs = failed ? 0 : truths.staleMs(question, read.value, leftMs);
  const value = failed ? rcodeText(read.rcode) : read.value;
  const { ttlSeconds } = read;
  return {
    ...{ ...told, value, isFailure: failed, ttlSeconds, staleMs },
    explanation: explanationOf(message),
  };
}

function explanationOf({ edns }: Message): Explanation | undefined {
  const option = edns?.options.find(({ code }) => code === EXPLAIN_OPTION);
  const decoded = option && decodeExplanation(option.data);
  return decoded?.ok === true ? decoded.value : undefined;
}
