/**
 * Where ts-dns resolves otherwise than the majority of Unbound 1.17, BIND 9.18 and PowerDNS Recursor
 * 4.8, and why: each class with what it looks like, so that nothing else hides behind it.
 * `docs/interop.md` prints titles and reasons.
 */
import { typeText } from '../../../src/wire/iana.ts';
import type { DelegationKind } from './internet/delegation-kinds.ts';
import { keyOf, resolverPeers, type Heard, type Opinions } from './resolver-replies.ts';

export interface ResolverDifference {
  readonly title: string;
  readonly reason: string;
  readonly applies: (one: ResolverDisagreement) => boolean;
}

export interface ResolverDisagreement extends Opinions {
  /** How the domain of the question, or of an alias on the way, is delegated. */
  readonly kinds: readonly (DelegationKind | 'a circle' | 'a pair')[];
}

const isFailure = (heard: Heard): boolean => heard.rcode === 'SERVFAIL';

export const outOfTime: ResolverDifference = {
  title: 'Out of time',
  reason:
    'Each gives a question up after a time of its own: ts-dns after 6 s, PowerDNS after 7 s, BIND ' +
    'after 10 s, Unbound later. On a busy machine that happens to one and not to the other.',
  applies: ({ heard }) =>
    failing(heard).length > 0 &&
    (isFailure(heard['ts-dns']) ? heard['ts-dns'].why.includes('gave up after') : true) &&
    agreeing(heard),
};

export const resolverDifferences: readonly ResolverDifference[] = [
  {
    title: 'Domains that only some can reach',
    reason:
      'The parent names a server that works, the domain itself one that does not. Unbound and ' +
      'PowerDNS prefer what the domain says of itself, and BIND asks for it as well, so they fail, ' +
      'at once or for as long as they take to give up; ts-dns goes by the delegation of the parent.',
    applies: ({ heard, kinds }) =>
      !isFailure(heard['ts-dns']) &&
      failing(heard).length >= 2 &&
      kinds.some((kind) => DISPUTED.includes(kind)),
  },
  {
    title: 'DNAME asked below a DNAME',
    reason:
      'ts-dns and Unbound follow the DNAME, as they do for every type but CNAME (RFC 6672 §3.2); BIND ' +
      'takes the DNAME above for the answer, and PowerDNS gives what is at hand.',
    applies: ({ question, heard }) =>
      isAsked(question.type, 'DNAME') &&
      heard['ts-dns'].answer.some((line) => line.includes(' dname ')),
  },
  {
    title: 'CNAME asked below a DNAME',
    reason:
      'ts-dns, BIND and PowerDNS answer with the CNAME that the DNAME makes, and the DNAME; Unbound ' +
      'goes on to the end of the chain.',
    applies: ({ question, heard }) =>
      isAsked(question.type, 'CNAME') &&
      heard['ts-dns'].answer.some((line) => line.includes(' dname ')),
  },
  {
    title: 'Types of the parent or of DNSSEC at an alias',
    reason:
      'PowerDNS does not follow an alias to its end for DS and DNSKEY, nor for DNAME; ts-dns and ' +
      'Unbound follow it (RFC 1034 §3.6.2).',
    applies: ({ question, heard }) =>
      ['DS', 'DNSKEY', 'DNAME'].some((type) => isAsked(question.type, type)) &&
      heard['ts-dns'].answer.some((line) => line.includes(' cname ')),
  },
  {
    title: 'Aliases without end',
    reason:
      'ts-dns says SERVFAIL to a loop and to more than eleven aliases, and so does BIND to some of ' +
      'them; others give the part of the chain that they have walked.',
    applies: ({ heard }) => heard['ts-dns'].why.includes('alias'),
  },
  outOfTime,
];

const DISPUTED: readonly string[] = [
  'the child knows its server by a wrong address',
  'the child names a silent server',
  'parent and child name other servers',
  'stale glue',
];

function isAsked(type: number, text: string): boolean {
  return typeText(type) === text;
}

function failing(heard: Opinions['heard']): readonly string[] {
  const names = [...resolverPeers, 'ts-dns'] as const;
  return names.filter((name) => isFailure(heard[name]));
}

/** Whoever does not fail says the same. */
function agreeing(heard: Opinions['heard']): boolean {
  const names = [...resolverPeers, 'ts-dns'] as const;
  const said = names.filter((name) => !isFailure(heard[name])).map((name) => keyOf(heard[name]));
  return new Set(said).size === 1;
}
