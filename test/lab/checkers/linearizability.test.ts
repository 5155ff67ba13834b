/** Registers: histories that one register would give, those that look like it, and all small ones. */

import { describe, expect, test } from 'vitest';

import { linearizability } from '../../../src/lab/checkers/linearizability.ts';
import { linearize } from '../../../src/lab/checkers/linearize.ts';
import {
  type Answer,
  isKnown,
  isPossible,
  NOTHING,
  type Operation,
  type RegisterCall,
} from '../../../src/lab/history/history.ts';
import { SeededRandom } from '../../../src/sim/random.ts';
import { eventsOf } from '../history/told.ts';

/** From one instant to another; without the other nobody has heard of it. */
type Told = readonly [call: string, from: number, to?: number, answer?: string];

function history(...told: readonly Told[]): readonly Operation[] {
  return told
    .map(([call, from, to, answer = 'ok'], id): Operation => {
      const operation = { id, node: id, call: readCall(call), atNs: from, event: from };
      if (to === undefined) return operation;
      return { ...operation, returned: { answer: readAnswer(answer), atNs: to, event: to } };
    })
    .toSorted((a, b) => a.event - b.event);
}

function readCall(text: string): RegisterCall {
  const [kind, one, other] = text.split(' ');
  if (kind === 'read') return { kind, key: 'x' };
  if (kind === 'write') return { kind, key: 'x', value: Number(one) };
  return { kind: 'cas', key: 'x', from: Number(one), value: Number(other) };
}

function readAnswer(text: string): Answer {
  if (text === 'nothing') return { kind: 'value', value: NOTHING };
  if (/^\d/.test(text)) return { kind: 'value', value: Number(text) };
  return { kind: text as 'ok' };
}

const judged = (...told: readonly Told[]): string => linearize(history(...told)).kind;

describe('a single register', () => {
  test('answers what was written last, and nothing before that', () => {
    expect(judged(['read', 1, 2, 'nothing'], ['write 1', 3, 4], ['read', 5, 6, '1'])).toBe('yes');
    expect(judged(['write 1', 1, 2], ['read', 3, 4, 'nothing'])).toBe('no');
    expect(judged(['write 1', 1, 2], ['write 2', 3, 4], ['read', 5, 6, '1'])).toBe('no');
  });

  test('may answer either of what is written at the same time, but not one after the other', () => {
    const both: readonly Told[] = [
      ['write 1', 1, 10],
      ['write 2', 2, 11],
    ];
    expect(judged(...both, ['read', 12, 13, '1'])).toBe('yes');
    expect(judged(...both, ['read', 12, 13, '2'])).toBe('yes');
    expect(judged(...both, ['read', 12, 13, '2'], ['read', 14, 15, '1'])).toBe('no');
    expect(judged(...both, ['read', 3, 4, '2'], ['read', 5, 6, '1'])).toBe('yes');
  });

  test('once a new value was read, the old one is gone, also for others', () => {
    const write: Told = ['write 1', 1, 20];
    expect(judged(write, ['read', 2, 3, '1'], ['read', 4, 5, 'nothing'])).toBe('no');
    expect(judged(write, ['read', 2, 3, 'nothing'], ['read', 4, 5, '1'])).toBe('yes');
  });

  test('a write of which nobody has heard may come late, or never, but only once', () => {
    const lost: Told = ['write 1', 1];
    expect(judged(lost, ['read', 2, 3, 'nothing'], ['read', 4, 5, '1'])).toBe('yes');
    expect(judged(lost, ['read', 2, 3, 'nothing'])).toBe('yes');
    expect(judged(lost, ['read', 2, 3, '1'], ['read', 4, 5, 'nothing'])).toBe('no');
    const again: readonly Told[] = [lost, ['read', 2, 3, '1'], ['write 2', 4, 5]];
    expect(judged(...again, ['read', 6, 7, '1'])).toBe('no');
    expect(judged(['write 1', 1, 4, 'gives up'], ['read', 5, 6, '1'])).toBe('yes');
    expect(judged(['write 1', 1, 4, 'refused'], ['read', 5, 6, '1'])).toBe('no');
  });

  test('compares and sets', () => {
    const first: Told = ['write 1', 1, 2];
    expect(judged(first, ['cas 1 2', 3, 4], ['read', 5, 6, '2'])).toBe('yes');
    expect(judged(first, ['cas 3 2', 3, 4])).toBe('no');
    expect(judged(first, ['cas 3 2', 3, 4, 'mismatch'], ['read', 5, 6, '1'])).toBe('yes');
    expect(judged(first, ['cas 1 2', 3, 4, 'mismatch'])).toBe('no');
    expect(judged(first, ['cas 1 2', 3, 9], ['cas 1 3', 4, 8])).toBe('no');
    expect(judged(first, ['cas 1 2', 3], ['cas 1 3', 4, 8, 'mismatch'])).toBe('yes');
  });
});

