/**
 * Sequence numbers of few bits on the wire, full ones inside (RFC 1982): 5 of 3 bits may be message
 * 5, 13, 21…, and which it is follows from what its receiver is waiting for.
 */

export interface SequenceSpace {
  /** As it goes on the wire. */
  wrap(number: number): number;
  /**
   * The number nearest to `base` that is `wire` on the wire, from half the space before it to just
   * below half the space after it (RFC 1982 §3.2).
   */
  near(wire: number, base: number): number;
  /** The first number from `base` on that is `wire` on the wire. */
  from(wire: number, base: number): number;
}

/** Number 0 is `first` on the wire: near the end of the space, few messages go round it. */
export function sequenceSpace(bits: number, first: number = 0): SequenceSpace {
  const size = 2 ** bits;
  const inSpace = (number: number): number => ((number % size) + size) % size;
  const wrap = (number: number): number => inSpace(number + first);
  const from = (wire: number, base: number): number => base + inSpace(wire - wrap(base));
  return { wrap, from, near: (wire, base) => from(wire, base - size / 2) };
}
