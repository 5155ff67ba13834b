/** Counts who agrees with whom, finds the reasons, and writes the table of docs/interop.md. */
import { readFileSync, writeFileSync } from 'node:fs';

import { typeText } from '../../../src/wire/iana.ts';
import { domainAbove, type PrivateInternet } from './internet/private-internet.ts';
import type { Lab } from './lab.ts';
import {
  outOfTime,
  resolverDifferences,
  type ResolverDifference,
  type ResolverDisagreement,
} from './resolver-differences.ts';
import {
  agreementOf,
  ttlDifference,
  type Agreement,
  type Heard,
  type Opinions,
} from './resolver-replies.ts';
import { checkout } from './ts-dns.ts';

export interface Comparison {
  readonly counts: ReadonlyMap<Agreement, number>;
  readonly reasons: ReadonlyMap<ResolverDifference, number>;
  readonly unexplained: readonly Opinions[];
  /** Questions with AA or AD in the answer of ts-dns. */
  readonly flagged: readonly string[];
  readonly ttls: readonly string[];
  /** Where two of the others say the same. */
  readonly withMajority: number;
  /** Without the questions that one of them had no time for. */
  readonly againstMajority: number;
}

/** Where two of the others agree, and not with ts-dns. */
const AGAINST: readonly Agreement[] = [
  'ts-dns and one of the others, against two',
  'ts-dns alone, against two or three',
];
const DISAGREEMENTS: readonly Agreement[] = [
  ...AGAINST,
  'ts-dns alone, where the others differ as well',
];

export function compare(
  all: readonly Opinions[],
  internet: PrivateInternet,
  slackSeconds: number,
): Comparison {
  const counts = new Map<Agreement, number>();
  const reasons = new Map<ResolverDifference, number>();
  const unexplained: Opinions[] = [];
  let late = 0;
  for (const opinions of all) {
    const agreement = agreementOf(opinions);
    increase(counts, agreement);
    if (!DISAGREEMENTS.includes(agreement)) continue;
    const one: ResolverDisagreement = { ...opinions, kinds: kindsOf(opinions, internet) };
    const known = resolverDifferences.find((difference) => difference.applies(one));
    if (known) increase(reasons, known);
    else unexplained.push(opinions);
    if (known === outOfTime && AGAINST.includes(agreement)) late++;
  }
  const count = (agreement: Agreement): number => counts.get(agreement) ?? 0;
  const against = AGAINST.map(count).reduce((sum, one) => sum + one, 0);
  return {
    counts,
    reasons,
    unexplained,
    flagged: all.filter(({ heard }) => hasFlags(heard['ts-dns'])).map(spell),
    ttls: all.flatMap((opinions) => ttlDifference(opinions, slackSeconds) ?? []),
    withMajority: count('all four say the same') + count('ts-dns and two of the others'),
    againstMajority: against - late,
  };
}

function hasFlags({ aa, ad }: Heard): boolean {
  return aa || ad;
}

function spell({ question }: Opinions): string {
  return `${question.name.toString()} ${typeText(question.type)}`;
}

/** Of the domain asked about, and of those that aliases lead to. */
function kindsOf(
  { question, heard }: Opinions,
  { kinds }: PrivateInternet,
): ResolverDisagreement['kinds'] {
  const targets = Object.values(heard).flatMap(({ answer }) =>
    answer.flatMap((line) => (/ (?:cname|dname) /.test(line) ? [line.split(' ').at(-1)!] : [])),
  );
  return [question.name.toString(), ...targets].flatMap((name) => {
    return kinds.get(domainAbove(name.toLowerCase(), kinds) ?? '') ?? [];
  });
}

function increase<K>(counts: Map<K, number>, key: K): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}

export interface RunFacts {
  readonly seed: number;
  readonly questions: number;
  readonly lab: Lab;
}

export function tableOf(comparison: Comparison, { seed, questions, lab }: RunFacts): string {
  const { counts, reasons, againstMajority, withMajority } = comparison;
  const share = (100 * againstMajority) / (againstMajority + withMajority);
  const rows = [...counts].toSorted(([, one], [, other]) => other - one);
  const versions = [
    `Unbound ${versionIn(lab.run('unbound', '-V').stdout)}`,
    `BIND ${versionIn(lab.run('named', '-v').stdout)}`,
    `PowerDNS Recursor ${versionIn(lab.run('pdns_recursor', '--version').stderr)}`,
    `NSD ${versionIn(lab.run('nsd', '-v').stderr)}`,
  ];
  return [
    `Seed ${seed}, ${questions} questions; ${versions.join(', ')}.`,
    `Against two or three who agree, without those that were out of time: ${share.toFixed(2)} %.`,
    '',
    ...tableLines('who agrees', rows),
    '',
    ...tableLines(
      'why ts-dns differs',
      [...reasons].map(([{ title }, number]) => [title, number]),
    ),
  ].join('\n');
}

function tableLines(
  heading: string,
  rows: readonly (readonly [string, number])[],
): readonly string[] {
  const lines = rows.map(([title, number]) => `| ${title} | ${number} |`);
  return [`| ${heading} | questions |`, '| --- | ---: |', ...lines];
}

function versionIn(text: string): string {
  return /\d+\.\d+(?:\.\d+)?/.exec(text)?.[0] ?? '?';
}

const BEGIN = '<!-- counts: written by test/interop/resolvers.test.ts -->';
const END = '<!-- end of counts -->';

/** Between the two marks; prettier aligns it. */
export function writePage(table: string): void {
  const path = `${checkout}docs/interop.md`;
  const page = readFileSync(path, 'utf8');
  const [before, rest] = page.split(BEGIN);
  const after = rest?.split(END)[1];
  if (after === undefined) throw new Error(`${path} has no place for the counts`);
  writeFileSync(path, `${before}${BEGIN}\n\n${table}\n\n${END}${after}`);
}
