/**
 * The same zone files served by ts-dns, NSD, Knot and BIND, and the same ten thousand questions put
 * to all four: at, below and beside the names of a zone that holds every phenomenon several times
 * (support/rich-zone.ts), and about the embedded internet. Rcode, AA, TC, the answer, the SOA of
 * negative answers, the NS and DS of referrals and the glue inside the delegated zone must be the
 * same; where they are not, support/known-differences.ts must say why. FUZZ_SEED makes other zones
 * and questions.
 */
import { readFileSync, readdirSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { parseType, typeText } from '../../src/wire/iana.ts';
import type { Message } from '../../src/wire/message.ts';
import { nameOf } from '../../src/wire/name-text.ts';
import { nameLimits } from '../../src/wire/name.ts';
import { askAll, type AskedQuestion } from './support/asker.ts';
import { replyOf } from './support/authority-replies.ts';
import { embeddedQuestions } from './support/embedded-internet.ts';
import {
  knownDifferences,
  type Disagreement,
  type KnownDifference,
  type Peer,
} from './support/known-differences.ts';
import { Lab, findFreePort } from './support/lab.ts';
import { servedZone, startBind, startKnot, startNsd, type ServedZone } from './support/peers.ts';
import { findObstacle, titleOf } from './support/requirements.ts';
import * as rich from './support/rich-zone.ts';
import { checkout, startTsDns, zonesFolder } from './support/ts-dns.ts';

const HOST = '127.0.0.1';
const QUESTIONS = 10_000;
const DEFAULT_SEED = 20_261_122;
const SEED = Number(process.env['FUZZ_SEED'] ?? DEFAULT_SEED);
const peers: readonly Peer[] = ['nsd', 'knot', 'bind'];

const obstacle = findObstacle(['program nsd', 'program knotd', 'program named', 'program dig']);

describe.skipIf(obstacle !== undefined)(titleOf('one zone, four servers', obstacle), () => {
  const lab = new Lab();
  const random = rich.createRandom(SEED);
  const zoneText = rich.richZone(random);
  const ports = new Map<Peer | 'ts-dns', number>();
  let zones: readonly ServedZone[] = [];

  beforeAll(async () => {
    zones = [
      { origin: rich.RICH_ORIGIN, file: lab.write('rich.zone', zoneText) },
      { origin: rich.CHILD_ORIGIN, file: lab.write('kid.zone', rich.CHILD_ZONE) },
      { origin: rich.OTHER_ORIGIN, file: lab.write('other.zone', rich.OTHER_ZONE) },
      ...embeddedZones(),
    ];
    for (const server of [...peers, 'ts-dns'] as const) ports.set(server, await findFreePort());
    const at = (server: Peer): Parameters<typeof startNsd>[1] => ({
      address: HOST,
      ports: [ports.get(server)!],
      zones,
    });
    const listen = ['--listen', `${HOST}:${ports.get('ts-dns')}`];
    const files = zones.flatMap(({ origin, file }) => ['--zone', `${origin}=${file}`]);
    await Promise.all([
      startNsd(lab, at('nsd')),
      startKnot(lab, at('knot')),
      startBind(lab, at('bind')),
      startTsDns(lab, 'serve', '--no-recursion', ...listen, '--any', 'full', ...files),
    ]);
  });
  afterAll(() => lab.close());

  test(`${QUESTIONS} questions have the same answers, or a reason why not`, async () => {
    const questions = questionsAbout(zoneText, random);
    const replies = new Map<string, readonly Message[]>();
    for (const [server, port] of ports) {
      replies.set(server, await askAll({ address: HOST, port }, questions));
    }
    const origins = zones.map(({ origin }) => nameOf(origin));
    const counts = new Map<KnownDifference, Map<Peer, number>>();
    const unexplained: object[] = [];
    for (const peer of peers) {
      for (const [i, question] of questions.entries()) {
        const ours = replyOf(replies.get('ts-dns')![i]!, origins);
        const theirs = replyOf(replies.get(peer)![i]!, origins);
        if (JSON.stringify(ours) === JSON.stringify(theirs)) continue;
        const known = explain(peer, { question, ours, theirs, origins });
        if (known) count(counts, known, peer);
        else unexplained.push({ peer, ...spell(question), ours, theirs });
      }
    }
    console.log(`FUZZ_SEED=${SEED}\n${report(counts)}`);
    if (process.env['DUMP']) for (const one of unexplained) console.log(JSON.stringify(one));
    expect({ count: unexplained.length, first: unexplained.slice(0, 3) }).toEqual({
      count: 0,
      first: [],
    });
    if (SEED !== DEFAULT_SEED) return;
    for (const { title, peers: those } of knownDifferences.filter((known) => !counts.has(known))) {
      expect.soft(those, `${title}: this difference is gone`).toEqual([]);
    }
  });
});

test('docs/interop.md names each known difference with its reason', () => {
  const page = readFileSync(`${checkout}docs/interop.md`, 'utf8').replaceAll(/\s+/g, ' ');
  for (const { title, peers: those, reason } of knownDifferences) {
    expect(page).toContain(`- **${title}** (${those.map(nameOfPeer).join(', ')}). ${reason}`);
  }
});

function nameOfPeer(peer: Peer): string {
  return { nsd: 'NSD', knot: 'Knot', bind: 'BIND' }[peer];
}

function explain(peer: Peer, one: Disagreement): KnownDifference | undefined {
  return knownDifferences.find((known) => known.peers.includes(peer) && known.applies(one));
}

function count(
  counts: Map<KnownDifference, Map<Peer, number>>,
  known: KnownDifference,
  peer: Peer,
): void {
  const byPeer = counts.get(known) ?? new Map<Peer, number>();
  counts.set(known, byPeer.set(peer, (byPeer.get(peer) ?? 0) + 1));
}

function report(counts: ReadonlyMap<KnownDifference, ReadonlyMap<Peer, number>>): string {
  const lines = [...counts].map(([{ title }, byPeer]) => {
    const numbers = [...byPeer].map(([peer, number]) => `${peer} ${number}`);
    return `${title}: ${numbers.join(', ')}`;
  });
  return lines.join('\n');
}

function spell({ name, type, edns }: AskedQuestion): object {
  return { question: `${name.toString()} ${typeText(type)}`, edns };
}

function embeddedZones(): readonly ServedZone[] {
  const files = readdirSync(zonesFolder).filter((name) => name.endsWith('.zone'));
  return files.map((file) => servedZone(file));
}

const TYPES = [
  ...['A', 'A', 'A', 'AAAA', 'TXT', 'MX', 'NS', 'DS', 'CNAME', 'DNAME', 'SOA', 'ANY', 'SRV'],
  ...['HTTPS', 'CAA', 'NAPTR', 'PTR', 'TYPE65280', 'RRSIG'],
];
const LABELS = ['a', 'x', 'any', '*', 'ns', 'www', 'host0', 'l'.repeat(60)];

/** Names that own records, mostly moved by one or two labels down or up. */
function questionsAbout(zoneText: string, random: rich.Random): readonly AskedQuestion[] {
  const names = [...ownersIn(zoneText), ...embeddedQuestions.map(([name]) => `${name}.`)];
  return Array.from({ length: QUESTIONS }, () => {
    let name = rich.pick(random, names);
    for (let moves = random(3); moves > 0; moves--) name = move(name, random);
    const spelt = random(4) === 0 ? name.toUpperCase() : name;
    const type = parseType(rich.pick(random, TYPES))!;
    const edns = rich.pick(random, ['none', 'plain', 'do'] as const);
    return { name: nameOf(spelt), type, edns };
  });
}

function move(name: string, random: rich.Random): string {
  const labels = name.split(/(?<!\\)\./).filter((label) => label !== '');
  if (random(3) === 0) return `${labels.slice(1).join('.')}.`;
  const longer = [rich.pick(random, LABELS), ...labels].join('.');
  return longer.length < nameLimits.octets - 1 ? `${longer}.` : name;
}

function ownersIn(zoneText: string): readonly string[] {
  const lines = zoneText.split('\n').slice(1, -1);
  const owners = lines.map((line) => line.split(' ')[0]!);
  const own = owners.map((owner) => (owner === '@' ? '' : `${owner}.`) + rich.RICH_ORIGIN);
  return [...own, rich.OTHER_ORIGIN, `www.${rich.OTHER_ORIGIN}`, rich.CHILD_ORIGIN];
}
