/**
 * Raft (Ongaro and Ousterhout 2014; Ongaro's thesis, 2014): servers that agree on a log as long as
 * a majority of them can talk to each other.
 *
 *     client's server ── request ──► leader ── append ──► each follower
 *                                    leader ◄─ appended ─ each follower
 *                                    leader: a majority has it: committed, and applied
 *                                    leader ── append (nothing but the commit index) ──► each
 *
 * Time is divided into terms, each with at most one leader: who hears from no leader for a timeout
 * of random length begins a term and asks all for their vote. A server votes once in a term, and
 * only for somebody whose log is not behind its own; so whoever is elected has all that was
 * committed. Term, vote and log are on disk before anything is answered.
 *
 * Messages may be lost, doubled and late: what was not answered is sent again at the next tick.
 */

import type {
  Context,
  Disk,
  Label,
  NodeId,
  Payload,
  Process,
  ProcessTimer,
} from '../../process/process.ts';
import { about, others } from '../../order/multicast.ts';
import { Outbox } from '../../order/outbox.ts';
import { NotYetWritten } from '../not-yet-written.ts';
import { TwiceWritten } from '../twice-written.ts';
import { Ballot } from './ballot.ts';
import { type RaftEntry, RaftLog, unpackRaftEntries } from './raft-log.ts';
import { format, type Message, type Of } from './raft-messages.ts';
import { noteText, type RaftNote } from './raft-notes.ts';
import type { RaftOptions, StateMachine } from './raft-options.ts';
import { Replication } from './replication.ts';
import { packSnapshot, unpackSnapshot } from './snapshot.ts';

type Role = 'follower' | 'asking' | 'candidate' | 'leader';

/** Who leads is not known. */
const NOBODY = -1;

export class Raft implements Process {
  readonly #context: Context;
  readonly #options: RaftOptions;
  readonly #machine: StateMachine;
  readonly #others: readonly NodeId[];
  readonly #ballot: Ballot;
  readonly #log: RaftLog;
  readonly #outbox: Outbox;
  readonly #unflushed: NotYetWritten | undefined;
  #role: Role = 'follower';
  #leader: NodeId = NOBODY;
  #commit: number;
  #applied: number;
  /** By origin, the last count in the log; and as far as it was applied. */
  #counts = new Map<NodeId, number>();
  #appliedCounts: Map<NodeId, number>;
  #votes = new Set<NodeId>();
  #replication: Replication | undefined;
  #detector: ProcessTimer | undefined;
  #heardNs = -Infinity;

