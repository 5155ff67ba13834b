import { describe, expect, it } from 'vitest';
import { answerFromZones, type AnswerPolicy } from '../../src/authority/answer.ts';
import { ZoneSet } from '../../src/authority/zone-set.ts';
import type { Answer } from '../../src/query/query.ts';
import { DnsClass, parseType, rcodeText, typeText } from '../../src/wire/iana.ts';
import { nameOf } from '../../src/wire/name-text.ts';
import { printRdata } from '../../src/wire/rdata/rdata.ts';
import type { RRset } from '../../src/wire/record.ts';
import { loadZone } from '../../src/zone/zone.ts';

const EXAMPLE_COM = `
$ORIGIN example.com.
@      300 SOA ns host 1 3600 600 86400 60
@      300 NS  ns
@      300 MX  10 mail
@      300 MX  20 mail.example.org.
@      300 MX  30 mail.elsewhere.net.
ns     300 A   192.0.2.1
mail   300 A   192.0.2.2
mail   300 AAAA 2001:db8::2
www    300 CNAME web
web    300 CNAME www.example.org.
alias  300 CNAME missing
away   300 CNAME www.elsewhere.net.
self   300 CNAME self
ping   300 CNAME pong
pong   300 CNAME ping
below  300 CNAME host.child
old    300 DNAME new
a.new  300 A   192.0.2.3
spiral 300 DNAME b.spiral
round  300 DNAME @
child  300 NS  ns.child
child  300 NS  ns.sibling
child  300 DS  1 8 99 AA
ns.child   300 A 192.0.2.4
sibling    300 NS ns.sibling
ns.sibling 300 A 192.0.2.5
_sip._tcp  300 SRV 0 0 5060 mail
svc    300 HTTPS 1 . alpn=h2
svc    300 A   192.0.2.6
web.svc 300 HTTPS 0 svc
no.svc 300 HTTPS 0 .
no.svc 300 A  192.0.2.7
*.wild 300 CNAME mail
`;

const EXAMPLE_ORG = `
$ORIGIN example.org.
@    60 SOA ns.example.com. host 1 3600 600 86400 30
@    60 NS  ns.example.com.
www  60 A   192.0.2.9
mail 60 A   192.0.2.10
`;

const SUB = `
$ORIGIN sub.example.org.
@ 60 SOA ns.example.com. host 1 3600 600 86400 30
@ 60 NS  ns.example.com.
`;

const SIGNED = `
$ORIGIN signed.test.
@     60 SOA ns.example.com. host 1 3600 600 86400 30
@     60 NS  ns.example.com.
@     60 DNSKEY 256 3 13 AAAA
child 60 NS  ns.example.com.
child 60 DS  1 8 99 AA
`;

const zones = new ZoneSet(
  [EXAMPLE_COM, EXAMPLE_ORG, SUB, SIGNED].map((text) => {
    const zone = loadZone(new TextEncoder().encode(text), { file: 'test' });
    if (!zone.ok) throw new Error(zone.error.map(({ message }) => message).join('\n'));
    return zone.value;
  }),
);

function ask(text: string): Answer {
  const [name, type] = text.split(' ') as [string, string];
  const question = { name: nameOf(name), type: parseType(type)!, class: DnsClass.IN };
  const found = answerFromZones(zones, question);
  if (!found) throw new Error('not our zone');
  return found.answer;
}

function lines(rrsets: readonly RRset[]): string[] {
  return rrsets.flatMap(({ name, ttl, type, rdatas }) =>
    rdatas.map((rdata) => `${name.toString()} ${ttl} ${typeText(type)} ${printRdata(type, rdata)}`),
  );
}

