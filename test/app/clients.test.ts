/** A whole server in the simulated world, and strangers of all kinds. */
import { describe, expect, it } from 'vitest';
import { startSystem, type System, type SystemOptions } from '../../src/app/system.ts';
import { FrameDecoder, frame } from '../../src/net/framing.ts';
import { silentLogger } from '../../src/net/logger.ts';
import type { ConnectedUdpSocket } from '../../src/net/ports.ts';
import { lateReplyLimits } from '../../src/query/late-replies.ts';
import { parsePrefix, type AddressPrefix } from '../../src/query/address-prefix.ts';
import { responseRateLimits } from '../../src/query/response-rate.ts';
import { tcpLimits } from '../../src/server/tcp-limits.ts';
import type { SimHost } from '../../src/sim/host.ts';
import { World } from '../../src/sim/world.ts';
import { decodeMessage } from '../../src/wire/decode.ts';
import { plainEdns, type EdnsOptionValue } from '../../src/wire/edns.ts';
import { encodeMessage } from '../../src/wire/encode.ts';
import { DnsClass, EdnsOption, Opcode, Rcode, RRType } from '../../src/wire/iana.ts';
import { createMessage, type Message } from '../../src/wire/message.ts';
import { nameOf } from '../../src/wire/name-text.ts';
import { loadZone } from '../../src/zone/zone.ts';

const SERVER = { address: '192.0.2.1', port: 53 };
const NAME_SERVER = '192.0.2.53';

const loaded = loadZone(
  new TextEncoder().encode(`$ORIGIN here.test.
@ 60 SOA ns host 1 3600 600 86400 60
@ 60 NS ns
ns 60 A 192.0.2.1
`),
  { file: 'test' },
);
if (!loaded.ok) throw new Error('the zone does not load');
const zone = loaded.value;

interface Scene {
  readonly world: World;
  readonly server: SimHost;
  readonly system: System;
}

async function start(options: Partial<SystemOptions> = {}): Promise<Scene> {
  const world = new World({ seed: 'clients', link: { delayMs: 5 } });
  const server = world.host({ addresses: [SERVER.address] });
  const system = await world.run(
    startSystem({
      runtime: server.runtime,
      logger: silentLogger,
      listen: [SERVER],
      zones: [zone],
      ...options,
    }),
  );
  return { world, server, system };
}

/** A client over UDP and what it hears. */
interface Client {
  readonly host: SimHost;
  readonly socket: ConnectedUdpSocket;
  readonly heard: Message[];
}

async function clientAt({ world }: Scene, address: string): Promise<Client> {
  const host = world.host({ addresses: [address] });
  const { network } = host.runtime;
  const heard: Message[] = [];
  const socket = await world.run(
    network.connectUdp(SERVER, {
      onDatagram: (octets) => {
        const decoded = decodeMessage(octets.slice());
        if (decoded.ok) heard.push(decoded.value);
      },
      onError: () => {},
    }),
  );
  return { host, socket, heard };
}

function ask(
  name: string,
  parts: { id?: number; rd?: boolean; options?: readonly EdnsOptionValue[] } = {},
): Uint8Array {
  const { id = 7, rd = false, options } = parts;
  const questions = [{ name: nameOf(name), type: RRType.A, class: DnsClass.IN }];
  const edns = options && { edns: { ...plainEdns(), options } };
  return encodeMessage(createMessage({ id, rd, questions, ...edns }));
}

function prefixes(...texts: readonly string[]): readonly AddressPrefix[] {
  return texts.map((text) => parsePrefix(text)!);
}

