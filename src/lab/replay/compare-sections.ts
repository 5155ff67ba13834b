/**
 * Two sections of records as sets: names compare without letter case, in owners and in rdata, and
 * TTLs count only where the script says so.
 */

import { foldOctet } from '../../wire/case-fold.ts';
import type { Message } from '../../wire/message.ts';
import { descriptionOf } from '../../wire/rdata/descriptions.ts';
import { fieldEnds } from '../../wire/rdata/rdata.ts';
import type { ResourceRecord } from '../../wire/record.ts';
import type { Difference } from './compare.ts';
import { printRecord } from './print.ts';

export type SectionName = 'answers' | 'authorities' | 'additionals';
export type TtlRule = 'ignored' | { readonly ttlToleranceSeconds: number };

export interface SectionComparison {
  readonly message: Message;
  readonly expected: Message;
  readonly ttls: TtlRule;
  readonly isOrdered: boolean;
}

const TITLES: Readonly<Record<SectionName, string>> = {
  answers: 'answer',
  authorities: 'authority',
  additionals: 'additional',
};

export function compareSections(
  section: SectionName,
  { message, expected, ttls, isOrdered }: SectionComparison,
): Difference | undefined {
  const theirs = expected[section].map(keyed);
  const mine = message[section].map(keyed);
  const isEqual = isOrdered
    ? theirs.length === mine.length && theirs.every(({ key }, i) => key === mine[i]!.key)
    : isSameSet(theirs, mine);
  if (!isEqual) return difference(section, expected, message);
  if (ttls === 'ignored') return undefined;
  const { ttlToleranceSeconds } = ttls;
  const isTimely = theirs.every(({ key, record }) => {
    const got = mine.find((one) => one.key === key)!.record;
    return Math.abs(got.ttl - record.ttl) <= ttlToleranceSeconds;
  });
  return isTimely ? undefined : difference(section, expected, message);
}

interface Keyed {
  readonly key: string;
  readonly record: ResourceRecord;
}

function isSameSet(a: readonly Keyed[], b: readonly Keyed[]): boolean {
  const [mine, theirs] = [new Set(a.map(({ key }) => key)), new Set(b.map(({ key }) => key))];
  return mine.size === theirs.size && [...mine].every((key) => theirs.has(key));
}

function keyed(record: ResourceRecord): Keyed {
  const { name, type, class: dnsClass, rdata } = record;
  return { key: `${name.key}/${type}/${dnsClass}/${foldNames(type, rdata).join()}`, record };
}

/** Rdata with the names inside in lower case (RFC 4343 §3). */
function foldNames(type: number, rdata: Uint8Array): Uint8Array {
  const description = descriptionOf(type);
  const ends = description && fieldEnds(description, rdata);
  if (!description || !ends) return rdata;
  const folded = new Uint8Array(rdata);
  description.fields.forEach((field, i) => {
    if (field.kind !== 'name') return;
    for (let at = ends[i - 1] ?? 0; at < ends[i]!; at++) folded[at] = foldOctet(folded[at]!);
  });
  return folded;
}

function difference(section: SectionName, expected: Message, got: Message): Difference {
  const print = (message: Message): string => {
    const records = message[section].map(printRecord);
    const text = records.length === 0 ? 'nothing' : records.join('; ');
    return `${TITLES[section]} ${text}`;
  };
  return { expected: print(expected), got: print(got) };
}
