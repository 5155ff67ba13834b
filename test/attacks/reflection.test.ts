/** Family E: the server as a weapon against others, and against itself. */
import { expect } from 'vitest';

import { startSystem } from '../../src/app/system.ts';
import { silentLogger } from '../../src/net/logger.ts';
import { plainEdns } from '../../src/wire/edns.ts';
import { encodeMessage } from '../../src/wire/encode.ts';
import { parsePrefix } from '../../src/query/address-prefix.ts';
import { Rcode } from '../../src/wire/iana.ts';
import { createMessage, type Message } from '../../src/wire/message.ts';
import { nameOf } from '../../src/wire/name-text.ts';
import { questionOf, records, reply, type Responder } from '../resolver/fixture.ts';
import { zoneOf } from '../zone/answer.ts';
import { attackService, SERVER, type Client, type Service } from './service.ts';

const OWN_ZONE = zoneOf(
  `$ORIGIN own.test.
@ 300 SOA ns h 1 3600 600 86400 60
@ 300 NS ns
@ 300 TXT "${'x'.repeat(200)}" "${'y'.repeat(200)}"
@ 300 MX 10 mail
ns 300 A 192.0.2.1
mail 300 A 192.0.2.2
${Array.from({ length: 120 }, (_, i) => `big 300 A 192.0.2.${i}`).join('\n')}
`,
  'own.test.',
);

attackService(
  {
    row: 'E1',
    name: 'ANY, TXT and a big set over UDP: no reply is larger than 1232 octets',
    zones: [OWN_ZONE],
  },
  async (service) => {
    const client = await service.client('198.51.100.77');
    let sent = 0;
    for (const [name, type] of [
      ['own.test.', 'ANY'],
      ['own.test.', 'TXT'],
      ['own.test.', 'NS'],
      ['own.test.', 'SOA'],
      ['big.own.test.', 'A'],
      ['nothing.own.test.', 'A'],
    ] as const) {
      client.ask(name, { type, edns: { ...plainEdns(), udpPayloadSize: 65_535 } });
      sent++;
    }
    await service.advance(1000);
    expect(client.replies).toHaveLength(sent);
    const sizes = client.replies.map(({ octets }) => octets.length);
    expect(Math.max(...sizes)).toBeLessThanOrEqual(1232);
    const received = sizes.reduce((sum, size) => sum + size);
    const factor = received / client.sentOctets;
    expect(factor).toBeLessThanOrEqual(10);
    return `${factor.toFixed(1)} octets for one`;
  },
);

attackService(
  { row: 'E1', name: 'who may not use recursion gets no more octets than he sent' },
  async (service) => {
    const stranger = await service.client('192.0.2.200');
    for (let i = 0; i < 10; i++) stranger.ask('www.example.com.', { type: 'ANY', edns: false });
    await service.advance(10_000);
    const octets = stranger.replies.reduce((sum, one) => sum + one.octets.length, 0);
    expect(stranger.replies.every(({ message }) => message.rcode === Rcode.REFUSED)).toBe(true);
    expect(octets).toBeLessThanOrEqual(stranger.sentOctets);
    expect(service.resolver.counters.sends).toBe(0);
    return `${(octets / stranger.sentOctets).toFixed(1)} octets for one`;
  },
);

attackService(
  {
    row: 'E1',
    name: 'a flood in the name of a victim: its network is sent no more octets than were forged',
    zones: [OWN_ZONE],
  },
  async (service) => {
    const { world } = service.stage.internet;
    const victims: Client[] = [];
    for (const last of [9, 10, 11]) victims.push(await service.client(`192.0.2.${last}`));
    for (let i = 0; i < 6000; i++) {
      const ask = (): number => victims[i % victims.length]!.ask('own.test.', { type: 'TXT' });
      world.at(world.nowMs + i / 2, ask);
    }
    await service.advance(4000);
    const replies = victims.flatMap((victim) => victim.replies);
    const octets = replies.reduce((sum, one) => sum + one.octets.length, 0);
    const forged = victims.reduce((sum, { sentOctets }) => sum + sentOctets, 0);
    // Fifty a second and what was saved up; of the rest, every second one and empty.
    expect(replies.filter(({ message }) => !message.tc).length).toBeLessThanOrEqual(50 * 4);
    expect(replies.length).toBeLessThan(6000 * 0.6);
    expect(octets).toBeLessThan(forged);
    return `${(octets / forged).toFixed(1)} octets for one`;
  },
);

