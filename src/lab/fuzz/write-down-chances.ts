/**
 * Writes down as faults of single datagrams what links do by chance: losses, delays, second copies.
 * Each can then be taken out alone, and those that are left are the ones that matter. They are
 * named by the instant of sending, which most of them keep when something else is taken out.
 */

import type { NodeId } from '../process/process.ts';
import type { LinkFault } from '../run/fault.ts';
import type { TraceEvent } from '../run/trace-event.ts';
import { NS_PER_MS } from '../../sim/units.ts';
import type { Search } from './search.ts';
import { type Mishap, sceneOf, type Trial } from './trial.ts';

/** Parameters that give links something to chance, and what leaves them none. */
const CERTAIN = { loss: 0, 'ack-loss': 0, burst: 1, jitter: 0, duplicate: 0, swap: 0 } as const;
/** Of loss alone, for runs in which too much else happens. */
const LOSSLESS = { loss: 0, 'ack-loss': 0, burst: 1 } as const;
/** More single faults are not taken out one by one in any reasonable time. */
const MAX_SCRIPTS = 2000;

export function writeDownChances(trial: Trial, search: Search): Trial {
  for (const certain of [CERTAIN, LOSSLESS]) {
    const changed = Object.entries(certain).filter(([name, value]) => {
      return trial.values[name] !== undefined && trial.values[name] !== value;
    });
    if (changed.length === 0) continue;
    const diary = new Diary(trial, { lossesOnly: certain === LOSSLESS });
    search.play(trial, [(event) => diary.observe(event)]);
    const scripts = diary.finish();
    if (scripts.length > MAX_SCRIPTS) continue;
    const values = { ...trial.values, ...Object.fromEntries(changed) };
    const kept = trial.mishaps.filter((mishap) => diary.lossesOnly || !isScript(mishap));
    const candidate = { ...trial, values, mishaps: [...kept, ...scripts] };
    if (search.fails(candidate)) return candidate;
  }
  return trial;
}

function isScript([first]: Mishap): boolean {
  return first !== undefined && ['drop', 'double', 'delay'].includes(first.kind);
}

/** What became of a datagram. */
interface Entry {
  readonly from: NodeId;
  readonly to: NodeId;
  /** Which one of those that its link got at that instant, from 1. */
  readonly nth: number;
  readonly sentNs: number;
  isLost: boolean;
  /** When each copy arrived. */
  readonly arrivals: number[];
}

class Diary {
  readonly lossesOnly: boolean;
  readonly #counts = new Map<string, number>();
  readonly #entries = new Map<number, Entry>();
  readonly #scene: ReturnType<typeof sceneOf>;

  constructor(trial: Trial, { lossesOnly }: { readonly lossesOnly: boolean }) {
    this.#scene = sceneOf(trial);
    this.lossesOnly = lossesOnly;
  }

  observe({ kind, node, peer, packet, reason, atNs, copy, busyNs = 0 }: TraceEvent): void {
    if (kind === 'send') {
      const link = `${node} ${peer} ${atNs}`;
      const nth = (this.#counts.get(link) ?? 0) + 1;
      this.#counts.set(link, nth);
      const entry = { from: node, to: peer, nth, sentNs: atNs, isLost: false, arrivals: [] };
      this.#entries.set(packet, entry);
    }
    const entry = this.#entries.get(packet);
    if (entry === undefined) return;
    const isScripted = reason === 'script' && !this.lossesOnly;
    if (kind === 'lose' && (reason === 'loss' || isScripted)) entry.isLost = true;
    if (kind === 'receive') entry.arrivals[copy] = atNs - busyNs;
  }

  finish(): readonly Mishap[] {
    return [...this.#entries.values()].flatMap((entry) => {
      const script = this.#scriptOf(entry);
      return script ? [[script]] : [];
    });
  }

  /** A copy that came first, or is the only one that came, cannot be said: it is left out. */
  #scriptOf({ from, to, nth, sentNs, isLost, arrivals }: Entry): LinkFault | undefined {
    const datagram = { atNs: sentNs, from, to, nth };
    if (isLost) return { kind: 'drop', ...datagram };
    const [first, second] = arrivals;
    if (this.lossesOnly || first === undefined) return undefined;
    if (second !== undefined) {
      return { kind: 'double', ...datagram, byNs: Math.max(0, second - first) };
    }
    const byNs = first - sentNs - this.#delayNs(from, to);
    return byNs > 0 ? { kind: 'delay', ...datagram, byNs } : undefined;
  }

  #delayNs(from: NodeId, to: NodeId): number {
    const { link, links = [] } = this.#scene;
    const own = links.findLast((one) => one.from === from && one.to === to);
    return Math.round((own?.link ?? link).delayMs * NS_PER_MS);
  }
}
