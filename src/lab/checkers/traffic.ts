/**
 * What holds of the datagrams between nodes, whatever they carry:
 *
 * - *conservation*: each is lost, or arrives, or is still under way; sent = lost + received −
 *   duplicated + in flight;
 * - *window safety*: no sender is more than a window ahead of what has arrived without a gap, so
 *   that numbers of few bits cannot be mistaken for each other;
 * - *quiescence*: when all is delivered and nothing more is lost, nodes fall silent;
 * - *no needless copies*: a timer that learns is soon right, and then messages of which nothing was
 *   lost are sent once.
 */

import type { Checker } from '../experiment/experiment.ts';
import { NumberSet } from '../process/number-set.ts';
import { makeChecker } from './checker.ts';

export function conservation(): Checker {
  const underWay = new Set<number>();
  /** Of which a copy found its receiver down, and the first one perhaps did not. */
  const halfLost = new Set<number>();
  let sent = 0;
  let ended = 0;
  return makeChecker('conservation', {
    observe: ({ kind, packet, copy, reason, id }, report) => {
      if (kind === 'send') {
        sent += 1;
        underWay.add(packet);
        return;
      }
      // A further copy has an end of its own.
      if (kind === 'receive' && copy > 0) return;
      if (kind !== 'receive' && kind !== 'lose') return;
      if (underWay.delete(packet)) ended += 1;
      else if (reason !== 'down' && !halfLost.delete(packet)) {
        report(`datagram ${packet} came to a second end`, id);
      }
      if (reason === 'down') halfLost.add(packet);
    },
    atEnd: (report) => {
      if (sent !== ended + underWay.size) {
        report(`${sent} sent, but ${ended} lost or received and ${underWay.size} in flight`);
      }
    },
  });
}

/** `window` messages, or fewer when `bits` of sequence number cannot tell so many apart. */
export function windowSafety(window: number): Checker {
  const arrived = new NumberSet();
  return makeChecker('window safety', {
    observe: ({ kind, text, detail, id }, report) => {
      if (text !== 'data' || detail < 0) return;
      if (kind === 'receive') arrived.add(detail);
      if (kind !== 'send' || detail < arrived.floor + window) return;
      report(`message ${detail} is sent while ${arrived.floor} is missing, window ${window}`, id);
    },
  });
}

/** Silence comes `withinNs` after the last submission, delivery, loss or fault at the latest. */
export function quiescence(withinNs: number): Checker {
  let lastReasonNs = 0;
  return makeChecker('quiescence', {
    observe: ({ kind, atNs, node, text, id }, report) => {
      if (kind === 'send') {
        if (atNs <= lastReasonNs + withinNs) return;
        const late = Math.round((atNs - lastReasonNs) / 1e6);
        report(`node ${node} still sends ${text}, ${late} ms after anything happened`, id);
      } else if (kind !== 'timer' && kind !== 'receive' && kind !== 'state' && kind !== 'note') {
        lastReasonNs = atNs;
      }
    },
  });
}

/** Messages in which a timer may still learn. */
const LEARNING = 10;
/** Fewer than these say nothing about the timer. */
const FEWEST_JUDGED = 8;

/** Of those after the first few, most must be sent once, unless something of them was lost. */
export function noNeedlessCopies(): Checker {
  /** By message, how often its data was sent; those of which something was lost are taken out. */
  const copies = new Map<number, number>();
  const excused = new Set<number>();
  return makeChecker('no needless copies', {
    observe: ({ kind, text, detail }) => {
      if (detail < LEARNING || (text !== 'data' && text !== 'ack')) return;
      if (kind === 'lose') excused.add(detail);
      if (kind === 'send' && text === 'data') copies.set(detail, (copies.get(detail) ?? 0) + 1);
    },
    atEnd: (report) => {
      const judged = [...copies].filter(([message]) => !excused.has(message));
      const needless = judged.filter(([, count]) => count > 1);
      if (judged.length < FEWEST_JUDGED || needless.length * 2 <= judged.length) return;
      report(`${needless.length} of ${judged.length} messages were sent again, and none was lost`);
    },
  });
}
