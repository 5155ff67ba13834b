/**
 * Where entries lie, by their hash: open addressing with linear probing, in many small tables, of
 * which each grows by itself, so that no query waits until a million entries are in place again.
 */

/** Of a table; it grows when it is three quarters full. */
const FIRST_SLOTS = 16;
const FULL_SHARE = 0.75;
/** Octets of a slot: hash and place. */
const SLOT_OCTETS = 8;
const TABLES_MAX_BITS = 10;
/** So much memory of entries for each table. */
const OCTETS_PER_TABLE = 65_536;

interface Table {
  hashes: Uint32Array;
  /** Place plus 1; 0: free. */
  places: Uint32Array;
  count: number;
}

export class OctetIndex {
  readonly #isWanted: (place: number) => boolean;
  readonly #tables: Table[];
  readonly #shift: number;
  #slots = 0;
  #entries = 0;

  /** `isWanted` tells entries of one hash apart. */
  constructor(maxOctets: number, isWanted: (place: number) => boolean) {
    this.#isWanted = isWanted;
    const bits = Math.ceil(Math.log2(Math.max(1, maxOctets / OCTETS_PER_TABLE)));
    // A shift by 32 would be none: two tables are the least.
    this.#shift = 32 - Math.min(TABLES_MAX_BITS, Math.max(1, bits));
    this.#tables = Array.from({ length: 2 ** (32 - this.#shift) }, emptyTable);
  }

  get entries(): number {
    return this.#entries;
  }

  get octets(): number {
    return this.#slots * SLOT_OCTETS;
  }

  /** The place of the wanted entry, or -1. */
  find(hash: number): number {
    const { hashes, places } = this.#tables[hash >>> this.#shift]!;
    const mask = hashes.length - 1;
    if (mask < 0) return -1;
    for (let slot = hash & mask; places[slot] !== 0; slot = (slot + 1) & mask) {
      if (hashes[slot] === hash && this.#isWanted(places[slot]! - 1)) return places[slot]! - 1;
    }
    return -1;
  }

  /** Of an entry that is not there yet. */
  add(hash: number, place: number): void {
    const table = this.#tables[hash >>> this.#shift]!;
    if (table.count + 1 > table.hashes.length * FULL_SHARE) this.#grow(table);
    insert(table, hash, place);
    table.count++;
    this.#entries++;
  }

  move(hash: number, from: number, to: number): void {
    const { places } = this.#tables[hash >>> this.#shift]!;
    places[this.#slotOf(hash, from)] = to + 1;
  }

  remove(hash: number, place: number): void {
    const table = this.#tables[hash >>> this.#shift]!;
    const { hashes, places } = table;
    const mask = hashes.length - 1;
    let hole = this.#slotOf(hash, place);
    // Whoever was pushed on by a neighbour moves up, so that no probe ends before it.
    for (let slot = (hole + 1) & mask; places[slot] !== 0; slot = (slot + 1) & mask) {
      const home = hashes[slot]! & mask;
      const isBetween = hole <= slot ? hole < home && home <= slot : hole < home || home <= slot;
      if (isBetween) continue;
      hashes[hole] = hashes[slot]!;
      places[hole] = places[slot]!;
      hole = slot;
    }
    places[hole] = 0;
    table.count--;
    this.#entries--;
  }

  clear(): void {
    for (const table of this.#tables) Object.assign(table, emptyTable());
    this.#slots = 0;
    this.#entries = 0;
  }

  #slotOf(hash: number, place: number): number {
    const { places } = this.#tables[hash >>> this.#shift]!;
    const mask = places.length - 1;
    let slot = hash & mask;
    while (places[slot] !== place + 1) slot = (slot + 1) & mask;
    return slot;
  }

  #grow(table: Table): void {
    const { hashes, places } = table;
    const slots = Math.max(FIRST_SLOTS, hashes.length * 2);
    this.#slots += slots - hashes.length;
    table.hashes = new Uint32Array(slots);
    table.places = new Uint32Array(slots);
    for (const [slot, place] of places.entries()) {
      if (place !== 0) insert(table, hashes[slot]!, place - 1);
    }
  }
}

function emptyTable(): Table {
  return { hashes: new Uint32Array(0), places: new Uint32Array(0), count: 0 };
}

function insert({ hashes, places }: Table, hash: number, place: number): void {
  const mask = hashes.length - 1;
  let slot = hash & mask;
  while (places[slot] !== 0) slot = (slot + 1) & mask;
  hashes[slot] = hash;
  places[slot] = place + 1;
}
