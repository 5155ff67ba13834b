/**
 * The cache as text that survives a restart. Times are absolute, by the wall clock, so that the
 * time between stop and start counts: what is loaded lives no longer than it would have lived.
 *
 *     ts-dns-cache 1 WRITTEN
 *     delegation EXPIRY ZONE NS ADDRESS… NS ADDRESS…
 *     records EXPIRY CREDIBILITY 1/2 OWNER TYPE RDATA
 *     negative EXPIRY RCODE OWNER TYPE|* SOA-OWNER SOA-RDATA
 *     end LINES
 *
 * Records and negative answers that were over when written, and kept for want of anything newer,
 * have `stale-` in front. They are loaded by a cache that keeps such, for as long as it would have
 * kept them; delegations that are over never are, for nobody is asked at a stale address.
 *
 * Names and rdata are in master file form, so every octet has its place. Failures are not kept:
 * they are over before a restart is. A text that is damaged anywhere is not loaded at all.
 */

import type { Clock } from '../net/ports.ts';
import { DnsClass, parseType, RRType, typeText } from '../wire/iana.ts';
import type { DnsName } from '../wire/name.ts';
import { parseName } from '../wire/name-text.ts';
import { isWellFormed, parseRdata, printRdata } from '../wire/rdata/rdata.ts';
import { splitTokens } from '../wire/rdata/tokens.ts';
import type { RRset } from '../wire/record.ts';
import { failure, success, type Result } from '../wire/result.ts';
import type { Cache } from './cache.ts';
import type { Delegation, NameServer } from './delegation-cache.ts';
import { entriesOf, type CacheEntry } from './inspection.ts';

export const DUMP_FORMAT = 'ts-dns-cache 1';
const STALE = 'stale-';

/** The lines of the cache as it is now. */
export function* dumpCache(cache: Cache, clock: Clock): Generator<string, void, undefined> {
  // Floored: not a millisecond is to be won by rounding.
  const wallAt = (monotonicMs: number): number =>
    Math.floor(clock.wall() + monotonicMs - clock.monotonic());
  yield `${DUMP_FORMAT} ${Math.floor(clock.wall())}`;
  let lines = 0;
  for (const entry of entriesOf(cache)) {
    const isStale = 'expiresAtMs' in entry && entry.expiresAtMs <= clock.monotonic();
    for (const line of linesOf(entry, wallAt)) {
      yield isStale ? `${STALE}${line}` : line;
      lines++;
    }
  }
  yield `end ${lines}`;
}

function linesOf(entry: CacheEntry, wallAt: (monotonicMs: number) => number): readonly string[] {
  switch (entry.kind) {
    case 'records': {
      const { rrset, credibility, expiresAtMs } = entry;
      const { name, type, rdatas } = rrset;
      // Octets without the form of their type have no text that is read back.
      if (!rdatas.every((rdata) => isWellFormed(type, rdata))) return [];
      const expiry = wallAt(expiresAtMs);
      const owner = `${name.toString()} ${typeText(type)}`;
      return rdatas.map((rdata, i) => {
        const place = `${i + 1}/${rdatas.length}`;
        return `records ${expiry} ${credibility} ${place} ${owner} ${printRdata(type, rdata)}`;
      });
    }
    case 'negative': {
      const { name, type, rcode, soa, expiresAtMs } = entry;
      const denied = `${name.toString()} ${type === undefined ? '*' : typeText(type)}`;
      const proof = `${soa.name.toString()} ${printRdata(RRType.SOA, soa.rdatas[0]!)}`;
      return [`negative ${wallAt(expiresAtMs)} ${rcode} ${denied} ${proof}`];
    }
    case 'delegation': {
      const { zone, nameServers, expiresAtMs } = entry.delegation;
      const servers = nameServers.flatMap(({ name, addresses }) => [name.toString(), ...addresses]);
      return [['delegation', wallAt(expiresAtMs), zone.toString(), ...servers].join(' ')];
    }
    case 'failure':
      return [];
  }
}

export interface LoadContext {
  readonly clock: Clock;
  /** Addresses that may not be asked are left out, whatever the text says. */
  readonly mayAsk: (address: string) => boolean;
}

