import { describe, expect, test } from 'vitest';

import type { DirectionOptions } from '../../../src/lab/wire/direction.ts';
import { Relay, relayLimits } from '../../../src/lab/wire/relay.ts';
import type { Endpoint } from '../../../src/net/ports.ts';
import type { SimHost } from '../../../src/sim/host.ts';
import { World } from '../../../src/sim/world.ts';

const LISTEN: Endpoint = { address: '192.0.2.9', port: 9000 };
const TARGET: Endpoint = { address: '192.0.2.2', port: 53 };
const PLAIN: DirectionOptions = { link: { delayMs: 0 } };

interface Scene {
  readonly world: World;
  readonly client: SimHost;
  readonly relay: Relay;
  /** Ports that the target was asked from. */
  readonly askers: Set<number>;
}

/** A relay in front of an echo, in a world whose own links take no time. */
async function scene(
  forth: DirectionOptions,
  back: DirectionOptions,
  { hasTarget = true } = {},
): Promise<Scene> {
  const world = new World({ seed: 1, link: { delayMs: 0 } });
  const client = world.host({ name: 'client', addresses: ['192.0.2.1'] });
  const target = world.host({ name: 'target', addresses: [TARGET.address] });
  const { runtime } = world.host({ name: 'relay', addresses: [LISTEN.address] });
  const askers = new Set<number>();
  if (hasTarget) {
    await target.runtime.network.bindUdp(TARGET, (bytes, peer, reply) => {
      askers.add(peer.endpoint.port);
      reply.set(bytes);
      return bytes.length;
    });
  }
  const options = { runtime, listen: LISTEN, target: TARGET, seed: '7', forth, back };
  return { world, client, relay: await Relay.open(options), askers };
}

/** Asks `count` times, a millisecond apart; resolves with 'number@milliseconds' of each answer. */
async function ask({ world, client }: Scene, count: number): Promise<readonly string[]> {
  const answers: string[] = [];
  const startMs = world.nowMs;
  const socket = await client.runtime.network.connectUdp(LISTEN, {
    onDatagram: (bytes) => answers.push(`${bytes[0]}@${Math.round(world.nowMs - startMs)}`),
    onError: () => {},
  });
  for (let number = 1; number <= count; number += 1) {
    client.runtime.clock.schedule(number, () => socket.send(Uint8Array.of(number)));
  }
  await world.advance(2000);
  return answers;
}

describe('the relay', () => {
  test('brings answers back to who asked, each way with its own delay', async () => {
    const parts = await scene({ link: { delayMs: 20 } }, { link: { delayMs: 5 } });
    const [one, other] = [await ask(parts, 2), await ask(parts, 1)];
    expect(one).toEqual(['1@26', '2@27']);
    expect(other).toEqual(['1@26']);
    expect(parts.askers.size).toBe(2);
    expect(parts.relay.statistics).toMatchObject({
      forth: { datagrams: 3, octets: 3, delivered: 3, lost: {} },
      back: { datagrams: 3, delivered: 3 },
      clients: 2,
    });
  });

  test('drops what a script names', async () => {
    const parts = await scene({ ...PLAIN, drops: [1, 3] }, { ...PLAIN, drops: [1] });
    expect((await ask(parts, 5)).map((text) => text.split('@')[0])).toEqual(['4', '5']);
    expect(parts.relay.statistics).toMatchObject({
      forth: { lost: { script: 2 } },
      back: { lost: { script: 1 } },
    });
  });

  test('one seed loses the same datagrams, whatever else the link does', async () => {
    const plain = await scene({ link: { delayMs: 1, loss: 0.3 } }, PLAIN);
    const rich = await scene({ link: { delayMs: 9, jitterMs: 4, loss: 0.3, swap: 0.2 } }, PLAIN);
    const numbers = async (parts: Scene): Promise<readonly number[]> =>
      (await ask(parts, 100)).map((text) => Number.parseInt(text, 10)).toSorted((a, b) => a - b);
    const kept = await numbers(plain);
    expect(kept.length).toBeGreaterThan(50);
    expect(kept.length).toBeLessThan(90);
    expect(await numbers(rich)).toEqual(kept);
  });

  test('doubles and changes what it carries', async () => {
    const parts = await scene({ link: { delayMs: 1, duplicate: 1 } }, PLAIN);
    expect(await ask(parts, 1)).toEqual(['1@2', '1@2']);
    const changed = await scene({ link: { delayMs: 1, corrupt: 1 } }, PLAIN);
    const [answer = ''] = await ask(changed, 1);
    expect([0, 3, 5, 9, 17, 33, 65, 129]).toContain(Number.parseInt(answer, 10));
  });

  test('forgets who was silent for long, and whoever was silent longest when there are too many', async () => {
    const parts = await scene(PLAIN, PLAIN);
    for (let count = 0; count < relayLimits.clients + 3; count += 1) {
      const ignore = { onDatagram: () => {}, onError: () => {} };
      (await parts.client.runtime.network.connectUdp(LISTEN, ignore)).send(Uint8Array.of(1));
    }
    await parts.world.advance(10);
    expect(parts.relay.statistics.clients).toBe(relayLimits.clients);
    await parts.world.advance(relayLimits.idleMs * 1.2);
    expect(parts.relay.statistics.clients).toBe(0);
  });

  test('counts where nobody listens, and goes on', async () => {
    const parts = await scene(PLAIN, PLAIN, { hasTarget: false });
    expect(await ask(parts, 3)).toEqual([]);
    expect(parts.relay.statistics.refused).toBe(3);
  });

  test('leaves nothing behind', async () => {
    const parts = await scene({ link: { delayMs: 500 } }, PLAIN);
    const asked = ask(parts, 1);
    await asked;
    await parts.relay.close();
    await parts.relay.close();
    const { timers, udpSockets } = parts.world.pending;
    // The echo's, and the client's.
    expect({ timers, udpSockets }).toEqual({ timers: 0, udpSockets: 2 });
  });
});
