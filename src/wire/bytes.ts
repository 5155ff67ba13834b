/**
 * Copying octets. `slice` is no copy where a `Uint8Array` is really a Buffer, as everything is that
 * comes from a socket: it is a view, and the socket writes over it. Octets that outlive the call
 * that brought them are copied with `copyBytes`.
 */

export function copyBytes(bytes: Uint8Array, start = 0, end: number = bytes.length): Uint8Array {
  return new Uint8Array(bytes.subarray(start, end));
}
