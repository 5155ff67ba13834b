/**
 * Copying octets. `slice` is no copy where a `Uint8Array` is really a Buffer, as everything is that
 * comes from a socket: it is a view, and the socket writes over it. Octets that outlive the call
 * that brought them are copied with `copyBytes`.
 */

export function copyBytes(bytes: Uint8Array, start = 0, end: number = bytes.length): Uint8Array {
  return new Uint8Array(bytes.subarray(start, end));
}

/** What copies share, and how much of it they have. */
const SHARED_OCTETS = 32_768;
let shared = new ArrayBuffer(SHARED_OCTETS);
let used = 0;

/**
 * Zeros for no longer than a query takes: neighbours share memory, and none of it is free before
 * the last of them is forgotten. Arrays of their own, from 65 octets on, cost a call of `malloc`
 * each and the collector much work.
 */
export function briefOctets(count: number): Uint8Array {
  if (count > SHARED_OCTETS / 16) return new Uint8Array(count);
  if (used + count > SHARED_OCTETS) {
    shared = new ArrayBuffer(SHARED_OCTETS);
    used = 0;
  }
  const octets = new Uint8Array(shared, used, count);
  used += count;
  return octets;
}

/** As `copyBytes`, for no longer than a query takes. */
export function copyBriefly(bytes: Uint8Array): Uint8Array {
  const copy = briefOctets(bytes.length);
  copy.set(bytes);
  return copy;
}
