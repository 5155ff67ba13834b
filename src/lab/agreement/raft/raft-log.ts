/**
 * The log of a Raft server, on its disk: entries with their terms, behind a snapshot of all that
 * was taken out of it.
 *
 *     snapshot (up to index base) │ base + 1 … │ … │ … length
 *                                   block        block
 *
 * What arrives together is written together, as a block under the index of its first entry. A block
 * also says the term of the entry before it: two logs that agree on index and term of an entry
 * agree on all before it (log matching), so that a block that a later one was to replace is
 * recognised.
 */

import type { Disk, NodeId, Payload } from '../../process/process.ts';
import { packEntries, unpackEntries } from '../../order/log-entries.ts';

export interface RaftEntry {
  readonly term: number;
  readonly origin: NodeId;
  /** Numbers the commands of one origin, from 1; 0 for the entry that begins a term. */
  readonly count: number;
  readonly payload: Payload;
}

const SNAPSHOT_FILE = 'snapshot';
/** Of a snapshot: index and term, 32 bits each. */
const SNAPSHOT_HEADER_OCTETS = 8;
const TERM_OCTETS = 4;

export class RaftLog {
  readonly #disk: Disk;
  #baseIndex = 0;
  #baseTerm = 0;
  #state: Uint8Array = new Uint8Array(0);
  #entries: RaftEntry[] = [];
  /** Indices of the first entries of the blocks, in order. */
  #blocks: number[] = [];
  /** Entries from here on are not on disk yet. */
  #unwritten = Infinity;

  constructor(disk: Disk) {
    this.#disk = disk;
    this.#readSnapshot();
    this.#readBlocks();
  }

  /** Index of the last entry that the snapshot has taken in; 0 for none. */
  get baseIndex(): number {
    return this.#baseIndex;
  }

  /** The state machine after `baseIndex`. */
  get state(): Uint8Array {
    return this.#state;
  }

  /** Index of the last entry; 0 in an empty log. */
  get lastIndex(): number {
    return this.#baseIndex + this.#entries.length;
  }

  get lastTerm(): number {
    return this.#entries.at(-1)?.term ?? this.#baseTerm;
  }

