/** Zones that clients change (RFC 2136), on a server in a simulated world whose disk may fail. */
import { describe, expect, test } from 'vitest';

import { Keeper } from '../../src/authority/keeper.ts';
import { PolicyTable } from '../../src/authority/policy.ts';
import { ZoneSet } from '../../src/authority/zone-set.ts';
import { silentLogger } from '../../src/net/logger.ts';
import { parsePrefix } from '../../src/query/address-prefix.ts';
import { SimDisk } from '../../src/sim/disk.ts';
import type { SimHost } from '../../src/sim/host.ts';
import { DnsClass, Opcode, Rcode, RRType } from '../../src/wire/iana.ts';
import type { Message } from '../../src/wire/message.ts';
import { nameOf } from '../../src/wire/name-text.ts';
import { recordsOf, type ResourceRecord } from '../../src/wire/record.ts';
import { printRecords } from '../../src/zone/print.ts';
import type { Zone } from '../../src/zone/zone.ts';
import { zoneOf } from '../zone/answer.ts';
import { keyNamed, TransferWorld } from './transfer-kit.ts';

const origin = nameOf('example.');
const key = keyNamed('update.');
const CLIENTS = { prefixes: [parsePrefix('198.51.100.0/24')!], keys: [] };
const policies = new PolicyTable({
  zones: [[origin, { transfer: CLIENTS, update: { prefixes: [], keys: [key.name] } }]],
});

function fileZone(serial = 1, more = ''): Zone {
  return zoneOf(
    `$TTL 300\n@ SOA ns h ${serial} 2 3 4 5\n@ NS ns\nns A 192.0.2.1\n${more}`,
    'example.',
  );
}

/** A server whose process may end, and whose disk stays. */
class Site {
  readonly made = TransferWorld.bare();
  readonly disk = new SimDisk({ seed: 1, syncMs: 20 });
  keeper!: Keeper;

  async start(file: Zone = fileZone()): Promise<void> {
    const zones = new ZoneSet([file]);
    const { runtime } = this.made.serverHost;
    const storage = this.disk.open(runtime.clock);
    const journaled = [{ origin, journal: 'example.journal' }];
    const context = { runtime, storage, logger: silentLogger, zones, policies, journaled };
    this.keeper = await this.made.world.run(Keeper.open(context));
    await this.made.start({ zones, policies, keys: [key], upkeep: this.keeper });
  }

  /** Ends the server as `kill -9` does, and the power as well. */
  async crash(): Promise<void> {
    this.disk.crash();
    await this.made.world.run(this.made.system.close());
  }

  get zone(): Zone {
    return this.made.system.zones.get(origin)!;
  }
}

async function opened(): Promise<{ readonly site: Site; readonly client: SimHost }> {
  const site = new Site();
  await site.start();
  return { site, client: site.made.client() };
}

function adding(name: string, more: Partial<Message> = {}): Partial<Message> {
  const rdata = Uint8Array.of(192, 0, 2, 9);
  const owner = nameOf(`${name}.example.`);
  const record = { name: owner, type: RRType.A, class: DnsClass.IN, ttl: 300, rdata };
  const questions = [{ name: origin, type: RRType.SOA, class: DnsClass.IN }];
  return { opcode: Opcode.UPDATE, questions, authorities: [record], ...more };
}

const kindOf = (zone: Zone, name: string): string =>
  zone.find(nameOf(`${name}.example.`), RRType.A).kind;

describe('an update', () => {
  test('is on disk and served before it is acknowledged, by a signed reply', async () => {
    const { site, client } = await opened();
    const reply = await site.made.send(client, adding('new'), key);
    expect(reply).toMatchObject({ rcode: Rcode.NOERROR, opcode: Opcode.UPDATE });
    expect(reply.additionals.at(-1)!.type).toBe(RRType.TSIG);
    expect(kindOf(site.zone, 'new')).toBe('answer');
    await site.crash();
    await site.start();
    expect(kindOf(site.zone, 'new')).toBe('answer');
    expect(site.zone.serial).toBe(2);
  });

  test('is refused to who may not, whatever he wants to know', async () => {
    const { site, client } = await opened();
    const secret = { name: nameOf('ns.example.'), type: 255, class: 255, ttl: 0 };
    const probe = adding('x', { answers: [{ ...secret, rdata: new Uint8Array(0) }] });
    expect((await site.made.send(client, probe)).rcode).toBe(Rcode.REFUSED);
    const forged = keyNamed('update.', 'b3RoZXI=');
    expect((await site.made.send(client, adding('x'), forged)).rcode).toBe(Rcode.NOTAUTH);
    const other = { ...adding('x'), questions: [{ name: nameOf('other.'), type: 6, class: 1 }] };
    expect((await site.made.send(client, other, key)).rcode).toBe(Rcode.NOTAUTH);
    const noZone = { ...adding('x'), questions: [{ name: origin, type: RRType.A, class: 1 }] };
    expect((await site.made.send(client, noZone, key)).rcode).toBe(Rcode.FORMERR);
    expect(site.zone.serial).toBe(1);
  });

  test('that cannot be kept on disk is none', async () => {
    const { site, client } = await opened();
    site.disk.failNext('halfway');
    expect((await site.made.send(client, adding('a'), key)).rcode).toBe(Rcode.SERVFAIL);
    expect(kindOf(site.zone, 'a')).toBe('nxdomain');
    expect((await site.made.send(client, adding('a'), key)).rcode).toBe(Rcode.NOERROR);
    expect(site.zone.serial).toBe(2);
  });

  test('waits for the disk together with others, and each sees the ones before', async () => {
    const { site, client } = await opened();
    const before = site.disk.writes;
    const once = { name: nameOf('one.example.'), type: 255, class: DnsClass.NONE, ttl: 0 };
    const guard = { answers: [{ ...once, rdata: new Uint8Array(0) }] };
    const replies = await site.made.world.run(
      Promise.all([
        ...Array.from({ length: 30 }, (_, i) => site.made.sending(client, adding(`h${i}`), key)),
        ...Array.from({ length: 5 }, () => site.made.sending(client, adding('one', guard), key)),
      ]),
    );
    const rcodes = replies.map(({ rcode }) => rcode);
    expect(rcodes.slice(0, 30).every((rcode) => rcode === Rcode.NOERROR)).toBe(true);
    // A prerequisite is a compare-and-set: one of them wins.
    expect(rcodes.slice(30).filter((rcode) => rcode === Rcode.NOERROR)).toHaveLength(1);
    expect(rcodes.slice(30).filter((rcode) => rcode === Rcode.YXDOMAIN)).toHaveLength(4);
    expect(site.disk.writes - before).toBeLessThan(5);
    expect(site.zone.serial).toBe(32);
  });

  test('that was not acknowledged when the power went is there whole or not at all', async () => {
    const found = new Set<string>();
    for (let i = 0; i < 12; i++) {
      const { site, client } = await opened();
      await site.made.send(client, adding('kept'), key);
      const pair = [...adding('a').authorities!, ...adding('b').authorities!];
      void site.made.sending(client, adding('a', { authorities: pair }), key);
      await site.made.world.advance(15 + i);
      await site.crash();
      await site.start();
      expect(kindOf(site.zone, 'kept')).toBe('answer');
      expect(kindOf(site.zone, 'a')).toBe(kindOf(site.zone, 'b'));
      found.add(kindOf(site.zone, 'a'));
    }
    expect(found.size).toBeGreaterThan(0);
  });
});