/** A resolver whose only name server answers late, or never when the delay is Infinity. */
async function startResolver(
  delayMs: number,
  options: { limits?: object; clients?: SystemOptions['clients'] } = {},
): Promise<Scene> {
  const rootHints = [{ name: nameOf('ns.root.'), addresses: [NAME_SERVER] }];
  const recursion = {
    rootHints,
    allow: prefixes('198.51.100.0/24'),
    qnameMinimisation: 'off' as const,
    specialUse: false,
    cacheLimits: { recordOctets: 1e6, negativeOctets: 1e6, delegationOctets: 1e6 },
    limits: {
      queryMs: 20_000,
      exchangesPerServer: 10_000,
      exchangesPerZone: 10_000,
      ...options.limits,
    },
  };
  const scene = await start({ recursion, ...(options.clients && { clients: options.clients }) });
  const host = scene.world.host({ addresses: [NAME_SERVER] });
  const { network, clock } = host.runtime;
  const socket = await scene.world.run(
    network.bindUdp({ address: NAME_SERVER, port: 53 }, (datagram, peer) => {
      const decoded = decodeMessage(new Uint8Array(datagram));
      if (!decoded.ok) return 0;
      const { id, questions } = decoded.value;
      const { name } = questions[0]!;
      const rrset = { name, type: RRType.A, class: DnsClass.IN, ttl: 300 };
      const answers = [{ ...rrset, rdata: Uint8Array.of(192, 0, 2, 80) }];
      const reply = encodeMessage(createMessage({ id, qr: true, aa: true, questions, answers }));
      const kept = peer.retain();
      const isFast = name.isSubdomainOf(nameOf('fast.'));
      const waitMs = isFast ? 1 : delayMs;
      if (waitMs < Infinity) clock.schedule(waitMs, () => socket.send(reply, kept));
      return 0;
    }),
  );
  return scene;
}

describe('response rate limiting of strangers over UDP', () => {
  const { perSecond } = responseRateLimits;

  it('a flood gets its share, and of the rest every second an empty reply with TC', async () => {
    const scene = await start();
    const { socket, heard } = await clientAt(scene, '203.0.113.9');
    for (let i = 0; i < 250; i++) socket.send(ask(`n${i}.here.test.`));
    await scene.world.advance(100);
    const whole = heard.filter(({ tc }) => !tc);
    const slips = heard.filter(({ tc }) => tc);
    expect(whole).toHaveLength(perSecond);
    expect(whole.every(({ rcode }) => rcode === Rcode.NXDOMAIN)).toBe(true);
    expect(slips).toHaveLength((250 - perSecond) / 2);
    expect(slips.every(({ authorities, rcode }) => authorities.length + rcode === 0)).toBe(true);
  });

  it('errors count as well', async () => {
    const scene = await start();
    const { socket, heard } = await clientAt(scene, '203.0.113.9');
    for (let i = 0; i < 250; i++) socket.send(ask('elsewhere.test.').subarray(0, 20));
    await scene.world.advance(100);
    expect(heard.length).toBeLessThanOrEqual(perSecond);
  });

  it('whoever shows a cookie of ours is not limited, and nobody is over TCP', async () => {
    const scene = await start();
    const { socket, heard } = await clientAt(scene, '203.0.113.9');
    const cookie = (data: Uint8Array): Uint8Array =>
      ask('ns.here.test.', { options: [{ code: EdnsOption.COOKIE, data }] });
    socket.send(cookie(new Uint8Array(8).fill(1)));
    await scene.world.advance(50);
    const { data } = heard[0]!.edns!.options[0]!;
    for (let i = 0; i < 500; i++) socket.send(cookie(data));
    await scene.world.advance(100);
    expect(heard.filter(({ answers }) => answers.length === 1)).toHaveLength(501);
  });

  it('whoever may use recursion is not a stranger', async () => {
    const scene = await startResolver(1);
    const { socket, heard } = await clientAt(scene, '198.51.100.1');
    for (let i = 0; i < 250; i++) socket.send(ask('ns.here.test.', { rd: true }));
    await scene.world.advance(100);
    expect(heard).toHaveLength(250);
  });
});

