/**
 * `zones/example.com.zone` served by ts-dns: dig, kdig and drill read the same answers, and NSD,
 * BIND and Knot, given the same file, answer the same questions with the same sets of records.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { type Answer, parseAnswer } from './support/answers.ts';
import { Lab, findFreePort } from './support/lab.ts';
import { servedZone, startBind, startKnot, startNsd } from './support/peers.ts';
import { type Requirement, findObstacle, titleOf } from './support/requirements.ts';
import { startTsDns, zonesFolder } from './support/ts-dns.ts';

const HOST = '127.0.0.1';
const clients = ['dig', 'kdig', 'drill'] as const;
const required: readonly Requirement[] = clients.map((client) => `program ${client}` as const);
const obstacle = findObstacle(required);

type ClientQuestion = readonly [name: string, type: string, status: string];

/** What the three clients are asked; TXT and others are left out, which they print differently. */
const clientQuestions: readonly ClientQuestion[] = [
  ['www.example.com', 'A', 'NOERROR'],
  ['WWW.eXample.COM', 'AAAA', 'NOERROR'],
  ['example.com', 'MX', 'NOERROR'],
  ['example.com', 'SOA', 'NOERROR'],
  ['example.com', 'NS', 'NOERROR'],
  ['ftp.example.com', 'A', 'NOERROR'],
  ['six.example.com', 'A', 'NOERROR'],
  ['nothing.example.com', 'A', 'NXDOMAIN'],
  ['dangling.example.com', 'A', 'NXDOMAIN'],
  ['host.sub.example.com', 'A', 'NOERROR'],
  ['www.example.org', 'A', 'REFUSED'],
];

describe.skipIf(obstacle !== undefined)(titleOf('clients of an authority', obstacle), () => {
  const lab = new Lab();
  let port = 0;

  beforeAll(async () => {
    port = await findFreePort();
    await startTsDns(lab, ...serveArguments(port));
  });
  afterAll(() => lab.close());

  /** Spells one question for each client. drill has its own words for the few options. */
  function ask(client: (typeof clients)[number], name: string, type: string, tcp = false): Answer {
    const args =
      client === 'drill'
        ? ['-p', String(port), '-o', 'rd', ...(tcp ? ['-t'] : ['-u']), `@${HOST}`, name, type]
        : [`@${HOST}`, '-p', String(port), '+norec', ...(tcp ? ['+tcp'] : []), name, type];
    return parseAnswer(lab.must(client, ...args));
  }

  function digs(...args: readonly string[]): Answer {
    return parseAnswer(lab.run('dig', `@${HOST}`, '-p', String(port), '+time=2', ...args).stdout);
  }

  test.each(clientQuestions)(
    '%s %s is %s to all clients, over UDP and TCP',
    (name, type, status) => {
      const expected = ask('dig', name, type);
      expect(expected.status).toBe(status);
      for (const client of clients) {
        for (const tcp of [false, true]) {
          const got = ask(client, name, type, tcp);
          const { answer, authority, flags } = got;
          expect({ client, tcp, status: got.status, answer, authority, flags }).toEqual({
            client,
            tcp,
            status: expected.status,
            answer: expected.answer,
            authority: expected.authority,
            flags: expected.flags,
          });
        }
      }
    },
  );

  test('an authoritative answer has AA, and no RA because there is no recursion', () => {
    expect(digs('+norec', 'www.example.com', 'A').flags).toEqual(['aa', 'qr']);
    expect(digs('+rec', 'www.example.com', 'A').flags).toEqual(['aa', 'qr', 'rd']);
  });

  test('a referral has no AA, the NS records of the cut and their glue', () => {
    const referral = digs('+norec', 'host.sub.example.com', 'A');
    expect(referral.flags).toEqual(['qr']);
    expect(referral.answer).toEqual([]);
    expect(referral.authority).toEqual(['sub.example.com. 300 IN NS ns.sub.example.com.']);
    expect(referral.additional).toEqual(['ns.sub.example.com. 300 IN A 127.0.0.21']);
  });

  test('a negative answer carries the SOA with the TTL of RFC 2308 §5', () => {
    const negative = digs('+norec', 'nothing.example.com', 'A');
    expect(negative.authority).toEqual([
      'example.com. 300 IN SOA ns1.example.com. hostmaster.example.com. ' +
        '2026010100 3600 900 604800 300',
    ]);
  });

  test('ANY over TCP returns every RRset of the name', () => {
    const types = digs('+tcp', 'example.com', 'ANY').answer.map((record) => record.split(' ')[3]);
    expect(new Set(types)).toEqual(new Set(['A', 'AAAA', 'CAA', 'MX', 'NS', 'SOA', 'TXT']));
  });

  test('what does not fit into the UDP size sets TC; TCP brings it whole', () => {
    const truncated = digs('+ignore', '+bufsize=1232', 'big.example.com', 'TXT');
    expect(truncated.flags).toContain('tc');
    expect(digs('+bufsize=1232', 'big.example.com', 'TXT').answer).toHaveLength(20);
    expect(digs('+ignore', '+noedns', 'big.example.com', 'TXT').flags).toContain('tc');
  });

  test('EDNS is answered with EDNS, and only then (RFC 6891 §7)', () => {
    expect(digs('+edns=0', 'www.example.com').ednsVersion).toBe(0);
    expect(digs('+noedns', 'www.example.com').ednsVersion).toBeUndefined();
    expect(digs('+ednsopt=65001:deadbeef', 'www.example.com').status).toBe('NOERROR');
  });

  test('an EDNS version from the future is BADVERS, with ours named (RFC 6891 §6.1.3)', () => {
    const answer = digs('+edns=1', '+noednsnegotiation', 'www.example.com');
    expect(answer.status).toBe('BADVERS');
    expect(answer.ednsVersion).toBe(0);
    expect(answer.answer).toEqual([]);
  });

  test('an unknown opcode is NOTIMP, another class is REFUSED', () => {
    expect(digs('+opcode=3', 'www.example.com').status).toBe('NOTIMP');
    expect(digs('-c', 'CH', 'version.bind', 'TXT').status).toBe('REFUSED');
  });
});

