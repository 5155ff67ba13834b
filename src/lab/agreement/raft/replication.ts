/**
 * The leader's half of Raft: brings the logs of the others to its own, and knows what a majority
 * has.
 */

import type { Context, Label, NodeId } from '../../process/process.ts';
import { readPayload } from '../../process/payload.ts';
import { packRaftEntries, type RaftEntry, type RaftLog } from './raft-log.ts';
import { format, type Message, type Of } from './raft-messages.ts';
import type { RaftOptions } from './raft-options.ts';

/** How far another server is. */
interface Progress {
  /** Its log is known to be the leader's up to here. */
  match: number;
  /** What it is sent next; what lies between is under way. */
  next: number;
  /** It was sent everything up to here once. */
  sent: number;
  /** Where its log ends is not known: one message at a time, until it accepts one. */
  isProbed: boolean;
  /** Messages with entries that it has not answered. */
  underWay: number;
  /** It has answered since the last tick. */
  isHeard: boolean;
}

const NO_ENTRIES = packRaftEntries([]);

export interface ReplicationParts {
  readonly context: Context;
  readonly log: RaftLog;
  readonly options: RaftOptions;
  readonly term: number;
  readonly others: readonly NodeId[];
  /** The commit index of the server. */
  commit(): number;
  /** A majority has everything up to `index`. */
  committed(index: number): void;
}

export class Replication {
  readonly #parts: ReplicationParts;
  readonly #progress = new Map<NodeId, Progress>();
  /** What was packed last is what the next follower gets, mostly. */
  #packed: Packed = { first: 0, last: -1, bytes: NO_ENTRIES, entry: undefined };

  constructor(parts: ReplicationParts) {
    this.#parts = parts;
    const next = parts.log.lastIndex + 1;
    for (const node of parts.others) this.#progress.set(node, { ...NEW, next });
  }

