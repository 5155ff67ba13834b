/** E16: parent and child both say who serves a zone, with TTLs of their own (RFC 9199 §3.6). */

import type { RecursionOptions } from '../../../app/system.ts';
import { NS_PER_MS, NS_PER_S } from '../../../sim/units.ts';
import { decodeMessage } from '../../../wire/decode.ts';
import { DnsClass, RRType } from '../../../wire/iana.ts';
import { nameOf } from '../../../wire/name-text.ts';
import type { Measurement, Prediction } from '../../experiment/prediction.ts';
import { defineWorldExperiment, type WorldExperiment } from '../../experiment/world-experiment.ts';
import { readAnswer } from '../answers.ts';
import { secondsOf } from '../common-parameters.ts';
import { DNS_PORT, LabInternet } from '../internet.ts';
import { StubClients } from '../stub-clients.ts';
import { LAB_ROOT_ADDRESS, zoneOfText } from '../zone-text.ts';

type CutRule = NonNullable<RecursionOptions['cutRule']>;

const RULES: readonly CutRule[] = ['shorter', 'parent', 'child'];
const OLD = '192.0.2.1';
const NEW = '192.0.2.2';
const PERIOD_MS = 10_000;
const CLIENT_MS = 1;
const SERVER_MS = 10;
/** The domain's servers move just after the first question. */
const MOVE_MS = 5000;
/** A resolver of ours has the parent asked no more than once a minute for a zone's sake. */
const SHORTEST_SECONDS = 60;
/** What our cache keeps a record for at most. */
const LONGEST_SECONDS = 86_400;

export const parentChildExperiment: WorldExperiment = defineWorldExperiment({
  id: 'E16',
  title: 'Parent against child',
  quote: 'DNS: path + caching',
  question: "A domain's name servers move. Does its own TTL count, or its parent's?",
  explanation:
    'The NS set of a zone stands twice: at its parent, as a signpost, and at its own apex, with ' +
    'the authority to say so. Each has a TTL, and resolvers differ: most take the word of the ' +
    'child once they have heard it, some the word of the parent alone; ours asks the servers of ' +
    'the parent for the shorter of the two times, so that a zone can hasten its move and cannot ' +
    'outlive its withdrawal. An operator who lowers the TTL at home waits for nothing where the ' +
    "parent's counts.",
  lookFor: [
    'The one that follows the parent keeps asking the old servers for all of the parent’s TTL.',
    'With `--parent-ttl 5m --child-ttl 1h` the one that follows the child is the last to move.',
  ],
  parameters: {
    'parent-ttl': {
      kind: 'duration',
      default: '1h',
      min: '1m',
      max: '1d',
      help: 'TTL of the delegation at the parent',
    },
    'child-ttl': {
      kind: 'duration',
      default: '5m',
      min: '1m',
      max: '1d',
      help: 'TTL of the NS set in the zone itself',
    },
  },
  mutants: {},
  async play(values, { seed }) {
    const ttls = { parent: secondsOf(values['parent-ttl']), child: secondsOf(values['child-ttl']) };
    const internet = await openInternet(ttls, seed);
    const { world } = internet;
    const seen = await observe(internet, ttls);
    await internet.close();
    const measurements: Record<string, Measurement> = {};
    const predictions: Prediction[] = [];
    for (const rule of RULES) {
      const told = `NS TTL told by '${rule}'`;
      const moved = `moved by '${rule}'`;
      measurements[told] = { value: (seen.get(rule)?.ttl ?? NaN) * NS_PER_S, unit: 'ns' };
      measurements[moved] = { value: (seen.get(rule)?.movedMs ?? NaN) * NS_PER_MS, unit: 'ns' };
      predictions.push(toldPrediction(told, rule, ttls), movedPrediction(moved, rule, ttls));
    }
    return { measurements, predictions, traceHash: world.traceHash };
  },
});

interface Ttls {
  readonly parent: number;
  readonly child: number;
}

/** The answer is the child's, but where the signpost itself is given for it. */
function toldPrediction(metric: string, rule: CutRule, { parent, child }: Ttls): Prediction {
  const isParents = rule === 'parent';
  // The parent's has begun to count down; the child's answer comes fresh, one way old.
  const value = (isParents ? parent : child) * NS_PER_S;
  return {
    metric,
    kind: 'at most',
    value,
    formula: isParents ? "the parent's" : "the child's",
    cite: 'RFC 9199 §3.6',
  };
}

/** From the first question to the first answer of the new servers: a whole number of periods. */
function movedPrediction(metric: string, rule: CutRule, { parent, child }: Ttls): Prediction {
  const own = Math.min(Math.max(child, rule === 'shorter' ? SHORTEST_SECONDS : 0), LONGEST_SECONDS);
  // The referral arrives two round trips after the question, the zone's own word after three.
  const parentMs = 4 * SERVER_MS + parent * 1000;
  const childMs = 6 * SERVER_MS + own * 1000;
  const over = { parent: parentMs, child: childMs, shorter: Math.min(parentMs, childMs) };
  return {
    metric,
    kind: 'exact',
    value: Math.ceil(over[rule] / PERIOD_MS) * PERIOD_MS * NS_PER_MS,
    formula: { parent: "the parent's TTL", child: "the child's TTL", shorter: 'the shorter' }[rule],
  };
}

