/** A growing buffer of octets, for encoding text into rdata. */
export class Octets {
  #bytes: Uint8Array = new Uint8Array(64);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** The octet that stands `distance` octets before the end. */
  fromEnd(distance: number): number {
    return this.#bytes[this.#length - distance]!;
  }

  u8(value: number): void {
    this.#reserve(1);
    this.#bytes[this.#length++] = value;
  }

  u16(value: number): void {
    this.u8((value >>> 8) & 0xff);
    this.u8(value & 0xff);
  }

  u32(value: number): void {
    this.u16(value >>> 16);
    this.u16(value & 0xffff);
  }

  bytes(values: Uint8Array): void {
    this.#reserve(values.length);
    this.#bytes.set(values, this.#length);
    this.#length += values.length;
  }

  finish(): Uint8Array {
    return this.#bytes.slice(0, this.#length);
  }

  #reserve(octets: number): void {
    if (this.#length + octets <= this.#bytes.length) return;
    const grown = new Uint8Array(Math.max(this.#bytes.length * 2, this.#length + octets));
    grown.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = grown;
  }
}
