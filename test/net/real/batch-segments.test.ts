/**
 * Datagrams that are one message to the kernel, as it reads them: a C library that notes what the
 * structs hold, in a memory that begins at an address of our choice.
 */

import { describe, expect, test } from 'vitest';

import type { Libc } from '../../../src/net/real/batch/libc.ts';
import { Outbox } from '../../../src/net/real/batch/outbox.ts';
import { ENVELOPE_CONTROL, ENVELOPE_WORDS } from '../../../src/net/real/batch/slab.ts';

const EINVAL = 22;
const EAGAIN = 11;
const EINTR = 4;
const UDP_SEGMENT = 103;

/** A message as the kernel sees it. */
interface Sent {
  readonly port: number;
  readonly texts: readonly string[];
  /** Of the datagrams that it is cut into; absent: it is not cut. */
  readonly segment?: number;
  /** The address that it is sent from. */
  readonly from?: string;
}

interface KernelOptions {
  readonly address?: bigint;
  /** Gives an errno, or 0. */
  readonly refuses?: (message: Sent) => number;
}

class Kernel {
  readonly sent: Sent[] = [];
  readonly refused: Sent[] = [];
  readonly calls: number[] = [];
  readonly libc: Libc;

  constructor({ address = 0n, refuses = () => 0 }: KernelOptions = {}) {
    let errno = 0;
    const sendmmsg = (_fd: number, headers: Uint8Array, count: number): number => {
      this.calls.push(count);
      for (let index = 0; index < count; index++) {
        const message = readMessage(headers, index, address);
        errno = refuses(message);
        if (errno > 0) this.refused.push(message);
        if (errno > 0) return index === 0 ? -1 : index;
        this.sent.push(message);
      }
      return count;
    };
    this.libc = { sendmmsg, address: () => address, errno: () => errno } as unknown as Libc;
  }
}

function readMessage(headers: Uint8Array, index: number, address: bigint): Sent {
  const view = new DataView(headers.buffer);
  const at = headers.byteOffset + index * 64;
  const follow = (pointer: number): number => Number(view.getBigUint64(pointer, true) - address);
  const name = follow(at);
  const iov = follow(at + 16);
  const vectors = Array.from({ length: Number(view.getBigUint64(at + 24, true)) }, (_, i) => {
    const vector = iov + 16 * i;
    const octets = Number(view.getBigUint64(vector + 8, true));
    return Buffer.from(headers.buffer, follow(vector), octets).toString('latin1');
  });
  const message = { port: view.getUint16(name + 2), texts: vectors };
  return { ...message, ...readControl(view, follow(at + 32), view.getUint32(at + 40, true)) };
}

function readControl(view: DataView, at: number, octets: number): Partial<Sent> {
  const found: { segment?: number; from?: string } = {};
  for (let header = at; header < at + octets;) {
    const length = Number(view.getBigUint64(header, true));
    if (view.getInt32(header + 12, true) === UDP_SEGMENT) {
      expect([view.getInt32(header + 8, true), length]).toEqual([17, 18]);
      found.segment = view.getUint16(header + 16, true);
    } else {
      found.from = new Uint8Array(view.buffer, header + 20, 4).join('.');
    }
    header += Math.ceil(length / 8) * 8;
  }
  return found;
}

/** As a socket address of IPv4, and behind it the address that was asked. */
function envelope(port: number, from?: readonly [number, number, number, number]): Uint32Array {
  const words = new Uint32Array(ENVELOPE_WORDS);
  const view = new DataView(words.buffer);
  view.setUint16(0, 2, true);
  view.setUint16(2, port);
  if (from === undefined) return words;
  const control = ENVELOPE_CONTROL * 4;
  view.setUint32(control, 28, true);
  view.setUint32(control + 12, 8, true);
  for (const [index, octet] of from.entries()) view.setUint8(control + 20 + index, octet);
  return words;
}

function outboxOn(kernel: Kernel, { canSegment = true, slots = 64 } = {}): Outbox {
  const shape = { slots, payloadOctets: 2048 };
  return new Outbox({ fd: 9, family: 4, canSegment }, shape, kernel.libc);
}

function put(outbox: Outbox, text: string, to: Uint32Array): void {
  outbox.room.set(Buffer.from(text, 'latin1'));
  outbox.put(text.length, to);
}

