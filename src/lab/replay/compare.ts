/**
 * Whether a message matches an entry. Both directions use it: queries that servers receive, and
 * answers that the client gets.
 *
 * `MATCH all` compares what a client can rely on: header flags and rcode, the question, the answer
 * as a set, the authority section where it carries a proof (SOA, NSEC, NSEC3), presence and DO of
 * EDNS. What another resolver adds to be helpful is not held against one that answers minimally.
 * With `isStrict` every section counts, in testbound's dialect in order, and so does EDNS.
 */

import { EdnsOption, opcodeText, Rcode, rcodeText, RRType, typeText } from '../../wire/iana.ts';
import type { Message } from '../../wire/message.ts';
import { compareSections, type SectionName, type TtlRule } from './compare-sections.ts';
import type { Dialect, Entry, MatchWord } from './scenario.ts';
import { extendedErrors, printEdns, printFlags, printQuestions } from './print.ts';

export interface CompareContext {
  readonly dialect: Dialect;
  readonly transport: 'udp' | 'tcp';
  readonly isStrict: boolean;
  /** How far TTLs may be off: the time that replies took to come. */
  readonly ttlToleranceSeconds: number;
}

export interface Difference {
  readonly expected: string;
  readonly got: string;
}

/** The first difference, or undefined when `message` matches. */
export function findDifference(
  message: Message,
  entry: Entry,
  context: CompareContext,
): Difference | undefined {
  const expected = entry.packets[0]!.message;
  const comparison = { message, expected, entry, context };
  for (const code of entry.extendedErrors) {
    const difference = compareExtendedError(message, code);
    if (difference) return difference;
  }
  for (const word of entry.match) {
    const difference = COMPARE[word]?.(comparison);
    if (difference) return difference;
  }
  return undefined;
}

interface Comparison {
  readonly message: Message;
  readonly expected: Message;
  readonly entry: Entry;
  readonly context: CompareContext;
}

type Compare = (comparison: Comparison) => Difference | undefined;

const COMPARE: Readonly<Partial<Record<MatchWord, Compare>>> = {
  opcode: ({ message, expected }) => {
    return differ('opcode', opcodeText(expected.opcode), opcodeText(message.opcode));
  },
  qtype: ({ message, expected }) => {
    const text = ({ questions }: Message): string => {
      const type = questions[0]?.type;
      return type === undefined ? 'none' : typeText(type);
    };
    return differ('qtype', text(expected), text(message));
  },
  qname: compareName,
  qcase: compareCase,
  subdomain: compareSubdomain,
  question: compareQuestion,
  rcode: compareRcode,
  flags: compareFlags,
  answer: (comparison) => compareSection('answers', comparison),
  authority: (comparison) => compareSection('authorities', comparison),
  additional: (comparison) => compareSection('additionals', comparison),
  all: compareAll,
  do: ({ message }) => {
    return message.edns?.dnssecOk === true ? undefined : { expected: 'DO', got: 'no DO' };
  },
  noedns: ({ message }) => (message.edns ? { expected: 'no EDNS', got: 'EDNS' } : undefined),
  ednsdata: compareEdnsData,
  client_cookie: (comparison) => compareCookie(8, comparison),
  server_cookie: (comparison) => compareCookie(24, comparison),
  udp: ({ context }) => differ('transport', 'udp', context.transport),
  tcp: ({ context }) => differ('transport', 'tcp', context.transport),
};

function differ(what: string, expected: string, got: string): Difference | undefined {
  if (expected === got) return undefined;
  return { expected: `${what} ${expected}`, got: `${what} ${got}` };
}

function compareName({ message, expected }: Comparison): Difference | undefined {
  const [mine, theirs] = [expected.questions[0]?.name, message.questions[0]?.name];
  if (mine && theirs ? mine.equals(theirs) : mine === theirs) return undefined;
  return differ('qname', mine?.toString() ?? 'none', theirs?.toString() ?? 'none');
}

function compareCase({ message, expected }: Comparison): Difference | undefined {
  const text = ({ questions }: Message): string => questions[0]?.name.toString() ?? 'none';
  return differ('qname', text(expected), text(message));
}

function compareSubdomain({ message, expected }: Comparison): Difference | undefined {
  const [mine, theirs] = [expected.questions[0]?.name, message.questions[0]?.name];
  if (mine && theirs?.isSubdomainOf(mine) === true) return undefined;
  return differ('qname below', mine?.toString() ?? 'none', theirs?.toString() ?? 'none');
}