attackService(
  {
    row: 'B14',
    name: 'who is refused or dropped gets nothing of what others have brought into the caches',
    zones: [OWN_ZONE],
    clients: {
      refuse: [parsePrefix('198.51.100.64/26')!],
      drop: [parsePrefix('198.51.100.128/26')!],
    },
  },
  async (service) => {
    const friend = await service.client('198.51.100.20');
    const refused = await service.client('198.51.100.70');
    const dropped = await service.client('198.51.100.140');
    for (const name of ['www.example.com.', 'www.example.com.', 'own.test.', 'own.test.']) {
      const id = friend.ask(name, { type: 'A' });
      await service.advance(1000);
      expect(friend.replyTo(id)?.rcode).toBe(Rcode.NOERROR);
      for (const client of [refused, dropped]) client.ask(name, { type: 'A' });
      await service.advance(1000);
    }
    expect(dropped.replies).toEqual([]);
    expect(refused.replies).toHaveLength(4);
    const said = refused.replies.map(({ message }) => [message.rcode, message.answers.length]);
    expect(said).toEqual(Array.from({ length: 4 }, () => [Rcode.REFUSED, 0]));
    return 'nothing';
  },
);

/** Everything that one server may say to another, as a query and as a reply. */
function packetsOfEveryKind(): readonly Uint8Array[] {
  const question = questionOf('www.example.com.');
  const query = createMessage({ id: 1, rd: true, questions: [question] });
  const kinds: Partial<Message>[] = [
    {},
    { opcode: 4 },
    { opcode: 5 },
    { opcode: 2 },
    { opcode: 15 },
    { questions: [] },
    { questions: [question, question] },
    { edns: { ...plainEdns(), version: 1 } },
    { rcode: Rcode.FORMERR },
    { rcode: Rcode.NOTIMP },
    { rcode: Rcode.REFUSED },
    { rcode: Rcode.BADVERS, edns: plainEdns() },
    { rcode: 23, edns: plainEdns() },
    { answers: records('www.example.com. 60 A 203.0.113.1') },
    { tc: true },
  ];
  const whole = kinds.flatMap((parts) =>
    [false, true].map((qr) => encodeMessage({ ...query, ...parts, qr }, 512)),
  );
  const broken = [1, 5, 11, 12, 13, 20].map((end) => whole[0]!.subarray(0, end));
  return [...whole, ...broken, Uint8Array.of(...whole[0]!, 0xff)];
}

attackService(
  { row: 'E2', name: 'Loop DoS: a forged packet of any kind between two servers starts no loop' },
  async (service) => {
    const { world } = service.stage.internet;
    const other = { address: '198.51.100.90', port: 53 };
    const host = world.host({ name: 'other server', addresses: [other.address] });
    const { runtime } = host;
    const listen = [other];
    const twin = await world.run(startSystem({ runtime, logger: silentLogger, listen, zones: [] }));
    let most = 0;
    for (const octets of packetsOfEveryKind()) {
      let between = 0;
      const stop = world.onPacket(({ from, to, kind }) => {
        const ends = [from.address, to.address];
        const isBetween = ends.includes(other.address) && ends.includes(SERVER.address);
        if (isBetween && kind === 'datagram') between++;
      });
      service.stage.forge(other, SERVER, octets);
      await service.advance(10_000);
      stop();
      // The forged one and one reply to it, which nobody answers.
      expect(between).toBeLessThanOrEqual(2);
      most = Math.max(most, between);
    }
    await world.run(twin.close());
    return `${most} packets`;
  },
);

attackService(
  { row: 'E2', name: 'responses of every kind are never answered' },
  async (service) => {
    const client = await service.client();
    for (const octets of packetsOfEveryKind()) {
      const response = new Uint8Array(octets);
      if (response.length > 2) response[2]! |= 0x80;
      client.send(response);
    }
    await service.advance(10_000);
    expect(client.replies).toEqual([]);
    return 'no packet';
  },
);

attackService(
  {
    row: 'E3',
    name: 'one reply to a query, whatever servers send twice',
    setting: {
      evil: (query) => {
        const answers = records('www.evil.com. 300 A 192.0.2.66');
        const one = reply(query, { aa: true, answers });
        return [one, one, { ...one, id: one.id ^ 1 }, one];
      },
    },
  },
  async (service) => {
    const client = await service.client();
    const ids = Array.from({ length: 20 }, () => client.ask('www.evil.com.'));
    await service.advance(10_000);
    expect(client.replies.map(({ message }) => message.id).toSorted((a, b) => a - b)).toEqual(ids);
    return '1 reply a query';
  },
);

attackService(
  { row: 'D10', name: 'TsuKing: a query without RD never goes to servers' },
  async (service) => {
    const client = await service.client();
    for (let i = 0; i < 20; i++) client.ask(`n${i}.example.com.`, { rd: false });
    await service.advance(10_000);
    expect(client.replies).toHaveLength(20);
    expect(service.resolver.counters.sends).toBe(0);
    return 'no packet';
  },
);

