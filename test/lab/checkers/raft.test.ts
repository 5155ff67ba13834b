/** Raft's five properties: what servers say that breaks each, and what looks like it and does not. */

import { expect, test } from 'vitest';

import { noteText, type RaftNote } from '../../../src/lab/agreement/raft/raft-notes.ts';
import { raftProperties } from '../../../src/lab/checkers/raft.ts';
import type { TraceEvent } from '../../../src/lab/run/trace-event.ts';

type Said = readonly [node: number, note: RaftNote, message?: number];
type Told = Said | { readonly apply: number; readonly node: number; readonly message: number };

/** The properties that are violated when this is told. */
function violated(...told: readonly Told[]): readonly string[] {
  const checkers = raftProperties();
  for (const [place, one] of told.entries()) {
    const event = eventOf(one, place + 1);
    for (const checker of checkers) checker.observe(event);
  }
  return checkers.filter((checker) => checker.finish().length > 0).map(({ property }) => property);
}

function eventOf(told: Told, id: number): TraceEvent {
  const blank = { id, cause: 0, atNs: id, peer: -1, packet: 0, copy: 0, octets: 0 } as const;
  if ('apply' in told) {
    const { node, message, apply } = told;
    return { ...blank, kind: 'deliver', node, message, text: 'apply', detail: apply };
  }
  const [node, note, message = -1] = told;
  return { ...blank, kind: 'note', node, message, ...noteText(note) };
}

const leads = (node: number, term: number): Said => [node, { kind: 'leads', term }];
const commits = (node: number, index: number): Said => [node, { kind: 'commits', index }];
const appends = (node: number, index: number, term: number, message = -1): Said => [
  node,
  { kind: 'appends', index, term },
  message,
];

test('a leader that is followed violates nothing', () => {
  const log = [0, 1, 2].map((node) => appends(node, 1, 1, 7));
  const applied = [0, 1, 2].map((node) => ({ apply: 1, node, message: 7 }));
  expect(violated(leads(0, 1), ...log, commits(0, 1), ...applied)).toEqual([]);
});

test('two leaders of one term', () => {
  expect(violated(leads(0, 3), leads(1, 3))).toEqual(['election safety']);
  expect(violated(leads(0, 3), leads(1, 4))).toEqual([]);
});

test('a leader that overwrites its log; a follower may', () => {
  const log = [appends(0, 1, 1, 7), appends(0, 1, 2, 8)] as const;
  expect(violated(leads(0, 2), ...log)).toEqual(['leader append-only']);
  const stepsDown: Said = [0, { kind: 'steps down', term: 2 }];
  expect(violated(leads(0, 1), log[0], stepsDown, log[1])).toEqual([]);
});

test('two commands of one term at one place; and one behind different ones', () => {
  expect(violated(appends(0, 1, 1, 7), appends(1, 1, 1, 8))).toEqual(['log matching']);
  const other = [appends(1, 1, 2, 8), appends(1, 2, 3, 9)];
  expect(violated(appends(0, 1, 1, 7), appends(0, 2, 3, 9), ...other)).toEqual(['log matching']);
});

test('a snapshot stands for the entry that it replaces', () => {
  const first = [appends(0, 1, 1, 7), appends(0, 2, 3, 9)];
  const snapshot: Said = [1, { kind: 'snapshot', index: 1, term: 1 }];
  expect(violated(...first, appends(1, 1, 2, 8), snapshot, appends(1, 2, 3, 9))).toEqual([]);
});

test('a leader without what was committed in an earlier term', () => {
  const first = [leads(0, 1), appends(0, 1, 1, 7), commits(0, 1)];
  expect(violated(...first, leads(1, 2))).toEqual(['leader completeness']);
  expect(violated(...first, appends(1, 1, 1, 7), leads(1, 2))).toEqual([]);
});

test('who wins a term late, after a larger one has committed, does no harm', () => {
  const larger = [leads(0, 2), appends(0, 1, 2, 7), commits(0, 1)];
  expect(violated(...larger, leads(1, 1))).toEqual([]);
});

test('different commands at one place, and one place twice', () => {
  const first = { apply: 1, node: 0, message: 7 };
  expect(violated(first, { apply: 1, node: 1, message: 8 })).toEqual(['state machine safety']);
  expect(violated(first, first)).toEqual(['state machine safety']);
});