describe('cookies (RFC 7873)', () => {
  const own = new Uint8Array(8).fill(1);

  async function rcodeFor(
    policy: 'answer' | 'require' | 'off',
    data: Uint8Array | undefined,
    questions = true,
  ): Promise<string> {
    const scene = await start({ clients: { cookies: policy } });
    const { socket, heard } = await clientAt(scene, '203.0.113.9');
    const options = data ? [{ code: EdnsOption.COOKIE, data }] : [];
    const empty = createMessage({ id: 7, edns: { ...plainEdns(), options } });
    socket.send(questions ? ask('ns.here.test.', { options }) : encodeMessage(empty));
    await scene.world.advance(50);
    const [reply] = heard;
    const given = reply?.edns?.options.find(({ code }) => code === EdnsOption.COOKIE);
    return `${reply?.rcode} tc=${reply?.tc} cookie=${given?.data.length ?? 0}`;
  }

  it.each([
    ['answer', own, true, '0 tc=false cookie=24'],
    ['answer', new Uint8Array(24), true, '0 tc=false cookie=24'],
    ['answer', new Uint8Array(9), true, '1 tc=false cookie=0'],
    ['answer', undefined, true, '0 tc=false cookie=0'],
    ['off', own, true, '0 tc=false cookie=0'],
    ['off', new Uint8Array(9), true, '0 tc=false cookie=0'],
    ['require', own, true, `${Rcode.BADCOOKIE} tc=false cookie=24`],
    ['require', new Uint8Array(24), true, `${Rcode.BADCOOKIE} tc=false cookie=24`],
    ['require', undefined, true, `${Rcode.REFUSED} tc=true cookie=0`],
    // RFC 7873 §5.4: a query for a cookie alone.
    ['answer', own, false, '0 tc=false cookie=24'],
    ['answer', new Uint8Array(24), false, `${Rcode.BADCOOKIE} tc=false cookie=24`],
    ['answer', undefined, false, '1 tc=false cookie=0'],
    ['off', own, false, '1 tc=false cookie=0'],
  ] as const)('%s, shown %o, with a question: %s: %s', async (policy, data, hasQuestion, reply) => {
    expect(await rcodeFor(policy, data, hasQuestion)).toBe(reply);
  });

  it('a cookie that was stolen is worth nothing at another address', async () => {
    const scene = await start({ clients: { cookies: 'require' } });
    const victim = await clientAt(scene, '203.0.113.9');
    const thief = await clientAt(scene, '203.0.113.10');
    victim.socket.send(ask('ns.here.test.', { options: [{ code: EdnsOption.COOKIE, data: own }] }));
    await scene.world.advance(50);
    const options = victim.heard[0]!.edns!.options;
    for (const { socket } of [victim, thief]) socket.send(ask('ns.here.test.', { options }));
    await scene.world.advance(50);
    expect(victim.heard.at(-1)!.rcode).toBe(Rcode.NOERROR);
    expect(thief.heard.at(-1)!.rcode).toBe(Rcode.BADCOOKIE);
  });
});

describe('keepalive (RFC 7828)', () => {
  const keepAliveOf = ({ edns }: Message): number | undefined => {
    const data = edns?.options.find(({ code }) => code === EdnsOption.KEEPALIVE)?.data;
    return data && data[0]! * 256 + data[1]!;
  };
  const asking = (...octets: readonly number[]): Uint8Array =>
    ask('ns.here.test.', {
      options: [{ code: EdnsOption.KEEPALIVE, data: Uint8Array.from(octets) }],
    });
  const plain = ask('ns.here.test.', { options: [] });

  async function overTcp(queries: readonly Uint8Array[]): Promise<readonly Message[]> {
    const scene = await start();
    const host = scene.world.host({ addresses: ['203.0.113.9'] });
    const connection = await scene.world.run(host.runtime.network.connectTcp(SERVER));
    const frames = new FrameDecoder();
    const heard: Message[] = [];
    connection.start({
      onData: (bytes) => {
        for (const octets of frames.decode(bytes)) {
          const decoded = decodeMessage(octets.slice());
          if (decoded.ok) heard.push(decoded.value);
        }
      },
      onEnd: () => {},
      onDrain: () => {},
      onClose: () => {},
    });
    for (const query of queries) connection.write(frame(query));
    await scene.world.advance(100);
    return heard;
  }

  it('whoever asks is told, from then on in every reply (§3.3)', async () => {
    const heard = await overTcp([plain, asking(), plain]);
    const tenths = tcpLimits.idleMs / 100;
    expect(heard.map(keepAliveOf)).toEqual([undefined, tenths, tenths]);
  });

  it('a client that sends a time is malformed (§3.2.1)', async () => {
    expect((await overTcp([asking(0, 255)])).map(({ rcode }) => rcode)).toEqual([Rcode.FORMERR]);
  });

  it('over UDP the option means nothing', async () => {
    const scene = await start();
    const { socket, heard } = await clientAt(scene, '203.0.113.9');
    socket.send(asking());
    await scene.world.advance(50);
    expect(heard.map((reply) => [reply.rcode, keepAliveOf(reply)])).toEqual([[0, undefined]]);
  });
});

