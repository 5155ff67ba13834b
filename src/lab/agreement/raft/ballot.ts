/** The term of a Raft server and its vote in it, on disk before anybody hears of it. */

import type { Disk, NodeId } from '../../process/process.ts';

const FILE = 'ballot';
/** Term, and voted-for plus one, 32 bits each. */
const OCTETS = 8;

export class Ballot {
  readonly #disk: Disk;
  readonly #forgetsVote: boolean;
  #term = 0;
  #votedFor: NodeId | undefined;

  /** A mutant may forget its vote in a crash. */
  constructor(disk: Disk, forgetsVote = false) {
    this.#disk = disk;
    this.#forgetsVote = forgetsVote;
    const bytes = disk.read(FILE);
    if (bytes?.length !== OCTETS) return;
    const view = new DataView(bytes.buffer, bytes.byteOffset);
    this.#term = view.getUint32(0);
    const voted = view.getUint32(4);
    if (voted > 0) this.#votedFor = voted - 1;
  }

  get term(): number {
    return this.#term;
  }

  /** A new term, in which nobody has the vote yet, or oneself. */
  begin(term: number, votedFor?: NodeId): void {
    this.#term = term;
    this.#votedFor = votedFor;
    this.#write();
  }

  /** Whether `candidate` has the vote of this term: the first who asks, and nobody else. */
  grant(candidate: NodeId): boolean {
    if (this.#votedFor === undefined) {
      this.#votedFor = candidate;
      this.#write();
    }
    return this.#votedFor === candidate;
  }

  #write(): void {
    const bytes = new Uint8Array(OCTETS);
    const view = new DataView(bytes.buffer);
    view.setUint32(0, this.#term);
    const isKept = this.#votedFor !== undefined && !this.#forgetsVote;
    view.setUint32(4, isKept ? (this.#votedFor ?? 0) + 1 : 0);
    this.#disk.write(FILE, bytes);
  }
}
