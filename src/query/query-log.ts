/**
 * The query log: lines into blocks, blocks into a file, and nobody ever waits for it.
 *
 *     note ─► line ─► block that is being filled ─► full blocks ─► file, one at a time
 *                          ▲   │ after a second at most   │
 *                          └───┴────── empty blocks ◄─────┘
 *
 * When the file takes lines more slowly than they come, and all blocks are full, lines are lost and
 * counted, as are those that the file refuses. What is wrong with the file is told once, and again
 * when it is over.
 */

import type { Appended, LogFile } from '../net/log-file.ts';
import type { Logger } from '../net/logger.ts';
import type { Clock, Timer } from '../net/ports.ts';
import { roomOf, type Room } from './line-text.ts';
import {
  LINE_OCTETS_MAX,
  QueryLines,
  type Ending,
  type Hit,
  type LoggedClient,
} from './query-line.ts';

export const queryLogLimits = {
  /** Of a block: enough for one write not to cost much, and little enough for a cache. */
  blockOctets: 131_072,
  /** 8 MiB: half a second of all that one thread can answer; none is made before it is needed. */
  blocks: 64,
  /** A line that nobody pushes is in the file after so long. */
  flushMs: 1000,
  /** Lost lines are told of at most so often. */
  tellMs: 10_000,
} as const;

export interface QueryLogStatistics {
  /** That are in the file. */
  readonly lines: number;
  /** That the file was too slow for, or refused. */
  readonly lost: number;
}

export interface QueryLogContext {
  readonly file: LogFile;
  readonly clock: Clock;
  readonly logger: Logger;
}

interface Block {
  readonly room: Room;
  lines: number;
}

export class QueryLog {
  readonly #file: LogFile;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #lines: QueryLines;
  #block: Block = newBlock();
  #blocks = 1;
  readonly #empty: Block[] = [];
  /** Resolves when all is done that was to be done before. */
  #work: Promise<void> = Promise.resolve();
  #timer: Timer | undefined;
  #written = 0;
  #lost = 0;
  /** So many of them were told of. */
  #told = 0;
  #toldMs = -Infinity;
  #isFailing = false;
  #isTimeSet = false;
  readonly #forgetTime = (): void => void (this.#isTimeSet = false);
  #isClosed = false;

  constructor({ file, clock, logger }: QueryLogContext) {
    this.#file = file;
    this.#clock = clock;
    this.#logger = logger;
    this.#lines = new QueryLines(this.#block.room);
  }

  get statistics(): QueryLogStatistics {
    return { lines: this.#written, lost: this.#lost };
  }

  /** By the monotonic clock. */
  get nowMs(): number {
    return this.#clock.monotonic();
  }

  /** A line on the query, if it has a question; its octets and those of the client are read now. */
  note(query: Uint8Array, client: LoggedClient, ending: Ending): void {
    if (this.#isReady() && this.#lines.write(query, client, ending)) this.#noted();
  }

  /** The same of an answer that was finished before: of the most of them, for less. */
  noteHit(query: Uint8Array, client: LoggedClient, hit: Hit): void {
    if (hit.logText.end === 0) return this.note(query, client, hit);
    if (!this.#isReady()) return;
    this.#lines.writeHit(client, hit.logText);
    this.#noted();
  }

  /** Whether there is room for a line, and if so, that its time is known. */
  #isReady(): boolean {
    if (this.#isClosed) return false;
    if (this.#lines.length > FULL_OCTETS && !this.#turn()) {
      this.#lost++;
      return false;
    }
    if (!this.#isTimeSet) this.#setTime();
    return true;
  }

  #noted(): void {
    this.#block.lines++;
    if (!this.#timer) this.#arm();
  }

  /** Once for all that is answered in one go, which takes two milliseconds at most. */
  #setTime(): void {
    this.#lines.setTime(this.#clock.wall());
    this.#isTimeSet = true;
    queueMicrotask(this.#forgetTime);
  }

  /** Whoever rotates files has moved it away: what comes from now on goes to a new one. */
  reopen(): Promise<void> {
    this.#turn();
    return this.#then(async () => {
      const { problem } = await this.#file.reopen();
      if (problem === undefined) this.#logger.info({ file: this.#file.name }, 'query log reopened');
      else this.#logger.error({ problem }, 'query log not reopened: it goes on where it was');
    });
  }

  /** Writes what there is. What is noted afterwards is nowhere. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#timer?.cancel();
    if (!this.#turn()) await this.#work;
    this.#turn();
    await this.#work;
    this.#tellLost();
    await this.#file.close();
  }

  #arm(): void {
    this.#timer = this.#clock.schedule(queryLogLimits.flushMs, () => this.#onTime());
  }

  #onTime(): void {
    this.#timer = undefined;
    const isTurned = this.#turn();
    const isDue = this.#clock.monotonic() - this.#toldMs >= queryLogLimits.tellMs;
    if (isDue) this.#tellLost();
    if (!isTurned || this.#lost > this.#told) this.#arm();
  }

  /** Hands on what was filled, if there is an empty block to go on with. */
  #turn(): boolean {
    const block = this.#block;
    if (block.lines === 0) return true;
    const next = this.#empty.pop() ?? this.#oneMore();
    if (!next) return false;
    const length = this.#lines.turn(next.room);
    this.#block = next;
    void this.#then(() => this.#write(block, length));
    return true;
  }

  #oneMore(): Block | undefined {
    if (this.#blocks === queryLogLimits.blocks) return undefined;
    this.#blocks++;
    return newBlock();
  }

  /** One after the other, in the order in which they were begun. */
  #then(step: () => Promise<void>): Promise<void> {
    this.#work = this.#work.then(step);
    return this.#work;
  }

  async #write(block: Block, length: number): Promise<void> {
    const octets = block.room.octets.subarray(0, length);
    const appended = await this.#file.append(octets);
    // One that is there in part is lost, too.
    const lost = appended.octets === length ? 0 : linesIn(octets.subarray(appended.octets));
    this.#written += block.lines - lost;
    this.#lost += lost;
    this.#tellProblem(appended);
    block.lines = 0;
    this.#empty.push(block);
    if (this.#lost > this.#told && !this.#timer && !this.#isClosed) this.#arm();
  }

  /** Once, until it is over. */
  #tellProblem({ problem }: Appended): void {
    if (problem !== undefined && !this.#isFailing) {
      this.#logger.error({ problem }, 'the query log loses lines until this is over');
    } else if (problem === undefined && this.#isFailing) {
      this.#logger.info({ file: this.#file.name }, 'the query log is written again');
    }
    this.#isFailing = problem !== undefined;
  }

  #tellLost(): void {
    const lost = this.#lost - this.#told;
    if (lost === 0) return;
    this.#told = this.#lost;
    this.#toldMs = this.#clock.monotonic();
    const why = this.#isFailing ? 'its file takes none' : 'its file is slower than the queries';
    this.#logger.warn({ file: this.#file.name, lost }, `lines of the query log were lost: ${why}`);
  }
}

/** A block with so much in it might not have room for one more line. */
const FULL_OCTETS = queryLogLimits.blockOctets - LINE_OCTETS_MAX;

function newBlock(): Block {
  return { room: roomOf(queryLogLimits.blockOctets), lines: 0 };
}

const NEWLINE = 0x0a;

function linesIn(octets: Uint8Array): number {
  let lines = 0;
  for (const octet of octets) if (octet === NEWLINE) lines++;
  return lines;
}
