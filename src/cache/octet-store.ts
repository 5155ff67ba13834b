/**
 * A bounded store of octets under names and types, all of it outside the heap (`octet-ring.ts`): an
 * entry costs its octets, 40 more, and 11 to 21 for its place in the index. So `maxOctets` bounds
 * the memory itself, and the garbage collector has nothing to do however many entries there are.
 *
 * As in `expiring-store.ts`, whoever asks for names that nobody else will ask for must not push out
 * what others use: an entry that is found moves to a segment of its own, which has 80 % at most.
 * Within each, the oldest goes first, but for what was found since it was put there: that gets
 * another round (FIFO with reinsertion, and nothing moves when it is found). Under Zipf's law both
 * together know more than LRU (`bench/hit-ratio.mjs`).
 *
 *     put ─► once ── found ──► often ──┐ oldest: found since? another round
 *              │ ▲                     │
 *     out ◄────┘ └──── else ◄──────────┘
 *
 * Entries are told apart by numbers, their places, which are valid until the next call that changes
 * anything.
 */

import { equalFolded } from '../wire/case-fold.ts';
import { DnsName } from '../wire/name.ts';
import type { NameHash } from '../wire/name-hash.ts';
import type { Clock } from '../net/ports.ts';
import type { StoreStatistics } from './expiring-store.ts';
import { GHOST_OCTETS, Ghosts } from './ghosts.ts';
import { OctetIndex } from './octet-index.ts';
import { ChunkPool, LARGEST_ENTRY_OCTETS, OctetRing, Word } from './octet-ring.ts';

const octetStoreLimits = {
  /** Of the octets, what entries that were found may take from those that are new. */
  oftenShare: 0.8,
  /** Entries of `often` that one call may give another round: none pays for many. */
  rounds: 8,
  /** Of those that were pushed out one is remembered for so many octets: as many as fit. */
  octetsPerGhost: 96,
} as const;

/** What is to be kept; the value's octets are written by the caller, at `valueAt`. */
export interface NewEntry {
  readonly valueOctets: number;
  readonly ttlSeconds: number;
  /** Milliseconds of the monotonic clock, whole numbers. */
  readonly expiresAtMs: number;
  readonly dueAtMs: number;
  /** Eight bits. */
  readonly note: number;
}

export interface OctetStoreOptions {
  readonly clock: Clock;
  readonly maxOctets: number;
  /** How long an entry stays when it is over. */
  readonly staleMs: number;
  readonly hash: NameHash;
}

/** No such entry. */
export const NONE = -1;

export class OctetStore {
  readonly #options: OctetStoreOptions;
  readonly #pool = new ChunkPool();
  readonly #once = new OctetRing(this.#pool);
  readonly #often = new OctetRing(this.#pool);
  readonly #index: OctetIndex;
  readonly #pushedOut: Ghosts;
  /** Octets of entries and index. */
  readonly #room: number;
  /** What is being looked for. */
  #name: DnsName = DnsName.root;
  #kind = 0;
  #hits = 0;
  #misses = 0;
  #evictions = 0;

  constructor(options: OctetStoreOptions) {
    this.#options = options;
    const { maxOctets } = options;
    this.#index = new OctetIndex(maxOctets, (place) => this.#isWanted(place));
    const ghosts = Math.ceil(maxOctets / octetStoreLimits.octetsPerGhost);
    this.#pushedOut = new Ghosts(ghosts);
    this.#room = maxOctets - ghosts * GHOST_OCTETS;
  }