describe('the access list', () => {
  it.each([
    ['198.51.100.1', [Rcode.NOERROR]],
    ['198.51.100.66', [Rcode.REFUSED]],
    ['203.0.113.7', []],
    ['203.0.114.7', [Rcode.REFUSED]],
  ])('%s gets over TCP what it gets over UDP: %j', async (address, rcodes) => {
    const clients = { refuse: prefixes('198.51.100.64/26'), drop: prefixes('203.0.113.0/24') };
    const scene = await startResolver(1, { clients });
    const udp = await clientAt(scene, address);
    udp.socket.send(ask('www.elsewhere.test.', { rd: true }));
    const overTcp: number[] = [];
    const connection = await scene.world.run(udp.host.runtime.network.connectTcp(SERVER));
    const frames = new FrameDecoder();
    connection.start({
      onData: (bytes) => {
        for (const octets of frames.decode(bytes)) overTcp.push(octets[3]! & 15);
      },
      onEnd: () => {},
      onDrain: () => {},
      onClose: () => {},
    });
    connection.write(frame(ask('www.elsewhere.test.', { rd: true })));
    await scene.world.advance(1000);
    expect(udp.heard.map(({ rcode }) => rcode)).toEqual(rcodes);
    expect(overTcp).toEqual(rcodes);
  });
});

describe('clients that wait for recursion', () => {
  it('one client has so many places, and others have theirs', async () => {
    const scene = await startResolver(300, { limits: { recursionsPerClient: 20 } });
    const greedy = await clientAt(scene, '198.51.100.1');
    const modest = await clientAt(scene, '198.51.100.2');
    for (let i = 0; i < 100; i++) greedy.socket.send(ask(`n${i}.test.`, { rd: true, id: i }));
    await scene.world.advance(100);
    expect(greedy.heard.filter(({ rcode }) => rcode === Rcode.SERVFAIL)).toHaveLength(80);
    modest.socket.send(ask('www.test.', { rd: true }));
    await scene.world.advance(1500);
    expect(modest.heard.map(({ rcode }) => rcode)).toEqual([Rcode.NOERROR]);
    expect(greedy.heard.filter(({ rcode }) => rcode === Rcode.NOERROR)).toHaveLength(20);
  });

  it('the same query sent again is answered once, and takes one place', async () => {
    const scene = await startResolver(300, { limits: { recursionsPerClient: 2 } });
    const { socket, heard } = await clientAt(scene, '198.51.100.1');
    for (let i = 0; i < 10; i++) socket.send(ask('www.test.', { rd: true }));
    socket.send(ask('mail.test.', { rd: true, id: 8 }));
    await scene.world.advance(1500);
    expect(heard.map(({ id, rcode }) => [id, rcode])).toEqual([
      [7, Rcode.NOERROR],
      [8, Rcode.NOERROR],
    ]);
  });

  it('when all places are taken, the oldest goes, whatever was sent again (CVE-2026-42534)', async () => {
    const scene = await startResolver(Infinity, { limits: { recursions: 10 } });
    const { world } = scene;
    const slow = await clientAt(scene, '198.51.100.1');
    const flood = await clientAt(scene, '198.51.100.2');
    slow.socket.send(ask('never.test.', { rd: true }));
    for (let i = 0; i < 9; i++) flood.socket.send(ask(`n${i}.test.`, { rd: true, id: i }));
    for (let i = 0; i < 5; i++) {
      await world.advance(50);
      slow.socket.send(ask('never.test.', { rd: true }));
    }
    flood.socket.send(ask('www.fast.', { rd: true, id: 100 }));
    await world.advance(100);
    expect(slow.heard.map(({ rcode }) => rcode)).toEqual([Rcode.SERVFAIL]);
  });

  it('before it has had its chance, nobody goes', async () => {
    const scene = await startResolver(Infinity, { limits: { recursions: 10 } });
    const flood = await clientAt(scene, '198.51.100.2');
    for (let i = 0; i < 11; i++) flood.socket.send(ask(`n${i}.test.`, { rd: true, id: i }));
    await scene.world.advance(100);
    expect(flood.heard.map(({ id }) => id)).toEqual([10]);
  });
});

