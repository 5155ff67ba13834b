/**
 * Master files (RFC 1035 §5): octets to located records. `$ORIGIN` and `$TTL` (RFC 2308 §4), owner,
 * TTL and class each optional, types by mnemonic or `TYPEnnn`, rdata in the form of its type or as
 * `\#` (RFC 3597 §5). All problems of a file come back at once; no input throws.
 *
 * A line that begins with a blank has the owner of the record before, so its first field is a TTL,
 * a class or a type; on any other line the first field is the owner, whatever it looks like.
 *
 * `$INCLUDE` and `$GENERATE` are read by readers of the same kind, which share what outlives their
 * text: the records, the TTLs (as in BIND) and what has been spent of the limits.
 *
 * Not here: whether the records make a zone (`zone.ts`).
 */

import { foldedText } from '../wire/case-fold.ts';
import { classText, DnsClass, parseClass, parseType, RRType } from '../wire/iana.ts';
import { parseName } from '../wire/name-text.ts';
import type { DnsName } from '../wire/name.ts';
import { parsePeriod, readU32 } from '../wire/rdata/field.ts';
import { parseRdata, type RdataError } from '../wire/rdata/rdata.ts';
import type { Token } from '../wire/rdata/tokens.ts';
import type { ResourceRecord } from '../wire/record.ts';
import { readGenerateFields, readIncludeFields } from './directives.ts';
import { BAD_DIRECTIVE, EntryFields, type Kind } from './entry-fields.ts';
import { GeneratedProblems, Generation } from './generate.ts';
import { Inclusions, type ReadInclude } from './include.ts';
import { EntryLexer } from './lexer.ts';
import { OctetPool } from './octet-pool.ts';
import { equalStretches, isDigit, readDecimal, readIPv4, readPlainName } from './plain-fields.ts';
import type { PlainSource, Range } from './plain-fields.ts';
import { reportNul } from './nul-octet.ts';
import { PlainLines, type PlainTarget } from './plain-lines.ts';
import { BYTE_ORDER_MARK, hasByteOrderMark, ProblemLog } from './problem.ts';
import type { ProblemSink, ZoneProblem } from './problem.ts';

export interface LocatedRecord extends ResourceRecord {
  /** Where the record begins, from 1; in an included file, as `ProblemLog` counts on. */
  readonly line: number;
}

export interface MasterFileOptions {
  /** The name that problems give, as the user wrote it. */
  readonly file: string;
  /** What '@' and relative names stand for until `$ORIGIN`. */
  readonly origin?: DnsName | undefined;
  /** Opens files for `$INCLUDE`; without it the directive is an error. */
  readonly readInclude?: ReadInclude | undefined;
}

export interface MasterFile {
  /** In order; without those that have problems. */
  readonly records: readonly LocatedRecord[];
  readonly problems: readonly ZoneProblem[];
}

export function parseMasterFile(octets: Uint8Array, options: MasterFileOptions): MasterFile {
  const log = new ProblemLog(options.file, octets);
  const records = readMasterFile(octets, log, options);
  return { records, problems: log.errors };
}

/** As `parseMasterFile`, into a log that can take more. */
export function readMasterFile(
  octets: Uint8Array,
  log: ProblemLog,
  options: MasterFileOptions & Pick<RecordSink, 'lose'>,
): readonly LocatedRecord[] {
  const records: LocatedRecord[] = [];
  const { lose } = options;
  const push = (record: LocatedRecord): void => void records.push(record);
  readRecords(octets, log, { ...options, records: { push, ...(lose && { lose }) } });
  return records;
}

/** Takes the records of a master file as they come. */
export interface RecordSink {
  push(record: LocatedRecord): void;
  /** Of a record whose rdata could not be read, which has been reported. */
  lose?(name: DnsName, type: number): void;
  /** Where lines may go without a record being made of them, once that is known. */
  readonly plain?: PlainTarget | undefined;
}