describe('against trying every order', () => {
  /** Small, and as often wrong as right. */
  function randomHistory(random: SeededRandom): readonly Operation[] {
    const count = 2 + random.below(4);
    const moments = Array.from({ length: 2 * count }, (_, moment) => moment + 1);
    for (let place = moments.length - 1; place > 0; place -= 1) {
      const other = random.below(place + 1);
      [moments[place], moments[other]] = [moments[other]!, moments[place]!];
    }
    const value = (): number => random.below(3);
    return history(
      ...Array.from({ length: count }, (_, index): Told => {
        const [one, other] = [moments[2 * index]!, moments[2 * index + 1]!];
        const [from, to] = [Math.min(one, other), Math.max(one, other)];
        const kind = random.below(5);
        const fate = random.below(8);
        const change = kind < 4 ? `write ${value()}` : `cas ${value()} ${value()}`;
        const call = kind < 2 ? 'read' : change;
        if (fate === 0) return [call, from];
        if (fate === 1) return [call, from, to, 'gives up'];
        if (kind < 2) return [call, from, to, fate === 2 ? 'nothing' : String(value())];
        return [call, from, to, kind === 4 && fate < 5 ? 'mismatch' : 'ok'];
      }),
    );
  }

  /** Whether some order of some of the possible ones, with all known ones, explains it. */
  function isExplained(left: readonly Operation[], state: number): boolean {
    if (!left.some(isKnown)) return true;
    return left.some((one) => {
      const isBlocked = left.some(
        (other) => other !== one && isKnown(other) && other.returned!.event < one.event,
      );
      const after = isBlocked || !isPossible(one) ? undefined : stateAfter(one, state);
      const others = left.filter((other) => other !== one);
      return after !== undefined && isExplained(others, after);
    });
  }

  function stateAfter({ call, returned }: Operation, state: number): number | undefined {
    const answer = returned?.answer;
    if (call.kind === 'write') return call.value;
    if (call.kind === 'read') {
      return answer?.kind !== 'value' || answer.value === state ? state : undefined;
    }
    if (call.from === state) return answer?.kind === 'mismatch' ? undefined : call.value;
    return answer?.kind === 'ok' ? undefined : state;
  }

  test('six thousand small histories are judged the same', () => {
    const random = new SeededRandom('1', 'histories');
    const counts = { yes: 0, no: 0, unknown: 0 };
    const different: number[] = [];
    for (let round = 0; round < 6000; round += 1) {
      const one = randomHistory(random);
      const { kind } = linearize(one);
      counts[kind] += 1;
      if (kind !== (isExplained(one, NOTHING) ? 'yes' : 'no')) different.push(round);
    }
    expect(different).toEqual([]);
    expect(Math.min(counts.yes, counts.no)).toBeGreaterThan(1000);
  });
});

test('a long history with much at once is judged in no time', () => {
  const told = Array.from({ length: 600 }, (_, index): Told => {
    const from = 10 * index + 1;
    const isWrite = index % 2 === 0;
    // Reads see the write before theirs, or one that is under way; every tenth is never heard of.
    if (index % 20 === 4) return [`write ${index}`, from];
    return isWrite
      ? [`write ${index}`, from, from + 45]
      : ['read', from, from + 45, String(index - 1)];
  });
  expect(judged(...told)).toBe('yes');
  expect(judged(...told, ['write 7000', 7001, 7002], ['read', 7003, 7004, '2'])).toBe('no');
});

describe('the checker', () => {
  const violations = (...lines: readonly string[]) => {
    const checker = linearizability();
    for (const event of eventsOf(...lines)) checker.observe(event);
    return checker.finish();
  };

  test('tells who answered what, and shows the events', () => {
    const [found] = violations(
      ...['0 submit write x 7', '0 deliver ok', '1 submit write x 8', '1 deliver ok'],
      ...['2 submit read x', '2 deliver value 7'],
    );
    expect(found?.text).toBe(
      'node 2: read x, answered 7, fits nowhere: the longest order of the others ends after ' +
        'write x 7 (node 0); then it must come before write x 8 (node 1), which had returned by then',
    );
    expect(found?.events).toEqual([5, 6, 2, 4]);
    expect(found?.isMissing).toBeUndefined();
  });

  test('keeps keys apart', () => {
    expect(
      violations(
        ...['0 submit write x 7', '0 deliver ok', '1 submit write y 8', '1 deliver ok'],
        ...['2 submit read x', '2 deliver value 7', '2 submit read y', '2 deliver value 8'],
      ),
    ).toEqual([]);
  });
});
