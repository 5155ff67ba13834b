/** Updates that a secondary passes on (RFC 2136 §6), and NOTIFY of many zones at once. */
import { describe, expect, test } from 'vitest';

import { exchange } from '../../src/client/exchange.ts';
import { drop, pass } from '../../src/sim/packet.ts';
import { DnsClass, Opcode, Rcode, RRType } from '../../src/wire/iana.ts';
import { nameOf } from '../../src/wire/name-text.ts';
import { CLIENTS, key, openPair, origin, PRIMARY, SECONDARY, type KeptPair } from './kept-pair.ts';

const absent = {
  ...{ name: nameOf('new.example.'), type: 255, class: DnsClass.NONE },
  ...{ ttl: 0, rdata: new Uint8Array(0) },
};
const added = {
  ...{ name: nameOf('new.example.'), type: RRType.A, class: DnsClass.IN },
  ...{ ttl: 60, rdata: Uint8Array.of(192, 0, 2, 9) },
};

async function update({ world, client }: KeptPair): Promise<number | string> {
  const question = { name: origin, type: RRType.SOA, class: DnsClass.IN };
  const asking = exchange(client.runtime, {
    ...{ server: SECONDARY, question, edns: false, timeoutMs: 20_000 },
    ...{ answers: [absent], authorities: [added], flags: { opcode: Opcode.UPDATE } },
  });
  const outcome = await world.run(asking);
  return outcome.kind === 'reply' ? outcome.message.rcode : outcome.kind;
}

describe('an update that is sent to a secondary', () => {
  test('of whoever may is passed on with its prerequisites, signed anew, and comes back', async () => {
    const made = await openPair({ others: { update: CLIENTS } });
    expect(await update(made)).toBe(Rcode.NOERROR);
    const serials = [made.primary, made.secondary].map(
      ({ system }) => system.zones.get(origin)?.serial,
    );
    expect(serials[0]).toBe(2);
    await made.world.advance(3000);
    expect(made.secondary.system.zones.get(origin)?.serial).toBe(2);
    // The primary decides: now the name is there.
    expect(await update(made)).toBe(Rcode.YXDOMAIN);
  });

  test('is refused by default, and nobody asks the primary', async () => {
    const made = await openPair({});
    expect(await update(made)).toBe(Rcode.REFUSED);
    expect(made.primary.system.zones.get(origin)?.serial).toBe(1);
  });

  test('fails when its primary does not answer, and is not tried with another', async () => {
    const made = await openPair({ others: { update: CLIENTS } });
    let sent = 0;
    made.world.onPacket(({ from, kind, bytes }) => {
      // Behind the length and the id.
      const isUpdate = kind === 'data' && bytes[4]! >> 3 === Opcode.UPDATE;
      if (isUpdate && from.address === SECONDARY.address) sent++;
    });
    made.world.install(({ from, kind }) =>
      from.address === PRIMARY.address && kind === 'data' ? drop : pass,
    );
    expect(await update(made)).toBe(Rcode.SERVFAIL);
    expect(sent).toBe(1);
    expect(made.primary.system.zones.get(origin)?.serial).toBe(2);
  });
});

test('NOTIFY of a hundred zones makes no more than fifty checks a second', async () => {
  const origins = Array.from({ length: 100 }, (_, i) => nameOf(`z${i}.`));
  const primaries = [{ server: PRIMARY, key }];
  const secondaries = origins.map((one, i) => ({ origin: one, file: `kept${i}`, primaries }));
  const made = await openPair({}, { secondaries });
  const { world, secondary } = made;
  // They are not there, so each check is a connection, and the next one would be much later.
  let checks = 0;
  world.onPacket(({ to, kind }) => {
    if (to.address === PRIMARY.address && kind === 'syn') checks++;
  });
  await world.advance(1);
  checks = 0;
  for (const one of origins) secondary.keeper.secondary(one)!.notified();
  await world.advance(1000);
  expect(checks).toBeGreaterThan(45);
  expect(checks).toBeLessThanOrEqual(60);
  await world.advance(1500);
  expect(checks).toBeGreaterThanOrEqual(100);
});
