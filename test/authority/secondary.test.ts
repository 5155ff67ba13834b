/** Zones taken from a primary: whole, in time, and no longer than they are good. */
import { describe, expect, test } from 'vitest';

import { Keeper, type KeeperOptions } from '../../src/authority/keeper.ts';
import { PolicyTable } from '../../src/authority/policy.ts';
import { ZoneSet } from '../../src/authority/zone-set.ts';
import { startSystem, type System } from '../../src/app/system.ts';
import { exchange } from '../../src/client/exchange.ts';
import { silentLogger } from '../../src/net/logger.ts';
import { parsePrefix } from '../../src/query/address-prefix.ts';
import { SimDisk } from '../../src/sim/disk.ts';
import type { SimHost } from '../../src/sim/host.ts';
import { drop, pass } from '../../src/sim/packet.ts';
import { plainEdns } from '../../src/wire/edns.ts';
import { DnsClass, Opcode, Rcode, RRType } from '../../src/wire/iana.ts';
import type { Message } from '../../src/wire/message.ts';
import { nameOf } from '../../src/wire/name-text.ts';
import type { Zone } from '../../src/zone/zone.ts';
import { zoneOf } from '../zone/answer.ts';
import { extendedErrorIn, keyNamed, SERVER, TransferWorld } from './transfer-kit.ts';

const origin = nameOf('example.');
const SECONDARY = { address: '192.0.2.54', port: 53 };
const ANYBODY = { prefixes: [parsePrefix('0.0.0.0/0')!], keys: [] };
const policies = new PolicyTable({ others: { transfer: ANYBODY } });
const question = { name: nameOf('www.example.'), type: RRType.TXT, class: DnsClass.IN };

function version(serial: number, times = '600 60 3600'): Zone {
  const soa = `@ SOA ns h ${serial} ${times} 60`;
  return zoneOf(`$TTL 300\n${soa}\n@ NS ns\nns A 192.0.2.53\nwww TXT ${serial}\n`, 'example.');
}

class Pair {
  readonly made: TransferWorld;
  readonly disk = new SimDisk({ seed: 1 });
  readonly host: SimHost;
  readonly client: SimHost;
  system!: System;
  keeper!: Keeper;

  private constructor(made: TransferWorld) {
    this.made = made;
    this.host = made.world.host({ addresses: [SECONDARY.address] });
    this.client = made.client();
  }

  static async open(zone = version(1), options: Partial<KeeperOptions> = {}): Promise<Pair> {
    const pair = new Pair(await TransferWorld.open({ zones: [zone], policies }));
    await pair.start(options);
    return pair;
  }

  async start(options: Partial<KeeperOptions> = {}): Promise<void> {
    const zones = new ZoneSet();
    const { runtime } = this.host;
    const secondary = { origin, file: 'example', primaries: [{ server: SERVER }] };
    this.keeper = await this.made.world.run(
      Keeper.open({
        ...{ runtime, zones, policies, logger: silentLogger },
        storage: this.disk.open(runtime.clock),
        secondaries: [secondary],
        ...options,
      }),
    );
    const served = { runtime, logger: silentLogger, listen: [SECONDARY], zones, policies };
    this.system = await this.made.world.run(startSystem({ ...served, upkeep: this.keeper }));
  }

  async stop(): Promise<void> {
    await this.made.world.run(this.system.close());
    await this.made.world.run(this.keeper.close());
  }

  /** What the secondary says, with its extended error. */
  async ask(): Promise<Message> {
    const request = { server: SECONDARY, question, timeoutMs: 2000, edns: plainEdns() };
    const outcome = await this.made.world.run(exchange(this.client.runtime, request));
    if (outcome.kind !== 'reply') throw new Error(outcome.kind);
    return outcome.message;
  }

  get serial(): number | undefined {
    return this.system.zones.get(origin)?.serial;
  }

  put(zone: Zone): void {
    this.made.system.zones.put(zone);
  }

  cut(): () => void {
    const isPrimary = ({ address }: { readonly address: string }): boolean =>
      address === SERVER.address;
    const guard = this.made.world.install(({ from, to }) =>
      isPrimary(from) || isPrimary(to) ? drop : pass,
    );
    return () => guard.uninstall();
  }

  async notify(from: SimHost, count = 1): Promise<number> {
    const asked = { name: origin, type: RRType.SOA, class: DnsClass.IN };
    const request = {
      ...{ server: SECONDARY, question: asked, timeoutMs: 2000 },
      flags: { opcode: Opcode.NOTIFY, aa: true },
    };
    const all = Array.from({ length: count }, () => exchange(from.runtime, request));
    const [first] = await this.made.world.run(Promise.all(all));
    return first?.kind === 'reply' ? first.message.rcode : -1;
  }
}

/** Packets to the primary's port 53 so far. */
const asked = ({ made }: Pair): number =>
  made.world.packets.filter(({ to }) => to.address === SERVER.address && to.port === 53).length;

