/** Zones handed out by AXFR (RFC 5936) and IXFR (RFC 1995), as clients in a simulated world see. */
import { describe, expect, test } from 'vitest';

import { frame } from '../../src/net/framing.ts';
import { parsePrefix } from '../../src/query/address-prefix.ts';
import { plainEdns } from '../../src/wire/edns.ts';
import { encodeMessage } from '../../src/wire/encode.ts';
import { DnsClass, Rcode, RRType } from '../../src/wire/iana.ts';
import { createMessage } from '../../src/wire/message.ts';
import { nameOf } from '../../src/wire/name-text.ts';
import { recordsOf, type ResourceRecord } from '../../src/wire/record.ts';
import { printRecords } from '../../src/zone/print.ts';
import type { Zone } from '../../src/zone/zone.ts';
import { zoneOf } from '../zone/answer.ts';
import { extendedErrorIn, keyNamed, TransferWorld, SERVER } from './transfer-kit.ts';

const origin = nameOf('example.');
const CLIENTS = { prefixes: [parsePrefix('198.51.100.0/24')!], keys: [] };
const toClients = { zones: [[origin, { transfer: CLIENTS }]] } as const;
const edns = plainEdns();

/** Each record tells the version that it is of. */
function version(serial: number, hosts: number): Zone {
  const lines = Array.from({ length: hosts }, (_, i) => `h${i} 300 TXT "version ${serial}" "${i}"`);
  return zoneOf(
    `$ORIGIN example.
@ 300 SOA ns h ${serial} 3600 600 86400 60
@ 300 NS ns
ns 300 A 192.0.2.53
*.wild 300 MX 10 ns
sub 300 NS ns.sub
ns.sub 300 A 192.0.2.54
${lines.join('\n')}
`,
    'example.',
  );
}

const sorted = (records: readonly ResourceRecord[]): readonly string[] =>
  printRecords(records).trimEnd().split('\n').toSorted();

function recordsIn(zone: Zone): readonly ResourceRecord[] {
  return [...zone.rrsets()].flatMap(recordsOf);
}

describe('AXFR', () => {
  test('brings every record once, and the SOA at both ends (RFC 5936 §2.2)', async () => {
    const zone = version(7, 3000);
    const made = await TransferWorld.open({ zones: [zone], policies: toClients });
    const { outcome, records, signatures } = await made.world.run(made.take(made.client()));
    expect(outcome).toMatchObject({ kind: 'done', size: { records: zone.recordCount + 1 } });
    expect(signatures.length).toBeGreaterThan(5);
    expect(records[0]!.type).toBe(RRType.SOA);
    expect(records.at(-1)!.rdata).toEqual(records[0]!.rdata);
    expect(sorted(records.slice(0, -1))).toEqual(sorted(recordsIn(zone)));
  });

  test('is of one version, whatever is loaded meanwhile', async () => {
    const made = await TransferWorld.open({ zones: [version(7, 5000)], policies: toClients });
    const { zones } = made.system;
    const taken = made.take(made.client(), {}, (count) => {
      if (count === 2) zones.put(version(8, 100));
      if (count === 4) zones.delete(origin);
    });
    const { outcome, records } = await made.world.run(taken);
    expect(outcome.kind).toBe('done');
    expect(records).toHaveLength(5007);
    expect(printRecords(records)).not.toContain('version 8');
  });

  test('signs every message for who signed (RFC 8945 §5.3.1)', async () => {
    const key = keyNamed('xfer.');
    const allowed = { transfer: { prefixes: [], keys: [key.name] } };
    const policies = { zones: [[origin, allowed]] } as const;
    const made = await TransferWorld.open({ zones: [version(7, 3000)], keys: [key], policies });
    const { outcome, signatures } = await made.world.run(made.take(made.client(), { key }));
    expect(outcome).toMatchObject({ kind: 'done', size: { isVerified: true } });
    expect(new Set(signatures)).toEqual(new Set(['valid']));
    const unsigned = await made.world.run(made.take(made.client()));
    expect(unsigned.outcome).toEqual({ kind: 'refused', rcode: Rcode.REFUSED });
    const other = keyNamed('xfer.', 'b3RoZXI=');
    const forged = await made.world.run(made.take(made.client(), { key: other }));
    expect(forged.outcome).toEqual({ kind: 'refused', rcode: Rcode.NOTAUTH });
    expect(forged.records).toEqual([]);
  });

  test('splits an RRset that fits in no message', async () => {
    const lines = Array.from({ length: 700 }, (_, i) => `big 300 TXT "${'x'.repeat(200)}${i}"`);
    const zone = zoneOf(`@ 300 SOA ns h 1 2 3 4 5\n@ 300 NS ns\n${lines.join('\n')}\n`, 'example.');
    const made = await TransferWorld.open({ zones: [zone], policies: toClients });
    const { outcome, records } = await made.world.run(made.take(made.client()));
    expect(outcome.kind).toBe('done');
    expect(sorted(records.slice(0, -1))).toEqual(sorted(recordsIn(zone)));
  });

  test('that would need a message too large for a record is broken off', async () => {
    const large = `big 300 TYPE65280 \\# 65530 ${'00'.repeat(65_530)}`;
    const zone = zoneOf(`@ 300 SOA ns h 1 2 3 4 5\n@ 300 NS ns\n${large}\n`, 'example.');
    const made = await TransferWorld.open({ zones: [zone], policies: toClients });
    const { outcome } = await made.world.run(made.take(made.client()));
    expect(outcome.kind).toBe('unreachable');
  });
});

