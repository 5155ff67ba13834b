/**
 * The steps that a query passes before an answerer, each a function around the rest of the
 * pipeline. Their order is one list, in `app`.
 */

import type { Logger } from '../net/logger.ts';
import type { Clock } from '../net/ports.ts';
import { rcodeText } from '../wire/iana.ts';
import type { RRset } from '../wire/record.ts';
import type { Answer, Answerer, Query, Step } from './query.ts';
import { describeQuery } from './respond.ts';

/** `steps` around `answerer`; the first of the list sees the query first. */
export function compose(steps: readonly Step[], answerer: Answerer): Answerer {
  return steps.reduceRight((next, step) => step(next), answerer);
}

/** One debug line for each query answered. */
export function logQueries(logger: Logger, clock: Clock): Step {
  return (next) => (query, signal) => {
    if (!logger.isLevelEnabled('debug')) return next(query, signal);
    const done = (answer: Answer): Answer => {
      logAnswer(logger, query, { answer, elapsedMs: clock.monotonic() - query.receivedAtMs });
      return answer;
    };
    const outcome = next(query, signal);
    return outcome instanceof Promise ? outcome.then(done) : done(outcome);
  };
}

/**
 * Turns the records of every answer RRset by one from query to query, so that clients that take the
 * first one spread over all (round robin, RFC 1794).
 */
export function rotateAnswers(): Step {
  let turns = 0;
  const rotate = (answer: Answer): Answer => {
    const turn = turns++ & 0xffff;
    return { ...answer, answers: answer.answers.map((rrset) => rotated(rrset, turn)) };
  };
  return (next) => (query, signal) => {
    const outcome = next(query, signal);
    return outcome instanceof Promise ? outcome.then(rotate) : rotate(outcome);
  };
}

function rotated(rrset: RRset, turn: number): RRset {
  const { rdatas } = rrset;
  if (rdatas.length === 1) return rrset;
  const from = turn % rdatas.length;
  return { ...rrset, rdatas: [...rdatas.slice(from), ...rdatas.slice(0, from)] };
}

function logAnswer(
  logger: Logger,
  query: Query,
  outcome: { readonly answer: Answer; readonly elapsedMs: number },
): void {
  const { answer, elapsedMs } = outcome;
  logger.debug(
    {
      ...describeQuery(query),
      rcode: rcodeText(answer.rcode),
      answers: answer.answers.length,
      elapsedMs: Math.round(elapsedMs * 1000) / 1000,
    },
    'answered',
  );
}
