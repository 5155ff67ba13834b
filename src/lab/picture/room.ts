/** Keeps labels from lying on one another: first come, first served. */

interface Box {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

/** Boxes are looked up by the column of this width that they begin in. */
const COLUMN_PX = 64;

export class Room {
  readonly #columns = new Map<number, Box[]>();

  /** Whether the box is free; then it is taken. */
  take(box: Box): boolean {
    const first = Math.floor(box.left / COLUMN_PX);
    const last = Math.floor(box.right / COLUMN_PX);
    for (let column = first; column <= last; column += 1) {
      if (this.#columns.get(column)?.some((other) => overlap(box, other)) === true) return false;
    }
    for (let column = first; column <= last; column += 1) {
      const boxes = this.#columns.get(column);
      if (boxes) boxes.push(box);
      else this.#columns.set(column, [box]);
    }
    return true;
  }
}

function overlap(a: Box, b: Box): boolean {
  return a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
}
