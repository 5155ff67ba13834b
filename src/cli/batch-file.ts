/**
 * The lines of a batch file, read as they are asked for: a file may hold millions, and whoever
 * writes into a pipe may wait for the answer to one line before it writes the next.
 */

import { closeSync, openSync, readSync } from 'node:fs';
import { StringDecoder } from 'node:string_decoder';
import { getSystemErrorMap } from 'node:util';

const CHUNK_OCTETS = 65_536;

/** '-' is standard input. A problem is told in the system's words. */
export function openBatch(
  path: string,
): AsyncIterable<string> | Iterable<string> | { readonly problem: string } {
  if (path === '-') return linesOf(process.stdin.setEncoding('utf8'));
  try {
    return fileLines(openSync(path, 'r'));
  } catch (error) {
    return { problem: problemOf(error) };
  }
}

function* fileLines(file: number): Generator<string, void, undefined> {
  const chunk = new Uint8Array(CHUNK_OCTETS);
  const decoder = new StringDecoder('utf8');
  const splitter = new Splitter();
  try {
    for (;;) {
      const length = tryRead(file, chunk);
      if (length === 0) break;
      yield* splitter.split(decoder.write(Buffer.from(chunk.subarray(0, length))));
    }
    yield* splitter.rest();
  } finally {
    closeSync(file);
  }
}

/** As dig, for which a folder is a file without lines. */
function tryRead(file: number, chunk: Uint8Array): number {
  try {
    return readSync(file, chunk);
  } catch {
    return 0;
  }
}

async function* linesOf(chunks: AsyncIterable<string>): AsyncGenerator<string, void, undefined> {
  const splitter = new Splitter();
  for await (const chunk of chunks) yield* splitter.split(chunk);
  yield* splitter.rest();
}

class Splitter {
  #rest = '';

  split(text: string): readonly string[] {
    const lines = (this.#rest + text).split('\n');
    this.#rest = lines.pop() ?? '';
    return lines;
  }

  rest(): readonly string[] {
    return this.#rest === '' ? [] : [this.#rest];
  }
}

/** 'No such file or directory', as C's `strerror` says it. */
function problemOf(error: unknown): string {
  const { code, errno } = error instanceof Error ? (error as NodeJS.ErrnoException) : {};
  const known = WORDS.get(code ?? '');
  return known ?? getSystemErrorMap().get(errno ?? 0)?.[1] ?? String(error);
}

const WORDS: ReadonlyMap<string, string> = new Map([
  ['ENOENT', 'No such file or directory'],
  ['EACCES', 'Permission denied'],
  ['EISDIR', 'Is a directory'],
  ['ENOTDIR', 'Not a directory'],
  ['EMFILE', 'Too many open files'],
]);
