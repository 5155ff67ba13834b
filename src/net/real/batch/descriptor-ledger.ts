/**
 * Which descriptors a thread has opened below Node, in memory that outlives the thread. Node closes
 * its own when a thread ends, but not these; and a bound socket that nobody reads any more still
 * gets its share of the queries.
 */

/** Beyond, a descriptor is not noted. Few processes may have so many. */
const DESCRIPTORS = 65_536;

export class DescriptorLedger {
  readonly #bits: Int32Array;

  /** `memory` is another thread's ledger, to read it or to go on with it. */
  constructor(memory: SharedArrayBuffer = new SharedArrayBuffer(DESCRIPTORS / 8)) {
    this.#bits = new Int32Array(memory);
  }

  get memory(): SharedArrayBuffer {
    return this.#bits.buffer as SharedArrayBuffer;
  }

  note(fd: number): void {
    if (fd >= 0 && fd < DESCRIPTORS) Atomics.or(this.#bits, fd >> 5, 1 << (fd & 31));
  }

  forget(fd: number): void {
    if (fd >= 0 && fd < DESCRIPTORS) Atomics.and(this.#bits, fd >> 5, ~(1 << (fd & 31)));
  }

  /** All that are noted; they are forgotten by that. */
  take(): number[] {
    const taken: number[] = [];
    for (let word = 0; word < this.#bits.length; word++) {
      const bits = Atomics.exchange(this.#bits, word, 0);
      for (let bit = 0; bit < 32; bit++) if ((bits & (1 << bit)) !== 0) taken.push(word * 32 + bit);
    }
    return taken;
  }
}

/** What a thread left open that is no more. */
export async function closeDescriptors(ledger: DescriptorLedger): Promise<void> {
  const left = ledger.take();
  if (left.length === 0) return;
  const { loadLibc } = await import('./libc.ts');
  const libc = await loadLibc();
  for (const fd of left) libc.close(fd);
}