function compareQuestion({ message, expected }: Comparison): Difference | undefined {
  const [mine, theirs] = [expected.questions, message.questions];
  const isEqual =
    mine.length === theirs.length &&
    mine.every((one, i) => {
      const other = theirs[i]!;
      return one.name.equals(other.name) && one.type === other.type && one.class === other.class;
    });
  if (isEqual) return undefined;
  return differ('question', printQuestions(expected), printQuestions(message));
}

function compareRcode({ message, expected }: Comparison): Difference | undefined {
  return differ('rcode', rcodeText(expected.rcode), rcodeText(message.rcode));
}

/**
 * RA in a message that refuses to look at a query tells nothing: servers set it for everybody, or
 * for those whom they would have served.
 */
function compareFlags({ message, expected, context }: Comparison): Difference | undefined {
  const isMoot = !context.isStrict && isRefusal(expected);
  const got = isMoot ? { ...message, ra: expected.ra } : message;
  return differ('flags', printFlags(expected), printFlags(got));
}

function compareSection(
  section: SectionName,
  { message, expected, entry, context }: Comparison,
  isOrdered = false,
): Difference | undefined {
  const { ttlToleranceSeconds } = context;
  const ttls: TtlRule = entry.match.has('ttl') ? { ttlToleranceSeconds } : 'ignored';
  return compareSections(section, { message, expected, ttls, isOrdered });
}

function holdsProof({ rcode, authorities }: Message): boolean {
  if (authorities.length === 0) return false;
  return rcode === Rcode.NXDOMAIN || authorities.some(({ type }) => PROOF_TYPES.has(type));
}

/** A refusal may be no more than a header. */
function isBareRefusal({ expected, context }: Comparison): boolean {
  return !context.isStrict && isRefusal(expected) && expected.questions.length === 0;
}

function isRefusal({ rcode }: Message): boolean {
  return rcode === Rcode.FORMERR || rcode === Rcode.REFUSED;
}

function compareAll(comparison: Comparison): Difference | undefined {
  const { expected, context, entry } = comparison;
  const isOrdered = context.isStrict && context.dialect === 'testbound';
  const comparesAuthority = context.isStrict || holdsProof(expected);
  // Deckard leaves EDNS out of it.
  const comparesEdns = context.dialect === 'testbound' && !entry.match.has('ednsdata');
  return (
    compareRcode(comparison) ??
    compareFlags(comparison) ??
    (isBareRefusal(comparison) ? undefined : compareQuestion(comparison)) ??
    compareSection('answers', comparison, isOrdered) ??
    (comparesAuthority
      ? compareSection('authorities', proofs(comparison), isOrdered)
      : undefined) ??
    (context.isStrict ? compareSection('additionals', comparison, isOrdered) : undefined) ??
    (comparesEdns ? compareEdns(comparison) : undefined)
  );
}

/** A minimal answer leaves the NS set out that others send beside the proof. */
function proofs(comparison: Comparison): Comparison {
  if (comparison.context.isStrict) return comparison;
  const withoutNs = (message: Message): Message => ({
    ...message,
    authorities: message.authorities.filter(({ type }) => type !== RRType.NS),
  });
  const { message, expected } = comparison;
  return { ...comparison, message: withoutNs(message), expected: withoutNs(expected) };
}

const PROOF_TYPES: ReadonlySet<number> = new Set([RRType.SOA, RRType.NSEC, RRType.NSEC3]);

function compareEdns({ message, expected, context }: Comparison): Difference | undefined {
  const print = printEdns(context.isStrict ? 'all' : 'presence');
  return differ('EDNS', print(expected), print(message));
}

function compareEdnsData({ message, expected }: Comparison): Difference | undefined {
  const print = printEdns('options');
  return differ('EDNS options', print(expected), print(message));
}

function compareCookie(octets: number, { message }: Comparison): Difference | undefined {
  const cookie = message.edns?.options.find(({ code }) => code === EdnsOption.COOKIE);
  const length = String(cookie?.data.length ?? 0);
  return differ('cookie of octets', String(octets), length);
}

function compareExtendedError(message: Message, wanted: number | 'any'): Difference | undefined {
  const codes = extendedErrors(message).map(({ code }) => code);
  if (wanted === 'any' ? codes.length > 0 : codes.includes(wanted)) return undefined;
  const got = codes.length === 0 ? 'none' : codes.join(', ');
  return { expected: `extended error ${wanted}`, got: `extended error ${got}` };
}
