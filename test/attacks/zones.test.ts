/** Who would take our zones, change them, or have us ask others for them. */
import { expect, test } from 'vitest';

import { signRequest } from '../../src/tsig/sign.ts';
import { encodeMessage } from '../../src/wire/encode.ts';
import { DnsClass, Opcode, Rcode, RRType } from '../../src/wire/iana.ts';
import { createMessage, type Message } from '../../src/wire/message.ts';
import { nameOf } from '../../src/wire/name-text.ts';
import { decodeMessage } from '../../src/wire/decode.ts';
import {
  key,
  openPair,
  origin,
  PRIMARY,
  SECONDARY,
  type KeptPair,
} from '../authority/kept-pair.ts';
import { keyNamed } from '../authority/transfer-kit.ts';
import { define, note } from './ledger.ts';

function attack(row: string, name: string, run: () => Promise<string>): void {
  define({ row, name });
  test(`${row} ${name}`, async () => note({ row, name }, await run()));
}

interface Exchanged {
  readonly rcodes: ReadonlySet<number>;
  readonly sentOctets: number;
  readonly receivedOctets: number;
}

/** Sends all of these to a server at once, from one socket of the client, and waits. */
async function send(
  { world, client }: KeptPair,
  to: typeof PRIMARY,
  messages: readonly Uint8Array[],
): Promise<Exchanged> {
  const rcodes = new Set<number>();
  let [sentOctets, receivedOctets] = [0, 0];
  const onDatagram = (datagram: Uint8Array): void => {
    const decoded = decodeMessage(new Uint8Array(datagram));
    // One of many that are the same may be cut short: ask over TCP, says the rate limit.
    if (decoded.ok && !decoded.value.tc) rcodes.add(decoded.value.rcode);
    receivedOctets += datagram.length;
  };
  const opening = client.runtime.network.connectUdp(to, { onDatagram, onError: () => {} });
  const socket = await world.run(opening);
  for (const octets of messages) {
    socket.send(octets);
    sentOctets += octets.length;
  }
  await world.advance(5000);
  socket.close();
  return { rcodes, sentOctets, receivedOctets };
}

function message(parts: Partial<Message>): Uint8Array {
  const questions = [{ name: origin, type: RRType.SOA, class: DnsClass.IN }];
  return encodeMessage(createMessage({ id: 1, questions, ...parts }));
}

const added = {
  ...{ name: nameOf('evil.example.'), type: RRType.A, class: DnsClass.IN },
  ...{ ttl: 60, rdata: Uint8Array.of(192, 0, 2, 66) },
};
const update: Partial<Message> = { opcode: Opcode.UPDATE, authorities: [added] };
const COUNT = 200;

function times(make: (index: number) => Uint8Array): readonly Uint8Array[] {
  return Array.from({ length: COUNT }, (_, index) => make(index));
}

function factor({ sentOctets, receivedOctets }: Exchanged): string {
  return `${(receivedOctets / sentOctets).toFixed(1)} octets for one`;
}

attack('Z1', 'updates of strangers change nothing, at a primary or a secondary', async () => {
  const pair = await openPair({});
  for (const server of [PRIMARY, SECONDARY]) {
    const got = await send(
      pair,
      server,
      times((id) => message({ ...update, id })),
    );
    expect([...got.rcodes]).toEqual([Rcode.REFUSED]);
  }
  expect(pair.primary.system.zones.get(origin)?.serial).toBe(1);
  return '0 changes';
});

attack(
  'Z2',
  'signatures that are guessed, or of an unknown key, or old, change nothing',
  async () => {
    const pair = await openPair({});
    const { clock } = pair.client.runtime;
    const nowSeconds = Math.floor(clock.wall() / 1000);
    const signed = (id: number, secret: typeof key, seconds: number): Uint8Array =>
      signRequest(message({ ...update, id }), secret, seconds).octets;
    const wrong = keyNamed('transfer.', 'b3RoZXI=');
    const unknown = keyNamed('nobody.');
    const forged = [
      ...times((id) => signed(id, wrong, nowSeconds)),
      ...times((id) => signed(id, unknown, nowSeconds)),
      ...times((id) => signed(id, key, nowSeconds - 3600)),
    ];
    const got = await send(pair, PRIMARY, forged);
    expect([...got.rcodes]).toEqual([Rcode.NOTAUTH]);
    expect(pair.primary.system.zones.get(origin)?.serial).toBe(1);
    expect(got.receivedOctets).toBeLessThan(1.2 * got.sentOctets);
    return factor(got);
  },
);

attack('Z3', 'who may not take a zone gets no more than he sent', async () => {
  const pair = await openPair({});
  const soa = { name: origin, type: RRType.IXFR, class: DnsClass.IN };
  const authorities = [
    {
      ...soa,
      type: RRType.SOA,
      ttl: 0,
      rdata: pair.primary.system.zones.get(origin)!.soa.rdatas[0]!,
    },
  ];
  const got = await send(
    pair,
    PRIMARY,
    times((id) => message({ id, questions: [soa], authorities })),
  );
  expect([...got.rcodes]).toEqual([Rcode.REFUSED]);
  expect(got.receivedOctets).toBeLessThanOrEqual(got.sentOctets);
  return factor(got);
});

attack(
  'Z4',
  'NOTIFY of a hundred zones, in the name of their primary, for three seconds',
  async () => {
    const origins = Array.from({ length: 100 }, (_, i) => nameOf(`z${i}.`));
    const primaries = [{ server: PRIMARY, key }];
    const secondaries = origins.map((one, i) => ({ origin: one, file: `kept${i}`, primaries }));
    const { world, client } = await openPair({}, { secondaries });
    let checks = 0;
    world.onPacket(({ to, kind }) => {
      if (to.address === PRIMARY.address && kind === 'syn') checks++;
    });
    for (let round = 0; round < 30; round++) {
      for (const [id, name] of origins.entries()) {
        const questions = [{ name, type: RRType.SOA, class: DnsClass.IN }];
        const bytes = message({ id, opcode: Opcode.NOTIFY, aa: true, questions });
        world.inject(client, { from: { ...PRIMARY, port: 4000 }, to: SECONDARY, bytes });
      }
      await world.advance(100);
    }
    expect(checks).toBeGreaterThan(30);
    expect(checks).toBeLessThanOrEqual(165);
    return `${Math.round(checks / 3)} checks a second`;
  },
);
