/**
 * The laws of replicated types: for any states that can come about, merging is commutative,
 * associative and idempotent, never takes back what was known, and survives the way through octets.
 */

import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { operationOf } from '../../../../src/lab/agreement/replicas/operations.ts';
import {
  type Merge,
  MERGES,
  type ReplicaMutant,
} from '../../../../src/lab/agreement/replicas/replica-options.ts';
import { replicatedType } from '../../../../src/lab/agreement/replicas/types.ts';

const NODES = 3;

/** A replica writes, or takes in all that another knows. */
type Step =
  | { readonly kind: 'write'; readonly node: number; readonly wall: number }
  | { readonly kind: 'hear'; readonly node: number; readonly from: number };

const node = fc.nat(NODES - 1);
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ kind: fc.constant('write' as const), node, wall: fc.nat(9) }),
  fc.record({ kind: fc.constant('hear' as const), node, from: node }),
);
const steps = fc.array(step, { maxLength: 14 });

/** The states of three replicas after these steps. */
function statesAfter(merge: Merge, story: readonly Step[], mutant?: ReplicaMutant) {
  const type = replicatedType(merge, mutant);
  const states = Array.from({ length: NODES }, () => type.empty);
  const seen = states.map(() => [0, 0, 0]);
  for (const [index, one] of story.entries()) {
    if (one.kind === 'hear') {
      states[one.node] = type.merge(states[one.node], states[one.from]);
      seen[one.node] = seen[one.node]!.map((count, at) => Math.max(count, seen[one.from]![at]!));
      continue;
    }
    const own = seen[one.node]!;
    own[one.node]! += 1;
    const message = 2 * index;
    const desk = { shown: type.shows(states[one.node]), typed: undefined };
    const operation = operationOf(merge, message, desk);
    // Lamport’s clock in place of a hybrid one; the wall clock may say anything.
    const l = merge === 'lww-wall' ? one.wall : own.reduce((sum, count) => sum + count, 0);
    const stamp = { origin: one.node, count: own[one.node]!, l, c: 0, seen: [...own] };
    states[one.node] = type.update(states[one.node], operation, stamp);
  }
  return { type, states };
}

function breaksLaws(merge: Merge, story: readonly Step[], mutant?: ReplicaMutant): boolean {
  const { type, states } = statesAfter(merge, story, mutant);
  const [a, b, c] = states;
  const same = (one: unknown, other: unknown): boolean =>
    JSON.stringify(type.pack(one)) === JSON.stringify(type.pack(other));
  return !(
    same(type.merge(a, b), type.merge(b, a)) &&
    same(type.merge(type.merge(a, b), c), type.merge(a, type.merge(b, c))) &&
    same(type.merge(a, a), a) &&
    same(type.merge(type.merge(a, b), b), type.merge(a, b)) &&
    same(type.unpack(type.pack(a)), a)
  );
}

describe.each(MERGES)('%s', (merge) => {
  test('merges in any order, grouping and number to the same', () => {
    fc.assert(
      fc.property(steps, (story) => !breaksLaws(merge, story)),
      { numRuns: 200 },
    );
  });

  test('octets of strangers are no state, or one that can be merged', () => {
    const { type } = statesAfter(merge, []);
    fc.assert(
      fc.property(fc.array(fc.nat(2 ** 32 - 1), { maxLength: 12 }), (numbers) => {
        const state = type.unpack(numbers);
        if (state !== undefined) type.shows(type.merge(type.empty, state));
      }),
      { numRuns: 200 },
    );
  });
});

describe('the laws notice', () => {
  const CASES: readonly (readonly [Merge, ReplicaMutant])[] = [
    ['lww-hlc', 'mine-wins'],
    ['mvr', 'mine-wins'],
    ['pncounter', 'sums'],
    ['text', 'no-order'],
  ];
  test.each(CASES)('%s with %s', (merge, mutant) => {
    const { failed } = fc.check(
      fc.property(steps, (story) => !breaksLaws(merge, story, mutant)),
      { numRuns: 500 },
    );
    expect(failed).toBe(true);
  });
});

test('what one person types in one go is not torn apart by another who types there', () => {
  const type = replicatedType('text');
  const typeWord = (origin: number, ids: readonly number[]): unknown =>
    ids.reduce<unknown>((text, id, place) => {
      const after = ids[place - 1] ?? -1;
      const stamp = { origin, count: place + 1, l: 0, c: 0, seen: [] };
      return type.update(text, { kind: 'inserts', value: id, after }, stamp);
    }, type.empty);
  const [one, other] = [typeWord(0, [1, 2, 3, 4]), typeWord(1, [11, 12, 13])];
  expect(type.shows(type.merge(one, other))).toEqual([11, 12, 13, 1, 2, 3, 4]);
  expect(type.shows(type.merge(other, one))).toEqual([11, 12, 13, 1, 2, 3, 4]);
});