describe('overload: four times more recursion than there are places', () => {
  it('known names are answered, what is held is bounded, and it is over when the flood is', async () => {
    const scene = await startResolver(Infinity, { limits: { recursions: 10, queryMs: 1000 } });
    const { world, system, server } = scene;
    const benign = await clientAt(scene, '198.51.100.9');
    benign.socket.send(ask('www.fast.', { rd: true }));
    await world.advance(100);
    let most = 0;
    const flood: Client[] = [];
    for (let i = 0; i < 4; i++) flood.push(await clientAt(scene, `198.51.100.${10 + i}`));
    for (let tick = 0; tick < 10; tick++) {
      for (const [i, { socket }] of flood.entries()) {
        socket.send(ask(`r${tick}-${i}.test.`, { rd: true, id: tick }));
      }
      benign.socket.send(ask('www.fast.', { rd: true, id: 1000 + tick }));
      await world.advance(100);
      most = Math.max(most, system.resolver!.pending);
    }
    const answered = benign.heard.filter(({ rcode, id }) => rcode === 0 && id >= 1000);
    expect(answered).toHaveLength(10);
    expect(system.resolver!.counters.overloads).toBeGreaterThan(0);
    // Those that were shed are being wound up.
    expect(most).toBeLessThanOrEqual(20);
    await world.advance(5000);
    expect(system.resolver!.pending).toBe(0);
    expect(server.pending.udpSockets).toBe(1);
    benign.socket.send(ask('new.fast.', { rd: true, id: 2000 }));
    await world.advance(100);
    expect(benign.heard.at(-1)).toMatchObject({ id: 2000, rcode: Rcode.NOERROR });
  });
});

describe('answers held back to leave in one moment (DNSBomb, CVE-2024-33655)', () => {
  it('late ones carry nothing, and only some leave at once', async () => {
    const scene = await startResolver(1000);
    const { socket, heard } = await clientAt(scene, '198.51.100.1');
    for (let i = 0; i < 100; i++) socket.send(ask(`n${i}.test.`, { rd: true, id: i }));
    let most = 0;
    for (let ms = 0; ms < 10_000; ms += 10) {
      const before = heard.length;
      await scene.world.advance(10);
      most = Math.max(most, heard.length - before);
    }
    expect(most).toBeGreaterThan(0);
    // Of two intervals of ours that lie in one of the client's.
    expect(most).toBeLessThanOrEqual(2 * lateReplyLimits.burst);
    expect(heard.length).toBeLessThan(100);
    expect(heard.every(({ answers }) => answers.length === 0)).toBe(true);
    expect(heard.some(({ tc }) => tc)).toBe(true);
    // Whoever comes again finds what was found.
    const { id } = heard.find(({ tc }) => tc)!;
    socket.send(ask(`n${id}.test.`, { rd: true, id: 1000 }));
    await scene.world.advance(100);
    expect(heard.at(-1)).toMatchObject({ id: 1000, tc: false, rcode: Rcode.NOERROR });
  });
});

