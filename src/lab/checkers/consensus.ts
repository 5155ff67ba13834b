/**
 * What it is to agree on one value, of deliveries with the label 'decide' and the number of the
 * decision; who proposes a value for decision d submits one of the messages from d k to
 * d k + k − 1:
 *
 * - *agreement*: no two nodes decide differently, not even one that crashes then;
 * - *validity*: what is decided was proposed, for this decision;
 * - *integrity*: a node decides once, in each of its lives;
 * - *termination*: who proposes, and does not crash, decides in the end.
 */

import type { Checker } from '../experiment/experiment.ts';
import type { TraceEvent } from '../run/trace-event.ts';
import { makeChecker } from './checker.ts';
import { Lives } from './order-lives.ts';

function isDecision({ kind, text }: TraceEvent): boolean {
  return kind === 'deliver' && text === 'decide';
}

/** All but termination; `proposers` is k. */
export function safeConsensus(proposers: number): readonly Checker[] {
  return [decisionAgreement(), decisionValidity(proposers), decisionIntegrity()];
}

function decisionAgreement(): Checker {
  const first = new Map<number, TraceEvent>();
  return makeChecker('agreement', {
    observe: (event, report) => {
      if (!isDecision(event)) return;
      const { detail: decision, message, node, id } = event;
      const known = first.get(decision) ?? event;
      first.set(decision, known);
      if (known.message === message) return;
      const other = `node ${known.node} decides ${known.message}`;
      report(`decision ${decision}: ${other}, node ${node} ${message}`, known.id, id);
    },
  });
}

function decisionValidity(proposers: number): Checker {
  const proposed = new Set<number>();
  return makeChecker('validity', {
    observe: (event, report) => {
      const { kind, message, detail: decision, node, id } = event;
      if (kind === 'submit') proposed.add(message);
      if (!isDecision(event)) return;
      if (proposed.has(message) && Math.floor(message / proposers) === decision) return;
      report(`decision ${decision}: nobody proposed ${message}, which node ${node} decides`, id);
    },
  });
}

function decisionIntegrity(): Checker {
  const lives = new Lives();
  const decided = new Set<string>();
  return makeChecker('integrity', {
    observe: (event, report) => {
      lives.observe(event);
      if (!isDecision(event)) return;
      const key = `${event.detail} ${lives.nameOf(event.node)}`;
      if (decided.has(key)) {
        report(`${lives.nameOf(event.node)} decides ${event.detail} twice`, event.id);
      }
      decided.add(key);
    },
  });
}

export function termination(proposers: number): Checker {
  const lives = new Lives();
  /** By decision and node. */
  const proposed = new Map<string, TraceEvent>();
  const decided = new Set<string>();
  return makeChecker('termination', {
    observe: (event) => {
      lives.observe(event);
      const { kind, message, node, detail } = event;
      if (kind === 'submit') proposed.set(`${Math.floor(message / proposers)} ${node}`, event);
      if (isDecision(event)) decided.add(`${detail} ${node}`);
    },
    atEnd: (report) => {
      for (const [key, { message, node, id }] of proposed) {
        if (decided.has(key) || lives.crashesOf(node) > 0) continue;
        report(`node ${node} proposed ${message}, and never decided`, id);
      }
    },
  });
}
