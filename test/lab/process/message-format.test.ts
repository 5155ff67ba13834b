import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { messageFormat } from '../../../src/lab/process/message-format.ts';
import { makePayload, readPayload } from '../../../src/lab/process/payload.ts';

const format = messageFormat({
  data: { sequence: 'u32', flag: 'u8', port: 'u16', atNs: 'u53', ranges: 'list', payload: 'rest' },
  ack: { sequence: 'u32' },
});

describe('messages', () => {
  test('what is written is read', () => {
    const message = fc.record({
      kind: fc.constant('data' as const),
      sequence: fc.nat(2 ** 32 - 1),
      flag: fc.nat(255),
      port: fc.nat(65535),
      atNs: fc.nat(Number.MAX_SAFE_INTEGER),
      ranges: fc.array(fc.nat(2 ** 32 - 1), { maxLength: 8 }),
      payload: fc.uint8Array(),
    });
    fc.assert(
      fc.property(message, (sent) => {
        expect(format.read(format.write(sent))).toEqual(sent);
      }),
    );
  });

  test('octets that are no message are undefined, never an error', () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        const message = format.read(bytes);
        if (message) expect([...format.write(message)]).toEqual([...bytes]);
      }),
    );
  });

  test('a message with an octet too few or too many is none', () => {
    const bytes = format.write({ kind: 'ack', sequence: 7 });
    expect(format.read(bytes)).toEqual({ kind: 'ack', sequence: 7 });
    expect(format.read(bytes.subarray(0, -1))).toBeUndefined();
    expect(format.read(Uint8Array.of(...bytes, 0))).toBeUndefined();
  });
});

describe('payloads', () => {
  test('tell their number, unless a bit was changed', () => {
    const payload = makePayload(70_000, 40);
    expect(payload).toHaveLength(40);
    expect(readPayload(payload)).toBe(70_000);
    for (const place of payload.keys()) {
      const changed = new Uint8Array(payload);
      changed[place] = (changed[place] ?? 0) ^ 4;
      expect(readPayload(changed)).toBeUndefined();
    }
  });
});