/** Resolvers that forward to each other, each to the next of the ring. */
async function openRing(service: Service, size: number): Promise<Client> {
  const { world } = service.stage.internet;
  const addresses = Array.from({ length: size }, (_, i) => `198.51.100.${10 + i}`);
  for (const [i, address] of addresses.entries()) {
    const { runtime } = world.host({ name: `ring ${i}`, addresses: [address] });
    const next = addresses[(i + 1) % size]!;
    await world.run(
      startSystem({
        runtime,
        logger: silentLogger,
        listen: [{ address, port: 53 }],
        zones: [],
        recursion: {
          rootHints: [{ name: nameOf('a.root.'), addresses: ['198.51.100.1'] }],
          allow: [{ octets: Uint8Array.of(0, 0, 0, 0), bits: 0 }],
          forwards: [{ zone: nameOf('ring.'), addresses: [next] }],
        },
      }),
    );
  }
  return service.client();
}

for (const size of [1, 2, 3]) {
  attackService(
    {
      row: 'D10',
      name: `TsuKing: a ring of ${size} resolver${size > 1 ? 's' : ''} that forward to each other`,
    },
    async (service) => {
      const { world } = service.stage.internet;
      await openRing(service, size);
      let packets = 0;
      world.onPacket(({ from, to, kind, transport }) => {
        const isRing = from.address.startsWith('198.51.100.1') && to.port === 53;
        if (isRing && (kind === 'syn' || transport === 'udp')) packets++;
      });
      const query = createMessage({ id: 7, rd: true, questions: [questionOf('www.ring.')] });
      const victim = { address: '198.51.100.19', port: 4000 };
      service.stage.forge(
        victim,
        { address: '198.51.100.10', port: 53 },
        encodeMessage(query, 512),
      );
      await service.advance(60_000);
      expect(packets).toBeLessThanOrEqual(100);
      return `${packets} packets`;
    },
  );
}

const slowly: Responder = () => [];

attackService(
  {
    row: 'D11',
    name: 'DNSBomb: what spoofed clients pile up in ten seconds is no pulse',
    setting: { evil: slowly },
  },
  async (service) => {
    const { world } = service.stage.internet;
    const victim = await service.client('198.51.100.99');
    let asked = 0;
    for (let i = 0; i < 400; i++) {
      world.at(world.nowMs + i * 25, () => {
        victim.ask(`b${i % 100}.evil.com.`, { edns: false });
        asked++;
      });
    }
    await service.advance(20_000);
    expect(asked).toBe(400);
    const times = victim.replies.map(({ atMs }) => atMs);
    const inPulse = times.map((at) => times.filter((one) => one >= at && one < at + 10).length);
    const pulse = Math.max(0, ...inPulse);
    expect(pulse).toBeLessThanOrEqual(100);
    return `${pulse} replies in 10 ms`;
  },
);

attackService(
  { row: 'A6', name: 'RebirthDay: DO, CD, subnets, padding and letter case: one packet at a time' },
  async (service) => {
    const first = await service.client();
    first.ask('ns.example.com.');
    await service.advance(1000);
    let outstanding = 0;
    let most = 0;
    service.stage.onQuery((query) => {
      if (query.questions[0]!.name.equals(nameOf('www.example.com.'))) {
        outstanding++;
        most = Math.max(most, outstanding);
      }
    });
    const subnet = (i: number): Uint8Array => Uint8Array.of(0, 1, 24, 0, 10, 0, i);
    for (let i = 0; i < 90; i++) {
      const client = i % 10 === 0 ? await service.client() : first;
      const option = i % 3 === 0 ? [{ code: 8, data: subnet(i) }] : [];
      const padding = i % 5 === 0 ? [{ code: 12, data: new Uint8Array(i) }] : [];
      const options = [...option, ...padding];
      const edns = i % 7 === 0 ? false : { ...plainEdns(i % 2 === 0), options };
      const name = i % 4 === 0 ? 'WWW.example.COM.' : 'www.example.com.';
      client.ask(name, { cd: i % 6 === 0, edns });
    }
    await service.advance(5000);
    expect(most).toBe(1);
    return `${most} packet`;
  },
);

attackService(
  {
    row: 'B14',
    name: 'clients with and without recursion, in either order, get what each may have',
    zones: [OWN_ZONE],
  },
  async (service) => {
    const friend = await service.client();
    const stranger = await service.client('192.0.2.200');
    for (const name of ['www.example.com.', 'www.alias.org.']) {
      const order = name.startsWith('www.e') ? [friend, stranger] : [stranger, friend];
      for (const client of [...order, ...order]) {
        const id = client.ask(name);
        await service.advance(2000);
        const wanted = client === friend ? Rcode.NOERROR : Rcode.REFUSED;
        expect(client.replyTo(id)?.rcode).toBe(wanted);
        expect(client.replyTo(id)?.answers.length).toBe(client === friend ? 1 : 0);
      }
    }
    return 'each his own';
  },
);
