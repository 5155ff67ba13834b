/**
 * B9, a replicated log: the leader puts every message into its log, and when a majority has it at
 * the same place it is *committed*: any two majorities share a node, so that no later leader can
 * miss it.
 * (Défago, Schiper, Urbán 2004: *destinations agreement*. The form is that of Viewstamped
 * Replication, Liskov and Cowling 2012, with a log on disk.)
 *
 *     sender ── request ──► leader ── append ──► each follower
 *                           leader ◄─ appended ─ each follower
 *                           leader: a majority has it ── commit ──► each follower
 *
 * The leader of view v is node v mod n. A follower that hears nothing moves to the next view and
 * sends its log to the leader of that; who has the logs of a majority takes the best one (of the
 * latest view, and the longest of these) and starts the view with it:
 *
 *     each ── change(view, log) ──► leader of view ── start(view, log) ──► each
 *
 * Messages may be lost, doubled and late: what was not answered is sent again at every tick.
 */

import type { Context, Label, NodeId, Payload, Process, ProcessTimer } from '../process/process.ts';
import { packEntries, unpackEntries, type Entry } from './log-entries.ts';
import { about, multicast, others } from './multicast.ts';
import { Outbox } from './outbox.ts';
import { byLog, format, type Message, type Of } from './replicated-log-messages.ts';
import { StoredLog } from './stored-log.ts';

export type ReplicatedLogMutant = 'minority-commit' | 'no-disk' | 'first-log-wins';

export interface ReplicatedLogOptions {
  /** Between two ticks: heartbeats, and sending again. */
  readonly heartbeatNs: number;
  /** A follower waits from once to twice this long for its leader. */
  readonly timeoutNs: number;
  readonly mutant?: ReplicatedLogMutant | undefined;
}

/** Entries that are sent again at once. */
const MAX_RESENT = 16;

export class ReplicatedLog implements Process {
  readonly #context: Context;
  readonly #options: ReplicatedLogOptions;
  readonly #others: readonly NodeId[];
  readonly #log: StoredLog;
  /** Whether the log is that of the view; else the view is only beginning. */
  #isNormal: boolean;
  #commit = 0;
  #delivered = 0;
  readonly #outbox: Outbox;
  /** By origin, the last count in the log. */
  #counts = new Map<NodeId, number>();
  /** Of a leader: how far the followers are, and how long the log was at the last tick. */
  #acknowledged = new Map<NodeId, number>();
  #lengthAtTick = 0;
  /** Of the leader of a view that begins. */
  #changes = new Map<NodeId, Of<'change'>>();
  #detector: ProcessTimer | undefined;

  constructor(context: Context, options: ReplicatedLogOptions) {
    this.#context = context;
    this.#options = options;
    this.#others = others(context, context.nodeCount);
    this.#outbox = new Outbox(context.disk);
    const disk = options.mutant === 'no-disk' ? nothingKept : context.disk;
    this.#log = new StoredLog(disk);
    this.#isNormal = this.#log.view === this.#log.normalView;
    this.#countAll();
  }

  onStart(): void {
    this.#context.setTimer(this.#options.heartbeatNs, 'tick');
    this.#beginWatch();
  }

  onCommand(payload: Payload): void {
    this.#request({ count: this.#outbox.add(payload), payload }, 'request');
  }

