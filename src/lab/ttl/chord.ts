/**
 * Chord (Stoica, Morris, Karger, Kaashoek and Balakrishnan, SIGCOMM 2001): names are spread over a
 * ring of nodes, each of which knows the nodes 1, 2, 4, 8 … ahead on the ring. Looked up
 * iteratively over UDP: whoever is asked names the node it knows that comes closest.
 *
 * A key belongs to the last node at or before it; Chord's goes to the first one after it, with
 * paths of the same length. Nodes do not come and go here.
 */

import type { UdpSocket } from '../../net/ports.ts';
import type { SimHost } from '../../sim/host.ts';
import { World } from '../../sim/world.ts';

const PORT = 4000;
const RING = 2 ** 32;

export interface ChordLookup {
  readonly hops: number;
  readonly latencyMs: number;
}

export class ChordRing {
  readonly world: World;
  readonly #nodes: ChordNode[] = [];

  private constructor(world: World) {
    this.world = world;
  }

  /** `ids` ascending, below 2^32; hops take `delayMs` one way. */
  static async open(options: {
    readonly ids: readonly number[];
    readonly seed: string;
    readonly delayMs: number;
  }): Promise<ChordRing> {
    const { ids, seed, delayMs } = options;
    const world = new World({ seed, link: { delayMs }, recordLimit: 0 });
    const ring = new ChordRing(world);
    for (const [index, id] of ids.entries()) {
      const address = `10.0.${index >>> 8}.${index & 255}`;
      const host = world.host({ name: `node ${index}`, addresses: [address] });
      const node = new ChordNode({ id, host, fingers: fingersOf(id, ids) });
      await world.run(node.open(address));
      ring.#nodes.push(node);
    }
    return ring;
  }

  /** Beginning at the node `from`. */
  async lookUp(from: number, key: number): Promise<ChordLookup> {
    const node = this.#nodes[from]!;
    const startMs = this.world.nowMs;
    const hops = await this.world.run(node.lookUp(key));
    return { hops, latencyMs: this.world.nowMs - startMs };
  }

  async close(): Promise<void> {
    await this.world.run(Promise.all(this.#nodes.map((node) => node.close())));
  }
}

interface Finger {
  readonly id: number;
  readonly index: number;
}

/** For each power of two the last node that is not further ahead than it, the nearest first. */
function fingersOf(id: number, ids: readonly number[]): readonly Finger[] {
  const fingers = new Map<number, Finger>();
  for (let step = 1; step < RING; step *= 2) {
    const target = (id + step) % RING;
    const after = ids.findIndex((one) => one >= target);
    const index = after < 0 ? 0 : after;
    if (ids[index] !== id) fingers.set(index, { id: ids[index]!, index });
  }
  return [...fingers.values()].toSorted((a, b) => ahead(id, a.id) - ahead(id, b.id));
}

function ahead(from: number, to: number): number {
  return (to - from + RING) % RING;
}

class ChordNode {
  readonly #id: number;
  readonly #host: SimHost;
  readonly #fingers: readonly Finger[];
  readonly #waiting = new Map<number, (next: number | undefined) => void>();
  #socket: UdpSocket | undefined;

  constructor(options: {
    readonly id: number;
    readonly host: SimHost;
    readonly fingers: readonly Finger[];
  }) {
    this.#id = options.id;
    this.#host = options.host;
    this.#fingers = options.fingers;
  }

  async open(address: string): Promise<void> {
    const { network } = this.#host.runtime;
    this.#socket = await network.bindUdp({ address, port: PORT }, (datagram, _peer, reply) => {
      const view = new DataView(datagram.buffer, datagram.byteOffset, datagram.byteLength);
      const key = view.getUint32(0);
      if (datagram.length === QUESTION_OCTETS) return this.#answer(key, reply);
      const next = view.getUint32(4);
      this.#waiting.get(key)?.(next === MINE ? undefined : next);
      return 0;
    });
  }

  /** Resolves with how many other nodes were asked. */
  async lookUp(key: number): Promise<number> {
    let hops = 0;
    let next = this.#closest(key)?.index;
    while (next !== undefined) {
      hops += 1;
      next = await this.#ask(next, key);
    }
    return hops;
  }

  async close(): Promise<void> {
    await this.#socket?.close();
  }

  #closest(key: number): Finger | undefined {
    return this.#fingers.findLast(({ id }) => ahead(this.#id, id) <= ahead(this.#id, key));
  }

  #answer(key: number, reply: Uint8Array): number {
    const view = new DataView(reply.buffer, reply.byteOffset);
    view.setUint32(0, key);
    view.setUint32(4, this.#closest(key)?.index ?? MINE);
    return ANSWER_OCTETS;
  }

  #ask(index: number, key: number): Promise<number | undefined> {
    const question = new Uint8Array(QUESTION_OCTETS);
    new DataView(question.buffer).setUint32(0, key);
    const endpoint = { address: `10.0.${index >>> 8}.${index & 255}`, port: PORT };
    const peer = { endpoint, port: PORT, octets: new Uint8Array(0), retain: () => peer };
    return new Promise((resolve) => {
      this.#waiting.set(key, resolve);
      this.#socket!.send(question, peer);
    });
  }
}

/** The key; and the key with the index of the next node, or that there is none. */
const QUESTION_OCTETS = 4;
const ANSWER_OCTETS = 8;
const MINE = 0xffff_ffff;