describe('a secondary', () => {
  test('takes the zone at its start, and newer versions when they are due', async () => {
    const pair = await Pair.open();
    expect((await pair.ask()).rcode).toBe(Rcode.SERVFAIL);
    await pair.made.world.advance(1000);
    expect((await pair.ask()).rcode).toBe(Rcode.NOERROR);
    pair.put(version(2));
    await pair.made.world.advance(500_000);
    expect(pair.serial).toBe(1);
    // REFRESH is 600 s, less a tenth at most.
    await pair.made.world.advance(101_000);
    expect(pair.serial).toBe(2);
  });

  test('whose primary is cut off answers until EXPIRE, to the second, then SERVFAIL', async () => {
    const pair = await Pair.open();
    await pair.made.world.advance(1000);
    const heal = pair.cut();
    const { expiresMs } = pair.keeper.secondary(origin)!.status;
    const endMs = pair.made.world.nowMs + expiresMs!;
    expect(expiresMs).toBeGreaterThan(3_598_000);
    await pair.made.world.advance(expiresMs! - 1000);
    expect((await pair.ask()).rcode).toBe(Rcode.NOERROR);
    await pair.made.world.advance(endMs - pair.made.world.nowMs + 1);
    const late = await pair.ask();
    expect(late.rcode).toBe(Rcode.SERVFAIL);
    expect(extendedErrorIn(late)).toMatch(/^24 the copy of example. here has expired/);
    // The same version is good again when the primary says so.
    heal();
    await pair.made.world.advance(70_000);
    expect((await pair.ask()).rcode).toBe(Rcode.NOERROR);
  });

  test('serves what is on disk after a restart, and time goes on meanwhile', async () => {
    const pair = await Pair.open();
    await pair.made.world.advance(1000);
    await pair.stop();
    pair.cut();
    await pair.made.world.advance(1_800_000);
    await pair.start();
    expect((await pair.ask()).rcode).toBe(Rcode.NOERROR);
    await pair.made.world.advance(1_790_000);
    expect((await pair.ask()).rcode).toBe(Rcode.NOERROR);
    await pair.made.world.advance(20_000);
    expect((await pair.ask()).rcode).toBe(Rcode.SERVFAIL);
    await pair.stop();
    await pair.start();
    expect((await pair.ask()).rcode).toBe(Rcode.SERVFAIL);
  });

  test('goes from one primary to the next', async () => {
    const dead = { server: { address: '192.0.2.99', port: 53 } };
    const secondaries = [{ origin, file: 'example', primaries: [dead, { server: SERVER }] }];
    const pair = await Pair.open(version(1), { secondaries });
    await pair.made.world.advance(60_000);
    expect(pair.serial).toBe(1);
  });

  test('does not take an older version, unless it is told to', async () => {
    const pair = await Pair.open(version(5));
    await pair.made.world.advance(1000);
    pair.put(version(4));
    const secondary = pair.keeper.secondary(origin)!;
    await pair.made.world.run(secondary.refresh());
    expect(pair.serial).toBe(5);
    expect(secondary.status.lastProblem).toMatch(/its serial 4 is older than ours/);
    await pair.made.world.run(secondary.retransfer());
    expect(pair.serial).toBe(4);
  });

  test('with a key takes nothing that is not signed with it', async () => {
    const key = keyNamed('xfer.');
    const secondaries = [{ origin, file: 'example', primaries: [{ server: SERVER, key }] }];
    const pair = await Pair.open(version(1), { secondaries });
    await pair.made.world.advance(60_000);
    expect(pair.serial).toBeUndefined();
    expect(pair.keeper.secondary(origin)!.status.lastProblem).toMatch(/NOTAUTH|signature/);
  });

  test.each([
    ['0 0 3600', 30],
    ['4294967295 4294967295 4294967295', 2_419_200],
  ])('keeps within bounds whatever the SOA says (%s)', async (times, seconds) => {
    const pair = await Pair.open(version(1, times));
    await pair.made.world.advance(1000);
    const { nextCheckMs } = pair.keeper.secondary(origin)!.status;
    expect(nextCheckMs).toBeGreaterThan(seconds * 890 - 1000);
    expect(nextCheckMs).toBeLessThanOrEqual(seconds * 1000);
  });
});

describe('NOTIFY (RFC 1996)', () => {
  test('from the primary brings a newer version at once', async () => {
    const pair = await Pair.open();
    await pair.made.world.advance(1000);
    pair.put(version(2));
    expect(await pair.notify(pair.made.serverHost)).toBe(Rcode.NOERROR);
    await pair.made.world.advance(1000);
    expect(pair.serial).toBe(2);
  });

  test('from a stranger is refused, and asks the primary nothing', async () => {
    const pair = await Pair.open();
    await pair.made.world.advance(1000);
    const before = asked(pair);
    expect(await pair.notify(pair.client, 20)).toBe(Rcode.REFUSED);
    await pair.made.world.advance(5000);
    expect(asked(pair)).toBe(before);
  });

  test('a storm in the name of the primary asks it once a second', async () => {
    const pair = await Pair.open();
    await pair.made.world.advance(2000);
    const before = asked(pair);
    const startMs = pair.made.world.nowMs;
    for (let i = 0; i < 20; i++) await pair.notify(pair.made.serverHost, 100);
    await pair.made.world.advance(2000);
    const seconds = (pair.made.world.nowMs - startMs) / 1000;
    expect(asked(pair) - before).toBeGreaterThan(0);
    expect(asked(pair) - before).toBeLessThanOrEqual(seconds + 1);
  });
});
