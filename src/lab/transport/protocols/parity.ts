/**
 * A8, forward error correction: after every k messages goes one more, the exclusive or of them all.
 * If any one of the k + 1 is lost, it is the exclusive or of the others; if two are, they are lost.
 * Nothing ever goes back to the sender.
 *
 *     m0 ⊕ m1 ⊕ m2 ⊕ m3 = parity      so      m2 = m0 ⊕ m1 ⊕ m3 ⊕ parity
 */

import { messageFormat, type MessageFormat, type MessageOf } from '../../process/message-format.ts';
import type { Context, NodeId, Payload, Process } from '../../process/process.ts';
import type { DeliveryLayer } from '../delivery-layer.ts';

const SHAPES = {
  data: { sequence: 'u32', payload: 'rest' },
  /** Of the messages `block` * k to `block` * k + k − 1, each with its length before it. */
  parity: { block: 'u32', sum: 'rest' },
} as const;
const format: MessageFormat<MessageOf<typeof SHAPES>> = messageFormat(SHAPES);

const LENGTH_OCTETS = 2;
/** Blocks that a receiver keeps; what is missing of older ones will not come any more. */
const MAX_BLOCKS = 64;

export interface ParityOptions {
  readonly peer: NodeId;
  /** Messages of a block, k. */
  readonly blockSize: number;
  readonly parityOf?: (messages: readonly Payload[]) => Uint8Array;
}

export class ParitySender implements Process {
  readonly #context: Context;
  readonly #options: ParityOptions;
  #block: Payload[] = [];
  #next = 0;

  constructor(context: Context, options: ParityOptions) {
    this.#context = context;
    this.#options = options;
  }

  onCommand(payload: Payload): void {
    const { peer, blockSize, parityOf = sumOf } = this.#options;
    const sequence = this.#next;
    this.#next += 1;
    const data = format.write({ kind: 'data', sequence, payload });
    this.#context.send(peer, data, { tag: 'data', detail: sequence });
    this.#block.push(payload);
    if (this.#block.length < blockSize) return;
    const block = Math.floor(sequence / blockSize);
    const parity = format.write({ kind: 'parity', block, sum: parityOf(this.#block) });
    this.#context.send(peer, parity, { tag: 'parity', detail: block });
    this.#block = [];
  }
}

/** What has arrived of a block. */
interface Block {
  readonly messages: Map<number, Payload>;
  parity?: Uint8Array;
}

export class ParityReceiver implements Process {
  readonly #layer: DeliveryLayer;
  readonly #blockSize: number;
  readonly #blocks = new Map<number, Block>();

  constructor(layer: DeliveryLayer, blockSize: number) {
    this.#layer = layer;
    this.#blockSize = blockSize;
  }

  onDatagram(from: NodeId, bytes: Uint8Array): void {
    const message = format.read(bytes);
    if (message?.kind === 'data') {
      const { sequence, payload } = message;
      const number = Math.floor(sequence / this.#blockSize);
      const block = this.#blockOf(number);
      block.messages.set(sequence, payload);
      this.#layer({ sequence, payload, from });
      this.#recover(number, block, from);
    } else if (message?.kind === 'parity') {
      const block = this.#blockOf(message.block);
      block.parity = message.sum;
      this.#recover(message.block, block, from);
    }
  }

  describeState(): { blocks: number } {
    return { blocks: this.#blocks.size };
  }

  #recover(number: number, { messages, parity }: Block, from: NodeId): void {
    if (parity === undefined || messages.size !== this.#blockSize - 1) return;
    let sequence = number * this.#blockSize;
    while (messages.has(sequence)) sequence += 1;
    const payload = messageIn(add(sumOf([...messages.values()]), parity));
    if (payload === undefined) return;
    messages.set(sequence, payload);
    this.#layer({ sequence, payload, from });
  }

  #blockOf(number: number): Block {
    let block = this.#blocks.get(number);
    if (block === undefined) {
      block = { messages: new Map() };
      this.#blocks.set(number, block);
      const [oldest = number] = this.#blocks.keys();
      if (this.#blocks.size > MAX_BLOCKS) this.#blocks.delete(oldest);
    }
    return block;
  }
}

/** The exclusive or of messages of any lengths. */
export function sumOf(messages: readonly Payload[]): Uint8Array {
  return messages.map(withLength).reduce(add, new Uint8Array());
}

function add(a: Uint8Array, b: Uint8Array): Uint8Array {
  const sum = new Uint8Array(Math.max(a.length, b.length));
  for (let place = 0; place < sum.length; place += 1) {
    sum[place] = (a[place] ?? 0) ^ (b[place] ?? 0);
  }
  return sum;
}

function withLength(message: Payload): Uint8Array {
  const bytes = new Uint8Array(LENGTH_OCTETS + message.length);
  new DataView(bytes.buffer).setUint16(0, message.length);
  bytes.set(message, LENGTH_OCTETS);
  return bytes;
}

function messageIn(bytes: Uint8Array): Payload | undefined {
  if (bytes.length < LENGTH_OCTETS) return undefined;
  const length = new DataView(bytes.buffer, bytes.byteOffset).getUint16(0);
  const end = LENGTH_OCTETS + length;
  return end <= bytes.length ? bytes.subarray(LENGTH_OCTETS, end) : undefined;
}
