import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { frame, FrameDecoder } from '../../src/net/framing.ts';

/** Cuts `stream` at the given places, in any order and as often as they say. */
function cut(stream: Uint8Array, places: readonly number[]): Uint8Array[] {
  const sorted = places.map((place) => place % (stream.length + 1)).toSorted((a, b) => a - b);
  const bounds = [0, ...sorted, stream.length];
  return bounds.slice(1).map((end, index) => stream.subarray(bounds[index], end));
}

/** Every chunk is overwritten after use, as a socket does. */
function decodeAll(chunks: readonly Uint8Array[]): string[] {
  const decoder = new FrameDecoder();
  const messages: string[] = [];
  for (const chunk of chunks) {
    const lent = new Uint8Array(chunk);
    for (const message of decoder.decode(lent)) messages.push(Buffer.from(message).toString('hex'));
    lent.fill(0xdb);
  }
  expect(decoder.isBetweenMessages).toBe(true);
  return messages;
}

describe('RFC 7766 §8: messages on a stream', () => {
  test('any cutting of any messages gives the same messages', () => {
    const message = fc.uint8Array({ maxLength: 700 });
    fc.assert(
      fc.property(fc.array(message, { maxLength: 8 }), fc.array(fc.nat(6000)), (sent, places) => {
        const stream = Buffer.concat(sent.map(frame));
        const expected = sent.map((bytes) => Buffer.from(bytes).toString('hex'));
        expect(decodeAll(cut(stream, places))).toEqual(expected);
      }),
      { numRuns: 500 },
    );
  });

  test('one octet at a time, half a length included', () => {
    const stream = Buffer.concat([frame(Buffer.from('one')), frame(Buffer.from('two'))]);
    const chunks = Array.from(stream, (octet) => Uint8Array.of(octet));
    expect(decodeAll(chunks)).toEqual(['6f6e65', '74776f']);
  });

  test('a thousand pipelined messages in one chunk', () => {
    const stream = Buffer.concat(Array.from({ length: 1000 }, () => frame(new Uint8Array(12))));
    expect(decodeAll([stream])).toHaveLength(1000);
  });

  test('the longest message', () => {
    const message = Uint8Array.from({ length: 65535 }, (_, index) => index % 253);
    const stream = frame(message);
    expect(stream.length).toBe(65537);
    expect(decodeAll(cut(stream, [1, 2, 3, 40_000]))).toEqual([
      Buffer.from(message).toString('hex'),
    ]);
    expect(() => frame(new Uint8Array(65536))).toThrow();
  });

  test('a message of no octets is yielded, the next one is not lost', () => {
    expect(decodeAll([Uint8Array.of(0, 0, 0, 1, 7, 0, 0)])).toEqual(['', '07', '']);
  });

  test('a stream that ends inside a length or a message is seen to be cut short', () => {
    for (const stream of [[0], [0, 2], [0, 2, 1]]) {
      const decoder = new FrameDecoder();
      expect([...decoder.decode(Uint8Array.from(stream))]).toEqual([]);
      expect(decoder.isBetweenMessages).toBe(false);
    }
  });

  test('the length and its message leave in one piece', () => {
    expect([...frame(Uint8Array.of(9, 8, 7))]).toEqual([0, 3, 9, 8, 7]);
  });
});