/** As `readMasterFile`, and keeps nothing. */
export function readRecords(
  octets: Uint8Array,
  log: ProblemLog,
  options: MasterFileOptions & { readonly records: RecordSink },
): void {
  if (octets.length > masterFileLimits.octets) {
    const { octets: limit } = masterFileLimits;
    const message = `expected a file of at most ${limit} octets, found ${octets.length}`;
    log.error({ line: 1, lineStart: 0, start: 0, end: 1 }, message, 'file-too-large');
    return;
  }
  const shared = {
    records: options.records,
    defaultTtl: undefined,
    lastTtl: undefined,
    inclusions: new Inclusions(log, options.file, {
      readInclude: options.readInclude,
      octets: octets.length,
    }),
    generation: new Generation(),
  };
  const { origin } = options;
  const part = { octets, log, source: 0, origin, linesBefore: 0, line: undefined };
  readPart(part, shared);
}

export const masterFileLimits = {
  /** RFC 2181 §8. */
  ttlSeconds: 0x7fffffff,
  /** Far above the largest zones in use; offsets and line numbers have to fit into 32 bits. */
  octets: 1_073_741_824,
} as const;

/** The text that one reader reads. */
interface Part {
  readonly octets: Uint8Array;
  /** Takes places in the text; `source` is the file's number in the `ProblemLog` behind it. */
  readonly log: ProblemSink;
  readonly source: number;
  readonly origin: DnsName | undefined;
  /** What records' lines are more than those of the text. */
  readonly linesBefore: number;
  /** The line of all records, for generated text. */
  readonly line: number | undefined;
}

/** What readers of one master file have in common. */
interface Shared {
  readonly records: RecordSink;
  /** `$TTL`, RFC 2308 §4. */
  defaultTtl: number | undefined;
  /** RFC 1035 §5.1: "omitted class and TTL values are default to the last explicitly stated". */
  lastTtl: number | undefined;
  readonly inclusions: Inclusions;
  readonly generation: Generation;
}

function readPart(part: Part, shared: Shared): void {
  const nul = part.octets.indexOf(0);
  if (nul >= 0) reportNul(part.octets, part.log, nul);
  else new MasterFileReader(part, shared).read();
}

class MasterFileReader {
  readonly #octets: Uint8Array;
  readonly #source: PlainSource;
  readonly #log: ProblemSink;
  readonly #lexer: EntryLexer;
  readonly #fields: EntryFields;
  readonly #part: Part;
  readonly #shared: Shared;
  #origin: DnsName | undefined;
  /** The owner that a record without one has; 'bad' after an owner that was reported. */
  #owner: DnsName | 'bad' | undefined;
  /** The token that `#owner` was read from under the current origin. */
  #ownerRange: Range = NOWHERE;
  /** The type token that came last: most records of a file repeat it. */
  #typeRange: Range = NOWHERE;
  #type = 0;
  readonly #plainLines: PlainLines;

