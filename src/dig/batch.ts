/**
 * `-f`: a file of command lines, each with options of its own. Several are under way at once
 * (`+parallel`), and printed in the order of the file all the same. Transfers and what goes on
 * until somebody ends it are alone: their output is printed as it comes, not kept.
 */

import type { CommandLine, Read } from './command-line.ts';
import { performRead } from './perform.ts';
import type { Streams } from './output.ts';
import { ExitStatus } from './reading.ts';
import { hasServers, type Run } from './run.ts';
import type { Globals } from './settings.ts';
import { isTransfer } from './transfer.ts';

/**
 * Enough that nobody waits for a server close by, where dig's one at a time is bound by two
 * processes waking each other; no more of a burst than a browser makes of one page.
 */
const USUAL_PARALLEL = 16;

/** Returns the exit status. */
export async function runBatch(run: Run, commandLine: CommandLine, path: string): Promise<number> {
  const { context } = run;
  const all = { globals: commandLine.globals, streams: context };
  if (!(await hasServers(run, commandLine.defaults, all))) return run.status ?? ExitStatus.usage;
  const lines = context.openBatch(path);
  if ('problem' in lines) {
    context.writeError(`${path}: ${lines.problem}\n`);
    context.writeError("ts-dig: couldn't open specified batch file\n");
    return ExitStatus.noBatchFile;
  }
  await runLines(run, commandLine, lines);
  context.onProgress?.(undefined);
  return run.status ?? ExitStatus.reply;
}

type Lines = AsyncIterable<string> | Iterable<string>;

async function runLines(run: Run, commandLine: CommandLine, lines: Lines): Promise<void> {
  const { context } = run;
  const queue = new OrderedQueue(run);
  let asked = 0;
  for await (const line of withoutHead(lines)) {
    await queue.room(parallelOf(commandLine.globals));
    // What nobody reads yet must not fill our memory.
    const isHeard = (await context.drained?.()) ?? true;
    if (!isHeard) break;
    context.onProgress?.(asked++);
    if (queue.isOver) break;
    const read = commandLine.readBatchLine(line);
    const { globals } = commandLine;
    const isAlone = takesLong(read) || parallelOf(globals) === 1;
    if (isAlone) await queue.room(1);
    if (queue.isOver) break;
    queue.add((own, streams) => performRead(own, read, { globals, streams, isLine: true }));
    if (isAlone) await queue.room(1);
  }
  await queue.room(1);
}

/** As dig, which skips comments above the first lookup only. */
async function* withoutHead(lines: Lines): AsyncGenerator<string, void, undefined> {
  let isHead = true;
  for await (const line of lines) {
    isHead &&= /^[\r\n#;]|^$/.test(line);
    if (!isHead) yield line;
  }
}

/** Two sockets cannot have one port. */
function parallelOf({ parallel, localPort }: Globals): number {
  return localPort === 0 ? (parallel ?? USUAL_PARALLEL) : 1;
}

function takesLong({ lookups }: Read): boolean {
  return lookups.some(
    ({ settings }) => isTransfer(settings) || settings.watchSeconds !== undefined,
  );
}

/** Says whether there is anything else to do. */
type Task = (run: Run, streams: Streams) => Promise<boolean>;

/** Tasks whose texts and exit status count in the order in which they were added. */
class OrderedQueue {
  readonly #run: Run;
  readonly #pending: Promise<void>[] = [];
  #last: Promise<void> = Promise.resolve();
  isOver = false;

  constructor(run: Run) {
    this.#run = run;
  }

  /** Waits until fewer than `count` tasks are unfinished. */
  async room(count: number): Promise<void> {
    while (this.#pending.length >= count) await this.#pending.shift();
  }

  add(task: Task): void {
    const run = this.#run;
    if (this.#pending.length === 0) return this.#track(this.#direct(task));
    const kept: ['write' | 'writeError', string][] = [];
    const { context, system, shared } = run;
    const own: Run = { context, system, shared, status: undefined };
    const done = task(own, {
      write: (text) => kept.push(['write', text]),
      writeError: (text) => kept.push(['writeError', text]),
    });
    const before = this.#last;
    this.#track(
      (async () => {
        const isOver = await done;
        await before;
        if (this.isOver) return;
        for (const [stream, text] of kept) run.context[stream](text);
        run.status = own.status ?? run.status;
        this.isOver ||= isOver;
      })(),
    );
  }

  async #direct(task: Task): Promise<void> {
    if (await task(this.#run, this.#run.context)) this.isOver = true;
  }

  #track(task: Promise<void>): void {
    this.#last = task;
    this.#pending.push(task);
  }
}
