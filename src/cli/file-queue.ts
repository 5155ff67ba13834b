/** Which of many files is next, and who is at which: for several threads, in shared memory. */

/** Words before those of the threads. */
const QueueWord = { NEXT: 0, COUNT: 1, DONE: 2, THREADS: 3 } as const;

export class FileQueue {
  readonly words: Int32Array<SharedArrayBuffer>;

  /** Over what `create` made, in whatever thread. */
  constructor(words: Int32Array<SharedArrayBuffer>) {
    this.words = words;
  }

  static create(files: number, threads: number): FileQueue {
    const octets = (QueueWord.THREADS + threads) * Int32Array.BYTES_PER_ELEMENT;
    const words = new Int32Array(new SharedArrayBuffer(octets));
    words[QueueWord.COUNT] = files;
    words.fill(NOWHERE, QueueWord.THREADS);
    return new FileQueue(words);
  }

  /** The file that thread number `thread` works on from now on; undefined when none is left. */
  take(thread: number): number | undefined {
    const index = Atomics.add(this.words, QueueWord.NEXT, 1);
    if (index >= this.words[QueueWord.COUNT]!) return undefined;
    Atomics.store(this.words, QueueWord.THREADS + thread, index);
    return index;
  }

  /** Counts a file as done; returns how many are. */
  finish(): number {
    return Atomics.add(this.words, QueueWord.DONE, 1) + 1;
  }

  /** The file that a thread took last, or -1. */
  current(thread: number): number {
    return Atomics.load(this.words, QueueWord.THREADS + thread);
  }
}

const NOWHERE = -1;
