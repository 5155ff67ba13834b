/** Events of clients, a line each: '0 submit write x 7', '0 deliver ok', '2 deliver value 7'. */

import {
  type Answer,
  answerLabel,
  callLabel,
  type RegisterCall,
} from '../../../src/lab/history/history.ts';
import type { TraceEvent } from '../../../src/lab/run/trace-event.ts';

/** A delivery answers what its node has asked for last. */
export function eventsOf(...lines: readonly string[]): readonly TraceEvent[] {
  const asked = new Map<string, number>();
  let count = 0;
  return lines.map((line, place): TraceEvent => {
    const [node = '', kind, ...words] = line.split(' ');
    if (kind === 'submit') {
      asked.set(node, count);
      count += 1;
    }
    const label = kind === 'submit' ? callLabel(callOf(words)) : answerLabel(answerOf(words));
    return {
      ...{ id: place + 1, cause: 0, atNs: 1000 * place, peer: -1, packet: 0, copy: 0, octets: 0 },
      ...{ kind: kind as 'submit', node: Number(node), message: asked.get(node) ?? -1 },
      ...{ text: label.tag, detail: label.detail ?? -1 },
    };
  });
}

function callOf([kind, key = '', one, other]: readonly string[]): RegisterCall {
  if (kind === 'read') return { kind, key };
  if (kind === 'write') return { kind, key, value: Number(one) };
  return { kind: 'cas', key, from: Number(one), value: Number(other) };
}

function answerOf(words: readonly string[]): Answer {
  if (words[0] === 'value') return { kind: 'value', value: Number(words[1]) };
  return { kind: words.join(' ') as 'ok' };
}
