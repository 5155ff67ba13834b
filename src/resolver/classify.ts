/**
 * What a server's reply means (RFC 1034 §5.3.3 step 4), pure. This is where poison would get in, so
 * what comes out is little: the chain of aliases that starts at the name asked, in order, and its
 * end; or one referral further down; or nothing.
 *
 *     rcode ─► answers of the chain ─► end: data | negative | open (an alias leads there, or its
 *                    │                      rcode contradicts it)
 *                    └─ none ─► SOA ─► negative      NS below the zone ─► referral      else lame
 *
 * Behind an alias, what an authority says may come out of its cache as well as out of the zone
 * (RFC 2181 §5.4.1), or out of a zone that it has handed on: the aliases are taken, and the name
 * that they lead to is looked up by itself. Answers of which nothing counts are as good as none.
 *
 * The authority and additional sections of an answer are not used at all but for the SOA of a
 * negative one; additional addresses only as glue for the NS set of a referral.
 *
 * A server that was asked as an authority may answer without AA (old ones do), unless it offers
 * recursion; its answer is kept with less credibility. One that does is lame, and what it says is
 * of use only when no server of the zone says anything better.
 */

import { Rcode, RRType, rcodeText } from '../wire/iana.ts';
import type { Message } from '../wire/message.ts';
import type { DnsName } from '../wire/name.ts';
import { namesIn } from '../wire/rdata/rdata.ts';
import type { Question, RRset } from '../wire/record.ts';
import { aliasByDname } from './dname.ts';
import { RelevantSection } from './relevant.ts';
import { readReferral, type Referral } from './referral.ts';
import type { Remarks } from './result.ts';

/** One CNAME, or a DNAME with the CNAME made from it, and where it leads. */
export interface Alias {
  readonly name: DnsName;
  readonly rrsets: readonly RRset[];
  readonly target: DnsName;
}

/** How a chain of aliases ends in this reply. */
export type ChainEnd =
  | { readonly kind: 'data'; readonly rrsets: readonly RRset[] }
  | { readonly kind: 'negative'; readonly rcode: number; readonly soa: RRset | undefined }
  /** A DNAME led to a name longer than 255 octets (RFC 6672 §2.2). */
  | { readonly kind: 'overflow'; readonly rrsets: readonly RRset[] }
  /** The target is to be looked up by itself. */
  | { readonly kind: 'open' };

/** An answer, or the beginning of one. */
export interface AnswerMeaning {
  readonly kind: 'answer';
  readonly aliases: readonly Alias[];
  /** The name that `end` is about. */
  readonly name: DnsName;
  readonly end: ChainEnd;
  /** Where policy has changed it since. */
  readonly remarks?: Remarks;
}

export type Classification =
  | AnswerMeaning
  | { readonly kind: 'referral'; readonly referral: Referral }
  /** The server is not one for this zone; `why` is for people. */
  | {
      readonly kind: 'lame';
      readonly why: string;
      /** What it knows all the same, perhaps from others: data, never that there are none. */
      readonly repeated?: AnswerMeaning;
    }
  /** The server cannot answer this question now. */
  | { readonly kind: 'error'; readonly why: string };

export interface ClassifyContext {
  /** The zone whose server was asked. */
  readonly zone: DnsName;
  readonly question: Question;
  /** The most aliases that are followed. */
  readonly aliasLimit: number;
  /** Default false. The server was asked to resolve for us: no authority, and no referrals. */
  readonly isForwarder?: boolean;
}

export function classify(message: Message, context: ClassifyContext): Classification {
  const rejection = reject(message);
  if (rejection) return rejection;
  const isForwarder = context.isForwarder === true;
  if (message.ra && !message.aa && !isForwarder) return classifyRepeated(message, context);
  const { rcode } = message;
  const chain = followChain(new RelevantSection(message.answers, context.zone), context);
  if (chain.end.kind === 'overflow') return { kind: 'answer', ...chain };
  if (rcode === Rcode.YXDOMAIN) return { kind: 'error', why: 'YXDOMAIN without a DNAME' };
  if (chain.aliases.length > 0 && !isForwarder) return { kind: 'answer', ...chain, end: OPEN };
  if (chain.end.kind === 'data') return classifyData(rcode, chain);
  const authorities = new RelevantSection(message.authorities, context.zone);
  if (chain.aliases.length > 0) {
    const end = chainNegative(chain.name, authorities, message) ?? chain.end;
    return { kind: 'answer', ...chain, end };
  }
  if (message.answers.length > 0 && rcode === Rcode.NOERROR && isForwarder) {
    return { kind: 'error', why: 'its answer is about something else' };
  }
  return classifyEmpty(message, { authorities, context });
}

