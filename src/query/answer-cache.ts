/**
 * Finished answers, in front of both ways to answer: a query that asks what was asked before gets
 * the same octets, with its own id, letter case, and what is left of the TTLs.
 *
 *     scan header and question ─► key ─► entry ─► copy ─► id, question, TTLs, turn ─► reply
 *
 * Nothing is decoded and nothing allocated. An answer out of zones lives until anything changes
 * that answers depend on (`revision`); one of the resolver until the instant it says itself
 * (`Answer.repeatableUntilMs`), at the latest when the first of its TTLs is over. What was cut to
 * the client's payload size is given to that size only.
 *
 * Deliberately not kept: what a step made of the client's options (cookies, NSID), names spelled by
 * the client within record data (DNAME), and what came by waiting: a second query must ask for it
 * first, so that names asked once take no room.
 */

import type { Clock } from '../net/ports.ts';
import { RRType } from '../wire/iana.ts';
import { HEADER_OCTETS } from '../wire/message.ts';
import { nameLimits } from '../wire/name.ts';
import { skipName } from '../wire/name-wire.ts';
import type { RRset } from '../wire/record.ts';
import { AnswerLog, FOREVER, Word, type LogStatistics } from './answer-log.ts';
import type { Excerpt } from './line-text.ts';
import { finishedText } from './query-line.ts';
import type { Answer } from './query.ts';
import { QuestionScan } from './question-scan.ts';

export const answerCacheLimits = {
  /** 64 MiB of all entries: some 400,000 small answers. */
  octets: 67_108_864,
  /** What it begins with: most servers have few names, and starting must cost them nothing. */
  firstOctets: 524_288,
  /** A cache that is full becomes so many times as large, up to `octets`, and begins anew. */
  growth: 8,
  /** Of one answer: more comes over TCP only, and seldom. */
  answerOctets: 4096,
  /** TTLs to count down in one answer. */
  ttls: 128,
} as const;

export interface AnswerCacheOptions {
  readonly clock: Pick<Clock, 'monotonic'>;
  /** A random number below 2^32. */
  readonly seed: number;
  /** Grows whenever answers may change before their time: zones, settings, a cleared cache. */
  readonly revision: () => number;
  /** Answers turn their records from query to query. */
  readonly rotates: boolean;
  readonly octets?: number;
  /** What the query log says of an answer is kept beside it. */
  readonly isLogged?: boolean;
}

export interface AnswerCacheStatistics extends LogStatistics {
  readonly hits: number;
  readonly misses: number;
}

/** Where an answer's records of one RRset stand that turn; there is at most one such RRset. */
interface Turn {
  readonly at: number;
  readonly octets: number;
  readonly count: number;
}

/** Longer ones are not kept. */
const TEXT_OCTETS = 255;

const LARGEST_WORDS =
  Word.KEY +
  Math.ceil((nameLimits.octets + answerCacheLimits.answerOctets + TEXT_OCTETS + 16) / 4) +
  2 * answerCacheLimits.ttls;

export class AnswerCache {
  #log: AnswerLog;
  #logOctets: number;
  readonly #scan: QuestionScan;
  readonly #options: AnswerCacheOptions;
  /** What `finishedText` said of the answer written last, if it holds of its query, too. */
  readonly logText: Excerpt;
  #isScanned = false;
  #turns = 0;
  #hits = 0;
  #misses = 0;