function zones(ttls: Ttls, server: string): readonly [tld: string, domain: string] {
  return [
    `$ORIGIN example.\n$TTL 172800\n@ SOA ns.nic hostmaster.nic 1 1800 900 604800 900\n` +
      `@ NS ns.nic\nns.nic A 192.5.6.30\n` +
      `shop ${ttls.parent} NS ns.shop\nns.shop ${ttls.parent} A ${server}\n`,
    // No TTL on the address that clients ask for: each question goes to the servers.
    `$ORIGIN shop.example.\n@ 86400 SOA ns hostmaster 1 1800 900 604800 300\n` +
      `@ ${ttls.child} NS ns\nns ${ttls.child} A ${server}\nwww 0 A ${server}\n`,
  ];
}

async function openInternet(ttls: Ttls, seed: string): Promise<LabInternet> {
  const [tld, old] = zones(ttls, OLD);
  const [, next] = zones(ttls, NEW);
  const root =
    `$ORIGIN .\n$TTL 172800\n` +
    `@ SOA a.root-servers.net. hostmaster.root-servers.net. 1 1800 900 604800 86400\n` +
    `@ NS a.root-servers.net.\na.root-servers.net. A ${LAB_ROOT_ADDRESS}\n` +
    'example. NS ns.nic.example.\nns.nic.example. A 192.5.6.30\n';
  const say = { isMinimal: false };
  return LabInternet.open({
    seed,
    authorities: [
      { name: 'root', address: LAB_ROOT_ADDRESS, zones: [zoneOfText(root)] },
      { name: 'tld', address: '192.5.6.30', zones: [zoneOfText(tld)] },
      { name: 'old', address: OLD, zones: [zoneOfText(old)], answers: say },
      { name: 'new', address: NEW, zones: [zoneOfText(next)], answers: say },
    ],
    resolvers: RULES.map((cutRule, index) => ({
      name: cutRule,
      address: `203.0.113.${index + 1}`,
      isSmall: true,
      recursion: { cutRule, childNameServers: 'any', priming: false, qnameMinimisation: 'off' },
    })),
    link: { delayMs: SERVER_MS },
  });
}

interface Seen {
  /** Of the first NS set that the resolver told, seconds. */
  ttl?: number;
  movedMs?: number;
}

async function observe(internet: LabInternet, ttls: Ttls): Promise<ReadonlyMap<CutRule, Seen>> {
  const { world } = internet;
  const seen = new Map(RULES.map((rule): [CutRule, Seen] => [rule, {}]));
  const startMs = world.nowMs;
  const all = new Map<CutRule, StubClients>();
  for (const [index, rule] of RULES.entries()) {
    all.set(rule, await openClients(internet, { index, rule, seen: seen.get(rule)!, startMs }));
  }
  world.at(startMs + MOVE_MS, () => internet.replaceZone(zoneOfText(zones(ttls, NEW)[0])));
  for (const clients of all.values()) clients.ask(0, 0);
  await world.advance(1000);
  for (const clients of all.values()) clients.ask(0, 1);
  await world.advance(PERIOD_MS - 1000);
  while ([...seen.values()].some(({ movedMs }) => movedMs === undefined)) {
    for (const clients of all.values()) clients.ask(0, 0);
    await world.advance(PERIOD_MS);
  }
  return seen;
}

async function openClients(
  internet: LabInternet,
  options: {
    readonly index: number;
    readonly rule: CutRule;
    readonly seen: Seen;
    readonly startMs: number;
  },
): Promise<StubClients> {
  const { index, rule, seen, startMs } = options;
  const { world } = internet;
  const host = world.host({ name: `clients ${rule}`, addresses: [`10.1.0.${index + 1}`] });
  const resolver = internet.host(rule);
  world.linkBoth(host, resolver, { delayMs: CLIENT_MS });
  return world.run(
    StubClients.open({
      host,
      resolver: { address: resolver.addresses[0]!, port: DNS_PORT },
      questions: [
        { name: nameOf('www.shop.example.'), type: RRType.A, class: DnsClass.IN },
        { name: nameOf('shop.example.'), type: RRType.NS, class: DnsClass.IN },
      ],
      onOutcome: ({ question, askedAtMs, reply }) => {
        if (question === 1) seen.ttl ??= nsTtlOf(reply);
        else if (reply && readAnswer(reply).value === NEW) seen.movedMs ??= askedAtMs - startMs;
      },
    }),
  );
}

function nsTtlOf(reply: Uint8Array | undefined): number {
  const decoded = reply && decodeMessage(reply);
  if (decoded?.ok !== true) return NaN;
  return decoded.value.answers.find(({ type }) => type === RRType.NS)?.ttl ?? NaN;
}
