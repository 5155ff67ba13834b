/**
 * Whether messages are delivered at all, each property checked on the events alone. A node is
 * *correct* when it never crashes; `members` are the nodes that are to deliver.
 *
 * - *validity*: what a correct node sends, it delivers in the end;
 * - *uniform agreement*: what anybody delivers, even one who crashes then, every correct node
 *   delivers in the end;
 * - *integrity*: a node delivers a message at most once (in each of its lives), and only one that
 *   somebody sent.
 */

import type { Checker } from '../experiment/experiment.ts';
import type { TraceEvent } from '../run/trace-event.ts';
import { makeChecker } from './checker.ts';
import { Lives } from './order-lives.ts';

export function validity(): Checker {
  const lives = new Lives();
  const waiting = new Map<number, TraceEvent>();
  return makeChecker('validity', {
    observe: (event) => {
      lives.observe(event);
      const { kind, message, node } = event;
      if (kind === 'submit') waiting.set(message, event);
      if (kind === 'deliver' && waiting.get(message)?.node === node) waiting.delete(message);
    },
    atEnd: (report) => {
      for (const { message, node, id } of waiting.values()) {
        if (lives.crashesOf(node) === 0) {
          report(`node ${node} never delivered message ${message} of its own`, id);
        }
      }
    },
  });
}

export function uniformAgreement(members: number): Checker {
  const lives = new Lives();
  const delivered = Array.from({ length: members }, () => new Set<number>());
  const first = new Map<number, TraceEvent>();
  return makeChecker('uniform agreement', {
    observe: (event) => {
      lives.observe(event);
      if (event.kind !== 'deliver') return;
      delivered[event.node]?.add(event.message);
      if (!first.has(event.message)) first.set(event.message, event);
    },
    atEnd: (report) => {
      for (const [node, own] of delivered.entries()) {
        if (lives.crashesOf(node) > 0) continue;
        for (const { message, node: other, id } of first.values()) {
          if (own.has(message)) continue;
          report(`node ${node} never delivered message ${message}, which node ${other} did`, id);
        }
      }
    },
  });
}

export function integrity(): Checker {
  const lives = new Lives();
  const sent = new Set<number>();
  const delivered = new Set<string>();
  return makeChecker('integrity', {
    observe: (event, report) => {
      lives.observe(event);
      const { kind, message, node, id } = event;
      if (kind === 'submit') sent.add(message);
      if (kind !== 'deliver') return;
      const name = lives.nameOf(node);
      if (!sent.has(message)) report(`${name} delivered what nobody sent`, id);
      const key = `${message} ${name}`;
      if (delivered.has(key)) report(`${name} delivered message ${message} twice`, id);
      delivered.add(key);
    },
  });
}