  constructor(options: AnswerCacheOptions) {
    this.#options = options;
    this.#logOctets = Math.min(this.#mostOctets, answerCacheLimits.firstOctets);
    this.#log = new AnswerLog(this.#logOctets, LARGEST_WORDS);
    this.#scan = new QuestionScan(options.seed);
    this.logText = { view: this.#log.view, start: 0, end: 0 };
  }

  get statistics(): AnswerCacheStatistics {
    return { ...this.#log.statistics, hits: this.#hits, misses: this.#misses };
  }

  /**
   * Writes the answer to `query` into `out` and returns its length, or 0. `channel` is what
   * `channelOf` says of the client.
   */
  answer(query: Uint8Array, out: Uint8Array, channel: number): number {
    const scan = this.#scan;
    this.#isScanned = channel >= 0 && scan.read(query, channel);
    if (!this.#isScanned) return 0;
    const entry = this.#log.find(scan.hash, scan.key, scan.keyLength);
    const length = entry < 0 ? 0 : this.#copy(entry, query, out);
    if (length > 0) this.#hits++;
    else this.#misses++;
    return length;
  }

  /** Keeps `reply`, which answers the query that `answer` did not know a moment ago. */
  keep(reply: Uint8Array, length: number, answer: Answer): void {
    const { repeatableUntilMs } = answer;
    const { limit } = this.#scan;
    if (!this.#isScanned || repeatableUntilMs === undefined) return;
    this.#isScanned = false;
    if (length > answerCacheLimits.answerOctets || !mayBeKept(reply, answer)) return;
    const isWhole = isComplete(reply, answer);
    const isForever = repeatableUntilMs === Infinity;
    if (!isWhole && (!isForever || this.#options.rotates)) return;
    const nowMs = Math.floor(this.#options.clock.monotonic());
    const turn = this.#options.rotates ? turnOf(reply, this.#scan.end, answer) : NO_TURN;
    const ttls = isForever ? 0 : listTtls(reply, this.#scan.end, { answer, nowMs });
    if (turn === undefined || ttls < 0) return;
    const life = isForever ? FOREVER : Math.floor(repeatableUntilMs - nowMs);
    if (life <= 0) return;
    this.#growIfFull();
    const logText = this.#textOf(reply.subarray(0, length));
    const entry = this.#put(reply.subarray(0, length), { ttls, turn, logText });
    const { words, doubles } = this.#log;
    words[entry + Word.REVISION] = this.#options.revision() >>> 0;
    words[entry + Word.TTLS] = ttls | (logText.length << 8) | ((isWhole ? 0 : limit) << 16);
    words[entry + Word.LIFE] = life;
    doubles[(entry + Word.PUT_AT) / 2] = nowMs;
  }

  get #mostOctets(): number {
    return this.#options.octets ?? answerCacheLimits.octets;
  }

  /** Nothing is copied: what is asked again is soon there again. */
  #growIfFull(): void {
    if (this.#logOctets >= this.#mostOctets || this.#log.statistics.evictions === 0) return;
    this.#logOctets = Math.min(this.#mostOctets, this.#logOctets * answerCacheLimits.growth);
    this.#log = new AnswerLog(this.#logOctets, LARGEST_WORDS);
  }

  #textOf(reply: Uint8Array): Uint8Array {
    if (this.#options.isLogged !== true) return NO_TEXT;
    const logText = finishedText(reply, this.#scan);
    return logText.length > TEXT_OCTETS ? NO_TEXT : logText;
  }

  #put(reply: Uint8Array, { ttls, turn, logText }: Beside): number {
    const { length } = reply;
    const log = this.#log;
    const { hash, key, keyLength } = this.#scan;
    log.remove(hash, key, keyLength);
    const keyWords = wordsOf(keyLength);
    const replyWords = wordsOf(length);
    const size = Word.KEY + keyWords + TURN_WORDS + 2 * ttls + replyWords + wordsOf(logText.length);
    const entry = log.put(hash, size + (size & 1));
    const { words, octets } = log;
    words[entry + Word.LENGTHS] = keyLength | (length << 16);
    let at = entry + Word.KEY;
    for (let i = 0; i < keyLength; i++) octets[at * 4 + i] = key[i]!;
    at += keyWords;
    words[at] = turn.at | (turn.octets << 16);
    words[at + 1] = turn.count;
    at += TURN_WORDS;
    for (let i = 0; i < 2 * ttls; i++) words[at + i] = ttlScratch[i]!;
    at += 2 * ttls;
    for (let i = 0; i < length; i++) octets[at * 4 + i] = reply[i]!;
    at += replyWords;
    for (let i = 0; i < logText.length; i++) octets[at * 4 + i] = logText[i]!;
    return entry;
  }

  #copy(entry: number, query: Uint8Array, out: Uint8Array): number {
    const { words, octets, doubles } = this.#log;
    const { limit, end } = this.#scan;
    if (words[entry + Word.REVISION] !== this.#options.revision() >>> 0) return 0;
    const lengths = words[entry + Word.LENGTHS]!;
    const length = lengths >>> 16;
    const counts = words[entry + Word.TTLS]!;
    const ttls = counts & 0xff;
    const textOctets = (counts >>> 8) & 0xff;
    const exactLimit = counts >>> 16;
    const isFitting = exactLimit === 0 ? length <= limit : exactLimit === limit;
    if (!isFitting || length > out.length) return 0;
    let ageMs = 0;
    const life = words[entry + Word.LIFE]!;
    if (life !== FOREVER) {
      ageMs = Math.floor(this.#options.clock.monotonic()) - doubles[(entry + Word.PUT_AT) / 2]!;
      if (ageMs >= life) return 0;
    }
    const turnAt = entry + Word.KEY + wordsOf(lengths & 0xffff);
    const ttlsAt = turnAt + TURN_WORDS;
    const start = (ttlsAt + 2 * ttls) * 4;
    out[0] = query[0]!;
    out[1] = query[1]!;
    for (let i = 2; i < HEADER_OCTETS; i++) out[i] = octets[start + i]!;
    for (let i = HEADER_OCTETS; i < end; i++) out[i] = query[i]!;
    for (let i = end; i < length; i++) out[i] = octets[start + i]!;
    for (let i = ttlsAt; i < ttlsAt + 2 * ttls; i += 2) {
      writeTtl(out, words[i]!, Math.floor((words[i + 1]! - ageMs) / 1000));
    }
    if (words[turnAt + 1] !== 0) this.#turn(out, turnAt, start);
    this.logText.end = 0;
    if (textOctets > 0) this.#findText(query, { start, length, textOctets });
    this.#log.markUsed(entry);
    return length;
  }

  /** Of the entry whose answer begins at `start`, if its name was asked for letter by letter. */
  #findText(query: Uint8Array, { start, length, textOctets }: Place): void {
    const { octets, view } = this.#log;
    const { end } = this.#scan;
    let difference = 0;
    for (let i = HEADER_OCTETS; i < end; i++) difference |= octets[start + i]! ^ query[i]!;
    const { logText } = this;
    const at = start + 4 * wordsOf(length);
    logText.view = view;
    logText.start = at;
    if (difference === 0) logText.end = at + textOctets;
  }

  /** The records that turn, beginning with another one than the last time. */
  #turn(out: Uint8Array, turnAt: number, start: number): void {
    const { words, octets } = this.#log;
    const at = words[turnAt]! & 0xffff;
    const size = words[turnAt]! >>> 16;
    const total = size * words[turnAt + 1]!;
    let from = size * (this.#turns++ % words[turnAt + 1]!);
    for (let i = 0; i < total; i++) {
      // All TTLs of an RRset are equal, and were written already.
      const inRecord = i % size;
      if (inRecord < TTL_AT || inRecord >= TTL_AT + 4) out[at + i] = octets[start + at + from]!;
      from = from + 1 === total ? 0 : from + 1;
    }
  }
}

interface Beside {
  readonly ttls: number;
  readonly turn: Turn;
  readonly logText: Uint8Array;
}

interface Place {
  readonly start: number;
  readonly length: number;
  readonly textOctets: number;
}

const NO_TEXT = new Uint8Array(0);
const TURN_WORDS = 2;
const NO_TURN: Turn = { at: 0, octets: 0, count: 0 };
/** In a record whose owner is a pointer. */
const TTL_AT = 6;

/** Pairs of a TTL's offset and the milliseconds until it is over. */
const ttlScratch = new Float64Array(2 * answerCacheLimits.ttls);

function wordsOf(octets: number): number {
  return (octets + 3) >>> 2;
}

function writeTtl(out: Uint8Array, at: number, seconds: number): void {
  out[at] = seconds >>> 24;
  out[at + 1] = (seconds >>> 16) & 0xff;
  out[at + 2] = (seconds >>> 8) & 0xff;
  out[at + 3] = seconds & 0xff;
}

function mayBeKept(reply: Uint8Array, { rcode, answers }: Answer): boolean {
  // Another rcode: the answer could not be encoded.
  if ((reply[3]! & 0x0f) !== (rcode & 0x0f)) return false;
  // RFC 6672 §3.1: the target of the CNAME begins with the labels of the question as they came.
  return answers.every(({ type }) => type !== RRType.DNAME);
}

/** Whether nothing had to be left out. */
function isComplete(reply: Uint8Array, { answers, authorities, additionals }: Answer): boolean {
  const [an, ns, ar] = [6, 8, 10].map((at) => (reply[at]! << 8) | reply[at + 1]!);
  const recordsOf = (rrsets: readonly RRset[]): number =>
    rrsets.reduce((sum, { rdatas }) => sum + rdatas.length, 0);
  return (
    (reply[2]! & 0x02) === 0 &&
    an === recordsOf(answers) &&
    ns === recordsOf(authorities) &&
    // At most one more: OPT.
    ar! - recordsOf(additionals) <= 1 &&
    ar! >= recordsOf(additionals)
  );
}

/** Fills the scratch; returns how many TTLs, or -1 when it is not known how long they hold. */
function listTtls(
  reply: Uint8Array,
  questionEnd: number,
  { answer, nowMs }: { readonly answer: Answer; readonly nowMs: number },
): number {
  let count = 0;
  let at = questionEnd;
  for (const section of [answer.answers, answer.authorities, answer.additionals]) {
    for (const { rdatas, expiresAtMs } of section) {
      if (expiresAtMs === undefined || count + rdatas.length > answerCacheLimits.ttls) return -1;
      for (let i = 0; i < rdatas.length; i++) {
        const ttlAt = skipName(reply, at, reply.length) + 4;
        ttlScratch[2 * count] = ttlAt;
        ttlScratch[2 * count + 1] = expiresAtMs - nowMs;
        count++;
        at = ttlAt + 6 + ((reply[ttlAt + 4]! << 8) | reply[ttlAt + 5]!);
      }
    }
  }
  return count;
}

/**
 * The one RRset that turns: its records are of one length, each behind a pointer to its owner.
 * `NO_TURN` when there is nothing to turn; undefined when it is not as simple as that.
 */
function turnOf(reply: Uint8Array, questionEnd: number, { answers }: Answer): Turn | undefined {
  let found: Turn = NO_TURN;
  let at = questionEnd;
  for (const { type, rdatas } of answers) {
    const isSimple = type === RRType.A || type === RRType.AAAA;
    const octets = type === RRType.A ? 16 : 28;
    if (rdatas.length > 1) {
      if (!isSimple || found !== NO_TURN || reply[at]! < 0xc0) return undefined;
      found = { at, octets, count: rdatas.length };
    }
    const start = at;
    for (let i = 0; i < rdatas.length; i++) {
      const fixed = skipName(reply, at, reply.length);
      at = fixed + 10 + ((reply[fixed + 8]! << 8) | reply[fixed + 9]!);
    }
    // Who answers with data that are malformed must not have what stands behind them turned, too.
    if (found.at === start && at !== start + found.octets * found.count) return undefined;
  }
  return found;
}
