/** Registers by name, and what each operation does to them: what a log of commands is for. */

import { type Answer, NOTHING, type RegisterCall } from '../../history/history.ts';

/** Of a value and the name's length. */
const HEADER_OCTETS = 6;

export class Registers {
  readonly #values = new Map<string, number>();

  read(key: string): number {
    return this.#values.get(key) ?? NOTHING;
  }

  apply(call: RegisterCall): Answer {
    const value = this.read(call.key);
    if (call.kind === 'read') return { kind: 'value', value };
    if (call.kind === 'cas' && call.from !== value) return { kind: 'mismatch' };
    this.#values.set(call.key, call.value);
    return { kind: 'ok' };
  }

  /** Value, length and letters of each. */
  pack(): Uint8Array {
    const octets = [...this.#values].flatMap(([key, value]) => {
      const bytes = new Uint8Array(HEADER_OCTETS + key.length);
      const view = new DataView(bytes.buffer);
      view.setUint32(0, value);
      view.setUint16(4, key.length);
      for (let place = 0; place < key.length; place += 1) {
        bytes[HEADER_OCTETS + place] = key.charCodeAt(place);
      }
      return [...bytes];
    });
    return Uint8Array.from(octets);
  }

  /** Takes what `pack` made in place of what it has. */
  unpack(bytes: Uint8Array): void {
    this.#values.clear();
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    for (let place = 0; place + HEADER_OCTETS <= bytes.length;) {
      const start = place + HEADER_OCTETS;
      const end = start + view.getUint16(place + 4);
      this.#values.set(String.fromCharCode(...bytes.subarray(start, end)), view.getUint32(place));
      place = end;
    }
  }
}
