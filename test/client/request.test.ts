/** Queries in octets: padding (RFC 7830), a header alone, an id of one's choice. */
import { describe, expect, test } from 'vitest';
import { writeRequest, type ExchangeRequest } from '../../src/client/request.ts';
import { World } from '../../src/sim/world.ts';
import { decodeMessage } from '../../src/wire/decode.ts';
import { plainEdns } from '../../src/wire/edns.ts';
import { EdnsOption } from '../../src/wire/iana.ts';
import type { Message } from '../../src/wire/message.ts';
import { keyFrom, SECRET } from '../tsig/vectors.ts';
import { questionOf } from '../resolver/fixture.ts';

const { runtime } = new World({ seed: 1 }).host({ addresses: ['192.0.2.1'] });

function write(
  options: Partial<ExchangeRequest>,
  edns: ReturnType<typeof plainEdns> | false = plainEdns(),
): { readonly octets: Uint8Array; readonly message: Message } {
  const { octets } = writeRequest(
    runtime,
    {
      server: { address: '192.0.2.53', port: 53 },
      question: questionOf('www.example.com.'),
      timeoutMs: 500,
      ...options,
    },
    { edns, local: { address: '192.0.2.1', port: 1 } },
  );
  const decoded = decodeMessage(octets);
  if (!decoded.ok) throw new Error(decoded.error.reason);
  return { octets, message: decoded.value };
}

describe('padding', () => {
  test.each([1, 44, 45, 47, 48, 49, 52, 53, 128, 468])('to blocks of %i octets', (padding) => {
    const { octets, message } = write({ padding });
    expect(octets.length % padding).toBe(0);
    const codes = message.edns?.options.map(({ code }) => code);
    expect(codes).toEqual([EdnsOption.PADDING]);
    expect(octets.length).toBeLessThan(write({}).octets.length + 4 + padding);
  });

  test('covers the signature, too', () => {
    const key = keyFrom(`key.example:${SECRET}`);
    expect(write({ padding: 128, key }).octets).toHaveLength(256);
  });

  test('is not there without EDNS', () => {
    expect(write({ padding: 128 }, false).octets).toHaveLength(33);
  });
});

test('a header alone has no question', () => {
  expect(write({ headerOnly: true, randomCase: true }).message.questions).toEqual([]);
});

test('an id may be chosen', () => {
  expect(write({ id: 4711 }).message.id).toBe(4711);
});
