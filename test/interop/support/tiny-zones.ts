/**
 * Many zones of a few records each, over so small an alphabet that they meet: DNAME, NS and CNAME at
 * wildcards and below them, empty non-terminals above and below cuts, DS at, above and below a cut,
 * aliases of services, sibling glue, more servers than one may look up, aliases from zone to zone.
 */
import type { Random } from './rich-zone.ts';
import { pick } from './rich-zone.ts';

export interface TinyZone {
  readonly origin: string;
  readonly text: string;
  /** Names that own records, absolute. */
  readonly owners: readonly string[];
}

const LABELS = ['a', 'b', 'c', '*', 'a', 'b', '*', '_s'];
const TYPES = [
  ...['A', 'A', 'AAAA', 'TXT', 'CNAME', 'CNAME', 'DNAME', 'DNAME', 'NS', 'NS', 'NS', 'DS', 'DS'],
  ...['MX', 'SRV', 'HTTPS', 'SVCB', 'NAPTR', 'CAA', 'PTR', 'RP', 'TYPE65281'],
];
const MOST_RECORDS = 9;
const MANY_SERVERS = 15;

export function tinyZones(random: Random, count: number): readonly TinyZone[] {
  return Array.from({ length: count }, (_, number) => tinyZone(random, number, count));
}

function tinyZone(random: Random, number: number, count: number): TinyZone {
  const origin = originOf(number);
  const records = new Map<string, Map<string, Set<string>>>();
  add(records, origin, 'SOA', `ns.${origin} h.${origin} 1 2 3 4 ${pick(random, [30, 600])}`);
  add(records, origin, 'NS', `ns.${origin}`);
  add(records, `ns.${origin}`, 'A', '192.0.2.53');
  const elsewhere = originOf(random(count));
  for (let left = 2 + random(MOST_RECORDS); left > 0; left--) {
    const owner = below(random, origin);
    const type = pick(random, TYPES);
    if (isQuarrel(records, origin, { owner, type })) continue;
    const target = (): string => targetOf(random, origin, elsewhere);
    add(records, owner, type, dataOf(random, type, target));
    if (type === 'NS' && random(4) === 0) addServers(random, records, owner);
  }
  return { origin, text: textOf(random, records), owners: [...records.keys()] };
}

function originOf(number: number): string {
  return `z${number}.tiny.`;
}

type Records = Map<string, Map<string, Set<string>>>;

function add(records: Records, owner: string, type: string, data: string): void {
  const types = records.get(owner) ?? new Map<string, Set<string>>();
  records.set(owner, types);
  types.set(type, (types.get(type) ?? new Set()).add(data));
}

function below(random: Random, origin: string): string {
  const labels = Array.from({ length: random(4) }, () => pick(random, LABELS));
  return [...labels, origin].join('.');
}

function targetOf(random: Random, origin: string, elsewhere: string): string {
  const place = random(10);
  if (place === 0) return 'x.out.';
  return below(random, place < 3 ? elsewhere : origin);
}

/** What no zone may hold, or one of the others does not load. */
function isQuarrel(
  records: Records,
  origin: string,
  { owner, type }: { readonly owner: string; readonly type: string },
): boolean {
  const there = new Set(records.get(owner)?.keys());
  if (owner === origin && ['CNAME', 'DS', 'DNAME', 'NS'].includes(type)) return true;
  if (type === 'CNAME' ? there.size > 0 : there.has('CNAME')) return true;
  if (type === 'DNAME' ? there.has('DNAME') || there.has('NS') : false) return true;
  if (type === 'NS' && (there.has('DNAME') || owner.startsWith('*.'))) return true;
  const owners = [...records.keys()];
  const isAbove = (one: string, other: string): boolean => other.endsWith(`.${one}`);
  if (type === 'DNAME' && owners.some((other) => isAbove(owner, other))) return true;
  return owners.some((other) => isAbove(other, owner) && records.get(other)!.has('DNAME'));
}

function dataOf(random: Random, type: string, target: () => string): string {
  const number = random(3);
  switch (type) {
    case 'A':
      return `192.0.2.${number}`;
    case 'AAAA':
      return `2001:db8::${number}`;
    case 'TXT':
      return `"${number}"`;
    case 'DS':
      return `${number} 13 2 ${'ab'.repeat(32)}`;
    case 'MX':
      return `${number} ${target()}`;
    case 'SRV':
      return `0 ${number} 53 ${target()}`;
    case 'HTTPS':
    case 'SVCB':
      return number === 0 ? `0 ${target()}` : `${number} ${target()} port=${number}`;
    case 'NAPTR':
      return `1 ${number} "s" "x" "" ${target()}`;
    case 'CAA':
      return `0 issue "${number}"`;
    case 'RP':
      return `${target()} ${target()}`;
    case 'TYPE65281':
      return `\\# 1 0${number}`;
    default:
      return target();
  }
}

/** Servers in the zone of `owner`, with glue: some, or more than a message of 512 octets holds. */
function addServers(random: Random, records: Records, owner: string): void {
  const count = random(3) === 0 ? MANY_SERVERS : 1 + random(2);
  for (let i = 0; i < count; i++) {
    const server = `ns${i}.${pick(random, ['', 'deep.'])}${owner}`;
    add(records, owner, 'NS', server);
    add(records, server, 'A', `203.0.113.${i}`);
    if (random(2) === 0) add(records, server, 'AAAA', `2001:db8:53::${i + 1}`);
  }
}

function textOf(random: Random, records: Records): string {
  const lines = [...records].flatMap(([owner, types]) =>
    [...types].flatMap(([type, datas]) => {
      const ttl = pick(random, [60, 300, 3600]);
      return [...datas].map((data) => `${owner} ${ttl} ${type} ${data}`);
    }),
  );
  return `${lines.join('\n')}\n`;
}
