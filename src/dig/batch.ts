/**
 * `-f`: a file of command lines, each with options of its own. They are asked one after the other,
 * or `+parallel` of them at a time, and printed in the order of the file in either case.
 */

import type { CommandLine } from './command-line.ts';
import { performRead } from './perform.ts';
import type { Streams } from './output.ts';
import { ExitStatus } from './reading.ts';
import type { Run } from './run.ts';

/** Returns the exit status. */
export async function runBatch(run: Run, commandLine: CommandLine, path: string): Promise<number> {
  const { context } = run;
  const lines = context.openBatch(path);
  if ('problem' in lines) {
    context.writeError(`${path}: ${lines.problem}\n`);
    context.writeError("ts-dig: couldn't open specified batch file\n");
    return ExitStatus.noBatchFile;
  }
  const queue = new OrderedQueue(context);
  let isFirst = true;
  let asked = 0;
  for await (const line of lines) {
    // As dig, which skips comments above the first lookup only.
    if (isFirst && /^[\r\n#;]|^$/.test(line)) continue;
    isFirst = false;
    await queue.room(commandLine.globals.parallel);
    // What nobody reads yet must not fill our memory.
    const isHeard = (await context.drained?.()) ?? true;
    if (!isHeard) break;
    context.onProgress?.(asked++);
    if (queue.isOver) break;
    const read = commandLine.readBatchLine(line);
    const { globals } = commandLine;
    queue.add((streams) => performRead(run, read, { globals, streams }));
  }
  await queue.room(1);
  context.onProgress?.(undefined);
  return run.status;
}

/** Tasks whose texts appear in the order in which they were added, whichever ends first. */
class OrderedQueue {
  readonly #streams: Streams;
  readonly #pending: Promise<void>[] = [];
  #last: Promise<void> = Promise.resolve();
  isOver = false;

  constructor(streams: Streams) {
    this.#streams = streams;
  }

  /** Waits until fewer than `count` tasks are unfinished. */
  async room(count: number): Promise<void> {
    while (this.#pending.length >= count) await this.#pending.shift();
  }

  /** `task` says whether there is anything else to do. */
  add(task: (streams: Streams) => Promise<boolean>): void {
    if (this.#pending.length === 0) return this.#track(this.#direct(task));
    const kept: ['write' | 'writeError', string][] = [];
    const done = task({
      write: (text) => kept.push(['write', text]),
      writeError: (text) => kept.push(['writeError', text]),
    });
    const before = this.#last;
    this.#track(
      (async () => {
        const isOver = await done;
        await before;
        if (this.isOver) return;
        for (const [stream, text] of kept) this.#streams[stream](text);
        this.isOver ||= isOver;
      })(),
    );
  }

  async #direct(task: (streams: Streams) => Promise<boolean>): Promise<void> {
    if (await task(this.#streams)) this.isOver = true;
  }

  #track(task: Promise<void>): void {
    this.#last = task;
    this.#pending.push(task);
  }
}