  /** Undefined for what is not in the log, or no longer. */
  termAt(index: number): number | undefined {
    if (index === this.#baseIndex) return this.#baseTerm;
    return this.at(index)?.term;
  }

  at(index: number): RaftEntry | undefined {
    return index > this.#baseIndex ? this.#entries[index - this.#baseIndex - 1] : undefined;
  }

  /** At most `count` entries from `index` on, which must not lie in the snapshot. */
  from(index: number, count: number = Infinity): readonly RaftEntry[] {
    const start = index - this.#baseIndex - 1;
    return this.#entries.slice(start, start + count);
  }

  /** Behind all others. Durable after `flush`, which writes what came since the last together. */
  append(entry: RaftEntry): void {
    this.#unwritten = Math.min(this.#unwritten, this.lastIndex + 1);
    this.#entries.push(entry);
  }

  flush(): void {
    const first = this.#unwritten;
    if (first > this.lastIndex) return;
    this.#unwritten = Infinity;
    this.#writeBlock(first, this.from(first));
    this.#blocks.push(first);
  }

  /** Everything from `index` on is forgotten, then `entries` are there. Durable on return. */
  replaceFrom(index: number, entries: readonly RaftEntry[]): void {
    this.flush();
    if (index <= this.lastIndex) this.#cut(index);
    if (entries.length === 0) return;
    this.#writeBlock(index, entries);
    this.#blocks.push(index);
    for (const entry of entries) this.#entries.push(entry);
  }

  /** `state` is that of the state machine after `index`, which is in the log. */
  compact(index: number, state: Uint8Array): void {
    const term = this.termAt(index);
    if (term === undefined || index <= this.#baseIndex) return;
    this.flush();
    const kept = this.from(index + 1);
    // The rest first: a crash between the two finds the old snapshot and all that followed it.
    if (kept.length > 0) this.#writeBlock(index + 1, kept, term);
    this.#takeSnapshot({ index, term, state }, kept);
  }

  /** A snapshot of another server: what lies behind it stays when it fits. */
  install(index: number, term: number, state: Uint8Array): void {
    this.flush();
    const kept = this.termAt(index) === term ? this.from(index + 1) : [];
    if (kept.length > 0) this.#writeBlock(index + 1, kept, term);
    this.#takeSnapshot({ index, term, state }, kept);
  }

  #takeSnapshot(
    { index, term, state }: { index: number; term: number; state: Uint8Array },
    kept: readonly RaftEntry[],
  ): void {
    const bytes = new Uint8Array(SNAPSHOT_HEADER_OCTETS + state.length);
    const view = new DataView(bytes.buffer);
    view.setUint32(0, index);
    view.setUint32(4, term);
    bytes.set(state, SNAPSHOT_HEADER_OCTETS);
    this.#disk.write(SNAPSHOT_FILE, bytes);
    for (const first of this.#blocks) if (first !== index + 1) this.#forgetBlock(first);
    if (kept.length === 0) this.#forgetBlock(index + 1);
    [this.#baseIndex, this.#baseTerm, this.#state] = [index, term, state];
    this.#entries = [...kept];
    this.#blocks = kept.length > 0 ? [index + 1] : [];
  }

  #cut(index: number): void {
    this.#entries.length = Math.max(0, index - this.#baseIndex - 1);
    while ((this.#blocks.at(-1) ?? 0) >= index) this.#forgetBlock(this.#blocks.pop() ?? 0);
    const first = this.#blocks.at(-1);
    if (first !== undefined) this.#writeBlock(first, this.from(first));
  }

  /** Before `first` lies an entry of term `before`. */
  #writeBlock(
    first: number,
    entries: readonly RaftEntry[],
    before: number = this.termAt(first - 1) ?? 0,
  ): void {
    const packed = packRaftEntries(entries);
    const bytes = new Uint8Array(TERM_OCTETS + packed.length);
    new DataView(bytes.buffer).setUint32(0, before);
    bytes.set(packed, TERM_OCTETS);
    this.#disk.write(blockFile(first), bytes);
  }

  #forgetBlock(first: number): void {
    this.#disk.write(blockFile(first), new Uint8Array(0));
  }

  #readSnapshot(): void {
    const bytes = this.#disk.read(SNAPSHOT_FILE);
    if (bytes === undefined || bytes.length < SNAPSHOT_HEADER_OCTETS) return;
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    [this.#baseIndex, this.#baseTerm] = [view.getUint32(0), view.getUint32(4)];
    this.#state = bytes.slice(SNAPSHOT_HEADER_OCTETS);
  }

  /** As far as they follow each other. */
  #readBlocks(): void {
    for (;;) {
      const first = this.lastIndex + 1;
      const bytes = this.#disk.read(blockFile(first));
      if (bytes === undefined || bytes.length <= TERM_OCTETS) return;
      const before = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0);
      const entries = unpackRaftEntries(bytes.subarray(TERM_OCTETS));
      if (before !== this.lastTerm || entries === undefined || entries.length === 0) return;
      this.#blocks.push(first);
      this.#entries.push(...entries);
    }
  }
}

function blockFile(first: number): string {
  return `entries from ${first}`;
}

/** Terms first, as many as there are entries, and then these as in any replicated log. */
export function packRaftEntries(entries: readonly RaftEntry[]): Uint8Array {
  const packed = packEntries(entries);
  const start = TERM_OCTETS * (1 + entries.length);
  const bytes = new Uint8Array(start + packed.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, entries.length);
  for (const [index, { term }] of entries.entries()) view.setUint32(4 + 4 * index, term);
  bytes.set(packed, start);
  return bytes;
}

/** Undefined when these are no entries. */
export function unpackRaftEntries(bytes: Uint8Array): readonly RaftEntry[] | undefined {
  if (bytes.length < TERM_OCTETS) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const count = view.getUint32(0);
  const start = TERM_OCTETS * (1 + count);
  if (start > bytes.length) return undefined;
  const entries = unpackEntries(bytes.subarray(start));
  if (entries?.length !== count) return undefined;
  return entries.map(({ origin, count: number, payload }, index) => {
    return { origin, count: number, payload, term: view.getUint32(4 + 4 * index) };
  });
}