  onTimer(name: string): void {
    if (name === 'tick') {
      this.#tick();
      this.#context.setTimer(this.#options.heartbeatNs, 'tick');
    } else if (!this.#isLeading) this.#moveTo(this.#log.view + 1);
  }

  onDatagram(from: NodeId, bytes: Uint8Array): void {
    const message = format.read(bytes);
    if (message === undefined) return;
    if (message.kind === 'request') {
      this.#append(from, message);
      return;
    }
    const isBehind = message.view > this.#log.view;
    if (isBehind && message.kind !== 'start') this.#moveTo(message.view);
    if (message.view === this.#log.view || isBehind) this.#handle(from, message);
  }

  describeState(): Readonly<Record<string, string | number | boolean>> {
    const { view, length } = this.#log;
    const role = this.#isLeading ? 'leader' : 'follower';
    return { view, role, normal: this.#isNormal, length, committed: this.#commit };
  }

  get #leader(): NodeId {
    return this.#log.view % this.#context.nodeCount;
  }

  get #isLeading(): boolean {
    return this.#isNormal && this.#leader === this.#context.self;
  }

  get #majority(): number {
    const majority = Math.floor(this.#context.nodeCount / 2) + 1;
    return this.#options.mutant === 'minority-commit' ? majority - 1 : majority;
  }

  /** Of the present view. */
  #handle(from: NodeId, message: Exclude<Message, Of<'request'>>): void {
    switch (message.kind) {
      case 'append':
        if (this.#isNormal) this.#follow(from, message);
        return;
      case 'appended':
        if (this.#isLeading) this.#takeAcknowledgement(from, message.length);
        return;
      case 'commit':
        if (this.#isNormal) this.#commitTo(message.commit);
        return;
      case 'change':
        this.#takeChange(from, message);
        return;
      case 'start':
        this.#takeStart(from, message);
        break;
      case 'newView':
    }
  }

  // Normal operation.

  #request(sent: { readonly count: number; readonly payload: Payload }, tag: string): void {
    const request: Message = { ...sent, kind: 'request', base: this.#outbox.base };
    if (this.#isLeading) this.#append(this.#context.self, request);
    else this.#send(this.#leader, request, about(tag, sent.payload));
  }

  /** In the order of the origin's counts, each once. */
  #append(origin: NodeId, { count, base, payload }: Of<'request'>): void {
    const last = this.#counts.get(origin) ?? 0;
    if (!this.#isLeading || count <= last || count > Math.max(last + 1, base)) return;
    const entry = { origin, count, payload };
    this.#add(entry);
    this.#tellAll(this.#appendOf(this.#log.length, 1), about('append', payload));
    this.#commitWhatMajorityHas();
  }

  #follow(from: NodeId, { first, commit, entries: packed }: Of<'append'>): void {
    this.#beginWatch();
    const entries = unpackEntries(packed) ?? [];
    const known = this.#log.length - first + 1;
    if (known >= 0) for (const entry of entries.slice(known)) this.#add(entry);
    // A heartbeat is answered only when something is missing.
    if (entries.length > 0 || known < 0) this.#acknowledge(from, entries.at(-1)?.payload);
    this.#commitTo(commit);
  }

  #takeAcknowledgement(from: NodeId, length: number): void {
    this.#acknowledged.set(from, Math.max(length, this.#acknowledged.get(from) ?? 0));
    this.#commitWhatMajorityHas();
  }

  #commitWhatMajorityHas(): void {
    const lengths = this.#others.map((node) => this.#acknowledged.get(node) ?? 0);
    const sorted = [this.#log.length, ...lengths].toSorted((a, b) => b - a);
    const commit = sorted[this.#majority - 1] ?? 0;
    if (commit <= this.#commit) return;
    this.#commitTo(commit);
    this.#tellAll({ kind: 'commit', view: this.#log.view, commit }, { tag: 'commit' });
  }

  #commitTo(commit: number): void {
    this.#commit = Math.max(this.#commit, Math.min(commit, this.#log.length));
    while (this.#delivered < this.#commit) {
      this.#delivered += 1;
      const { origin, count, payload } = this.#log.at(this.#delivered) as Entry;
      if (origin === this.#context.self) this.#outbox.delivered(count);
      this.#context.deliver(payload, origin);
    }
  }

  #tick(): void {
    for (const sent of this.#outbox.overdue()) this.#request(sent, 'again');
    if (this.#isLeading) for (const node of this.#others) this.#remind(node);
    else if (!this.#isNormal) this.#sendChange();
    this.#lengthAtTick = this.#log.length;
  }

  /** A heartbeat, with what has been missing for a whole tick. */
  #remind(node: NodeId): void {
    const acknowledged = this.#acknowledged.get(node) ?? 0;
    const isMissing = acknowledged < this.#lengthAtTick;
    const append = isMissing
      ? this.#appendOf(acknowledged + 1, MAX_RESENT)
      : this.#appendOf(this.#log.length + 1, 0);
    this.#send(node, append, { tag: isMissing ? 'again' : 'heartbeat' });
  }

  // Change of views.

  #moveTo(view: number): void {
    this.#log.view = view;
    this.#isNormal = false;
    this.#changes = new Map();
    this.#context.note(`moves to view ${view}`);
    this.#beginWatch();
    this.#tellAll({ kind: 'newView', view }, { tag: 'change' });
    this.#sendChange();
  }

  #sendChange(): void {
    const { view, normalView } = this.#log;
    const entries = packEntries(this.#log.from(1));
    const change: Message = {
      ...{ kind: 'change', view, normal: normalView, commit: this.#commit },
      entries,
    };
    if (this.#leader === this.#context.self) this.#takeChange(this.#context.self, change);
    else this.#send(this.#leader, change, { tag: 'change' });
  }

  #takeChange(from: NodeId, change: Of<'change'>): void {
    if (this.#leader !== this.#context.self) return;
    if (this.#isNormal) {
      this.#send(from, this.#startMessage(), { tag: 'change' });
      return;
    }
    this.#changes.set(from, change);
    const majority = Math.floor(this.#context.nodeCount / 2) + 1;
    if (this.#changes.size < majority) return;
    const changes = [...this.#changes.values()];
    const [best] = this.#options.mutant === 'first-log-wins' ? changes : changes.toSorted(byLog);
    const commit = Math.max(...changes.map((one) => one.commit));
    this.#begin(change.view, { entries: best?.entries, commit });
    this.#context.note(`leads view ${change.view}`);
    this.#acknowledged = new Map();
    this.#tellAll(this.#startMessage(), { tag: 'change' });
    for (const sent of this.#outbox.all()) this.#request(sent, 'again');
  }

  #takeStart(from: NodeId, { view, commit, entries }: Of<'start'>): void {
    this.#beginWatch();
    if (!this.#isNormal || view > this.#log.view) this.#begin(view, { entries, commit });
    this.#acknowledge(from);
    for (const sent of this.#outbox.all()) this.#request(sent, 'again');
  }

  #begin(view: number, log: { entries: Uint8Array | undefined; commit: number }): void {
    this.#log.replace(view, (log.entries && unpackEntries(log.entries)) ?? []);
    this.#isNormal = true;
    this.#countAll();
    this.#commitTo(log.commit);
  }

  #startMessage(): Message {
    const entries = packEntries(this.#log.from(1));
    return { kind: 'start', view: this.#log.view, commit: this.#commit, entries };
  }

  #beginWatch(): void {
    const { timeoutNs } = this.#options;
    this.#detector?.cancel();
    const waitNs = timeoutNs + this.#context.random.below(Math.min(timeoutNs, 2 ** 32 - 1));
    this.#detector = this.#context.setTimer(waitNs, 'silence');
  }

  // What both use.

  #add(entry: Entry): void {
    this.#log.append(entry);
    this.#counts.set(entry.origin, entry.count);
  }

  #countAll(): void {
    this.#counts = new Map(this.#log.from(1).map(({ origin, count }) => [origin, count]));
  }

  #appendOf(first: number, count: number): Message {
    const entries = packEntries(this.#log.from(first, count));
    return { kind: 'append', view: this.#log.view, first, commit: this.#commit, entries };
  }

  #acknowledge(to: NodeId, payload?: Payload): void {
    const { view, length } = this.#log;
    const label = payload ? about('appended', payload) : { tag: 'again' };
    this.#send(to, { kind: 'appended', view, length }, label);
  }

  #tellAll(message: Message, label: Label): void {
    multicast(this.#context, this.#others, { bytes: format.write(message), label });
  }

  #send(to: NodeId, message: Message, label: Label): void {
    this.#context.send(to, format.write(message), label);
  }
}

/** The disk of the mutant that has none. */
const nothingKept = { read: (): undefined => undefined, write: (): void => {} };
