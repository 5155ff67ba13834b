/**
 * Where entries lie, by their hash: open addressing with linear probing, in many small tables, of
 * which each grows by itself, so that no query waits until a million entries are in place again.
 * A slot has hash and place side by side: each look is at memory that no cache of the processor
 * knows, so it should be at little.
 */

/** Of a table; it grows when it is three quarters full. */
const FIRST_SLOTS = 16;
const FULL_SHARE = 0.75;
/** Of a slot: hash, and place plus 1, or 0: free. */
const SLOT_WORDS = 2;
const SLOT_OCTETS = 4 * SLOT_WORDS;
const TABLES_MAX_BITS = 10;
/** So much memory of entries for each table. */
const OCTETS_PER_TABLE = 65_536;

export class OctetIndex {
  readonly #isWanted: (place: number) => boolean;
  readonly #tables: Uint32Array[];
  /** Entries of each table. */
  readonly #counts: Uint32Array;
  readonly #shift: number;
  #slots = 0;
  #entries = 0;

  /** `isWanted` tells entries of one hash apart. */
  constructor(maxOctets: number, isWanted: (place: number) => boolean) {
    this.#isWanted = isWanted;
    const bits = Math.ceil(Math.log2(Math.max(1, maxOctets / OCTETS_PER_TABLE)));
    // A shift by 32 would be none: two tables are the least.
    this.#shift = 32 - Math.min(TABLES_MAX_BITS, Math.max(1, bits));
    this.#tables = Array.from({ length: 2 ** (32 - this.#shift) }, () => NO_SLOTS);
    this.#counts = new Uint32Array(this.#tables.length);
  }

  get entries(): number {
    return this.#entries;
  }

  get octets(): number {
    return this.#slots * SLOT_OCTETS;
  }

  /** The place of the wanted entry, or -1. */
  find(hash: number): number {
    const slots = this.#tables[hash >>> this.#shift]!;
    const { length } = slots;
    if (length === 0) return -1;
    for (let at = homeOf(hash, length); slots[at + 1] !== 0; at = next(at, length)) {
      if (slots[at] === hash && this.#isWanted(slots[at + 1]! - 1)) return slots[at + 1]! - 1;
    }
    return -1;
  }

  /** Of an entry that is not there yet. */
  add(hash: number, place: number): void {
    const table = hash >>> this.#shift;
    const most = (this.#tables[table]!.length / SLOT_WORDS) * FULL_SHARE;
    if (this.#counts[table]! + 1 > most) this.#grow(table);
    insert(this.#tables[table]!, hash, place + 1);
    this.#counts[table]!++;
    this.#entries++;
  }

  move(hash: number, from: number, to: number): void {
    const slots = this.#tables[hash >>> this.#shift]!;
    slots[slotOf(slots, hash, from) + 1] = to + 1;
  }

  remove(hash: number, place: number): void {
    const table = hash >>> this.#shift;
    const slots = this.#tables[table]!;
    const { length } = slots;
    let hole = slotOf(slots, hash, place);
    // Whoever was pushed on by a neighbour moves up, so that no probe ends before it.
    for (let at = next(hole, length); slots[at + 1] !== 0; at = next(at, length)) {
      const home = homeOf(slots[at]!, length);
      const isBetween = hole <= at ? hole < home && home <= at : hole < home || home <= at;
      if (isBetween) continue;
      slots[hole] = slots[at]!;
      slots[hole + 1] = slots[at + 1]!;
      hole = at;
    }
    slots[hole + 1] = 0;
    this.#counts[table]!--;
    this.#entries--;
  }

  clear(): void {
    for (let table = 0; table < this.#tables.length; table++) this.#tables[table] = NO_SLOTS;
    this.#counts.fill(0);
    this.#slots = 0;
    this.#entries = 0;
  }

  #grow(table: number): void {
    const old = this.#tables[table]!;
    const grown = new Uint32Array(Math.max(FIRST_SLOTS * SLOT_WORDS, old.length * 2));
    this.#slots += (grown.length - old.length) / SLOT_WORDS;
    this.#tables[table] = grown;
    for (let at = 0; at < old.length; at += SLOT_WORDS) {
      if (old[at + 1] !== 0) insert(grown, old[at]!, old[at + 1]!);
    }
  }
}

const NO_SLOTS = new Uint32Array(0);

/** Where the entry would lie if it were alone; `length` is that of its table, a power of two. */
function homeOf(hash: number, length: number): number {
  return (hash << 1) & (length - 1);
}

function next(at: number, length: number): number {
  return (at + SLOT_WORDS) & (length - 1);
}

function slotOf(slots: Uint32Array, hash: number, place: number): number {
  let at = homeOf(hash, slots.length);
  while (slots[at + 1] !== place + 1) at = next(at, slots.length);
  return at;
}

function insert(slots: Uint32Array, hash: number, mark: number): void {
  let at = homeOf(hash, slots.length);
  while (slots[at + 1] !== 0) at = next(at, slots.length);
  slots[at] = hash;
  slots[at + 1] = mark;
}