export interface Loaded {
  readonly entries: number;
  /** Those whose time was over, and that are of no use as stale ones either. */
  readonly expired: number;
}

/** Puts what is still live of a dump into the cache. The error names the line. */
export function loadCache(
  cache: Cache,
  text: string,
  { clock, mayAsk }: LoadContext,
): Result<Loaded, string> {
  const lines = text.split('\n');
  if (lines.at(-1) === '') lines.pop();
  const reader = new DumpReader();
  for (const [at, line] of lines.entries()) {
    const problem = reader.read(line);
    if (problem !== undefined) return failure(`line ${at + 1}: ${problem}`);
  }
  if (!reader.isComplete) return failure('the end is missing');
  // A clock that was set back must not make anything live longer than it had when written.
  const nowMs = Math.max(clock.wall(), reader.writtenMs);
  let expired = 0;
  // What was used last was written first, and is to be evicted last.
  for (const { expiresAtMs, restore } of reader.entries.toReversed()) {
    const leftMs = expiresAtMs - nowMs;
    if (!restore(cache, { leftMs, clock, mayAsk })) expired++;
  }
  return success({ entries: reader.entries.length - expired, expired });
}

interface RestoreContext extends LoadContext {
  readonly leftMs: number;
}

/** An entry that was read, with its expiry by the wall clock. */
interface ReadEntry {
  readonly expiresAtMs: number;
  /** Whether it was of use. */
  readonly restore: (cache: Cache, context: RestoreContext) => boolean;
}

/** Records of an RRset come one a line, all of them or none. */
interface OpenRRset {
  readonly head: string;
  readonly count: number;
  readonly rdatas: Uint8Array[];
}

class DumpReader {
  readonly entries: ReadEntry[] = [];
  writtenMs = 0;
  isComplete = false;
  #lines = -1;
  #open: OpenRRset | undefined;

  /** What is wrong with the line. */
  read(line: string): string | undefined {
    if (this.isComplete) return 'something stands behind the end';
    if (this.#lines < 0) return this.#header(line);
    const [kind, ...words] = line.slice(line.startsWith(STALE) ? STALE.length : 0).split(' ');
    if (this.#open && kind !== 'records') return 'a record is missing before this line';
    if (kind === 'end') return this.#end(words);
    this.#lines++;
    const expiresAtMs = integerOf(words[0]);
    if (expiresAtMs === undefined) return 'expected the time at which it is over';
    if (kind === 'records') return this.#records(expiresAtMs, words.slice(1));
    if (kind === 'negative') return this.#negative(expiresAtMs, words.slice(1));
    if (kind === 'delegation') return this.#delegation(expiresAtMs, words.slice(1));
    return 'expected records, negative, delegation or end';
  }

  #header(line: string): string | undefined {
    this.#lines = 0;
    const written = line.startsWith(`${DUMP_FORMAT} `)
      ? line.slice(DUMP_FORMAT.length + 1)
      : undefined;
    const writtenMs = integerOf(written);
    if (writtenMs === undefined) return `expected '${DUMP_FORMAT}' and the time of writing`;
    this.writtenMs = writtenMs;
    return undefined;
  }

  #end([count]: readonly string[]): string | undefined {
    if (integerOf(count) !== this.#lines) return 'lines are missing before the end';
    this.isComplete = true;
    return undefined;
  }

  #records(expiresAtMs: number, words: readonly string[]): string | undefined {
    const [credibilityText, place = '', ownerText, typeName, ...rest] = words;
    const credibility = integerOf(credibilityText);
    const [index, count] = place.split('/').map(integerOf);
    const name = nameOf(ownerText);
    const type = parseType(typeName ?? '');
    if (credibility === undefined || index === undefined || count === undefined) {
      return 'expected the credibility and the place in the set';
    }
    if (!name || type === undefined) return 'expected a name and a type';
    const rdata = rdataOf(type, rest.join(' '));
    if (!rdata) return `the data are not of type ${typeText(type)}`;
    const head = `${expiresAtMs} ${credibility} ${count} ${name.key} ${type}`;
    const open = this.#open ?? { head, count, rdatas: [] };
    if (open.head !== head || index !== open.rdatas.length + 1 || index > count) {
      return 'this record does not belong to the one before';
    }
    open.rdatas.push(rdata);
    this.#open = open.rdatas.length < count ? open : undefined;
    if (this.#open) return undefined;
    const { rdatas } = open;
    this.entries.push({
      expiresAtMs,
      restore: ({ records }, { leftMs, clock }) => {
        const rrset = rrsetOf({ name, type, rdatas }, leftMs);
        if (leftMs <= 0) return records.restoreStale(rrset, credibility, endOf(leftMs, clock));
        records.restore(rrset, credibility);
        return true;
      },
    });
    return undefined;
  }

  #negative(expiresAtMs: number, words: readonly string[]): string | undefined {
    const [rcodeText, ownerText, typeName = '', soaText, ...rest] = words;
    const rcode = integerOf(rcodeText);
    const name = nameOf(ownerText);
    const soaName = nameOf(soaText);
    const type = typeName === '*' ? undefined : parseType(typeName);
    if (rcode === undefined || !name || !soaName) return 'expected an rcode and two names';
    if (typeName !== '*' && type === undefined) return 'expected a type, or * for all';
    const rdata = rdataOf(RRType.SOA, rest.join(' '));
    if (!rdata) return 'the data are not of type SOA';
    const parts = { name: soaName, type: RRType.SOA, rdatas: [rdata] };
    this.entries.push({
      expiresAtMs,
      restore: ({ negatives }, { leftMs, clock }) => {
        const negative = { name, type, rcode, soa: rrsetOf(parts, leftMs) };
        const endMs = endOf(leftMs, clock);
        if (leftMs <= 0) return negatives.restoreStale({ ...negative, expiresAtMs: endMs });
        negatives.restore(negative);
        return true;
      },
    });
    return undefined;
  }