  constructor(part: Part, shared: Shared) {
    const { octets, log, origin } = part;
    this.#part = part;
    this.#shared = shared;
    this.#octets = octets;
    this.#source = { octets, pool: new OctetPool() };
    this.#log = log;
    this.#origin = origin;
    this.#plainLines = new PlainLines(octets, shared);
    const start = hasByteOrderMark(octets) ? BYTE_ORDER_MARK.length : 0;
    this.#lexer = new EntryLexer(octets, start, (place, message) =>
      log.error(place, message, 'syntax'),
    );
    this.#fields = new EntryFields(this.#lexer, log);
  }

  read(): void {
    const lexer = this.#lexer;
    for (;;) {
      this.#readPlainLines();
      if (!lexer.next()) return;
      if (lexer.failed) this.#readFailed();
      else if (this.#octets[lexer.start(0)] === DOLLAR) this.#readDirective();
      else this.#readRecord();
    }
  }

  /** Leaves the lexer at the first line that is not plain. */
  #readPlainLines(): void {
    const target = this.#shared.records.plain;
    if (target === undefined) return;
    const { linesBefore, line: fixedLine } = this.#part;
    const owner = this.#owner === 'bad' ? undefined : this.#owner;
    const origin = this.#origin;
    const plain = this.#plainLines;
    const lexer = this.#lexer;
    plain.read(lexer.at, lexer.atLine, { target, origin, owner, linesBefore, fixedLine });
    lexer.goTo(plain.at, plain.line);
    if (plain.ownerStart === undefined || plain.at === this.#octets.length) return;
    const range = { start: plain.ownerStart, end: plain.ownerEnd };
    // Undefined is the one of '@'.
    this.#owner = readPlainName(this.#source, range, origin) ?? origin;
    this.#ownerRange = range;
  }

  /** An entry without a sound end can still name the owner of what follows. */
  #readFailed(): void {
    const lexer = this.#lexer;
    if (lexer.startsBlank || lexer.count === 0 || this.#octets[lexer.start(0)] === DOLLAR) return;
    this.#owner = (lexer.isBare(0) ? this.#readName(0) : undefined) ?? 'bad';
    this.#ownerRange = NOWHERE;
  }

  #readRecord(): void {
    const lexer = this.#lexer;
    const first = lexer.startsBlank ? 0 : 1;
    if (!lexer.startsBlank) this.#readOwner();
    const owner = this.#owner;
    if (owner === undefined) {
      this.#fields.error(
        0,
        'expected an owner name: this is the first record, and no other precedes it',
        'owner-missing',
      );
      return;
    }
    const header = this.#readHeader(first);
    if (header === undefined) return;
    const rdata = this.#readRdata(header.type, header.next);
    if (rdata === undefined) {
      if (owner !== 'bad') this.#shared.records.lose?.(owner, header.type);
      return;
    }
    const ttl = this.#ttlOf(header, rdata);
    if (owner === 'bad') return;
    const line = this.#part.line ?? this.#part.linesBefore + lexer.line;
    this.#shared.records.push({
      name: owner,
      type: header.type,
      class: DnsClass.IN,
      ttl,
      rdata,
      line,
    });
  }

  #readOwner(): void {
    const lexer = this.#lexer;
    const range = { start: lexer.start(0), end: lexer.end(0) };
    if (equalStretches(this.#octets, range, this.#ownerRange)) return;
    this.#owner = 'bad';
    this.#ownerRange = NOWHERE;
    if (!lexer.isBare(0)) {
      this.#fields.unexpected(0, 'an owner name without quotes', BAD_OWNER);
      return;
    }
    const name = this.#readName(0);
    if (name === undefined) {
      const result = parseName(lexer.source(0), this.#origin);
      const reason = result.ok ? '' : ` (${result.error})`;
      this.#fields.unexpected(0, `an owner name${reason}`, BAD_OWNER);
      return;
    }
    this.#owner = name;
    this.#ownerRange = range;
  }

  /** TTL and class in either order, then the type; undefined when a problem was reported. */
  #readHeader(first: number): Header | undefined {
    const lexer = this.#lexer;
    let ttl: number | undefined;
    let hasClass = false;
    for (let i = first; i < lexer.count; i++) {
      const isTtl = lexer.isBare(i) && isDigit(this.#octets[lexer.start(i)]!);
      const wanted = expectation(ttl !== undefined, hasClass);
      if (isTtl) {
        if (ttl !== undefined) return this.#fields.unexpected(i, wanted, BAD_HEADER);
        ttl = this.#readTtl(i);
        if (ttl === undefined) return undefined;
        continue;
      }
      const type = this.#readType(i);
      if (type !== undefined) return { ttl, type, next: i + 1 };
      const dnsClass = lexer.isBare(i) ? parseClass(lexer.source(i)) : undefined;
      if (dnsClass === undefined || hasClass) {
        const hint = i === 0 ? OWNER_HINT : '';
        return this.#fields.unexpected(i, wanted, { ...BAD_HEADER, hint });
      }
      if (dnsClass !== DnsClass.IN) {
        const hint = `; ${classText(dnsClass)} is not supported`;
        return this.#fields.unexpected(i, 'class IN', { code: 'bad-class', hint });
      }
      hasClass = true;
    }
    this.#fields.error(undefined, 'expected a record type, but the record ends here', 'bad-type');
    return undefined;
  }

  #readTtl(index: number): number | undefined {
    const lexer = this.#lexer;
    const range = { start: lexer.start(index), end: lexer.end(index) };
    const max = masterFileLimits.ttlSeconds;
    const ttl =
      (lexer.isBare(index) ? readDecimal(this.#octets, range) : undefined) ??
      parsePeriod(lexer.source(index), 0xffffffff);
    if (ttl !== undefined && ttl <= max) return ttl;
    if (ttl !== undefined) {
      const message = `TTL ${ttl} is above ${max}, so it counts as 0 (RFC 2181)`;
      this.#log.warning(lexer.place(index), message, 'ttl-too-large');
      return 0;
    }
    const wanted = `a TTL from 0 to ${max} seconds such as '3600' or '1h30m'`;
    return this.#fields.unexpected(index, wanted, { code: 'bad-ttl' });
  }

  #readType(index: number): number | undefined {
    const lexer = this.#lexer;
    if (!lexer.isBare(index)) return undefined;
    const range = { start: lexer.start(index), end: lexer.end(index) };
    if (equalStretches(this.#octets, range, this.#typeRange)) return this.#type;
    const type = parseType(lexer.source(index));
    if (type === undefined) return undefined;
    this.#typeRange = range;
    this.#type = type;
    return type;
  }

  #readRdata(type: number, first: number): Uint8Array | undefined {
    const lexer = this.#lexer;
    if (lexer.count - first === 1 && lexer.isBare(first)) {
      const range = { start: lexer.start(first), end: lexer.end(first) };
      const plain = this.#readPlainRdata(type, range);
      if (plain !== undefined) return plain;
    }
    const tokens = lexer.tokens(first);
    const result = parseRdata(type, tokens, this.#origin);
    if (result.ok) return result.value;
    this.#rdataError(result.error, tokens, first);
    return undefined;
  }

  #readPlainRdata(type: number, range: Range): Uint8Array | undefined {
    switch (type) {
      case RRType.A:
        return readIPv4(this.#source, range);
      case RRType.NS:
      case RRType.CNAME:
      case RRType.PTR:
      case RRType.DNAME:
        return readPlainName(this.#source, range, this.#origin)?.wire;
      default:
        return undefined;
    }
  }

  #rdataError(error: RdataError, tokens: readonly Token[], first: number): void {
    const at = error.token === undefined ? -1 : tokens.indexOf(error.token);
    this.#fields.error(at < 0 ? undefined : first + at, error.message, 'bad-rdata');
  }

  #ttlOf({ ttl, type }: Header, rdata: Uint8Array): number {
    if (ttl !== undefined) {
      this.#shared.lastTtl = ttl;
      return ttl;
    }
    // RFC 2308 §4: a signature without a TTL takes the original TTL that it states.
    if (type === RRType.RRSIG || type === RRType.SIG) return withinLimit(readU32(rdata, 4));
    const inherited = this.#shared.defaultTtl ?? this.#shared.lastTtl;
    if (inherited !== undefined) return inherited;
    if (type === RRType.SOA) {
      this.#shared.lastTtl = withinLimit(readU32(rdata, rdata.length - 4));
      return this.#shared.lastTtl;
    }
    this.#fields.error(
      0,
      'expected a TTL: the record has none, and neither $TTL nor a TTL precedes it',
      'ttl-missing',
    );
    // Said once is enough.
    this.#shared.lastTtl = 0;
    return 0;
  }

  #readDirective(): void {
    const lexer = this.#lexer;
    const directive = foldedText(this.#octets, lexer.start(0), lexer.end(0));
    if (lexer.startsBlank) {
      const hint = '; directives start in column 1';
      this.#fields.unexpected(0, 'a TTL, a class or a record type', { ...BAD_DIRECTIVE, hint });
    } else if (directive === '$origin') this.#readOriginDirective();
    else if (directive === '$ttl') this.#readTtlDirective();
    else if (directive === '$include') this.#readIncludeDirective();
    else if (directive === '$generate') this.#readGenerateDirective();
    else {
      const hint = ', which is no known directive';
      this.#fields.unexpected(0, DIRECTIVE_EXPECTED, { code: 'unknown-directive', hint });
    }
  }

  #readOriginDirective(): void {
    if (!this.#hasOneArgument('a domain name')) return;
    const origin = this.#fields.domainName(1, this.#origin);
    if (origin === undefined) return;
    this.#origin = origin;
    this.#ownerRange = NOWHERE;
  }

  #readTtlDirective(): void {
    if (this.#hasOneArgument('a TTL'))
      this.#shared.defaultTtl = this.#readTtl(1) ?? this.#shared.defaultTtl;
  }

  #readIncludeDirective(): void {
    const directive = readIncludeFields(this.#fields, this.#origin);
    if (directive === undefined) return;
    const { path, origin } = directive;
    const { inclusions } = this.#shared;
    const place = { ...this.#lexer.place(1), source: this.#part.source };
    const opened = inclusions.open({ path, place });
    if (!opened.ok) {
      this.#fields.error(1, opened.error.message, opened.error.code);
      return;
    }
    const { octets, source } = opened.value;
    const { number, linesBefore, sink } = source;
    // Its origin and its last owner end with it.
    const part = { octets, log: sink, source: number, origin, linesBefore, line: undefined };
    readPart(part, this.#shared);
    inclusions.close();
  }

  #readGenerateDirective(): void {
    const directive = readGenerateFields(this.#fields, (first) => this.#readHeader(first));
    const parts = directive && this.#shared.generation.begin(directive);
    if (parts === undefined) return;
    if (!parts.ok) {
      this.#fields.error(1, `expected ${parts.error}`, 'generate-limit');
      return;
    }
    const log = new GeneratedProblems(this.#log, this.#lexer.place(0));
    const line = this.#part.linesBefore + this.#lexer.line;
    for (const octets of parts.value) {
      log.octets = octets;
      readPart({ ...this.#part, octets, log, origin: this.#origin, line }, this.#shared);
      if (log.failed) return;
    }
  }

  #hasOneArgument(expected: string): boolean {
    if (this.#lexer.count > 1) return this.#fields.endsAt(2);
    this.#fields.endsBefore(expected);
    return false;
  }

  #readName(index: number): DnsName | undefined {
    const lexer = this.#lexer;
    const range = { start: lexer.start(index), end: lexer.end(index) };
    const plain = readPlainName(this.#source, range, this.#origin);
    if (plain !== undefined) return plain;
    const result = parseName(lexer.source(index), this.#origin);
    return result.ok ? result.value : undefined;
  }
}

interface Header {
  readonly ttl: number | undefined;
  readonly type: number;
  /** The index of the first rdata token. */
  readonly next: number;
}

const BAD_OWNER: Kind = { code: 'bad-owner' };
const BAD_HEADER: Kind = { code: 'bad-type' };
const NOWHERE: Range = { start: 0, end: 0 };
const DOLLAR = 0x24;
const DIRECTIVE_EXPECTED = '$ORIGIN, $TTL, $INCLUDE, $GENERATE or a record';
const OWNER_HINT = '; an owner name starts in column 1';

function expectation(hasTtl: boolean, hasClass: boolean): string {
  if (hasTtl) return hasClass ? 'a record type' : 'a class or a record type';
  return hasClass ? 'a TTL or a record type' : 'a TTL, a class or a record type';
}

/** RFC 2181 §8: a TTL with the most significant bit set counts as zero. */
function withinLimit(ttl: number): number {
  return ttl > masterFileLimits.ttlSeconds ? 0 : ttl;
}
