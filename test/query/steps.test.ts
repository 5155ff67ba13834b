import { describe, expect, it, vi } from 'vitest';
import { silentLogger } from '../../src/net/logger.ts';
import { KeptStory } from '../../src/query/explanation.ts';
import { answerIdentity } from '../../src/query/identity.ts';
import { emptyAnswer, type Answer, type Query } from '../../src/query/query.ts';
import { compose, logQueries, rotateAnswers } from '../../src/query/steps.ts';
import { World } from '../../src/sim/world.ts';
import { DnsClass, Rcode, RRType } from '../../src/wire/iana.ts';
import { createMessage } from '../../src/wire/message.ts';
import { nameOf } from '../../src/wire/name-text.ts';

const { signal } = new AbortController();

function queryFor(name: string, type: number, dnsClass: number = DnsClass.IN): Query {
  const question = { name: nameOf(name), type, class: dnsClass };
  return {
    message: createMessage({ questions: [question] }),
    question,
    transport: 'udp',
    client: { address: '192.0.2.1', port: 5353 },
    receivedAtMs: 1,
  };
}

const inner = vi.fn((): Answer => emptyAnswer(Rcode.NXDOMAIN));

describe('class CH (RFC 4892)', () => {
  const told = answerIdentity({ version: 'ts-dns', id: 'ns1' })(inner);

  it.each([
    ['version.bind.', 'ts-dns'],
    ['VERSION.Server.', 'ts-dns'],
    ['id.server.', 'ns1'],
    ['hostname.bind.', 'ns1'],
  ])('%s tells what is configured', async (name, text) => {
    const answer = await told(queryFor(name, RRType.TXT, DnsClass.CH), signal);
    expect(answer).toMatchObject({ rcode: Rcode.NOERROR, authoritative: true });
    const octets = [text.length, ...new TextEncoder().encode(text)];
    expect([...answer.answers[0]!.rdatas[0]!]).toEqual(octets);
  });

  it.each([
    ['another name', queryFor('authors.bind.', RRType.TXT, DnsClass.CH)],
    ['another type', queryFor('version.bind.', RRType.A, DnsClass.CH)],
    ['another class', queryFor('version.bind.', RRType.TXT, DnsClass.HS)],
  ])('%s is refused', async (_what, query) => {
    expect(await told(query, signal)).toMatchObject({ rcode: Rcode.REFUSED, answers: [] });
  });

  it('tells whoever wants to know why it is refused', async () => {
    const { clock } = new World({ seed: 1 }).host({ addresses: ['192.0.2.1'] }).runtime;
    const story = new KeptStory(clock, 0);
    const query = queryFor('authors.bind.', RRType.TXT, DnsClass.CH);
    await told({ ...query, story: story.root }, signal);
    expect(story.explanation.steps).toMatchObject([
      { kind: 'refused', facts: { why: expect.stringContaining('class other than IN') as string } },
    ]);
  });

  it('has no AA from a resolver, which is no authority', async () => {
    const resolver = answerIdentity({ version: 'ts-dns' }, true)(inner);
    const answer = await resolver(queryFor('version.bind.', RRType.TXT, DnsClass.CH), signal);
    expect(answer).toMatchObject({ rcode: Rcode.NOERROR, authoritative: false });
  });

  it('tells nothing unless configured', async () => {
    const silent = answerIdentity({})(inner);
    const query = queryFor('version.bind.', RRType.TXT, DnsClass.CH);
    expect(await silent(query, signal)).toMatchObject({ rcode: Rcode.REFUSED });
  });

  it('class IN passes', async () => {
    expect(await told(queryFor('version.bind.', RRType.TXT), signal)).toBe(
      inner.mock.results[0]?.value,
    );
  });
});

it('rotation gives each record its turn, and leaves the answer of the zone alone', async () => {
  const rdatas = [1, 2, 3].map((octet) => Uint8Array.of(192, 0, 2, octet));
  const rrset = { name: nameOf('www.'), type: RRType.A, class: DnsClass.IN, ttl: 60, rdatas };
  const answer = { ...emptyAnswer(Rcode.NOERROR), answers: [rrset] };
  const rotated = rotateAnswers()(() => answer);
  const firsts: unknown[] = [];
  for (let i = 0; i < 4; i++) {
    const turned = await rotated(queryFor('www.', RRType.A), signal);
    firsts.push(turned.answers[0]!.rdatas[0]![3]);
    expect(turned.answers[0]!.rdatas).toHaveLength(3);
  }
  expect(firsts).toEqual([1, 2, 3, 1]);
  expect(rrset.rdatas[0]![3]).toBe(1);
});

it('every answered query is one debug line with its question, client and rcode', async () => {
  const debug = vi.fn();
  const logger = { ...silentLogger, debug, isLevelEnabled: () => true };
  const { clock } = new World({ seed: 1 }).host({ addresses: ['192.0.2.1'] }).runtime;
  await compose([logQueries(logger, clock)], inner)(queryFor('evil\\027.', RRType.A), signal);
  expect(debug).toHaveBeenCalledTimes(1);
  expect(debug.mock.calls[0]![0]).toMatchObject({
    name: 'evil\\027.',
    type: 'A',
    client: '192.0.2.1#5353',
    rcode: 'NXDOMAIN',
  });
});
