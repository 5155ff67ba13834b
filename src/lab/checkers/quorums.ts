/**
 * What a store with quorums promises, on the events of its clients and on what its homes say that
 * they hold:
 *
 * - *reads see acknowledged writes*: of the reads that ask enough nodes none is behind;
 * - *no acknowledged write lost*: in the end somebody holds the last acknowledged write, or a
 *   later;
 * - *convergence*: in the end all homes hold the same.
 */

import { HOLDS } from '../agreement/quorum/vault.ts';
import type { Checker } from '../experiment/experiment.ts';
import { ReadAges } from '../meters/read-ages.ts';
import type { NodeId } from '../process/process.ts';
import type { TraceEvent } from '../run/trace-event.ts';
import { makeChecker } from './checker.ts';

/** Of the reads of which `isPromised` says so. */
export function readsSeeAcknowledged(isPromised: (message: number) => boolean): Checker {
  const ages = new ReadAges();
  return makeChecker('reads see acknowledged writes', {
    observe: (event, report) => {
      const read = ages.observe(event);
      if (read === undefined || read.behind === 0 || !isPromised(read.message)) return;
      const { value, behind } = read;
      report(`node ${event.node} read ${value}, ${behind} acknowledged writes behind`, event.id);
    },
  });
}

/** Clocks are right here: who began to write later has the later stamp. */
export function noAcknowledgedWriteLost(homes: number): Checker {
  const began = new Map<number, number>();
  const held = new Map<NodeId, number>();
  let last: TraceEvent | undefined;
  return makeChecker('no acknowledged write lost', {
    observe: (event) => {
      const { kind, text, message, detail, atNs, node } = event;
      if (kind === 'submit' && text.startsWith('write')) began.set(message, atNs);
      if (kind === 'note' && text === HOLDS) held.set(node, detail);
      if (kind !== 'deliver' || text !== 'ok') return;
      const lastNs = last === undefined ? -1 : (began.get(last.message) ?? -1);
      if ((began.get(message) ?? -1) > lastNs) last = event;
    },
    atEnd: (report) => {
      if (last === undefined) return;
      const ownNs = began.get(last.message) ?? 0;
      const values = Array.from({ length: homes }, (_, home) => held.get(home) ?? -1);
      if (values.some((value) => (began.get(value) ?? -1) >= ownNs)) return;
      const words = `write ${last.message} was acknowledged, and the homes hold`;
      report(`${words} ${values.join(', ')}`, last.id);
    },
  });
}

export function homesConverge(homes: number): Checker {
  const held = new Map<NodeId, TraceEvent>();
  return makeChecker('convergence', {
    observe: (event) => {
      if (event.kind === 'note' && event.text === HOLDS) held.set(event.node, event);
    },
    atEnd: (report) => {
      const first = held.get(0);
      for (let home = 1; home < homes; home += 1) {
        const own = held.get(home);
        if (own?.detail === first?.detail) continue;
        const words = `nodes 0 and ${home} hold ${first?.detail} and ${own?.detail}`;
        report(words, first?.id ?? 0, own?.id ?? 0);
      }
    },
  });
}
