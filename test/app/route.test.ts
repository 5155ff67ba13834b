import { describe, expect, it, vi } from 'vitest';
import { route } from '../../src/app/route.ts';
import { ZoneSet } from '../../src/authority/zone-set.ts';
import { admit } from '../../src/query/guard.ts';
import { emptyAnswer, type Answer, type Query } from '../../src/query/query.ts';
import type { Resolver } from '../../src/resolver/resolver.ts';
import { DnsClass, ExtendedError, Rcode, RRType } from '../../src/wire/iana.ts';
import { encodeMessage } from '../../src/wire/encode.ts';
import { createMessage } from '../../src/wire/message.ts';
import { nameOf } from '../../src/wire/name-text.ts';
import { loadZone } from '../../src/zone/zone.ts';

const text = `
$ORIGIN corp.test.
@     300 SOA ns host 1 3600 600 86400 60
@     300 NS  ns
ns    300 A   192.0.2.1
away  300 CNAME www.elsewhere.net.
child 300 NS  ns.elsewhere.net.
`;
const zone = loadZone(new TextEncoder().encode(text), { file: 'test' });
if (!zone.ok) throw new Error('the zone does not load');
const zones = new ZoneSet([zone.value]);

const found = {
  name: nameOf('www.elsewhere.net.'),
  type: RRType.A,
  class: DnsClass.IN,
  ttl: 77,
  rdatas: [Uint8Array.of(192, 0, 2, 7)],
};

function resolverThat(answer: Answer): { resolver: Resolver; asked: () => string[] } {
  const spy = vi.fn((_query: Query) => Promise.resolve(answer));
  const asked = (): string[] =>
    spy.mock.calls.map(([{ question }]) => {
      const { name, type, class: dnsClass } = question;
      return `${name.toString()} ${type} ${dnsClass}`;
    });
  return { resolver: { answer: spy } as unknown as Resolver, asked };
}

function queryFor(name: string, parts: { rd?: boolean; client?: string } = {}): Query {
  const asked = { name: nameOf(name), type: RRType.A, class: DnsClass.IN };
  const sent = createMessage({ rd: parts.rd ?? true, questions: [asked] });
  // As it comes from the wire: a decoded question is no plain object.
  const admission = admit(encodeMessage(sent));
  if (admission.kind !== 'admitted') throw new Error(admission.kind);
  const { message, question } = admission;
  return {
    message,
    question,
    transport: 'udp',
    client: { address: parts.client ?? '127.0.0.1', port: 5353 },
    receivedAtMs: 1,
    access: parts.client === undefined ? 'recurse' : 'serve',
  };
}

const { signal } = new AbortController();

describe('a server with zones and a resolver', () => {
  const { resolver, asked } = resolverThat({ ...emptyAnswer(Rcode.NOERROR), answers: [found] });
  const answerer = route({ zones, recursion: { resolver } });

  it('answers its own names itself, to everybody', async () => {
    const answer = await answerer(queryFor('ns.corp.test.', { client: '203.0.113.1' }), signal);
    expect(answer).toMatchObject({ authoritative: true, rcode: Rcode.NOERROR });
    expect(asked()).toEqual([]);
  });

  it('finishes an alias that leads out of its zones', async () => {
    const answer = await answerer(queryFor('away.corp.test.'), signal);
    expect(answer.answers.map(({ name }) => name.toString())).toEqual([
      'away.corp.test.',
      'www.elsewhere.net.',
    ]);
    expect(answer.authoritative).toBe(true);
    expect(asked().at(-1)).toBe('www.elsewhere.net. 1 1');
  });

  it('follows its own delegation for whoever asks for recursion, and refers others', async () => {
    const followed = await answerer(queryFor('www.child.corp.test.'), signal);
    expect(followed).toMatchObject({ authoritative: false, answers: [found] });
    const referred = await answerer(queryFor('www.child.corp.test.', { rd: false }), signal);
    expect(referred).toMatchObject({ authoritative: false, answers: [] });
    expect(referred.authorities).toHaveLength(1);
  });

  it('refuses other names to strangers, and says why (RFC 8914 §4.19)', async () => {
    const answer = await answerer(queryFor('www.x.', { client: '203.0.113.1' }), signal);
    expect(answer).toMatchObject({
      rcode: Rcode.REFUSED,
      extendedErrors: [{ code: ExtendedError.PROHIBITED }],
    });
  });
});

it('a server without a resolver refuses names outside its zones', async () => {
  const answer = await route({ zones })(queryFor('www.elsewhere.net.'), signal);
  expect(answer).toMatchObject({
    rcode: Rcode.REFUSED,
    extendedErrors: [{ code: ExtendedError.NOT_AUTHORITATIVE }],
  });
});
