/** Questions about the generated internet: at, below, above and beside the names that are there. */
import { parseType } from '../../../../src/wire/iana.ts';
import { nameOf } from '../../../../src/wire/name-text.ts';
import { nameLimits } from '../../../../src/wire/name.ts';
import type { AskedQuestion } from '../asker.ts';
import { pick, type Random } from '../rich-zone.ts';
import type { OwnedType } from './draft-zone.ts';
import type { PrivateInternet } from './private-internet.ts';

/** What is asked at a name beside the types that it has. */
const TYPES = [
  ...['A', 'A', 'A', 'AAAA', 'TXT', 'MX', 'NS', 'DS', 'CNAME', 'DNAME', 'SOA', 'SRV', 'HTTPS'],
  ...['CAA', 'PTR', 'DNSKEY', 'TYPE65280'],
];
const LABELS = ['a', 'www', 'any', '*', 'ns', 'x', 'no-such', 'alias', 'l'.repeat(60)];
/** Each such question takes every resolver seconds. */
const SILENT_QUESTIONS = 8;

export function questionsAbout(
  internet: PrivateInternet,
  random: Random,
  count: number,
): readonly AskedQuestion[] {
  const isSilent = (name: string): boolean =>
    internet.kinds.get(domainOf(name)) === 'all servers silent';
  const owned = internet.zones.flatMap((zone) => zone.owned);
  const loud = owned.filter(({ name }) => !isSilent(name));
  const asked = new Map<string, AskedQuestion>();
  const add = ({ name, type }: OwnedType): void => {
    const typeCode = parseType(type)!;
    const dnsName = nameOf(name);
    asked.set(`${dnsName.key} ${typeCode}`, { name: dnsName, type: typeCode, edns: 'plain' });
  };
  while (asked.size < count - SILENT_QUESTIONS) add(vary(pick(random, loud), random));
  const silent = owned.filter(({ name }) => isSilent(name));
  for (let i = 0; asked.size < count && i < count; i++) {
    const { name } = silent[i % silent.length]!;
    add({ name: `x${i}.${name}`, type: 'A' });
  }
  return [...asked.values()];
}

function vary({ name, type }: OwnedType, random: Random): OwnedType {
  let moved = name;
  for (let moves = random(5) - 2; moves > 0; moves--) moved = move(moved, random);
  const spelt = random(4) === 0 ? moved.toUpperCase() : moved;
  return { name: spelt, type: random(2) === 0 ? type : pick(random, TYPES) };
}

function move(name: string, random: Random): string {
  const labels = name.split(/(?<!\\)\./).filter((label) => label !== '');
  if (random(3) === 0) return `${labels.slice(1).join('.')}.`;
  const longer = [pick(random, LABELS), ...labels].join('.');
  return longer.length < nameLimits.octets - 1 ? `${longer}.` : name;
}

/** The last two labels, which is where the silent domains stand. */
function domainOf(name: string): string {
  return `${name.toLowerCase().split('.').slice(-3, -1).join('.')}.`;
}