  #delegation(expiresAtMs: number, words: readonly string[]): string | undefined {
    const [zoneText, ...servers] = words;
    const zone = nameOf(zoneText);
    if (!zone) return 'expected the name of a zone';
    const nameServers: { name: DnsName; addresses: string[] }[] = [];
    for (const word of servers) {
      // Names end with a dot, which no address does.
      const name = word.endsWith('.') ? nameOf(word) : undefined;
      const last = nameServers.at(-1);
      if (name) nameServers.push({ name, addresses: [] });
      else if (last && !word.endsWith('.')) last.addresses.push(word);
      else return 'expected the name of a server';
    }
    this.entries.push({
      expiresAtMs,
      restore: (cache, context) => restoreDelegation(cache, { zone, nameServers }, context),
    });
    return undefined;
  }
}

function restoreDelegation(
  cache: Cache,
  { zone, nameServers }: Pick<Delegation, 'zone' | 'nameServers'>,
  { leftMs, clock, mayAsk }: RestoreContext,
): boolean {
  if (leftMs <= 0) return false;
  const kept = nameServers.map(({ name, addresses }): NameServer => {
    return { name, addresses: addresses.filter(mayAsk) };
  });
  cache.delegations.restore({ zone, nameServers: kept, expiresAtMs: endOf(leftMs, clock) });
  return true;
}

function endOf(leftMs: number, clock: Clock): number {
  return Math.floor(clock.monotonic() + leftMs);
}

function rrsetOf(parts: Pick<RRset, 'name' | 'type' | 'rdatas'>, leftMs: number): RRset {
  return { ...parts, class: DnsClass.IN, ttl: Math.max(0, Math.floor(leftMs / 1000)) };
}

function integerOf(text: string | undefined): number | undefined {
  return text !== undefined && /^[0-9]{1,15}$/.test(text) ? Number(text) : undefined;
}

function nameOf(text: string | undefined): DnsName | undefined {
  if (text === undefined || text === '@' || !text.endsWith('.')) return undefined;
  const name = parseName(text);
  return name.ok ? name.value : undefined;
}

function rdataOf(type: number, text: string): Uint8Array | undefined {
  const rdata = parseRdata(type, splitTokens(text));
  return rdata.ok && isWellFormed(type, rdata.value) ? rdata.value : undefined;
}
