import { describe, expect, test } from 'vitest';

import { fifo, noCreation, noDuplicate, noGap } from '../../../src/lab/checkers/delivery.ts';
import {
  conservation,
  noNeedlessCopies,
  quiescence,
  windowSafety,
} from '../../../src/lab/checkers/traffic.ts';
import type { Checker } from '../../../src/lab/experiment/experiment.ts';
import type { TraceEvent } from '../../../src/lab/run/trace-event.ts';

const NOTHING: TraceEvent = {
  id: 0,
  cause: 0,
  kind: 'start',
  atNs: 0,
  node: 0,
  peer: -1,
  packet: 0,
  copy: 0,
  octets: 0,
  message: -1,
  text: '',
  detail: -1,
};

/** What a checker says of these events, in words. */
function found(checker: Checker, events: readonly Partial<TraceEvent>[]): readonly string[] {
  for (const [index, event] of events.entries()) {
    checker.observe({ ...NOTHING, id: index + 1, ...event });
  }
  return checker.finish().map(({ text }) => text);
}

const submit = (message: number): Partial<TraceEvent> => ({ kind: 'submit', message });
const deliver = (message: number): Partial<TraceEvent> => {
  return { kind: 'deliver', node: 1, peer: 0, message };
};
const data = (kind: 'send' | 'receive' | 'lose', detail: number): Partial<TraceEvent> => {
  return { kind, text: 'data', detail };
};

describe('what is delivered', () => {
  test('nothing that nobody submitted, and no other octets', () => {
    expect(found(noCreation(), [submit(0), deliver(0)])).toEqual([]);
    expect(found(noCreation(), [deliver(0), submit(0)])).toEqual(['node 1 delivered message 0']);
    expect(found(noCreation(), [submit(0), deliver(-1)])).toEqual([
      'node 1 delivered octets that nobody submitted',
    ]);
  });

  test('nothing twice on one node', () => {
    expect(found(noDuplicate(), [deliver(0), { ...deliver(0), node: 2 }])).toEqual([]);
    expect(found(noDuplicate(), [deliver(0), deliver(1), deliver(0)])).toEqual([
      'node 1 delivered message 0 again',
    ]);
  });

  test('everything, by the end', () => {
    expect(found(noGap(), [submit(0), submit(1), deliver(1), deliver(0)])).toEqual([]);
    expect(found(noGap(), [submit(0), submit(1), deliver(1)])).toEqual(['never delivered: 0']);
  });

  test('in order; what is left out does not matter', () => {
    expect(found(fifo(), [deliver(0), deliver(3), deliver(3), deliver(4)])).toEqual([]);
    expect(found(fifo(), [deliver(1), deliver(0)])).toEqual(['node 1 delivered 0 after 1']);
  });
});

describe('what is sent', () => {
  const sent: Partial<TraceEvent> = { kind: 'send', packet: 1 };
  const received = (copy: number): Partial<TraceEvent> => ({ kind: 'receive', packet: 1, copy });

  test('is lost or arrives, once; a copy has an end of its own', () => {
    expect(found(conservation(), [sent, received(0), received(1)])).toEqual([]);
    expect(found(conservation(), [sent, received(1), { kind: 'lose', packet: 1 }])).toEqual([]);
    expect(found(conservation(), [received(0)])).toHaveLength(1);
    expect(found(conservation(), [sent, received(0), { kind: 'lose', packet: 1 }])).toEqual([
      'datagram 1 came to a second end',
    ]);
  });

  test('may find its receiver down with one copy and up with the other', () => {
    const down: Partial<TraceEvent> = { kind: 'lose', packet: 1, reason: 'down' };
    expect(found(conservation(), [sent, down, received(0)])).toEqual([]);
    expect(found(conservation(), [sent, received(0), down])).toEqual([]);
    expect(found(conservation(), [sent, down, received(0), received(0)])).toHaveLength(1);
  });

  test('is never a window ahead of what has arrived', () => {
    const ahead = [data('send', 0), data('send', 1), data('receive', 1)];
    expect(found(windowSafety(2), ahead)).toEqual([]);
    expect(found(windowSafety(2), [...ahead, data('send', 2)])).toEqual([
      'message 2 is sent while 0 is missing, window 2',
    ]);
    const arrived = [...ahead, data('receive', 0), data('send', 3)];
    expect(found(windowSafety(2), arrived)).toEqual([]);
  });

  test('ends when all is delivered and nothing more is lost', () => {
    const late = { ...data('send', 0), atNs: 2_000_000 };
    expect(found(quiescence(1_000_000), [deliver(0), { ...late, atNs: 1_000_000 }])).toEqual([]);
    expect(found(quiescence(1_000_000), [{ kind: 'lose', atNs: 1_500_000 }, late])).toEqual([]);
    expect(found(quiescence(1_000_000), [deliver(0), late])).toEqual([
      'node 0 still sends data, 2 ms after anything happened',
    ]);
  });

  test('is sent again for losses only, once a timer has learnt', () => {
    const twice = Array.from({ length: 30 }, (_, n) => [data('send', n), data('send', n)]).flat();
    const losses = Array.from({ length: 30 }, (_, n) => data('lose', n));
    expect(found(noNeedlessCopies(), twice)).toEqual([
      '20 of 20 messages were sent again, and none was lost',
    ]);
    expect(found(noNeedlessCopies(), [...twice, ...losses])).toEqual([]);
    expect(found(noNeedlessCopies(), twice.slice(0, 20))).toEqual([]);
  });
});