describe('datagrams that are one message to the kernel', () => {
  test('those of one length to one peer are', () => {
    const kernel = new Kernel();
    const outbox = outboxOn(kernel);
    for (const text of ['a1', 'a2', 'long', 'a3']) put(outbox, text, envelope(1));
    put(outbox, 'b1', envelope(2));
    put(outbox, 'a4', envelope(1));
    outbox.flush();
    expect(kernel.sent).toEqual([
      { port: 1, texts: ['a1', 'a2', 'a3', 'a4'], segment: 2 },
      { port: 1, texts: ['long'] },
      { port: 2, texts: ['b1'] },
    ]);
    expect(kernel.calls).toEqual([3]);
  });

  test('the next batch knows nothing of the last', () => {
    const kernel = new Kernel();
    const outbox = outboxOn(kernel);
    for (const round of ['1', '2', '3']) {
      put(outbox, `a${round}`, envelope(1));
      put(outbox, `b${round}`, envelope(2));
      if (round !== '2') put(outbox, `c${round}`, envelope(1));
      outbox.flush();
    }
    expect(kernel.sent.map(({ texts }) => texts.join(' '))).toEqual(
      ['a1 c1', 'b1', 'a2', 'b2', 'a3 c3', 'b3'], // prettier-ignore
    );
    expect(kernel.sent.map(({ segment }) => segment)).toEqual(
      [2, undefined, undefined, undefined, 2, undefined], // prettier-ignore
    );
  });

  test('who asked another of our addresses is answered from there', () => {
    const kernel = new Kernel();
    const outbox = outboxOn(kernel);
    for (const text of ['a', 'b']) {
      put(outbox, text, envelope(1, [127, 0, 0, 1]));
      put(outbox, text, envelope(1, [127, 0, 0, 2]));
      put(outbox, text, envelope(1));
    }
    outbox.flush();
    expect(kernel.sent).toEqual([
      { port: 1, texts: ['a', 'b'], segment: 1, from: '127.0.0.1' },
      { port: 1, texts: ['a', 'b'], segment: 1, from: '127.0.0.2' },
      { port: 1, texts: ['a', 'b'], segment: 1 },
    ]);
  });

  test.each([
    ['each larger than the least MTU goes alone', 1233, 4, [1, 1, 1, 1]],
    ['those as large as the least MTU do not', 1232, 4, [4]],
    ['no message is larger than the kernel takes', 1232, 60, [52, 8]],
    ['no message has more segments than the kernel cuts', 12, 70, [64, 6]],
  ])('%s', (_title, octets, count, wanted) => {
    const kernel = new Kernel();
    const outbox = outboxOn(kernel, { slots: 128 });
    for (let i = 0; i < count; i++) put(outbox, `${i}`.padEnd(octets), envelope(1));
    outbox.flush();
    expect(kernel.sent.map(({ texts }) => texts.length)).toEqual(wanted);
    const arrived = kernel.sent.flatMap(({ texts }) => texts.map(Number));
    expect(arrived).toEqual(Array.from({ length: count }, (_, i) => i));
  });

  test('where the kernel cannot cut, each is a message', () => {
    const kernel = new Kernel();
    const outbox = outboxOn(kernel, { canSegment: false });
    for (const text of ['a', 'b']) put(outbox, text, envelope(1));
    outbox.flush();
    expect(kernel.sent).toEqual([
      { port: 1, texts: ['a'] },
      { port: 1, texts: ['b'] },
    ]);
  });

  test('a route that takes nothing to cut has them one by one, and the others as ever', () => {
    const isTunnel = ({ port, segment }: Sent): boolean => port === 1 && segment !== undefined;
    const kernel = new Kernel({ refuses: (message) => (isTunnel(message) ? EINVAL : 0) });
    const outbox = outboxOn(kernel);
    for (let round = 0; round < 2; round++) {
      for (const text of ['a', 'b', 'c']) {
        put(outbox, text, envelope(2, [127, 0, 0, 1]));
        put(outbox, text, envelope(1, [127, 0, 0, 1]));
        put(outbox, text, envelope(3, [127, 0, 0, 1]));
      }
      outbox.flush();
      const from = '127.0.0.1';
      expect(kernel.sent.splice(0)).toEqual([
        { port: 2, texts: ['a', 'b', 'c'], segment: 1, from },
        { port: 1, texts: ['a'], from },
        { port: 1, texts: ['b'], from },
        { port: 1, texts: ['c'], from },
        { port: 3, texts: ['a', 'b', 'c'], segment: 1, from },
      ]);
    }
  });

  test.each([
    ['a full socket buffer gives up the rest, one by one too', EAGAIN, 2],
    ['an interrupted call is made again, until it is given up', EINTR, 6],
  ])('%s', (_title, errno, tries) => {
    const kernel = new Kernel({ refuses: ({ port }) => (port === 2 ? errno : 0) });
    const outbox = outboxOn(kernel);
    for (const port of [1, 2, 3]) {
      for (const text of ['a', 'b']) put(outbox, text, envelope(port));
    }
    outbox.flush();
    expect(kernel.sent.map(({ port }) => port)).toEqual([1]);
    expect(kernel.refused).toHaveLength(tries);
    expect(outbox.isEmpty).toBe(true);
  });

  test('memory that lies across a multiple of 4 GiB is found', () => {
    const kernel = new Kernel({ address: 0x7f12_ffff_f000n });
    const outbox = outboxOn(kernel);
    for (let i = 0; i < 64; i++) put(outbox, `${i}`.padEnd(3), envelope(i % 7));
    outbox.flush();
    expect(kernel.sent).toHaveLength(7);
    for (const { port, texts } of kernel.sent) {
      for (const text of texts) expect(Number(text) % 7).toBe(port);
    }
  });
});