type PeerQuestion = readonly [name: string, ...typeAndOptions: string[]];

const peerQuestions: readonly PeerQuestion[] = [
  ['example.com', 'SOA'],
  ['example.com', 'NS'],
  ['example.com', 'A'],
  ['example.com', 'AAAA'],
  ['example.com', 'MX'],
  ['example.com', 'TXT'],
  ['example.com', 'CAA'],
  ['example.com', 'SRV'],
  ['www.example.com', 'A'],
  ['WwW.ExAmPlE.cOm', 'A'],
  ['www.example.com', 'AAAA'],
  ['www.example.com', 'HTTPS'],
  ['www.example.com', 'MX'],
  ['pool.example.com', 'A'],
  ['six.example.com', 'A'],
  ['six.example.com', 'AAAA'],
  ['ftp.example.com', 'A'],
  ['ftp.example.com', 'AAAA'],
  ['ftp.example.com', 'MX'],
  ['ftp.example.com', 'CNAME'],
  ['alias.example.com', 'A'],
  ['loop.example.com', 'A'],
  ['dangling.example.com', 'A'],
  ['deep.example.com', 'A'],
  ['host.deep.example.com', 'A'],
  ['x.deep.example.com', 'A'],
  ['wild.example.com', 'A'],
  ['a.wild.example.com', 'A'],
  ['a.b.wild.example.com', 'TXT'],
  ['a.wild.example.com', 'MX'],
  ['*.wild.example.com', 'A'],
  ['sub.example.com', 'A'],
  ['sub.example.com', 'NS'],
  ['host.sub.example.com', 'A'],
  ['ns.sub.example.com', 'A'],
  ['sub.example.com', 'DS'],
  ['_sip._udp.example.com', 'SRV'],
  ['_udp.example.com', 'SRV'],
  ['phone.example.com', 'NAPTR'],
  ['text.example.com', 'TXT'],
  ['first\\.last.example.com', 'TXT'],
  ['last.example.com', 'TXT'],
  ['unknown.example.com', 'TYPE65280'],
  ['unknown.example.com', 'A'],
  ['big.example.com', 'TXT', '+tcp'],
  ['nothing.example.com', 'A'],
  ['nothing.www.example.com', 'A'],
  ['www.example.net', 'A'],
];

/** Asked only of BIND: NSD and Knot answer ANY with one RRset of their choice (RFC 8482 §4.1). */
const anyQuestions: readonly PeerQuestion[] = [
  ['example.com', 'ANY', '+tcp'],
  ['www.example.com', 'ANY', '+tcp'],
  ['ftp.example.com', 'ANY', '+tcp'],
  ['a.wild.example.com', 'ANY', '+tcp'],
  ['nothing.example.com', 'ANY', '+tcp'],
];

describe.each([
  { peer: 'NSD', program: 'nsd', start: startNsd, any: [] },
  { peer: 'BIND', program: 'named', start: startBind, any: anyQuestions },
  { peer: 'Knot', program: 'knotd', start: startKnot, any: [] },
] as const)('ts-dns beside $peer', ({ program, start, any }) => {
  const missing = findObstacle(['program dig', `program ${program}`]);

  describe.skipIf(missing !== undefined)(titleOf('with the same zone', missing), () => {
    const lab = new Lab();
    let ours = 0;
    let theirs = 0;

    beforeAll(async () => {
      ours = await findFreePort();
      theirs = await findFreePort();
      await startTsDns(lab, ...serveArguments(ours));
      await start(lab, {
        address: HOST,
        ports: [theirs],
        zones: [servedZone('example.com.zone')],
      });
    });
    afterAll(() => lab.close());

    function ask(port: number, args: readonly string[]): object {
      const text = lab.must('dig', `@${HOST}`, '-p', String(port), '+norec', '+time=2', ...args);
      return comparable(parseAnswer(text));
    }

    test.each([...peerQuestions, ...any])('%s %s %s', (...args) => {
      expect(ask(ours, args)).toEqual(ask(theirs, args));
    });
  });
});

/**
 * What every correct server must agree on. Beside a positive answer NS records and addresses are a
 * courtesy, which servers grant or not; in referrals and negative answers they are the message.
 */
function comparable({ status, flags, answer, authority, additional }: Answer): object {
  const isReferral = !flags.includes('aa') && authority.length > 0;
  const isNegative = authority.some((record) => record.split(' ')[3] === 'SOA');
  return {
    status,
    isAuthoritative: flags.includes('aa'),
    answer,
    authority: isReferral || isNegative ? authority : [],
    glue: isReferral ? additional : [],
  };
}

function serveArguments(port: number): string[] {
  const zone = `${zonesFolder}/example.com.zone`;
  return ['serve', '--no-recursion', '--listen', `${HOST}:${port}`, '--zone', zone];
}
