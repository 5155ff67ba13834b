/** What four resolvers said to one question, in the shape in which it is compared. */
import { Rcode, rcodeText, RRType, typeText } from '../../../src/wire/iana.ts';
import type { Message } from '../../../src/wire/message.ts';
import { printRdata } from '../../../src/wire/rdata/rdata.ts';
import type { ResourceRecord } from '../../../src/wire/record.ts';
import type { AskedQuestion } from './asker.ts';

export const resolverPeers = ['unbound', 'bind', 'powerdns'] as const;
export type ResolverPeer = (typeof resolverPeers)[number];
export type ResolverName = ResolverPeer | 'ts-dns';

/** Records are text in lower case without TTL, sorted. */
export interface Heard {
  readonly rcode: string;
  readonly aa: boolean;
  readonly ad: boolean;
  readonly answer: readonly string[];
  /** The SOA of a negative answer. */
  readonly soa: readonly string[];
  /** Of every record above. */
  readonly ttls: ReadonlyMap<string, number>;
  /** What it says of a failure (RFC 8914). */
  readonly why: string;
}

/** The option's number (RFC 8914 §2). */
const EXTENDED_ERROR = 15;

export interface Opinions {
  readonly question: AskedQuestion;
  readonly heard: Readonly<Record<ResolverName, Heard>>;
}

/**
 * Where resolution fails, what was found on the way is no answer, and nobody agrees on it; and no
 * reply at all is how some resolvers fail.
 */
export function hear(message: Message | undefined): Heard {
  if (message === undefined || message.rcode === Rcode.SERVFAIL) {
    const { aa = false, ad = false } = message ?? {};
    return {
      rcode: 'SERVFAIL',
      aa,
      ad,
      answer: [],
      soa: [],
      ttls: new Map(),
      why: reasonIn(message),
    };
  }
  const { rcode, aa, ad, answers, authorities } = message;
  const soas = authorities.filter(({ type }) => type === RRType.SOA);
  return {
    rcode: rcodeText(rcode),
    aa,
    ad,
    answer: linesOf(answers),
    soa: linesOf(soas),
    ttls: new Map([...answers, ...soas].map((record) => [lineOf(record), record.ttl])),
    why: reasonIn(message),
  };
}

function reasonIn(message: Message | undefined): string {
  if (message === undefined) return 'no reply';
  const options = message.edns?.options ?? [];
  const errors = options.filter(({ code }) => code === EXTENDED_ERROR);
  return errors.map(({ data }) => Buffer.from(data.subarray(2)).toString('utf8')).join('; ');
}

function linesOf(records: readonly ResourceRecord[]): readonly string[] {
  return [...new Set(records.map(lineOf))].toSorted();
}

function lineOf({ name, type, rdata }: ResourceRecord): string {
  return `${name.toString()} ${typeText(type)} ${printRdata(type, rdata)}`.toLowerCase();
}

export function keyOf({ rcode, answer, soa }: Heard): string {
  return JSON.stringify([rcode, answer, soa]);
}

export type Agreement =
  | 'all four say the same'
  | 'ts-dns and two of the others'
  | 'ts-dns and one of the others, who all differ'
  | 'ts-dns alone, where the others differ as well'
  | 'ts-dns and one of the others, against two'
  | 'ts-dns alone, against two or three';

/** Who stands where. The majority is what two of the other three say. */
export function agreementOf({ heard }: Opinions): Agreement {
  const ours = keyOf(heard['ts-dns']);
  const theirs = resolverPeers.map((peer) => keyOf(heard[peer]));
  const friends = theirs.filter((key) => key === ours).length;
  if (friends === theirs.length) return 'all four say the same';
  if (friends >= 2) return 'ts-dns and two of the others';
  const isSplit = new Set(theirs).size === theirs.length;
  if (isSplit && friends === 1) return 'ts-dns and one of the others, who all differ';
  if (isSplit) return 'ts-dns alone, where the others differ as well';
  if (friends === 1) return 'ts-dns and one of the others, against two';
  return 'ts-dns alone, against two or three';
}

/**
 * The first record whose TTL is further from that of each peer with the same answer. Where the SOA
 * itself was asked for in vain, its TTL is 0 from BIND (`zero-no-soa-ttl`) and not from NSD, so it
 * depends on who was asked.
 */
export function ttlDifference(
  { question, heard }: Opinions,
  slackSeconds: number,
): string | undefined {
  if (question.type === RRType.SOA) return undefined;
  const ours = heard['ts-dns'];
  const same = resolverPeers.map((peer) => heard[peer]).filter((one) => keyOf(one) === keyOf(ours));
  // One alone may show the TTL that the parent has for an NS set.
  if (same.length < 2) return undefined;
  for (const [line, ttl] of ours.ttls) {
    const theirs = same.map((one) => one.ttls.get(line)!);
    if (theirs.every((one) => Math.abs(one - ttl) > slackSeconds)) {
      return `${line}: ${ttl}, others ${theirs.join(' ')}`;
    }
  }
  return undefined;
}
