/**
 * The five properties that Raft promises (Ongaro and Ousterhout 2014, figure 3), each checked on
 * what the servers say of themselves in the trace, and on what they deliver:
 *
 * - *election safety*: a term has at most one leader;
 * - *leader append-only*: a leader neither overwrites nor takes back entries of its log;
 * - *log matching*: two logs that have an entry of one term at one place are the same up to there;
 * - *leader completeness*: what was committed in a term is in the log of the leader of every
 *   larger one (who wins a smaller one late does harm to nobody);
 * - *state machine safety*: no two servers apply different commands at one place, and none applies
 *   one place twice or out of order.
 */

import { type RaftNote, readNote } from '../agreement/raft/raft-notes.ts';
import type { Checker } from '../experiment/experiment.ts';
import type { NodeId } from '../process/process.ts';
import type { TraceEvent } from '../run/trace-event.ts';
import { makeChecker } from './checker.ts';
import { Lives } from './order-lives.ts';

type Appended = Extract<RaftNote, { readonly kind: 'appends' }>;

interface Entry {
  readonly term: number;
  readonly message: number;
  /** The event that put it there. */
  readonly event: number;
}

/** Of an entry of which a snapshot tells nothing but the term. */
const UNTOLD = -2;

/** The logs as the servers tell of them. */
class Logs {
  readonly #logs = new Map<NodeId, Map<number, Entry>>();
  readonly #bases = new Map<NodeId, number>();
  readonly #lengths = new Map<NodeId, number>();

  observe(event: TraceEvent, note: RaftNote | undefined): void {
    const { node } = event;
    if (event.kind === 'start' || event.kind === 'restart') this.#clear(node);
    if (note?.kind === 'appends') {
      const { index, term } = note;
      this.#of(node).set(index, { term, message: event.message, event: event.id });
      this.#setLength(node, index);
    } else if (note?.kind === 'snapshot') {
      const { index, term } = note;
      this.#bases.set(node, index);
      // What lay behind an entry that the snapshot has replaced is of another history, and gone.
      if (this.at(node, index)?.term !== term) this.#setLength(node, index);
      this.#of(node).set(index, { term, message: UNTOLD, event: event.id });
    }
  }

  lengthOf(node: NodeId): number {
    return this.#lengths.get(node) ?? 0;
  }

  /** Up to here a snapshot stands for the entries. */
  baseOf(node: NodeId): number {
    return this.#bases.get(node) ?? 0;
  }

  at(node: NodeId, index: number): Entry | undefined {
    return index <= this.lengthOf(node) ? this.#logs.get(node)?.get(index) : undefined;
  }

  /** After a crash the server says again what it finds. */
  #clear(node: NodeId): void {
    this.#logs.delete(node);
    this.#bases.delete(node);
    this.#lengths.delete(node);
  }

  #of(node: NodeId): Map<number, Entry> {
    const known = this.#logs.get(node) ?? new Map<number, Entry>();
    this.#logs.set(node, known);
    return known;
  }

  #setLength(node: NodeId, length: number): void {
    const log = this.#of(node);
    for (let index = length + 1; index <= this.lengthOf(node); index += 1) log.delete(index);
    this.#lengths.set(node, length);
  }
}

export function electionSafety(): Checker {
  const leaders = new Map<number, TraceEvent>();
  return makeChecker('election safety', {
    observe: (event, report) => {
      const note = readNote(event);
      if (note?.kind !== 'leads') return;
      const other = leaders.get(note.term);
      if (other && other.node !== event.node) {
        const text = `nodes ${other.node} and ${event.node} both lead term ${note.term}`;
        report(text, other.id, event.id);
      }
      leaders.set(note.term, other ?? event);
    },
  });
}

function leaderAppendOnly(): Checker {
  const logs = new Logs();
  const leading = new Set<NodeId>();
  return makeChecker('leader append-only', {
    observe: (event, report) => {
      const note = readNote(event);
      const { node, kind } = event;
      if (note?.kind === 'leads') leading.add(node);
      if (note?.kind === 'steps down' || kind === 'crash') leading.delete(node);
      if (note?.kind === 'appends' && leading.has(node) && note.index <= logs.lengthOf(node)) {
        report(`node ${node} leads and overwrites index ${note.index} of its log`, event.id);
      }
      logs.observe(event, note);
    },
  });
}

