import { describe, expect, it } from 'vitest';
import { endpointOctets } from '../../src/net/address.ts';
import { ServerCookies, type CookieFinding } from '../../src/query/cookies.ts';
import { plainEdns } from '../../src/wire/edns.ts';
import { EdnsOption } from '../../src/wire/iana.ts';
import { createMessage } from '../../src/wire/message.ts';

const SECRET = 'e5e973e5a6b2a43f48e7dc849e37bfcf';
const ROLLED = ['445536bcd2513298075a5d379663c962', 'dd3bdf9344b678b185a6f5cb60fca715'];
const LEARNT = '2464c4abcf10c957010000005cf79f111f8130c3eee29480';
const CLIENT = '198.51.100.100';
const MADE_AT = 0x5cf79f11;

function show(
  cookie: string,
  at: { address?: string; nowSeconds: number; secrets?: readonly string[] },
): CookieFinding | 'malformed' | undefined {
  const secrets = (at.secrets ?? [SECRET]).map(octets);
  const options = [{ code: EdnsOption.COOKIE, data: octets(cookie) }];
  const message = createMessage({ edns: { ...plainEdns(), options } });
  const address = endpointOctets(at.address ?? CLIENT);
  return new ServerCookies(secrets).find(message, { address, nowSeconds: at.nowSeconds });
}

function octets(hex: string): Uint8Array {
  return Uint8Array.from(Buffer.from(hex, 'hex'));
}

function told(finding: ReturnType<typeof show>): unknown {
  if (typeof finding !== 'object') return finding;
  return [finding.kind, Buffer.from(finding.option.data).toString('hex')];
}

describe('the test vectors (RFC 9018 §A)', () => {
  it('A.1: a client learns a cookie', () => {
    expect(told(show('2464c4abcf10c957', { nowSeconds: 1559731985 }))).toEqual([
      'new client',
      LEARNT,
    ]);
  });

  it('A.2: after forty minutes it gets a new one', () => {
    expect(told(show(LEARNT, { nowSeconds: 1559734385 }))).toEqual([
      'valid',
      '2464c4abcf10c957010000005cf7a871d4a564a1442aca77',
    ]);
  });

  it('A.3: reserved octets that are not 0 are part of the hash, and are not made again', () => {
    const shown = 'fc93fc62807ddb8601abcdef5cf78f71a314227b6679ebf5';
    expect(told(show(shown, { address: '203.0.113.203', nowSeconds: 1559734700 }))).toEqual([
      'invalid',
      'fc93fc62807ddb86010000005cf7a9acf73a7810aca2381e',
    ]);
    // While it was fresh, it was one of ours.
    const fresh = show(shown, { address: '203.0.113.203', nowSeconds: 0x5cf78f71 + 60 });
    expect(told(fresh)).toEqual(['valid', shown]);
  });

  it('A.4: a cookie of the secret before is taken, and replaced', () => {
    const shown = '22681ab97d52c298010000005cf7c57926556bd0934c72f8';
    const address = '2001:db8:220:1:59de:d0f4:8769:82b8';
    expect(told(show(shown, { address, nowSeconds: 1559741961, secrets: ROLLED }))).toEqual([
      'valid',
      '22681ab97d52c298010000005cf7c609a6bb79d16625507a',
    ]);
  });
});

describe('a cookie counts for nothing', () => {
  it.each([
    ['from another address', { address: '198.51.100.101', nowSeconds: MADE_AT }],
    ['after an hour', { nowSeconds: MADE_AT + 3601 }],
    ['five minutes before it was made', { nowSeconds: MADE_AT - 301 }],
    ['under another secret', { nowSeconds: MADE_AT, secrets: ROLLED }],
  ])('%s', (_when, at) => {
    expect(show(LEARNT, at)).toMatchObject({ kind: 'invalid' });
  });

  it.each([
    ['of another version', LEARNT.replace('c95701', 'c95702')],
    ['with another client cookie', LEARNT.replace('2464', '2465')],
    ['with one bit of the hash turned', LEARNT.replace(/80$/, '81')],
    ['of another length', `${LEARNT}00`],
  ])('%s', (_what, cookie) => {
    expect(show(cookie, { nowSeconds: MADE_AT })).toMatchObject({ kind: 'invalid' });
  });

  it('but counts to the last second of its time', () => {
    expect(show(LEARNT, { nowSeconds: MADE_AT + 3600 })).toMatchObject({ kind: 'valid' });
    expect(show(LEARNT, { nowSeconds: MADE_AT - 300 })).toMatchObject({ kind: 'valid' });
    expect(told(show(LEARNT, { nowSeconds: MADE_AT + 1800 }))).toEqual(['valid', LEARNT]);
  });
});

it.each([0, 1, 7, 9, 15, 41, 64])('%i octets are malformed (RFC 7873 §5.2.2)', (length) => {
  expect(show('00'.repeat(length), { nowSeconds: MADE_AT })).toBe('malformed');
});