/** What its header alone tells of a reply that is of no use. */
function reject({ rcode, tc }: Message): Classification | undefined {
  if (rcode === Rcode.REFUSED || rcode === Rcode.NOTAUTH) {
    return { kind: 'lame', why: rcodeText(rcode) };
  }
  if (rcode !== Rcode.NOERROR && rcode !== Rcode.NXDOMAIN && rcode !== Rcode.YXDOMAIN) {
    return { kind: 'error', why: rcodeText(rcode) };
  }
  // Over TCP, or the exchange would have gone on there. What is cut off is no RRset (RFC 2181 §9).
  return tc ? { kind: 'error', why: 'truncated over TCP' } : undefined;
}

/**
 * Recursion on offer and no authority: a resolver, which repeats what others told it. Only a
 * referral downwards is believed: a server that does both jobs gives its own with RA set.
 */
function classifyRepeated(message: Message, context: ClassifyContext): Classification {
  const { zone, question } = context;
  const authorities = new RelevantSection(message.authorities, zone);
  const isEmpty = message.rcode === Rcode.NOERROR && message.answers.length === 0;
  const referral = isEmpty ? readReferral(message, { zone, question, authorities }) : undefined;
  if (referral) return { kind: 'referral', referral };
  const lame = { kind: 'lame', why: 'not authoritative' } as const;
  if (message.rcode !== Rcode.NOERROR) return lame;
  const chain = followChain(new RelevantSection(message.answers, zone), context);
  const isData = chain.end.kind === 'data' || chain.aliases.length > 0;
  return isData ? { ...lame, repeated: { kind: 'answer', ...chain } } : lame;
}

/**
 * Data and an rcode that denies them: one of both is wrong, so neither is believed. The rcode is
 * about the end of a chain alone (RFC 6604 §3): its aliases stand, and its end is looked up anew.
 */
function classifyData(rcode: number, chain: Chain): Classification {
  if (rcode === Rcode.NOERROR) return { kind: 'answer', ...chain };
  if (chain.aliases.length === 0) return { kind: 'error', why: `${rcodeText(rcode)} with data` };
  return { kind: 'answer', ...chain, end: OPEN };
}

const OPEN: ChainEnd = { kind: 'open' };

interface Chain {
  readonly aliases: readonly Alias[];
  readonly name: DnsName;
  readonly end: ChainEnd;
}

function followChain(answers: RelevantSection, context: ClassifyContext): Chain {
  const { question, aliasLimit } = context;
  const aliases: Alias[] = [];
  let { name } = question;
  while (aliases.length < aliasLimit) {
    const alias = aliasAt(answers, name);
    if (alias && 'overflow' in alias) {
      return { aliases, name, end: { kind: 'overflow', rrsets: [alias.overflow] } };
    }
    const rrsets = dataAt(answers, { ...question, name }, alias);
    if (rrsets.length > 0) return { aliases, name, end: { kind: 'data', rrsets } };
    if (alias === undefined) break;
    aliases.push(alias);
    name = alias.target;
  }
  return { aliases, name, end: OPEN };
}

/** A CNAME that was asked for is data; one that a DNAME makes comes with the DNAME. */
function dataAt(
  answers: RelevantSection,
  { name, type }: Question,
  alias: Alias | undefined,
): readonly RRset[] {
  if (type === RRType.CNAME && alias) return alias.rrsets;
  if (type === RRType.ANY) return answers.at(name);
  const rrset = answers.find(name, type);
  return rrset ? [rrset] : [];
}

