/**
 * What happened, as a rolling hash of everything (two runs are the same when their hashes are) and
 * as records of the first packets, for tests and pictures. Wall time and the seed stay out of it.
 */

import { finish, hashBytes, hashText, mix } from './hash.ts';
import type { PacketRecord } from './packet.ts';

export type PacketListener = (record: PacketRecord) => void;

export class Trace {
  readonly #recordLimit: number;
  readonly #records: PacketRecord[] = [];
  readonly #listeners = new Set<PacketListener>();
  #high = 1;
  #low = 2;
  #unrecorded = 0;

  constructor(recordLimit: number) {
    this.#recordLimit = recordLimit;
  }

  /** Sixteen hexadecimal digits. */
  get hash(): string {
    const hex = (lane: number): string => finish(lane).toString(16).padStart(8, '0');
    return hex(this.#high) + hex(this.#low);
  }

  get records(): readonly PacketRecord[] {
    return this.#records;
  }

  /** Packets that came after the records were full. */
  get unrecorded(): number {
    return this.#unrecorded;
  }

  addListener(listener: PacketListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  packet(record: PacketRecord, timeNs: number): void {
    const { fate, from, to } = record;
    const outcome = fate.kind === 'delivered' ? `at ${fate.atMs}` : fate.reason;
    const ends = `${from.address} ${from.port} ${to.address} ${to.port}`;
    this.#add(timeNs, hashText(0, `${record.transport} ${record.kind} ${ends} ${outcome}`));
    this.#add(timeNs, hashBytes(0, record.bytes));
    if (this.#records.length < this.#recordLimit) this.#records.push(record);
    else this.#unrecorded += 1;
    for (const listener of this.#listeners) listener(record);
  }

  timer(host: string, timeNs: number): void {
    this.#add(timeNs, hashText(0, `timer ${host}`));
  }

  #add(timeNs: number, value: number): void {
    for (const part of [timeNs / 2 ** 32, timeNs, value]) {
      // Not `| 0` of the whole number: the upper half of the time would be lost.
      this.#high = mix(this.#high, Math.floor(part));
      this.#low = mix(this.#low, Math.floor(part) ^ 0x5bd1e995);
    }
  }
}