describe('IXFR of what was changed (RFC 1995)', () => {
  const soa = recordsOf(fileZone().soa)[0]!;
  const question = { name: origin, type: RRType.IXFR, class: DnsClass.IN };
  const lines = (records: readonly ResourceRecord[]): readonly string[] =>
    printRecords(records)
      .trim()
      .split('\n')
      .map((line) => line.replaceAll(/ +/g, ' ').replace(/ ns\.example.*? (\d+) 2 3 4 5$/, ' $1'));

  test('brings the differences in their order, over TCP and, if they fit, over UDP', async () => {
    const { site, client } = await opened();
    await site.made.send(client, adding('a'), key);
    await site.made.send(client, adding('b'), key);
    const { records } = await site.made.world.run(site.made.take(client, { known: soa }));
    expect(records.map(({ type }) => type)).toEqual([6, 6, 6, 1, 6, 6, 1, 6]);
    expect(lines(records)[0]).toMatch(/SOA 3$/);
    const udp = await site.made.ask(client, { question, authorities: [soa] });
    expect(lines(udp.answers)).toEqual(lines(records));
  });

  test('that do not fit into a datagram: the SOA alone', async () => {
    const { site, client } = await opened();
    for (let i = 0; i < 12; i++) await site.made.send(client, adding(`host-number-${i}`), key);
    const udp = await site.made.ask(client, { question, authorities: [soa], edns: false });
    expect(udp.answers).toHaveLength(1);
    expect(udp.tc).toBe(false);
  });
});

describe('a new version of the master file', () => {
  test('with a newer serial is taken, and the difference kept', async () => {
    const { site, client } = await opened();
    await site.made.send(client, adding('dynamic'), key);
    expect(site.keeper.reload(fileZone(10, 'static A 192.0.2.7\n'))).toBe(true);
    await site.made.world.run(site.keeper.close());
    expect(site.zone.serial).toBe(10);
    expect([kindOf(site.zone, 'dynamic'), kindOf(site.zone, 'static')]).toEqual([
      'nxdomain',
      'answer',
    ]);
    expect(site.keeper.since(site.zone, 2)).toMatchObject([
      { deleted: [{ type: RRType.A }], added: [{ type: RRType.A }] },
    ]);
  });

  test('with a serial that is not newer does not undo what clients changed', async () => {
    const { site, client } = await opened();
    await site.made.send(client, adding('dynamic'), key);
    site.keeper.reload(fileZone(2, 'static A 192.0.2.7\n'));
    await site.made.world.run(site.keeper.close());
    expect(kindOf(site.zone, 'dynamic')).toBe('answer');
    expect(kindOf(site.zone, 'static')).toBe('nxdomain');
  });

  test('that came while the server was down is taken when it starts', async () => {
    const { site, client } = await opened();
    await site.made.send(client, adding('dynamic'), key);
    await site.crash();
    await site.start(fileZone(10, 'static A 192.0.2.7\n'));
    expect(site.zone.serial).toBe(10);
    expect(kindOf(site.zone, 'static')).toBe('answer');
    // And an older one that lies there is not.
    await site.crash();
    await site.start(fileZone(3, 'older A 192.0.2.7\n'));
    expect(kindOf(site.zone, 'static')).toBe('answer');
  });

  test('of another zone is nobody’s here', async () => {
    const { site } = await opened();
    expect(site.keeper.reload(zoneOf('@ SOA ns h 1 2 3 4 5\n@ NS ns\n', 'other.'))).toBe(false);
  });
});