function aliasAt(
  answers: RelevantSection,
  name: DnsName,
): Alias | { readonly overflow: RRset } | undefined {
  const dname = dnameAbove(answers, name);
  if (dname) return aliasByDname(name, dname) ?? { overflow: dname };
  const cname = answers.find(name, RRType.CNAME);
  return cname && { name, rrsets: [onlyFirst(cname)], target: targetOf(cname) };
}

function dnameAbove(answers: RelevantSection, name: DnsName): RRset | undefined {
  for (const rrset of answers.rrsets) {
    if (rrset.type === RRType.DNAME && name.isBelow(rrset.name)) return rrset;
  }
  return undefined;
}

function targetOf(rrset: RRset): DnsName {
  return namesIn(rrset.type, rrset.rdatas[0]!)[0]!;
}

/** A name has one CNAME (RFC 2181 §10.1); of several, one is followed and shown. */
function onlyFirst(rrset: RRset): RRset {
  return rrset.rdatas.length === 1 ? rrset : { ...rrset, rdatas: rrset.rdatas.slice(0, 1) };
}

/** RFC 2308 §2.1: the rcode is about the end of the chain, where an SOA of this zone proves it. */
function chainNegative(
  name: DnsName,
  authorities: RelevantSection,
  message: Message,
): ChainEnd | undefined {
  const soa = soaFor(name, authorities);
  return soa && { kind: 'negative', rcode: negativeRcode(message), soa };
}

function classifyEmpty(
  message: Message,
  parts: { readonly authorities: RelevantSection; readonly context: ClassifyContext },
): Classification {
  const { authorities, context } = parts;
  const { question, zone, isForwarder = false } = context;
  const soa = soaFor(question.name, authorities);
  if (soa || message.rcode === Rcode.NXDOMAIN) {
    if (!soa && !message.aa && !isForwarder) {
      return { kind: 'lame', why: 'NXDOMAIN without authority' };
    }
    const end: ChainEnd = { kind: 'negative', rcode: negativeRcode(message), soa };
    return { kind: 'answer', aliases: [], name: question.name, end };
  }
  const refers = message.authorities.some(({ type }) => type === RRType.NS);
  if (isForwarder) {
    if (refers) return { kind: 'error', why: 'a referral in place of an answer' };
    return noData(question.name);
  }
  const referral = readReferral(message, { zone, question, authorities });
  if (referral) return { kind: 'referral', referral };
  // NODATA may have the zone's own NS set beside it, but not that of a zone above. Whoever answers
  // with nothing that counts is one for the zone all the same.
  if ((!message.aa && message.answers.length === 0) || refersAbove(message, zone)) {
    return {
      kind: 'lame',
      why: refers ? 'refers upwards, sideways or to itself' : 'not authoritative',
    };
  }
  return noData(question.name);
}

function refersAbove({ authorities }: Message, zone: DnsName): boolean {
  return authorities.some(({ name, type }) => type === RRType.NS && zone.isBelow(name));
}

/** RFC 2308 §2.2: NODATA without SOA, perhaps with the zone's own NS set. Answered, never kept. */
function noData(name: DnsName): Classification {
  const end: ChainEnd = { kind: 'negative', rcode: Rcode.NOERROR, soa: undefined };
  return { kind: 'answer', aliases: [], name, end };
}

function negativeRcode({ rcode }: Message): number {
  return rcode === Rcode.NXDOMAIN ? Rcode.NXDOMAIN : Rcode.NOERROR;
}

/** The SOA of the asked zone or of one below it, at or above the name. */
function soaFor(name: DnsName, authorities: RelevantSection): RRset | undefined {
  for (const rrset of authorities.rrsets) {
    if (rrset.type === RRType.SOA && name.isSubdomainOf(rrset.name)) return onlyFirst(rrset);
  }
  return undefined;
}

/** No data, and neither the SOA nor the NS set of the zone with it. */
export function saysNothing({ answers, authorities }: Message, { end }: AnswerMeaning): boolean {
  const isBare = end.kind === 'negative' && end.rcode === Rcode.NOERROR && end.soa === undefined;
  return isBare && (answers.length > 0 || authorities.length === 0);
}
