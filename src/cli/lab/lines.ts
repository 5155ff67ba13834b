/** The lines of a file of any length, read as they are taken. */

import { closeSync, openSync, readSync } from 'node:fs';

import { fileFailure } from '../failure.ts';

const CHUNK_OCTETS = 65_536;

/** Without their ends. Throws `CommandError` when the file cannot be read. */
export function* linesOf(file: string): Generator<string> {
  const decoder = new TextDecoder();
  const chunk = new Uint8Array(CHUNK_OCTETS);
  let rest = '';
  for (const octets of chunksOf(file, chunk)) {
    const lines = (rest + decoder.decode(chunk.subarray(0, octets), { stream: true })).split('\n');
    rest = lines.pop() ?? '';
    yield* lines;
  }
  rest += decoder.decode();
  if (rest !== '') yield rest;
}

function* chunksOf(file: string, chunk: Uint8Array): Generator<number> {
  let descriptor: number | undefined;
  try {
    descriptor = openSync(file, 'r');
    for (let octets = read(descriptor, chunk); octets > 0; octets = read(descriptor, chunk)) {
      yield octets;
    }
  } catch (error) {
    if (error instanceof Error && 'syscall' in error) throw fileFailure(file, error);
    throw error;
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}

function read(descriptor: number, chunk: Uint8Array): number {
  return readSync(descriptor, chunk, 0, chunk.length, null);
}