describe('who may not', () => {
  test('is refused, as everybody is unless something else was said', async () => {
    const made = await TransferWorld.open({ zones: [version(1, 1)] });
    const { outcome, last } = await made.world.run(made.take(made.client(), { edns }));
    expect(outcome).toEqual({ kind: 'refused', rcode: Rcode.REFUSED });
    expect(extendedErrorIn(last!)).toMatch(/^18 transfers of this zone are not offered/);
  });

  test('is refused over UDP as well, while AXFR over UDP does not exist', async () => {
    const made = await TransferWorld.open({ zones: [version(1, 1)], policies: toClients });
    const question = { name: origin, type: RRType.AXFR, class: DnsClass.IN };
    const other = made.client('203.0.113.9');
    expect((await made.ask(other, { question })).rcode).toBe(Rcode.REFUSED);
    expect((await made.ask(made.client(), { question })).rcode).toBe(Rcode.FORMERR);
  });

  test('learns that a zone is not ours, or has no data just now', async () => {
    const made = await TransferWorld.open({ zones: [version(1, 1)], policies: toClients });
    const client = made.client();
    const question = { name: nameOf('other.'), type: RRType.AXFR, class: DnsClass.IN };
    const none = await made.ask(client, { question, tcp: true, edns });
    expect(none.rcode).toBe(Rcode.NOTAUTH);
    made.system.zones.withhold(origin);
    const { outcome, last } = await made.world.run(made.take(client, { edns }));
    expect(outcome).toEqual({ kind: 'refused', rcode: Rcode.SERVFAIL });
    expect(extendedErrorIn(last!)).toMatch(/^24 the copy of example. here has expired/);
  });
});