/**
 * By place and term, the first who had it there stands for all: who has an entry of the same place
 * and term has the same command, behind an entry of the same term. So, place by place, all before
 * it is the same too.
 */
function logMatching(): Checker {
  const logs = new Logs();
  interface First extends Entry {
    readonly node: NodeId;
    /** Of the entry before it; undefined where a snapshot stands for that. */
    readonly before: number | undefined;
  }
  const first = new Map<string, First>();
  const compare = (event: TraceEvent, { index, term }: Appended): string | undefined => {
    const { node, message, id } = event;
    const before = index === 1 ? 0 : logs.at(node, index - 1)?.term;
    const key = `${index} ${term}`;
    const known = first.get(key);
    if (known === undefined) first.set(key, { term, message, event: id, node, before });
    if (known === undefined) return undefined;
    const place = `index ${index}, term ${term}`;
    if (known.message !== message) {
      return `${place}: message ${known.message} at node ${known.node}, ${message} at ${node}`;
    }
    const isSame = known.before === before || known.before === undefined || before === undefined;
    if (isSame) return undefined;
    return `before ${place}: term ${known.before} at node ${known.node}, ${before} at ${node}`;
  };
  return makeChecker('log matching', {
    observe: (event, report) => {
      const note = readNote(event);
      const text = note?.kind === 'appends' ? compare(event, note) : undefined;
      if (text !== undefined) report(text, event.id);
      logs.observe(event, note);
    },
  });
}

export function leaderCompleteness(): Checker {
  const logs = new Logs();
  /** By index less one; with the term whose leader has committed it. */
  const committed: (Entry & { readonly inTerm: number })[] = [];
  const terms = new Map<NodeId, number>();
  const missing = (node: NodeId, term: number): number | undefined => {
    for (let index = logs.baseOf(node) + 1; index <= committed.length; index += 1) {
      const [own, wanted] = [logs.at(node, index), committed[index - 1]];
      if (wanted === undefined || wanted.inTerm >= term) continue;
      if (own?.term !== wanted.term || own.message !== wanted.message) return index;
    }
    return undefined;
  };
  return makeChecker('leader completeness', {
    observe: (event, report) => {
      const note = readNote(event);
      logs.observe(event, note);
      if (note?.kind === 'commits') {
        for (let index = committed.length + 1; index <= note.index; index += 1) {
          const entry = logs.at(event.node, index);
          const inTerm = terms.get(event.node) ?? 0;
          if (entry) committed.push({ ...entry, event: event.id, inTerm });
        }
      }
      if (note?.kind !== 'leads') return;
      terms.set(event.node, note.term);
      const index = missing(event.node, note.term);
      if (index === undefined) return;
      const what = `index ${index}, which was committed (message ${committed[index - 1]?.message})`;
      const shown = committed[index - 1]?.event ?? event.id;
      report(`node ${event.node} leads term ${note.term} without ${what}`, shown, event.id);
    },
  });
}

/** Of deliveries with the label 'apply' and the place. */
function stateMachineSafety(): Checker {
  const lives = new Lives();
  const applied = new Map<number, TraceEvent>();
  const last = new Map<string, number>();
  return makeChecker('state machine safety', {
    observe: (event, report) => {
      lives.observe(event);
      if (event.kind !== 'deliver' || event.text !== 'apply') return;
      const { node, detail: index, message, id } = event;
      const name = lives.nameOf(node);
      const first = applied.get(index) ?? event;
      applied.set(index, first);
      if (first.message !== message) {
        const other = `message ${first.message} at node ${first.node}`;
        report(`index ${index}: ${other}, ${message} at ${name}`, first.id, id);
      }
      const before = last.get(name) ?? 0;
      if (index <= before) report(`${name} applies index ${index} after ${before}`, id);
      last.set(name, Math.max(before, index));
    },
  });
}

export function raftProperties(): readonly Checker[] {
  return [
    electionSafety(),
    leaderAppendOnly(),
    logMatching(),
    leaderCompleteness(),
    stateMachineSafety(),
  ];
}
