/**
 * One internet made from a seed, served by NSD and BIND in a network of its own, and ten thousand
 * questions about it put to ts-dns, Unbound, BIND and PowerDNS Recursor. Rcode, answer and the SOA
 * of negative answers, with their TTLs, must be what the majority of the others says; where they are
 * not, support/resolver-differences.ts must say why. FUZZ_SEED makes another internet, QUESTIONS
 * says how many, DUMP=1 prints what has no reason, WRITE_PAGE=1 puts the counts into
 * docs/interop.md.
 */
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { typeText } from '../../src/wire/iana.ts';
import { askEach } from './support/asker.ts';
import { startInternet } from './support/internet/authorities.ts';
import { CLIENT_PREFIX, RESOLVER_ADDRESS } from './support/internet/network.ts';
import { makeInternet } from './support/internet/private-internet.ts';
import { questionsAbout } from './support/internet/questions.ts';
import { Lab } from './support/lab.ts';
import { findObstacle, titleOf } from './support/requirements.ts';
import { resolverDifferences } from './support/resolver-differences.ts';
import {
  startBindResolver,
  startPowerDnsRecursor,
  startUnboundResolver,
} from './support/resolver-peers.ts';
import { hear, type Heard, type Opinions, type ResolverName } from './support/resolver-replies.ts';
import { compare, tableOf, writePage, type Comparison } from './support/resolver-report.ts';
import { createRandom } from './support/rich-zone.ts';
import { checkout, startTsDns } from './support/ts-dns.ts';

const QUESTIONS = Number(process.env['QUESTIONS'] ?? 10_000);
const DEFAULT_SEED = 20_261_126;
const SEED = Number(process.env['FUZZ_SEED'] ?? DEFAULT_SEED);
const PORTS: Readonly<Record<ResolverName, number>> = {
  'ts-dns': 5301,
  unbound: 5302,
  bind: 5303,
  powerdns: 5304,
};
const NAMES = Object.keys(PORTS) as ResolverName[];
/** The longest that any but Unbound works on one question is ten seconds. */
const PATIENCE = { patienceMs: 12_000, attempts: 1 };
/** Half a minute where nothing else runs; this test must not fail for being slow. */
const TEST_MS = 900_000;
const START_MS = 120_000;
/** Of ts-dns with what two of the others say alike. */
const DISAGREEMENT = 0.01;

const obstacle = findObstacle([
  'network namespaces',
  'program nsd',
  'program unbound',
  'program named',
  'program pdns_recursor',
  'program dig',
]);

describe.skipIf(obstacle !== undefined)(titleOf('one internet, four resolvers', obstacle), () => {
  const lab = new Lab({ namespace: obstacle === undefined });
  const random = createRandom(SEED);
  const internet = makeInternet(random);

  beforeAll(async () => {
    await startInternet(lab, internet);
    const at = (name: ResolverName): Parameters<typeof startBindResolver>[1] => ({
      address: RESOLVER_ADDRESS,
      port: PORTS[name],
      rootHints: lab.write('root.hints', internet.hints),
    });
    const { address, port, rootHints } = at('ts-dns');
    const listen = ['--listen', `${address}:${port}`, '--allow', CLIENT_PREFIX];
    await startTsDns(lab, 'serve', '--recursion', ...listen, '--root-hints', rootHints);
    await startUnboundResolver(lab, at('unbound'));
    await startBindResolver(lab, at('bind'));
    await startPowerDnsRecursor(lab, at('powerdns'));
  }, START_MS);
  afterAll(() => lab.close());

  test(
    `${QUESTIONS} questions have the answers of the majority, or a reason why not`,
    async () => {
      const questions = questionsAbout(internet, random, QUESTIONS);
      const heard = questions.map((): Partial<Record<ResolverName, Heard>> => ({}));
      const startedMs = performance.now();
      const ask = async (name: ResolverName): Promise<void> => {
        const server = { address: RESOLVER_ADDRESS, port: PORTS[name] };
        await askEach({ server, questions, patience: PATIENCE, isStub: true }, (index, reply) => {
          heard[index]![name] = hear(reply);
        });
      };
      await Promise.all(NAMES.map(ask));
      // One cache may have had a record since the start, another since just now.
      const slackSeconds = (performance.now() - startedMs) / 1000 + 2;
      const opinions = questions.map((question, i): Opinions => {
        return { question, heard: heard[i] as Opinions['heard'] };
      });
      const comparison = compare(opinions, internet, slackSeconds);
      const table = tableOf(comparison, { seed: SEED, questions: QUESTIONS, lab });
      console.log(table);
      if (process.env['WRITE_PAGE']) writePage(table);
      judge(comparison);
    },
    TEST_MS,
  );
});

function judge({ unexplained, flagged, ttls, againstMajority, withMajority }: Comparison): void {
  const shown = unexplained.map(({ question, heard }) => ({
    question: `${question.name.toString()} ${typeText(question.type)}`,
    heard,
  }));
  if (process.env['DUMP']) for (const one of shown) console.log(JSON.stringify(one));
  expect({ count: shown.length, first: shown.slice(0, 3) }).toEqual({ count: 0, first: [] });
  expect(flagged, 'AA or AD set').toEqual([]);
  expect(ttls, 'TTLs that nobody else has').toEqual([]);
  expect(againstMajority / (againstMajority + withMajority)).toBeLessThan(DISAGREEMENT);
  // Else the machine is too slow for this test to say anything.
  expect(withMajority).toBeGreaterThan(0.9 * QUESTIONS);
}

test('docs/interop.md names each known difference of resolvers with its reason', () => {
  const page = readFileSync(`${checkout}docs/interop.md`, 'utf8').replaceAll(/\s+/g, ' ');
  for (const { title, reason } of resolverDifferences) {
    expect(page).toContain(`- **${title}.** ${reason}`);
  }
});
