/** Between the cache and the results of lookups: what is known already, and keeping what came. */

import type { Cache } from '../cache/cache.ts';
import type { Look } from '../cache/look.ts';
import { Credibility } from '../cache/record-cache.ts';
import { RRType } from '../wire/iana.ts';
import type { DnsName } from '../wire/name.ts';
import { namesIn } from '../wire/rdata/rdata.ts';
import type { Question, RRset } from '../wire/record.ts';
import type { Alias, ChainEnd, Classification } from './classify.ts';
import { aliasByDname } from './dname.ts';
import type { Failure, Found, LookupResult } from './result.ts';

/** What the cache says about one name and type, with TTLs as they are left. */
export function readCache(cache: Cache, question: Question, look?: Look): LookupResult | undefined {
  return readData(cache, question, look) ?? readFailure(cache, question);
}

/** What the cache holds of one name and type; with a look that takes them, what is over too. */
export function readData(cache: Cache, question: Question, look?: Look): Found | undefined {
  const { name } = question;
  if (look?.staleTtlSeconds !== undefined && isDeniedSince(cache, question)) {
    return readNegative(cache, question, look) ?? readPositive(cache, question, look);
  }
  const found = readPositive(cache, question, look) ?? readNegative(cache, question, look);
  if (found || cache.cutsBelow === undefined) return found;
  const negative = cache.negatives.cut(name, cache.cutsBelow(name) + 1, look);
  return negative && { kind: 'found', aliases: [], name, end: { kind: 'negative', ...negative } };
}

/** Whether there is an answer, however it looks, that is not over. */
export function isKnown(cache: Cache, { name, type }: Question, nowMs: number): boolean {
  const { records, negatives } = cache;
  const isLive = (expiresAtMs: number = 0): boolean => nowMs < expiresAtMs;
  return isLive(records.expiresAtMs(name, type)) || isLive(negatives.expiresAtMs(name, type));
}

/** Where the alias leads that is known of that name, if one is. */
export function aliasTarget({ records }: Cache, { name, type }: Question): DnsName | undefined {
  if (type === RRType.CNAME || type === RRType.ANY) return undefined;
  const cname = records.peek(name, RRType.CNAME);
  return cname && namesIn(RRType.CNAME, cname.rdatas[0]!)[0]!;
}

/** Of data and their denial, the one that was true for longer is closer to the truth. */
function isDeniedSince({ records, negatives }: Cache, { name, type }: Question): boolean {
  const deniedMs = negatives.expiresAtMs(name, type);
  if (deniedMs === undefined) return false;
  const dataMs = records.expiresAtMs(name, type) ?? records.expiresAtMs(name, RRType.CNAME);
  return dataMs !== undefined && deniedMs > dataMs;
}

function readPositive(
  cache: Cache,
  { name, type }: Question,
  look: Look | undefined,
): Found | undefined {
  const { records } = cache;
  const rrset = records.get(name, type, look);
  if (rrset) {
    const rrsets = type === RRType.CNAME ? aliasOf(cache, rrset).rrsets : [rrset];
    return { kind: 'found', aliases: [], name, end: { kind: 'data', rrsets } };
  }
  // For ANY the cache may know that a name is not there; what else is there only its servers know.
  const mayBeAlias = type !== RRType.CNAME && type !== RRType.ANY;
  const cname = mayBeAlias ? records.get(name, RRType.CNAME, look) : undefined;
  if (!cname) return undefined;
  const alias = aliasOf(cache, cname);
  return { kind: 'found', aliases: [alias], name: alias.target, end: { kind: 'open' } };
}

function readNegative(
  { negatives }: Cache,
  { name, type }: Question,
  look: Look | undefined,
): Found | undefined {
  const negative = negatives.get(name, type, look);
  return negative && { kind: 'found', aliases: [], name, end: { kind: 'negative', ...negative } };
}

/** With the DNAME that made it, if one did. */
function aliasOf({ records }: Cache, cname: RRset): Alias {
  const { name } = cname;
  const target = namesIn(RRType.CNAME, cname.rdatas[0]!)[0]!;
  for (let labels = name.labelCount - 1; labels > 0; labels--) {
    const dname = records.peek(name.ancestor(labels), RRType.DNAME);
    if (dname && aliasByDname(name, dname)?.target.equals(target) === true) {
      return { name, rrsets: [dname, cname], target };
    }
  }
  return { name, rrsets: [cname], target };
}

function readFailure(cache: Cache, question: Question): Failure | undefined {
  const failure = cache.failures.get(question);
  return failure && { kind: 'failure', reason: 'cached', ...failure };
}

/** Keeps every part of an answer under the name that it belongs to. */
export function keepAnswer(
  cache: Cache,
  question: Question,
  { answer, authoritative }: { readonly answer: AnswerReply; readonly authoritative: boolean },
): Found {
  const credibility = authoritative
    ? Credibility.AUTHORITATIVE_ANSWER
    : Credibility.NON_AUTHORITATIVE_ANSWER;
  const put = (rrset: RRset): RRset => {
    cache.negatives.delete(rrset.name, rrset.type);
    return cache.records.put(rrset, credibility);
  };
  const aliases = answer.aliases.map((alias): Alias => {
    // An alias stands alone (RFC 1034 §3.6.2): what was there before it is gone.
    if (question.type !== RRType.CNAME) cache.records.delete(alias.name, question.type);
    return { ...alias, rrsets: putAll(alias.rrsets, put) };
  });
  const end = keepEnd(cache, { ...question, name: answer.name }, { end: answer.end, put });
  return { kind: 'found', aliases, name: answer.name, end };
}

/**
 * What a DNAME made is kept for the name that was asked for, and as long as the DNAME. Other names
 * below are asked for again: without DNSSEC, a single forged reply would take all of them away.
 */
function putAll(rrsets: readonly RRset[], put: (rrset: RRset) => RRset): readonly RRset[] {
  const [dname, made] = rrsets;
  const isMade = dname?.type === RRType.DNAME && made?.type === RRType.CNAME && rrsets.length === 2;
  if (!isMade || !made.name.isBelow(dname.name)) return rrsets.map(put);
  const kept = put(dname);
  return [kept, put({ ...made, ttl: kept.ttl })];
}

export type AnswerReply = Extract<Classification, { kind: 'answer' }>;

function keepEnd(
  cache: Cache,
  question: Question,
  { end, put }: { readonly end: ChainEnd; readonly put: (rrset: RRset) => RRset },
): ChainEnd {
  switch (end.kind) {
    case 'data':
    case 'overflow':
      return { kind: end.kind, rrsets: putAll(end.rrsets, put) };
    case 'negative': {
      const { rcode, soa } = end;
      if (!soa) return end;
      cache.records.delete(question.name, question.type);
      cache.records.delete(question.name, RRType.CNAME);
      return { kind: 'negative', ...cache.negatives.put(question, { rcode, soa }) };
    }
    case 'open':
      return end;
  }
}
