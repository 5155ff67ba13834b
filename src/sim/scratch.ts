/**
 * Buffers that are valid only inside a callback, as the ports promise no more than that. Afterwards
 * they are overwritten, so that a program which keeps one fails here and not on a busy server.
 */

const POISON = 0xdb;

/** Lends a copy of `bytes` to `use`. */
export function lend<Result>(bytes: Uint8Array, use: (copy: Uint8Array) => Result): Result {
  // A Buffer, as on real sockets: its `slice` is a view, and who took it for a copy learns it here.
  const copy = Buffer.from(bytes);
  try {
    return use(copy);
  } finally {
    copy.fill(POISON);
  }
}