describe('a flood of transfers', () => {
  const limits = { transfers: 3, transfersPerAddress: 2 };

  test('takes no more places than there are, and none for who is refused', async () => {
    const transfers = { zones: [version(1, 3000)], policies: toClients, transfers: limits };
    const made = await TransferWorld.open(transfers);
    const greedy = made.client();
    const stranger = made.client('203.0.113.9');
    const slow = (): Promise<void> =>
      new Promise((resolve) => greedy.runtime.clock.schedule(2000, resolve));
    const outcomes = await made.world.run(
      Promise.all([
        ...Array.from({ length: 5 }, () => made.take(stranger)),
        ...Array.from({ length: 5 }, () => made.take(greedy, {}, slow)),
        made.take(made.client()),
      ]),
    );
    const kinds = outcomes.map(({ outcome }) =>
      outcome.kind === 'refused' ? outcome.rcode : outcome.kind,
    );
    expect(kinds.slice(0, 5)).toEqual(Array.from({ length: 5 }, () => Rcode.REFUSED));
    expect(kinds.slice(5, 10).filter((kind) => kind === 'done')).toHaveLength(2);
    expect(kinds.slice(5, 10).filter((kind) => kind === Rcode.SERVFAIL)).toHaveLength(3);
    expect(kinds[10]).toBe('done');
    // All places are free again.
    expect((await made.world.run(made.take(greedy))).outcome.kind).toBe('done');
  });

  test('by who reads nothing ends after ten seconds, and holds a burst of it', async () => {
    const transfers = { zones: [version(1, 12_000)], policies: toClients, transfers: limits };
    const made = await TransferWorld.open(transfers);
    const client = made.client();
    const question = { name: origin, type: RRType.AXFR, class: DnsClass.IN };
    const query = frame(encodeMessage(createMessage({ id: 1, questions: [question] })));
    let received = 0;
    const { network } = client.runtime;
    const opening = network.connectTcp(SERVER).then((connection) => {
      connection.start({
        onData: (octets) => void (received += octets.length),
        onEnd: () => {},
        onDrain: () => {},
        onClose: () => {},
      });
      connection.write(query);
      connection.pause();
      return connection;
    });
    const connection = await made.world.run(opening);
    // Both ends, then that of the client alone.
    await made.world.advance(9000);
    expect(made.world.pending.connections).toBe(2);
    await made.world.advance(2000);
    expect(made.world.pending.connections).toBe(1);
    connection.resume();
    await made.world.advance(1000);
    // What was on its way, and never the megabytes of the zone.
    expect(received).toBeLessThan(300_000);
    expect((await made.world.run(made.take(client))).outcome.kind).toBe('done');
  });
});

describe('IXFR', () => {
  const soa = (serial: number): ResourceRecord => recordsOf(version(serial, 0).soa)[0]!;

  test('brings the SOA alone to who has this version, or a newer one (RFC 1995 §2)', async () => {
    const made = await TransferWorld.open({ zones: [version(7, 3)], policies: toClients });
    for (const known of [7, 8, 7 + 2 ** 31 - 1]) {
      const { outcome, records } = await made.world.run(
        made.take(made.client(), { known: soa(known) }),
      );
      expect(outcome.kind).toBe('done');
      expect(sorted(records)).toEqual(sorted([soa(7)]));
    }
  });

  test('brings the whole zone where nothing of the changes is known', async () => {
    const zone = version(7, 3);
    const made = await TransferWorld.open({ zones: [zone], policies: toClients });
    const { records } = await made.world.run(made.take(made.client(), { known: soa(6) }));
    expect(sorted(records.slice(0, -1))).toEqual(sorted(recordsIn(zone)));
  });

  test('over UDP says by its SOA alone that TCP is needed (RFC 1995 §2)', async () => {
    const made = await TransferWorld.open({ zones: [version(7, 3)], policies: toClients });
    const question = { name: origin, type: RRType.IXFR, class: DnsClass.IN };
    const reply = await made.ask(made.client(), { question, authorities: [soa(6)] });
    expect(sorted(reply.answers)).toEqual(sorted([soa(7)]));
    expect(reply).toMatchObject({ aa: true, tc: false });
  });

  test('without the SOA of the client is malformed (RFC 1995 §3)', async () => {
    const made = await TransferWorld.open({ zones: [version(7, 3)], policies: toClients });
    const question = { name: origin, type: RRType.IXFR, class: DnsClass.IN };
    expect((await made.ask(made.client(), { question })).rcode).toBe(Rcode.FORMERR);
  });
});
