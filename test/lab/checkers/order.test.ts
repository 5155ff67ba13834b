import { describe, expect, test } from 'vitest';

import {
  causalOrder,
  fifoOrder,
  realTimeOrder,
  totalOrder,
} from '../../../src/lab/checkers/order.ts';
import {
  integrity,
  uniformAgreement,
  validity,
} from '../../../src/lab/checkers/order-agreement.ts';
import type { Checker } from '../../../src/lab/experiment/experiment.ts';
import type { EventKind, TraceEvent } from '../../../src/lab/run/trace-event.ts';

const KINDS: Readonly<Record<string, EventKind>> = { s: 'submit', d: 'deliver', x: 'crash' };

/**
 * What `checker` says of a history written as words: 's0:7' node 0 sends message 7, 'd1:7' node 1
 * delivers it, 'x1' node 1 crashes. A millisecond passes between two words.
 */
function judge(checker: Checker, history: string): readonly string[] {
  for (const [index, word] of history.split(' ').entries()) {
    const [, kind = '', node, message = '-1'] = /^([sdx])(\d)(?::(\d+))?$/.exec(word) ?? [];
    const event: TraceEvent = {
      ...{ id: index + 1, cause: 0, kind: KINDS[kind] ?? 'note', atNs: index * 1_000_000 },
      ...{ node: Number(node), peer: -1, packet: 0, copy: 0, octets: 0 },
      ...{ message: Number(message), text: '', detail: -1 },
    };
    checker.observe(event);
  }
  return checker.finish().map(({ text }) => text);
}

describe('total order', () => {
  test('a node that is behind has a prefix', () => {
    expect(judge(totalOrder(), 'd0:1 d0:2 d1:1 d2:1 d2:2 d2:3 d0:3')).toEqual([]);
  });

  test('names the first index that differs and both messages, once a node', () => {
    expect(judge(totalOrder(), 'd0:5 d0:1 d0:2 d1:5 d1:2 d1:1')).toEqual([
      'the sequences differ at index 1: message 1 at node 0, 2 at node 1',
    ]);
  });

  test('a message that is left out is a difference too', () => {
    expect(judge(totalOrder(), 'd0:1 d0:2 d1:2')).toHaveLength(1);
  });

  test('what a node delivered before it crashed counts', () => {
    expect(judge(totalOrder(), 'd0:1 x0 d1:2')).toHaveLength(1);
  });

  test('a node that comes back begins again', () => {
    expect(judge(totalOrder(), 'd0:1 d0:2 x0 d0:1 d1:1 d1:2')).toEqual([]);
    expect(judge(totalOrder(), 'd0:1 d0:2 x0 d0:2')).toEqual([
      'the sequences differ at index 0: message 1 at node 0, 2 at node 0 (life 2)',
    ]);
  });
});

describe('FIFO order', () => {
  test.each([
    ['s0:1 s0:2 d1:1 d1:2', true],
    ['s0:1 s0:2 d1:2 d1:1', false],
    ['s0:1 s0:2 d1:2', false],
    ['s0:1 s1:2 d2:2 d2:1', true],
    ['s0:1 x0 s0:2 d1:2', true], // of two lives, nothing is promised
  ])('%s: %s', (history, holds) => {
    expect(judge(fifoOrder(), history).length === 0).toBe(holds);
  });
});

describe('causal order', () => {
  test.each([
    ['s0:1 d1:1 s1:2 d2:1 d2:2', true],
    ['s0:1 d1:1 s1:2 d2:2 d2:1', false], // the answer before the question
    ['s0:1 s1:2 d1:1 d2:2 d2:1', true], // node 1 had not seen 1 when it sent 2
    ['s0:1 d1:1 s1:2 d2:1 d2:2 s2:3 d3:1 d3:3', false], // by way of node 2
  ])('%s: %s', (history, holds) => {
    expect(judge(causalOrder(), history).length === 0).toBe(holds);
  });
});

describe('real-time order', () => {
  test.each([
    ['s0:1 d0:1 s1:2 d1:1 d1:2', true],
    ['s0:1 s1:2 d1:2 d0:2 d0:1', true], // sent at the same time: either order
    ['s0:1 d0:1 s1:2 d2:2 d2:1', false], // 1 was back before 2 was sent
    ['s0:1 d3:1 s1:2 d2:2 d2:1', true], // 1 had arrived elsewhere, but was not back
    ['s0:1 d0:1 s1:2 s1:3 d2:3 d2:1', false],
  ])('%s: %s', (history, holds) => {
    expect(judge(realTimeOrder(), history).length === 0).toBe(holds);
  });
});

describe('whether messages are delivered at all', () => {
  test.each<[string, Checker, string, boolean]>([
    ['validity', validity(), 's0:1 d0:1', true],
    ['validity', validity(), 's0:1 d1:1', false],
    ['validity of one who crashes', validity(), 's0:1 x0', true],
    ['agreement', uniformAgreement(2), 's0:1 d0:1 d1:1', true],
    ['agreement', uniformAgreement(2), 's0:1 d0:1', false],
    ['agreement with one who crashed: uniform', uniformAgreement(3), 's0:1 d0:1 x0 d1:1', false],
    ['agreement of one who crashes', uniformAgreement(2), 's0:1 d0:1 x1', true],
    ['agreement of one who is no member', uniformAgreement(2), 's0:1 d0:1 d1:1', true],
    ['integrity', integrity(), 's0:1 d1:1 d1:1', false],
    ['integrity of two lives', integrity(), 's0:1 d1:1 x1 d1:1', true],
    ['integrity: nobody sent it', integrity(), 'd1:1', false],
  ])('%s: %#', (_, checker, history, holds) => {
    expect(judge(checker, history).length === 0).toBe(holds);
  });
});