describe('no loop between servers, and nothing for addresses that nobody has', () => {
  const messages: readonly (readonly [string, Uint8Array])[] = [
    ['a query', ask('ns.here.test.')],
    ['a refused query', ask('elsewhere.test.')],
    ['a response', encodeMessage(createMessage({ qr: true, rcode: Rcode.SERVFAIL }))],
    ['half a query', ask('ns.here.test.').subarray(0, 20)],
    ['a header alone', ask('ns.here.test.').subarray(0, 12)],
    ['less than a header', ask('ns.here.test.').subarray(0, 11)],
    ['an update', encodeMessage(createMessage({ opcode: Opcode.UPDATE }))],
    ['a notify', encodeMessage(createMessage({ opcode: Opcode.NOTIFY }))],
    ['an opcode nobody knows', encodeMessage(createMessage({ opcode: 15 }))],
    [
      'another version of EDNS',
      encodeMessage(createMessage({ edns: { ...plainEdns(), version: 9 } })),
    ],
    [
      'a bad cookie',
      ask('ns.here.test.', { options: [{ code: EdnsOption.COOKIE, data: new Uint8Array(24) }] }),
    ],
  ];

  it.each(messages)('%s in the name of the other: at most two packets', async (_what, octets) => {
    const scene = await start({ clients: { cookies: 'require' } });
    const other = { address: '192.0.2.2', port: 53 };
    const host = scene.world.host({ addresses: [other.address] });
    const { runtime } = host;
    await scene.world.run(
      startSystem({ runtime, logger: silentLogger, listen: [other], zones: [zone] }),
    );
    let packets = 0;
    scene.world.onPacket(() => packets++);
    scene.world.inject(host, { from: other, to: SERVER, bytes: octets, kind: 'datagram' });
    await scene.world.advance(60_000);
    expect(packets).toBeLessThanOrEqual(2);
  });

  it.each(['0.0.0.0', '0.1.2.3', '224.0.0.1', '239.1.1.1', '255.255.255.255', '240.0.0.1'])(
    'nothing is sent to %s',
    async (address) => {
      const scene = await start();
      const host = scene.world.host({ addresses: ['203.0.113.50'] });
      let packets = 0;
      scene.world.onPacket(() => packets++);
      const from = { address, port: 5353 };
      const bytes = ask('ns.here.test.');
      scene.world.inject(host, { from, to: SERVER, bytes, kind: 'datagram' });
      await scene.world.advance(1000);
      expect(packets).toBeLessThanOrEqual(1);
    },
  );
});

describe('RA, which is about the client as with BIND and Unbound (RFC 1035 §4.1.1)', () => {
  const isSetFor = async (scene: Scene, address: string): Promise<boolean> => {
    const { socket, heard } = await clientAt(scene, address);
    const [ours, other] = ['ns.here.test.', 'x.fast.'].map((name) => ask(name, { rd: true }));
    for (const octets of [ours!, other!, ours!.subarray(0, 20)]) {
      for (const _isFinishedAnswer of [false, true]) {
        socket.send(octets);
        await scene.world.advance(200);
      }
    }
    expect(heard).toHaveLength(6);
    const flags = new Set(heard.map(({ ra }) => ra));
    expect(flags.size).toBe(1);
    return flags.has(true);
  };

  it('is set for who may use recursion, whatever the answer', async () => {
    const scene = await startResolver(1);
    expect(await isSetFor(scene, '198.51.100.1')).toBe(true);
  });

  it('is clear for everybody else, in answers, refusals and errors', async () => {
    const refuse = prefixes('203.0.113.10');
    const scene = await startResolver(1, { clients: { refuse } });
    expect(await isSetFor(scene, '203.0.113.9')).toBe(false);
    expect(await isSetFor(scene, '203.0.113.10')).toBe(false);
  });
});