describe('aliases', () => {
  it('are followed from zone to zone as long as they are ours (RFC 1034 §4.3.2)', () => {
    const answer = ask('www.example.com A');
    expect(answer).toMatchObject({ rcode: 0, authoritative: true });
    expect(lines(answer.answers)).toEqual([
      'www.example.com. 300 CNAME web.example.com.',
      'web.example.com. 300 CNAME www.example.org.',
      'www.example.org. 60 A 192.0.2.9',
    ]);
  });

  it('to a name that does not exist give NXDOMAIN with the alias (RFC 6604 §3)', () => {
    const answer = ask('alias.example.com A');
    expect(rcodeText(answer.rcode)).toBe('NXDOMAIN');
    expect(lines(answer.answers)).toEqual(['alias.example.com. 300 CNAME missing.example.com.']);
    expect(lines(answer.authorities)).toEqual([
      'example.com. 60 SOA ns.example.com. host.example.com. 1 3600 600 86400 60',
    ]);
  });

  it('that leave our zones end the answer, and say where to go on', () => {
    const question = { name: nameOf('away.example.com.'), type: 1, class: 1 };
    const found = answerFromZones(zones, question)!;
    expect(lines(found.answer.answers)).toHaveLength(1);
    expect(found.continuation).toEqual({ kind: 'alias', target: nameOf('www.elsewhere.net.') });
  });

  it.each([
    ['self.example.com A', 1],
    ['ping.example.com A', 2],
  ])('in a loop end: %s', (question, count) => {
    expect(ask(question).answers).toHaveLength(count);
  });

  it('asked for themselves are not followed', () => {
    expect(lines(ask('www.example.com CNAME').answers)).toHaveLength(1);
  });

  it('of a wildcard bear the name that was asked (RFC 4592 §3.3.3)', () => {
    expect(lines(ask('x.wild.example.com A').answers)).toEqual([
      'x.wild.example.com. 300 CNAME mail.example.com.',
      'mail.example.com. 300 A 192.0.2.2',
    ]);
  });

  it('by DNAME come with the DNAME and a synthesised CNAME (RFC 6672 §3.1)', () => {
    expect(lines(ask('a.old.example.com A').answers)).toEqual([
      'old.example.com. 300 DNAME new.example.com.',
      'a.old.example.com. 300 CNAME a.new.example.com.',
      'a.new.example.com. 300 A 192.0.2.3',
    ]);
  });

  it('by one DNAME again and again show it once (RFC 2181 §5)', () => {
    const spiral = lines(ask('a.spiral.example.com A').answers);
    expect(spiral.filter((line) => line.includes(' DNAME '))).toHaveLength(1);
    expect(spiral.filter((line) => line.includes(' CNAME '))).toHaveLength(17);
    expect(lines(ask('round.round.example.com DNAME').answers)).toEqual([
      'round.example.com. 300 DNAME example.com.',
      'round.round.example.com. 300 CNAME round.example.com.',
    ]);
  });

  it('by DNAME are not followed where the CNAME was asked for, as in BIND, NSD and Knot', () => {
    const answer = ask('missing.old.example.com CNAME');
    expect(answer).toMatchObject({ rcode: 0, authoritative: true, authorities: [] });
    expect(lines(answer.answers)).toEqual([
      'old.example.com. 300 DNAME new.example.com.',
      'missing.old.example.com. 300 CNAME missing.new.example.com.',
    ]);
  });

  it('by DNAME to a name over 255 octets are YXDOMAIN (RFC 6672 §2.2)', () => {
    const text = `$ORIGIN l.\n@ 1 SOA n h 1 1 1 1 1\n@ 1 NS n.x.\nd 1 DNAME ${'a'.repeat(60)}.x.\n`;
    const zone = loadZone(new TextEncoder().encode(text), { file: 'test' });
    if (!zone.ok) throw new Error('the zone does not load');
    const long = `${`${'b'.repeat(63)}.`.repeat(3)}d.l.`;
    const question = { name: nameOf(long), type: 1, class: 1 };
    const found = answerFromZones(new ZoneSet([zone.value]), question)!;
    expect(rcodeText(found.answer.rcode)).toBe('YXDOMAIN');
    expect(lines(found.answer.answers)).toHaveLength(1);
  });
});