  /** Whole milliseconds, so that expiry is a comparison of integers. */
  get nowMs(): number {
    return Math.floor(this.#options.clock.monotonic());
  }

  /** The entry, unless its time is over. */
  get(name: DnsName, kind: number, nowMs: number): number {
    const place = this.#touch(name, kind, nowMs);
    const isHit = place !== NONE && nowMs < this.expiresAtMs(place);
    if (isHit) this.#hits++;
    else this.#misses++;
    return isHit ? place : NONE;
  }

  /** The entry, live or stale. */
  getStale(name: DnsName, kind: number, nowMs: number): number {
    const place = this.#touch(name, kind, nowMs);
    return place !== NONE && this.#isGone(place, nowMs) ? NONE : place;
  }

  /** The entry even when its time is over. Counts nothing and changes nothing. */
  find(name: DnsName, kind: number): number {
    if (this.#index.entries === 0) return NONE;
    this.#name = name;
    this.#kind = kind;
    return this.#index.find(this.#options.hash.of(name, kind));
  }

  /** Whether what is over at that time may still be found, live or stale. */
  isOfUse(expiresAtMs: number): boolean {
    return this.nowMs < expiresAtMs + this.#options.staleMs;
  }

  /** `NONE`: it is too large. What was there under that name and kind is gone in any case. */
  put(name: DnsName, kind: number, entry: NewEntry): number {
    const octets = Word.BODY * 4 + name.wire.length + entry.valueOctets;
    const size = Math.ceil(octets / 8) * 2;
    const hash = this.#options.hash.of(name, kind);
    const old = this.find(name, kind);
    const oldRing = old === NONE ? undefined : this.#pool.at(old).ring;
    if (old !== NONE) this.#drop(old, hash);
    if (size * 4 > Math.min(LARGEST_ENTRY_OCTETS, this.#room / 2)) return NONE;
    const isOften = oldRing ? oldRing === this.#often : this.#pushedOut.has(hash);
    this.#makeRoom(size * 4);
    const place = (isOften ? this.#often : this.#once).append(size);
    const pool = this.#pool;
    pool.setWord(place, Word.HASH, hash);
    pool.setWord(place, Word.KIND, kind);
    pool.setWord(place, Word.LENGTHS, name.wire.length | (entry.valueOctets << 8));
    pool.setWord(place, Word.TTL, entry.ttlSeconds);
    pool.setWord(place, Word.NOTE, entry.note);
    pool.setDouble(place, Word.EXPIRES, entry.expiresAtMs);
    pool.setDouble(place, Word.DUE, entry.dueAtMs);
    const body = pool.bodyAt(place);
    const { octets: memory } = pool.at(place);
    for (let i = 0; i < name.wire.length; i++) memory[body + i] = name.wire[i]!;
    this.#index.add(hash, place);
    return place;
  }

  delete(name: DnsName, kind: number): void {
    const place = this.find(name, kind);
    if (place !== NONE) this.#drop(place, this.#pool.word(place, Word.HASH));
  }

  clear(): void {
    this.#index.clear();
    this.#once.clear();
    this.#often.clear();
  }

  /** Returns how many entries are gone. */
  deleteWhere(test: (name: DnsName, kind: number) => boolean): number {
    const before = this.#index.entries;
    for (const place of this.places()) {
      if (test(this.nameOf(place), this.kindOf(place))) {
        this.#drop(place, this.#pool.word(place, Word.HASH));
      }
    }
    return before - this.#index.entries;
  }

  /** Every entry that is live or stale, those that are used first, the newest of each first. */
  *places(): Generator<number, void, undefined> {
    for (const ring of [this.#often, this.#once]) {
      for (const place of ring.places()) if (!this.#isGone(place, this.nowMs)) yield place;
    }
  }

  kindOf(place: number): number {
    return this.#pool.word(place, Word.KIND);
  }

  noteOf(place: number): number {
    return this.#pool.word(place, Word.NOTE) & 0xff;
  }

  ttlSeconds(place: number): number {
    return this.#pool.word(place, Word.TTL);
  }

  expiresAtMs(place: number): number {
    return this.#pool.double(place, Word.EXPIRES);
  }

  dueAtMs(place: number): number {
    return this.#pool.double(place, Word.DUE);
  }

  setDueAtMs(place: number, dueAtMs: number): void {
    this.#pool.setDouble(place, Word.DUE, dueAtMs);
  }

  /** It is over at that time. */
  shorten(place: number, untilMs: number): void {
    this.#pool.setDouble(place, Word.EXPIRES, untilMs);
    if (untilMs < this.dueAtMs(place)) this.setDueAtMs(place, untilMs);
  }

  /** Counts somebody who found it; returns how many there were. */
  addHit(place: number): number {
    const note = this.#pool.word(place, Word.NOTE);
    const hits = Math.min((note >>> 8) + 1, 0xffffff);
    this.#pool.setWord(place, Word.NOTE, (hits << 8) | (note & 0xff));
    return hits;
  }

  /** In octets of its own. */
  nameOf(place: number): DnsName {
    const at = this.#pool.bodyAt(place);
    const length = this.#pool.word(place, Word.LENGTHS) & 0xff;
    return DnsName.fromWire(this.#pool.at(place).octets.slice(at, at + length));
  }

  /** A copy. */
  valueOf(place: number): Uint8Array {
    const lengths = this.#pool.word(place, Word.LENGTHS);
    const at = this.#pool.bodyAt(place) + (lengths & 0xff);
    return this.#pool.at(place).octets.slice(at, at + (lengths >>> 8));
  }

  /** The memory in which the value stands, from `valueAt` on. */
  memoryOf(place: number): Uint8Array {
    return this.#pool.at(place).octets;
  }

  valueAt(place: number): number {
    return this.#pool.bodyAt(place) + (this.#pool.word(place, Word.LENGTHS) & 0xff);
  }

  get entries(): number {
    return this.#index.entries;
  }

  get statistics(): StoreStatistics {
    return {
      entries: this.#index.entries,
      octets: this.#octets,
      hits: this.#hits,
      misses: this.#misses,
      evictions: this.#evictions,
    };
  }

  get #octets(): number {
    return this.#once.octets + this.#often.octets + this.#index.octets;
  }

  #isWanted(place: number): boolean {
    if (this.#pool.word(place, Word.KIND) !== this.#kind) return false;
    const { wire } = this.#name;
    if ((this.#pool.word(place, Word.LENGTHS) & 0xff) !== wire.length) return false;
    const range = { aStart: 0, bStart: this.#pool.bodyAt(place), length: wire.length };
    return equalFolded(wire, this.#pool.at(place).octets, range);
  }

  #isGone(place: number, nowMs: number): boolean {
    return nowMs >= this.expiresAtMs(place) + this.#options.staleMs;
  }

  /** Finds it for somebody who wants it. */
  #touch(name: DnsName, kind: number, nowMs: number): number {
    const place = this.find(name, kind);
    if (place === NONE) return NONE;
    if (this.#pool.at(place).ring === this.#often) {
      this.#pool.markUsed(place);
      return place;
    }
    if (nowMs < this.expiresAtMs(place)) return this.#promote(place);
    if (this.#isGone(place, nowMs)) {
      this.#drop(place, this.#pool.word(place, Word.HASH));
      return NONE;
    }
    return place;
  }

  #promote(place: number): number {
    const moved = this.#move(place, this.#often);
    const most = this.#room * octetStoreLimits.oftenShare;
    for (let rounds = 0; this.#often.octets > most;) {
      const oldest = this.#often.shift();
      if (this.#pool.isDead(oldest)) continue;
      const isRound = this.#pool.isUsed(oldest) && rounds++ < octetStoreLimits.rounds;
      this.#relocate(oldest, isRound ? this.#often : this.#once);
    }
    this.#makeRoom(0);
    return moved;
  }

  /** To the newest end of a ring; where it was is a hole. */
  #move(place: number, to: OctetRing): number {
    const moved = this.#relocate(place, to);
    this.#pool.markDead(place);
    return moved;
  }

  /** As `move`, for one that its ring has let go. */
  #relocate(place: number, to: OctetRing): number {
    const moved = to.appendCopy(place);
    this.#index.move(this.#pool.word(place, Word.HASH), place, moved);
    return moved;
  }

  #drop(place: number, hash: number): void {
    this.#index.remove(hash, place);
    this.#pool.markDead(place);
  }

  /** Pushes out what is new until `octets` more fit; when nothing new is left, what is used. */
  #makeRoom(octets: number): void {
    while (this.#octets + octets > this.#room) {
      let place = this.#once.shift();
      if (place === NONE) place = this.#often.shift();
      if (place === NONE) return;
      if (this.#pool.isDead(place)) continue;
      const hash = this.#pool.word(place, Word.HASH);
      this.#index.remove(hash, place);
      this.#evictions++;
      this.#pushedOut.add(hash);
    }
  }
}