  constructor(context: Context, options: RaftOptions, machine: StateMachine) {
    this.#context = context;
    this.#options = options;
    this.#machine = machine;
    this.#others = others(context, context.nodeCount);
    const safe: Disk =
      options.mutant === 'trust-disk' ? context.disk : new TwiceWritten(context.disk);
    this.#unflushed = options.mutant === 'ack-before-persist' ? new NotYetWritten(safe) : undefined;
    const disk = this.#unflushed ?? safe;
    this.#ballot = new Ballot(disk, options.mutant === 'forget-vote');
    this.#log = new RaftLog(disk);
    this.#outbox = new Outbox(disk);
    const { counts, state } = unpackSnapshot(this.#log.state);
    this.#appliedCounts = counts;
    this.#applied = this.#log.baseIndex;
    this.#commit = this.#applied;
    if (this.#applied > 0) machine.restore(state);
    this.#countAll();
  }

  onStart(): void {
    const { baseIndex } = this.#log;
    if (baseIndex > 0) this.#noteSnapshot();
    for (const [place, entry] of this.#log.from(baseIndex + 1).entries()) {
      this.#noteEntry(baseIndex + 1 + place, entry);
    }
    this.#context.setTimer(this.#options.heartbeatNs, 'tick');
    this.#beginWatch();
    const isFirst = this.#options.standsAtOnce === this.#context.self;
    if (isFirst && this.#ballot.term === 0) this.#stand();
  }

  get isLeading(): boolean {
    return this.#role === 'leader';
  }

  /** It leads, and has applied all that was committed before it did. */
  get isReady(): boolean {
    return this.isLeading && this.#log.termAt(this.#applied) === this.#ballot.term;
  }

  get term(): number {
    return this.#ballot.term;
  }

  /** Who leads the term as far as this server knows; undefined: nobody. */
  get leader(): NodeId | undefined {
    return this.#leader === NOBODY ? undefined : this.#leader;
  }

  /** A command for the log, which is applied on every server once it is committed. */
  onCommand(payload: Payload): void {
    this.submit(payload);
  }

  /** Returns a number by which the command can be withdrawn. */
  submit(payload: Payload): number {
    const count = this.#outbox.add(payload);
    this.#request({ count, payload }, 'request');
    return count;
  }

  /** The command is not asked for any more. It may be under way, or in the log already. */
  withdraw(count: number): void {
    this.#outbox.delivered(count);
  }

  onTimer(name: string): void {
    if (name === 'tick') {
      this.#tick();
      this.#context.setTimer(this.#options.heartbeatNs, 'tick');
    } else if (this.#role !== 'leader') this.#stand();
  }

  onDatagram(from: NodeId, bytes: Uint8Array): void {
    const message = format.read(bytes);
    if (message === undefined) return;
    if ('term' in message && this.#isNews(message)) this.#enter(message.term);
    this.#handle(from, message);
  }

  describeState(): Readonly<Record<string, string | number | boolean>> {
    const { lastIndex, baseIndex } = this.#log;
    const { term } = this.#ballot;
    const log = baseIndex > 0 ? { snapshot: baseIndex } : {};
    return { term, role: this.#role, log: lastIndex, ...log, committed: this.#commit };
  }

  /** A larger term ends one's own; but a question whether somebody may stand is no term yet. */
  #isNews(message: Extract<Message, { readonly term: number }>): boolean {
    if (message.term <= this.#ballot.term) return false;
    return !('isPre' in message && message.isPre === 1 && !isRefusal(message));
  }

  #handle(from: NodeId, message: Message): void {
    switch (message.kind) {
      case 'request':
        this.#append(from, message);
        return;
      case 'vote':
        this.#answerVote(from, message);
        return;
      case 'voted':
        this.#countVote(from, message);
        return;
      case 'append':
      case 'snapshot':
        this.#follow(from, message);
        return;
      case 'appended':
        if (message.term === this.#ballot.term) this.#replication?.take(from, message);
    }
  }

  // Elections.

  #stand(): void {
    this.#beginWatch();
    if (!this.#mayVote) return;
    this.#leader = NOBODY;
    this.#votes = new Set([this.#context.self]);
    if (this.#options.hasPreVote) this.#role = 'asking';
    else this.#beCandidate();
    this.#askForVotes();
    this.#countVotes();
  }

  get #mayVote(): boolean {
    return this.#options.mayVote?.() ?? true;
  }

  #beCandidate(): void {
    this.#role = 'candidate';
    this.#votes = new Set([this.#context.self]);
    this.#ballot.begin(this.#ballot.term + 1, this.#context.self);
    this.#note({ kind: 'stands', term: this.#ballot.term });
  }

  #askForVotes(): void {
    const isPre = this.#role === 'asking' ? 1 : 0;
    const { lastIndex, lastTerm } = this.#log;
    const term = this.#ballot.term + isPre;
    const message: Message = { kind: 'vote', term, lastIndex, lastTerm, isPre };
    for (const node of this.#others) {
      if (!this.#votes.has(node)) this.#send(node, message, { tag: 'vote', detail: term });
    }
  }

  #answerVote(from: NodeId, { term, lastIndex, lastTerm, isPre }: Of<'vote'>): void {
    const own = this.#log;
    const isLogGood =
      lastTerm > own.lastTerm || (lastTerm === own.lastTerm && lastIndex >= own.lastIndex);
    const mayWin = (isLogGood || this.#options.mutant === 'no-log-check') && this.#mayVote;
    const isGranted =
      isPre === 1
        ? mayWin && term > this.#ballot.term && !this.#hearsLeader()
        : mayWin && term === this.#ballot.term && this.#ballot.grant(from);
    if (isGranted && isPre === 0) this.#beginWatch();
    // A vote that was asked for tells the term that it is for, a refusal the term of who refuses.
    const told = isGranted ? term : this.#ballot.term;
    const voted: Message = { kind: 'voted', term: told, isGranted: Number(isGranted), isPre };
    this.#send(from, voted, { tag: 'voted', detail: told });
  }

  #hearsLeader(): boolean {
    if (this.#role === 'leader') return true;
    return this.#context.monotonicNs() < this.#heardNs + this.#options.timeoutNs[0];
  }

  #countVote(from: NodeId, { term, isGranted, isPre }: Of<'voted'>): void {
    const expected = isPre === 1 ? 'asking' : 'candidate';
    if (isGranted === 0 || this.#role !== expected || term !== this.#ballot.term + isPre) return;
    this.#votes.add(from);
    this.#countVotes();
  }

  #countVotes(): void {
    const majority = Math.floor(this.#context.nodeCount / 2) + 1;
    if (this.#votes.size < majority) return;
    if (this.#role === 'asking') {
      this.#beCandidate();
      this.#askForVotes();
      this.#countVotes();
    } else if (this.#role === 'candidate') this.#lead();
  }

  #lead(): void {
    const { term } = this.#ballot;
    this.#role = 'leader';
    this.#leader = this.#context.self;
    this.#detector?.cancel();
    this.#note({ kind: 'leads', term });
    this.#countAll();
    this.#replication = new Replication({
      ...{ context: this.#context, log: this.#log, options: this.#options, term },
      others: this.#others,
      commit: () => this.#commit,
      committed: (index) => {
        this.#note({ kind: 'commits', index });
        this.#commitTo(index);
      },
    });
    this.#add([{ term, origin: this.#context.self, count: 0, payload: NOTHING }]);
    this.#replication.replicate();
    this.#tellLeader();
  }

  /** Of a larger term one knows nothing yet but that it has begun. */
  #enter(term: number): void {
    this.#ballot.begin(term);
    this.#beFollower(NOBODY);
  }

  #beFollower(leader: NodeId): void {
    if (this.#role === 'leader') {
      this.#log.flush();
      this.#note({ kind: 'steps down', term: this.#ballot.term });
      this.#beginWatch();
    }
    this.#role = 'follower';
    this.#replication = undefined;
    const isNew = leader !== this.#leader && leader !== NOBODY;
    this.#leader = leader;
    if (isNew) this.#tellLeader();
  }

  #beginWatch(): void {
    const [least, most] = this.#options.timeoutNs;
    this.#detector?.cancel();
    const waitNs = least + this.#context.random.below(Math.max(1, most - least));
    this.#detector = this.#context.setTimer(waitNs, 'silence');
  }

  // The log.

  #request(sent: { readonly count: number; readonly payload: Payload }, tag: string): void {
    const { count, payload } = sent;
    const { base } = this.#outbox;
    if (this.#role === 'leader') this.#append(this.#context.self, { count, base, payload });
    else if (this.#leader !== NOBODY) {
      const request: Message = { kind: 'request', count, base, payload };
      this.#send(this.#leader, request, about(tag, payload));
    }
  }

  /** In the order of the origin's counts, each once. */
  #append(origin: NodeId, { count, base, payload }: Omit<Of<'request'>, 'kind'>): void {
    const last = this.#counts.get(origin) ?? 0;
    if (this.#role !== 'leader' || count <= last || count > Math.max(last + 1, base)) return;
    const entry = { term: this.#ballot.term, origin, count, payload };
    this.#log.append(entry);
    this.#counts.set(origin, count);
    this.#noteEntry(this.#log.lastIndex, entry);
    this.#replication?.replicate();
  }

  #follow(from: NodeId, message: Of<'append'> | Of<'snapshot'>): void {
    const { term } = this.#ballot;
    if (message.term < term && this.#options.mutant !== 'no-term-check') {
      this.#answer(from, { isAccepted: 0, previous: 0, match: 0 }, 'refused');
      return;
    }
    if (this.#role === 'leader') return;
    this.#beFollower(from);
    this.#heardNs = this.#context.monotonicNs();
    this.#beginWatch();
    if (message.kind === 'snapshot') this.#install(message);
    else if (!this.#isFitting(message)) {
      const { previousIndex: previous } = message;
      const match = Math.max(0, Math.min(previous - 1, this.#log.lastIndex));
      this.#answer(from, { isAccepted: 0, previous, match }, 'refused');
      return;
    }
    const match = message.kind === 'snapshot' ? message.index : this.#take(message);
    const isData = message.kind === 'append' && match > message.previousIndex;
    const isBegin = this.#log.at(match)?.count === 0;
    const answer = { isAccepted: 1, previous: 0, match };
    this.#answer(from, answer, isData && !isBegin ? 'appended' : 'heard');
    // Not beyond what is known to be the leader's: the rest of the log may be another's.
    if (message.kind === 'append') this.#commitTo(Math.min(message.commit, match));
  }

  #isFitting({ previousIndex, previousTerm }: Of<'append'>): boolean {
    if (previousIndex < this.#log.baseIndex) return true;
    return this.#log.termAt(previousIndex) === previousTerm;
  }

  /** Returns up to where the log is now the leader's. */
  #take({ previousIndex, entries: packed }: Of<'append'>): number {
    const entries = unpackRaftEntries(packed) ?? [];
    const known = entries.findIndex(({ term }, place) => {
      const index = previousIndex + 1 + place;
      return index > this.#log.baseIndex && this.#log.termAt(index) !== term;
    });
    const match = previousIndex + entries.length;
    if (known === -1) return match;
    const from = previousIndex + 1 + known;
    if (this.#options.mutant === 'no-truncate' && from <= this.#log.lastIndex) return match;
    this.#add(entries.slice(known), from);
    return match;
  }

  #add(entries: readonly RaftEntry[], from: number = this.#log.lastIndex + 1): void {
    const isCut = from <= this.#log.lastIndex;
    this.#log.replaceFrom(from, entries);
    if (isCut) this.#countAll();
    for (const [place, entry] of entries.entries()) {
      if (entry.count > 0) this.#counts.set(entry.origin, entry.count);
      this.#noteEntry(from + place, entry);
    }
  }

  #install({ index, indexTerm, state }: Of<'snapshot'>): void {
    if (index <= this.#commit) return;
    this.#log.install(index, indexTerm, state);
    const unpacked = unpackSnapshot(state);
    this.#appliedCounts = unpacked.counts;
    this.#machine.restore(unpacked.state);
    [this.#applied, this.#commit] = [index, index];
    this.#countAll();
    this.#noteSnapshot();
    for (const [origin, count] of this.#appliedCounts) this.#settle(origin, count);
  }

  #commitTo(commit: number): void {
    this.#commit = Math.max(this.#commit, Math.min(commit, this.#log.lastIndex));
    while (this.#applied < this.#commit) {
      this.#applied += 1;
      const entry = this.#log.at(this.#applied);
      if (entry === undefined || entry.count === 0) continue;
      this.#appliedCounts.set(entry.origin, entry.count);
      this.#settle(entry.origin, entry.count);
      this.#machine.apply(entry, this.#applied);
    }
    this.#compact();
  }

  #settle(origin: NodeId, count: number): void {
    if (origin === this.#context.self) this.#outbox.delivered(count);
  }

  #compact(): void {
    const { compactAfter } = this.#options;
    if (compactAfter === 0 || this.#applied - this.#log.baseIndex < compactAfter) return;
    const state = packSnapshot(this.#appliedCounts, this.#machine.snapshot());
    this.#log.compact(this.#applied, state);
    this.#noteSnapshot();
  }

  #countAll(): void {
    this.#counts = new Map(unpackSnapshot(this.#log.state).counts);
    for (const { origin, count } of this.#log.from(this.#log.baseIndex + 1)) {
      if (count > 0) this.#counts.set(origin, count);
    }
  }

  // What all use.

  #tick(): void {
    this.#unflushed?.tick();
    for (const sent of this.#outbox.overdue()) this.#request(sent, 'again');
    this.#log.flush();
    if (this.#replication) this.#replication.tick();
    else if (this.#role !== 'follower') this.#askForVotes();
  }

  /** There is somebody to send what has waited for that. */
  #tellLeader(): void {
    for (const sent of this.#outbox.all()) this.#request(sent, 'again');
  }

  #answer(to: NodeId, answer: Omit<Of<'appended'>, 'kind' | 'term'>, tag: string): void {
    this.#send(to, { kind: 'appended', term: this.#ballot.term, ...answer }, { tag });
  }

  #send(to: NodeId, message: Message, label: Label): void {
    this.#context.send(to, format.write(message), label);
  }

  #note(note: RaftNote, message: number | Payload = -1): void {
    const { text, detail } = noteText(note);
    this.#context.note(text, detail, message);
  }

  #noteEntry(index: number, { term, payload }: RaftEntry): void {
    this.#note({ kind: 'appends', index, term }, payload);
  }

  #noteSnapshot(): void {
    const { baseIndex } = this.#log;
    this.#note({ kind: 'snapshot', index: baseIndex, term: this.#log.termAt(baseIndex) ?? 0 });
  }
}

const NOTHING = new Uint8Array(0);

/** A refusal tells the term of who refuses, also when the question was only whether. */
function isRefusal(message: Message): boolean {
  return message.kind === 'voted' && message.isGranted === 0;
}