describe('delegations', () => {
  it('are referred without AA, with glue that must be sent (RFC 9471 §3)', () => {
    const answer = ask('www.child.example.com A');
    expect(answer).toMatchObject({ rcode: 0, authoritative: false, answers: [] });
    expect(lines(answer.authorities)).toEqual([
      'child.example.com. 300 NS ns.child.example.com.',
      'child.example.com. 300 NS ns.sibling.example.com.',
    ]);
    expect(lines(answer.additionals)).toEqual([
      'ns.child.example.com. 300 A 192.0.2.4',
      'ns.sibling.example.com. 300 A 192.0.2.5',
    ]);
    expect(answer.requiredAdditionals).toBe(1);
  });

  it.each([
    ['DO is set and the zone signed', { dnssecOk: true, origin: 'signed.test.' }, true],
    ['DO is not set', { dnssecOk: false, origin: 'signed.test.' }, false],
    ['the zone is not signed', { dnssecOk: true, origin: 'example.com.' }, false],
  ])(
    'have their DS in a referral or not where %s (RFC 4035 §3.1)',
    (_, { dnssecOk, origin }, hasDs) => {
      const question = { name: nameOf(`www.child.${origin}`), type: 1, class: 1 };
      const policy = { any: 'all', isMinimal: true, dnssecOk };
      const { answer } = answerFromZones(zones, question, policy as AnswerPolicy)!;
      expect(answer.authorities.some(({ type }) => typeText(type) === 'DS')).toBe(hasDs);
    },
  );

  it('reached by an alias of ours keep AA for the alias', () => {
    const answer = ask('below.example.com A');
    expect(answer).toMatchObject({ authoritative: true });
    expect(lines(answer.answers)).toEqual(['below.example.com. 300 CNAME host.child.example.com.']);
    expect(answer.authorities).not.toHaveLength(0);
  });

  it('have their DS at the parent (RFC 4035 §3.1.4.1)', () => {
    const answer = ask('child.example.com DS');
    expect(answer).toMatchObject({ authoritative: true });
    expect(lines(answer.answers)).toEqual(['child.example.com. 300 DS 1 8 99 AA']);
  });

  it('between two zones of ours have their DS at the parent too', () => {
    expect(lines(ask('sub.example.org DS').authorities)[0]).toMatch(/^example\.org\. 30 SOA /);
    expect(lines(ask('sub.example.org SOA').answers)[0]).toMatch(/^sub\.example\.org\. 60 SOA /);
  });
});

describe('additional addresses', () => {
  it('of mail hosts come along as far as our zones know them', () => {
    expect(lines(ask('example.com MX').additionals)).toEqual([
      'mail.example.com. 300 A 192.0.2.2',
      'mail.example.com. 300 AAAA 2001:db8::2',
      'mail.example.org. 60 A 192.0.2.10',
    ]);
  });

  it.each([
    ['example.com NS', 'ns.example.com. 300 A 192.0.2.1'],
    ['_sip._tcp.example.com SRV', 'mail.example.com. 300 A 192.0.2.2'],
    ['svc.example.com HTTPS', 'svc.example.com. 300 A 192.0.2.6'],
  ])('of %s', (question, expected) => {
    expect(lines(ask(question).additionals)).toContain(expected);
  });

  it('come with the service records of the target (RFC 9460 §4.1)', () => {
    expect(lines(ask('web.svc.example.com HTTPS').additionals)).toEqual([
      'svc.example.com. 300 A 192.0.2.6',
      'svc.example.com. 300 HTTPS 1 . alpn="h2"',
    ]);
  });

  it('are none where an alias says that there is no service (RFC 9460 §2.5.1)', () => {
    expect(ask('no.svc.example.com HTTPS').additionals).toEqual([]);
  });

  it('that are in the answer already do not come again', () => {
    expect(ask('svc.example.com ANY').additionals).toEqual([]);
  });
});

describe('ANY', () => {
  const question = { name: nameOf('example.com.'), type: 255, class: 1 };

  it('gets every RRset of the name where the policy says so', () => {
    const { answer } = answerFromZones(zones, question, { any: 'all', isMinimal: true })!;
    expect(answer.answers.map(({ type }) => typeText(type)).toSorted()).toEqual([
      'MX',
      'NS',
      'SOA',
    ]);
  });

  it('gets one RRset elsewhere (RFC 8482 §4.1)', () => {
    const { answer } = answerFromZones(zones, question, { any: 'one', isMinimal: true })!;
    expect(answer.answers).toHaveLength(1);
    expect(answer.rcode).toBe(0);
  });
});

it('a full answer names the zone’s servers with their addresses, once', () => {
  const policy = { any: 'all', isMinimal: false } as const;
  const askFully = (name: string, type: number): Answer =>
    answerFromZones(zones, { name: nameOf(name), type, class: 1 }, policy)!.answer;
  const full = askFully('mail.example.com.', 1);
  expect(lines(full.authorities)).toEqual(['example.com. 300 NS ns.example.com.']);
  expect(lines(full.additionals)).toEqual(['ns.example.com. 300 A 192.0.2.1']);
  expect(askFully('example.com.', 2).authorities).toEqual([]);
});

it('a name outside our zones is nobody’s here', () => {
  const question = { name: nameOf('www.elsewhere.net.'), type: 1, class: 1 };
  expect(answerFromZones(zones, question)).toBeUndefined();
});

it('the longest origin wins', () => {
  expect(zones.enclosing(nameOf('a.b.sub.example.org.'))?.origin).toEqual(
    nameOf('sub.example.org.'),
  );
  expect(zones.enclosing(nameOf('example.org.'))?.origin).toEqual(nameOf('example.org.'));
  expect(zones.enclosing(nameOf('org.'))).toBeUndefined();
});
