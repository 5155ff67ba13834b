/**
 * ts-dns as the recursive resolver over somebody else's authorities: the embedded internet's zone
 * files, served by one NSD for each address. Unbound, over the same NSDs, is the second opinion.
 *
 * It runs in a network namespace: Unbound can ask only port 53, ts-dns asks `--upstream-port`.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { type Answer, parseAnswer, ttlOf, withoutTtls } from './support/answers.ts';
import { embeddedQuestions, readInternet } from './support/embedded-internet.ts';
import { Lab, type Program } from './support/lab.ts';
import { servedZone, startNsd, startUnbound } from './support/peers.ts';
import { findObstacle, titleOf } from './support/requirements.ts';
import { startTsDns, zonesFolder } from './support/ts-dns.ts';

const OUR_PORT = 5321;
const UPSTREAM_PORT = 5300;
const OWN_PORT = 5322;
const UNBOUND_ADDRESS = '127.0.0.1';
const DNS_PORT = 53;
/** Unbound keeps nothing for longer (its cache-max-ttl), and neither need we. */
const TTL_CAP_SECONDS = 86_400;
/** The two caches may have been filled a little apart. */
const TTL_SLACK_SECONDS = 3;

const obstacle = findObstacle([
  'network namespaces',
  'program nsd',
  'program unbound',
  'program dig',
]);

const ownRootZone = `
$ORIGIN .
$TTL 3600
@       IN  SOA  ns.own. hostmaster.own. ( 1 3600 900 604800 60 )
@       IN  NS   ns.own.
ns.own. IN  A    127.0.0.1
www.own. IN A    192.0.2.1
`;

describe.skipIf(obstacle !== undefined)(titleOf('a resolver over NSD', obstacle), () => {
  const lab = new Lab({ namespace: obstacle === undefined });
  let resolver: Program;

  beforeAll(async () => {
    const internet = readInternet();
    const hints = `${zonesFolder}/${internet.rootHints}`;
    await Promise.all(
      internet.servers.map(({ address, zones }) =>
        startNsd(lab, {
          address,
          ports: [DNS_PORT, UPSTREAM_PORT],
          zones: zones.map((file) => servedZone(file)),
        }),
      ),
    );
    await startUnbound(lab, { address: UNBOUND_ADDRESS, port: DNS_PORT, rootHints: hints });
    // This internet has reverse zones of the addresses for documentation.
    const config = lab.write('resolver.yaml', 'resolver: {private-reverse: false}\n');
    resolver = await startTsDns(
      lab,
      'serve',
      '--config',
      config,
      '--recursion',
      '--listen',
      `127.0.0.1:${OUR_PORT}`,
      '--root-hints',
      hints,
      '--upstream-port',
      String(UPSTREAM_PORT),
    );
  });
  afterAll(() => lab.close());

  function ask(port: number, ...args: readonly string[]): Answer {
    // Unbound takes its time to call a name broken; dig must not repeat meanwhile.
    const options = ['-p', String(port), '+time=20', '+tries=1'];
    return parseAnswer(lab.run('dig', '@127.0.0.1', ...options, ...args).stdout);
  }

  test.each(embeddedQuestions)('%s %s is what Unbound says', (name, type) => {
    const ours = ask(OUR_PORT, name, type);
    const theirs = ask(DNS_PORT, name, type);
    expect(ours.status).toBe(theirs.status);
    expect(ours.flags.filter((flag) => flag !== 'ad')).toEqual(theirs.flags);
    // Where resolution fails, what was found on the way is no answer, and nobody agrees on it.
    if (ours.status === 'SERVFAIL') return;
    expect(withoutTtls(ours.answer)).toEqual(withoutTtls(theirs.answer));
    expect(withoutTtls(ours.authority)).toEqual(withoutTtls(theirs.authority));
    ours.answer.forEach((record, index) => {
      const [our, their] = [ttlOf(record), ttlOf(theirs.answer[index])].map((ttl) =>
        Math.min(ttl, TTL_CAP_SECONDS),
      );
      expect(Math.abs((our ?? 0) - (their ?? 0)), record).toBeLessThanOrEqual(TTL_SLACK_SECONDS);
    });
  });

  test('an authority on our own address, but on another port, is not ourselves', async () => {
    const zone = lab.write('own/root.zone', ownRootZone);
    const hints = lab.write('own/root.hints', '. 3600 NS ns.own.\nns.own. 3600 A 127.0.0.1\n');
    await startNsd(lab, {
      address: '127.0.0.1',
      ports: [UPSTREAM_PORT],
      zones: [{ origin: '.', file: zone }],
    });
    const listen = ['--listen', `127.0.0.1:${OWN_PORT}`];
    const upstream = ['--root-hints', hints, '--upstream-port', String(UPSTREAM_PORT)];
    await startTsDns(lab, 'serve', '--recursion', ...listen, ...upstream);
    const { answer } = ask(OWN_PORT, 'www.own', 'A');
    expect(withoutTtls(answer)).toEqual(['www.own. - IN A 192.0.2.1']);
  });

  test('SIGTERM ends it with exit code 0', async () => {
    resolver.signal('SIGTERM');
    expect(await resolver.exit()).toBe(0);
  });
});
