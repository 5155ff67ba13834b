/** C8b: our own resolver in the night of 2017-01-01, its timers on one clock or the other. */

import { type Logger, silentLogger } from '../../../net/logger.ts';
import type { Runtime } from '../../../net/ports.ts';
import { NS_PER_MS, NS_PER_S } from '../../../sim/units.ts';
import { nameOf } from '../../../wire/name-text.ts';
import { exact } from '../../order/predict.ts';
import { defineWorldExperiment, type WorldExperiment } from '../../experiment/world-experiment.ts';
import { DNS_PORT, LabInternet } from '../../ttl/internet.ts';
import {
  authoritiesOf,
  DOMAIN,
  domainZone,
  RESOLVER_ADDRESS,
  versionAddress,
} from '../../ttl/one-zone.ts';
import { type Outcome, StubClients } from '../../ttl/stub-clients.ts';

/** 2016-12-31T23:59:50Z: ten seconds before midnight. */
const EPOCH_MS = 1_483_228_790_000;
const LEAP_NS = 10 * NS_PER_S;
const STEP_MS = 100;
const RUN_MS = 25_000;
/** A question goes out so long before the leap that its answer is under way then. */
const EARLY_MS = 10;
/** The name that is asked for again and again, and those that are asked for once. */
const KEPT = 'www';
const ONCE_COUNT = RUN_MS / STEP_MS;
const CLIENT_ADDRESS = '198.51.100.1';

/** What the resolver tells its debug log of a question to a server. */
class Ear {
  negative = 0;
  leastMs = Infinity;
  longestMs = 0;
  #keptMs: number | undefined;
  readonly logger: Logger;

