/** `ts-dns lab maelstrom-node`: our Raft as a node of Maelstrom, on standard input and output. */

import { createInterface } from 'node:readline';

import { MaelstromError, MaelstromNode } from '../../lab/maelstrom/maelstrom-node.ts';
import { createRealRuntime } from '../../net/real/runtime.ts';

/** Until the input ends. Exit status 1 when a line was no message; each is told of. */
export async function maelstromNode(): Promise<number> {
  const { clock, random } = createRealRuntime();
  const write = (line: string): void => void process.stdout.write(`${line}\n`);
  const node = new MaelstromNode({ clock, random, write });
  let status = 0;
  let number = 0;
  for await (const line of createInterface({ input: process.stdin })) {
    number += 1;
    if (line.trim() === '') continue;
    try {
      node.take(line);
    } catch (error) {
      if (!(error instanceof MaelstromError)) throw error;
      process.stderr.write(`ts-dns: standard input, line ${number}: ${error.message}\n`);
      status = 1;
    }
  }
  node.close();
  return status;
}