  /** There is something new in the log. */
  replicate(): void {
    for (const [node, progress] of this.#progress) this.#sendEntries(node, progress);
    // Who is alone needs no answer.
    if (this.#progress.size === 0) this.#countCommitted();
  }

  /** A heartbeat, and again what was not answered for as long. */
  tick(): void {
    for (const [node, progress] of this.#progress) {
      if (!progress.isHeard) {
        progress.next = progress.match + 1;
        progress.isProbed = true;
        progress.underWay = 0;
      }
      progress.isHeard = progress.match >= this.#parts.log.lastIndex;
      if (!this.#sendEntries(node, progress)) this.#sendEmpty(node, progress, 'heartbeat');
    }
  }

  take(from: NodeId, { isAccepted, previous, match }: Of<'appended'>): void {
    const progress = this.#progress.get(from);
    if (progress === undefined) return;
    progress.isHeard = true;
    progress.underWay = Math.max(0, progress.underWay - 1);
    if (isAccepted === 1) {
      progress.match = Math.max(progress.match, Math.min(match, this.#parts.log.lastIndex));
      progress.next = Math.max(progress.next, progress.match + 1);
      progress.isProbed = false;
      this.#countCommitted();
    } else if (isAbout(progress, previous)) {
      progress.next = Math.max(progress.match, match) + 1;
      progress.isProbed = true;
      progress.underWay = 0;
    }
    this.#sendEntries(from, progress);
  }

  get #majority(): number {
    const { others, options } = this.#parts;
    const majority = Math.floor((others.length + 1) / 2) + 1;
    return options.mutant === 'minority-commit' ? majority - 1 : majority;
  }

  #countCommitted(): void {
    const { log, options, term } = this.#parts;
    // It counts itself, and sends before it writes (Ongaro 2014, §10.2.1).
    log.flush();
    const matches = [...this.#progress.values()].map(({ match }) => match);
    const sorted = [log.lastIndex, ...matches].toSorted((a, b) => b - a);
    const index = sorted[this.#majority - 1] ?? 0;
    if (index <= this.#parts.commit()) return;
    // An entry of an earlier term on a majority may still be lost (Ongaro 2014, figure 3.7).
    if (log.termAt(index) !== term && options.mutant !== 'commit-old-term') return;
    this.#parts.committed(index);
    for (const [node, progress] of this.#progress) {
      if (!this.#sendEntries(node, progress)) this.#sendEmpty(node, progress, 'commit');
    }
  }

  /** As much as the window lets pass; whether anything was sent. */
  #sendEntries(node: NodeId, progress: Progress): boolean {
    const { log, options } = this.#parts;
    let isSent = false;
    const window = (): number => (progress.isProbed ? 1 : options.window);
    while (progress.underWay < window() && progress.next <= log.lastIndex) {
      isSent = true;
      if (progress.next <= log.baseIndex) {
        this.#sendSnapshot(node, progress);
        continue;
      }
      const { next } = progress;
      const { bytes: packed, last, entry } = this.#pack(next);
      const label = next <= progress.sent ? { tag: 'again' } : labelOf(entry);
      this.#sendAppend(node, next - 1, { packed, label });
      progress.sent = Math.max(progress.sent, last);
      if (!progress.isProbed) progress.next = last + 1;
      progress.underWay += 1;
    }
    return isSent;
  }

  /** A leader’s log only grows, so that places say what is meant. */
  #pack(first: number): Packed {
    const { log, options } = this.#parts;
    const last = Math.min(log.lastIndex, first + options.batch - 1);
    if (this.#packed.first !== first || this.#packed.last !== last) {
      const entries = log.from(first, options.batch);
      this.#packed = { first, last, bytes: packRaftEntries(entries), entry: entries[0] };
    }
    return this.#packed;
  }

  #sendEmpty(node: NodeId, progress: Progress, tag: string): void {
    const { baseIndex } = this.#parts.log;
    const previous = Math.max(progress.next - 1, baseIndex);
    this.#sendAppend(node, previous, { packed: NO_ENTRIES, label: { tag } });
  }

  #sendAppend(
    node: NodeId,
    previousIndex: number,
    { packed, label }: { readonly packed: Uint8Array; readonly label: Label },
  ): void {
    const { log, term } = this.#parts;
    const message: Message = {
      ...{ kind: 'append', term, previousIndex, commit: this.#parts.commit() },
      ...{ previousTerm: log.termAt(previousIndex) ?? 0, entries: packed },
    };
    this.#parts.context.send(node, format.write(message), label);
  }

  #sendSnapshot(node: NodeId, progress: Progress): void {
    const { log, term, context } = this.#parts;
    const index = log.baseIndex;
    const indexTerm = log.termAt(index) ?? 0;
    const message: Message = {
      ...{ kind: 'snapshot', term, index, indexTerm },
      state: log.state,
    };
    context.send(node, format.write(message), { tag: 'snapshot', detail: index });
    progress.next = index + 1;
    progress.isProbed = true;
    progress.underWay += 1;
  }
}

/** Entries from `first` to `last`, of which `entry` is the first. */
interface Packed {
  readonly first: number;
  readonly last: number;
  readonly bytes: Uint8Array;
  readonly entry: RaftEntry | undefined;
}

const NEW: Omit<Progress, 'next'> = {
  ...{ match: 0, sent: 0, isProbed: false, underWay: 0 },
  isHeard: true,
};

/**
 * Whether a refusal of what followed index `previous` says something new: not of what is known to
 * be there by now, and in a probe only of the last that was tried. Else one loss would have
 * everything that was sent behind it sent again for each of its messages.
 */
function isAbout({ match, next, isProbed }: Progress, previous: number): boolean {
  return isProbed ? previous === next - 1 : previous > match;
}

/** The entry that begins a term is no command of anybody. */
function labelOf(first: RaftEntry | undefined): Label {
  if (first === undefined || first.count === 0) return { tag: 'begin' };
  return { tag: 'append', detail: readPayload(first.payload) ?? -1 };
}