  constructor(nowMs: () => number) {
    this.logger = {
      ...silentLogger,
      isLevelEnabled: () => true,
      debug: ({ kind, question, elapsedMs }) => {
        if (kind !== 'asked' || typeof elapsedMs !== 'number') return;
        if (elapsedMs < 0) this.negative += 1;
        this.leastMs = Math.min(this.leastMs, elapsedMs);
        if (!String(question).startsWith(`${KEPT}.`)) return;
        if (this.#keptMs !== undefined) {
          this.longestMs = Math.max(this.longestMs, nowMs() - this.#keptMs);
        }
        this.#keptMs = nowMs();
      },
    };
  }
}

/** What programs do that know only one clock. */
function onWallClock(runtime: Runtime): Runtime {
  const { clock } = runtime;
  return { ...runtime, clock: { ...clock, monotonic: () => clock.wall() } };
}

interface Night {
  readonly ear: Ear;
  readonly outcomes: readonly boolean[];
  readonly traceHash: string;
}

export const RESOLVER_LEAP: WorldExperiment = defineWorldExperiment({
  id: 'C8b',
  title: 'A resolver in the leap second of 2017',
  quote: 'leak seconds',
  question: 'What does a DNS resolver make of a second that is there twice?',
  explanation:
    'On 2017-01-01 Cloudflare’s DNS measured round trips by the wall clock. It went back, a ' +
    'round trip took less than nothing, and a random generator that takes positive numbers only ' +
    'ended the process. Here our own resolver, unchanged, answers questions through that night, ' +
    'once with its timers on the monotonic clock, as it is, and once with a runtime whose ' +
    'monotonic clock is the wall clock. What is promised is the same: no round trip is negative, ' +
    'no record is kept for longer than its TTL, and everybody is answered.',
  lookFor: [
    'rtt.min and rtt.negative with --clock wall: what was under way at midnight.',
    'kept.max with --clock wall: the record is answered for a second longer than its TTL.',
    'answered with --clock wall: some of the questions of that second get no answer.',
  ],
  parameters: {
    clock: {
      kind: 'choice',
      choices: ['monotonic', 'wall'],
      default: 'monotonic',
      help: 'on which the resolver has its timers',
    },
    ttl: { kind: 'count', default: 4, min: 1, max: 9, help: 'seconds, of the record, T' },
    delay: {
      kind: 'duration',
      default: '20ms',
      min: '11ms',
      max: '40ms',
      help: 'to servers, one way',
    },
  },
  mutants: { 'wall-clock-rtt': 'the timers are on the wall clock after all' },
  async play({ clock, ttl, delay }, { seed, mutant }) {
    const isWall = clock === 'wall' || mutant === 'wall-clock-rtt';
    const { ear, outcomes, traceHash } = await playNight({ seed, isWall, ttl, delayNs: delay });
    const answered = outcomes.filter(Boolean).length;
    return {
      measurements: {
        answered: { value: answered, unit: 'count' },
        'rtt.negative': { value: ear.negative, unit: 'count' },
        'rtt.min': { value: Math.round(ear.leastMs * NS_PER_MS), unit: 'ns' },
        'kept.max': { value: Math.round(ear.longestMs * NS_PER_MS), unit: 'ns' },
      },
      predictions: [
        exact('answered', 2 * ONCE_COUNT, 'all'),
        exact('rtt.negative', 0, '0'),
        exact('rtt.min', 2 * delay, '2 d'),
        {
          metric: 'kept.max',
          kind: 'at most',
          value: ttl * NS_PER_S + STEP_MS * NS_PER_MS + 2 * delay,
          formula: 'T, until it is asked for again',
        },
      ],
      traceHash,
    };
  },
});

interface NightOptions {
  readonly seed: string;
  readonly isWall: boolean;
  readonly ttl: number;
  readonly delayNs: number;
}

async function playNight({ seed, isWall, ttl, delayNs }: NightOptions): Promise<Night> {
  const names = [KEPT, ...Array.from({ length: ONCE_COUNT }, (_, index) => `n${index}`)];
  const addresses = new Map(names.map((name, index) => [name, versionAddress(index)]));
  let nowMs = (): number => 0;
  const ear = new Ear(() => nowMs());
  const internet = await LabInternet.open({
    seed,
    epochMs: EPOCH_MS,
    link: { delayMs: delayNs / NS_PER_MS },
    authorities: authoritiesOf(domainZone({ serial: 1, ttlSeconds: ttl, addresses })),
    resolvers: [
      {
        name: 'resolver',
        address: RESOLVER_ADDRESS,
        clock: { leaps: [{ atNs: LEAP_NS, handling: 'repeat' }] },
        logger: ear.logger,
        recursion: { priming: false },
        ...(isWall && { adapt: onWallClock }),
      },
    ],
  });
  const { world } = internet;
  nowMs = () => world.nowMs;
  const outcomes = await askAll(internet, names);
  const { traceHash } = world;
  await internet.close();
  return { ear, outcomes, traceHash };
}

/** Every tenth of a second the name that is kept, and one that nobody has asked for. */
async function askAll(
  internet: LabInternet,
  names: readonly string[],
): Promise<readonly boolean[]> {
  const { world } = internet;
  const host = world.host({ name: 'client', addresses: [CLIENT_ADDRESS] });
  world.linkBoth(host, internet.host('resolver'), { delayMs: 0 });
  const outcomes: boolean[] = [];
  const onOutcome = ({ reply }: Outcome): void => {
    // The lower four bits of the fourth octet are the RCODE.
    outcomes.push(reply !== undefined && ((reply[3] ?? 0) & 15) === 0);
  };
  const questions = names.map((name) => ({ name: nameOf(`${name}.${DOMAIN}`), type: 1, class: 1 }));
  const resolver = { address: RESOLVER_ADDRESS, port: DNS_PORT };
  const clients = await world.run(StubClients.open({ host, questions, onOutcome, resolver }));
  const startMs = 1 + STEP_MS - EARLY_MS;
  for (let index = 0; index < ONCE_COUNT; index += 1) {
    world.at(startMs + index * STEP_MS, () => {
      clients.ask(0, 0);
      clients.ask(0, 1 + index);
    });
  }
  await world.advance(RUN_MS + 10_000);
  return outcomes;
}
