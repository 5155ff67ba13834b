/**
 * What a scenario needs according to its steps: DNSSEC in the answers, steps that only another
 * resolver has, more time than there is.
 */

import { Rcode, RRType } from '../../wire/iana.ts';
import type { Message } from '../../wire/message.ts';
import { DNSSEC } from './features.ts';
import type { Scenario, Step } from './scenario.ts';

/** Features that we lack, some of them more than once. */
export function* contentNeeds(scenario: Scenario): Generator<string> {
  const { dialect, settings, steps } = scenario;
  const modules = settings.find(({ key }) => key === 'module-config')?.values[0];
  const hasAnchor = settings.some(({ key }) => /trust-anchor(-file)?$|^AUTOTRUST_FILE$/.test(key));
  const validates = hasAnchor && modules?.includes('validator') !== false;
  if (validates) yield DNSSEC;
  if (secondsOf(steps) > MAX_SECONDS) yield 'years that pass between steps';
  for (const step of steps) {
    if (step.kind === 'foreign') yield FOREIGN_STEPS[step.word] ?? `the step ${step.word}`;
    if (step.kind !== 'check answer') continue;
    const { message } = step.entry.packets[0]!;
    yield* answerNeeds(message, validates);
    // Deckard plays scenarios against authorities too, which have their zones from elsewhere.
    if (dialect === 'deckard' && message.aa) yield 'zones that the scenario does not bring along';
  }
}

function* answerNeeds(message: Message, validates: boolean): Generator<string> {
  if (message.ad) yield DNSSEC;
  if (isReferral(message)) yield 'referrals for clients that ask without RD';
  if (!validates && message.edns?.dnssecOk === true && holdsProofs(message)) {
    yield 'DNSSEC records for clients that ask for them (DO)';
  }
}

function secondsOf(steps: readonly Step[]): number {
  return steps.reduce((sum, step) => sum + (step.kind === 'time passes' ? step.seconds : 0), 0);
}

/** Virtual time ends after 104 days. */
const MAX_SECONDS = 90 * 86_400;

const FOREIGN_STEPS: Readonly<Record<string, string>> = {
  ASSIGN: 'variables in steps (ASSIGN)',
  'TIME_PASSES EVAL': 'variables in steps (TIME_PASSES EVAL)',
  CHECK_AUTOTRUST: 'automatic trust anchors (RFC 5011)',
  CHECK_TEMPFILE: 'zone transfers into a file (CHECK_TEMPFILE)',
};

const PROOF_TYPES: ReadonlySet<number> = new Set([RRType.RRSIG, RRType.NSEC, RRType.NSEC3]);

/** Cuts that we know are of no use to anybody but us; Unbound puts those of the root up front. */
function isReferral({ aa, rd, rcode, questions, answers, authorities }: Message): boolean {
  if (rcode !== Rcode.NOERROR || aa || rd) return false;
  if (answers.length > 0 && questions[0]?.type === RRType.NS) return false;
  const records = [...answers, ...authorities];
  return records.length > 0 && records.every(({ type }) => type === RRType.NS);
}

/** DNSSEC records beside what was asked for. */
function holdsProofs({ questions, answers, authorities }: Message): boolean {
  const asked = questions[0]?.type;
  return [...answers, ...authorities].some(
    ({ type }) => PROOF_TYPES.has(type) && type !== asked && asked !== RRType.ANY,
  );
}
