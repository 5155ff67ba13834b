import * as fc from 'fast-check';
/** Keys as people write them: `[algorithm:]name:secret`, and key files of two kinds. */
import { describe, expect, test } from 'vitest';
import { keyPairPaths, parseKeyFile, parseKeyPair, readKeyFile } from '../../src/tsig/key-file.ts';
import { parseKey } from '../../src/tsig/key.ts';
import { SECRET } from './vectors.ts';

/** 'NAME ALGORITHM OCTETS', or 'KIND: problem'. */
function read(result: ReturnType<typeof parseKey> | undefined): string {
  if (!result) return 'no key';
  if (!result.ok) return `${result.error.kind}: ${result.error.problem}`;
  const { name, algorithm, macOctets, secret } = result.value;
  expect(Buffer.from(secret).toString('base64')).toBe(SECRET);
  return `${name.toString()} ${algorithm.text} ${macOctets}`;
}

describe('on the command line', () => {
  test.each([
    [`k:${SECRET}`, 'k. hmac-sha256 32'],
    [`hmac-md5:k.example:${SECRET}`, 'k.example. hmac-md5 16'],
    [`HMAC-SHA1:k:${SECRET}`, 'k. hmac-sha1 20'],
    [`hmac-md5.sig-alg.reg.int:k:${SECRET}`, 'k. hmac-md5 16'],
    [`hmac-sha512-256:k:${SECRET}`, 'k. hmac-sha512 32'],
    [`hmac-sha256-129:k:${SECRET}`, 'k. hmac-sha256 17'],
    [`hmac-sha256-0:k:${SECRET}`, 'k. hmac-sha256 32'],
    [`hmac-foo:k:${SECRET}`, 'algorithm: algorithm is unsupported'],
    [`hmac-sha256-300:k:${SECRET}`, "bits: invalid digest-bits [0..256] '300': out of range"],
    ['k', 'form: expected [algorithm:]name:secret'],
    ['k:!!', 'secret: bad base64 encoding'],
    ['k:', 'secret: bad base64 encoding'],
    [`a..b:${SECRET}`, 'name: the name has an empty label (two dots, or a dot in front)'],
  ])('%s', (text, expected) => {
    expect(read(parseKey(text))).toBe(expected);
  });
});

describe('in a file', () => {
  test.each([
    [`key "k" {\n\talgorithm hmac-sha256;\n\tsecret "${SECRET}";\n};\n`, 'k. hmac-sha256 32'],
    [`key k { secret ${SECRET}; algorithm hmac-sha1; };`, 'k. hmac-sha1 20'],
    [
      `# key "x" {\n// y\n/* key z { */ key "k" { /* } */ algorithm "hmac-md5"; secret "${SECRET}"; };`,
      'k. hmac-md5 16',
    ],
    [`key "k" { algorithm hmac-foo; secret "${SECRET}"; };`, 'algorithm: algorithm is unsupported'],
    ['key "k" { algorithm hmac-sha1; };', 'no key'],
    ['key', 'no key'],
    ['', 'no key'],
    ['/*', 'no key'],
  ])('%s', (text, expected) => {
    expect(read(parseKeyFile(text))).toBe(expected);
  });
});

describe('what BIND says of a file', () => {
  const whole = `key k { algorithm hmac-sha1; secret ${SECRET}; }`;

  test.each([
    [`${whole};`, undefined],
    [whole, 'failure'],
    [`${whole}; junk a { b; };`, 'failure'],
    [`${whole}; }`, 'unexpected token'],
    ['key k { algorithm hmac-sha1; junk a; };', 'failure'],
    ['key k {', 'unexpected token'],
    ['key { secret a; };', 'unexpected token'],
    ['key k { secret ; };', 'unexpected token'],
    ['junk', 'unexpected token'],
    ['junk }', 'unexpected token'],
    ['key k { algorithm hmac-sha1; };', 'incomplete'],
    ['# key', 'not found'],
  ])('%s: %s', (text, flaw) => {
    expect(readKeyFile(text).flaw).toBe(flaw);
  });

  test('whatever stands in it, the reading ends and throws nothing', () => {
    const word = fc.constantFrom('key', 'k', '{', '}', ';', '"', 'secret', 'algorithm', '/*', '#');
    const text = fc.oneof(
      fc.string(),
      fc.array(word).map((words) => words.join(' ')),
    );
    fc.assert(fc.property(text, (some) => void readKeyFile(some)));
  });
});

describe('in a pair of files', () => {
  const privateText = `Private-key-format: v1.3\nAlgorithm: 163 (HMAC_SHA256)\nKey: ${SECRET}\n`;
  const publicText = `k.example. IN KEY 512 3 163 ${SECRET}\n`;

  test('the name is in the one, the secret in the other', () => {
    expect(read(parseKeyPair(publicText, privateText))).toBe('k.example. hmac-sha256 32');
  });

  test('anything else is no pair', () => {
    expect(read(parseKeyPair('', privateText))).toBe('no key');
    expect(read(parseKeyPair(publicText, ''))).toBe('no key');
    const dnssec = privateText.replace('163', '8');
    expect(read(parseKeyPair(publicText, dnssec))).toBe('algorithm: algorithm is unsupported');
  });

  test('either may be named, or the stem of both', () => {
    const paths = { publicPath: 'a/Kk.+163+12345.key', privatePath: 'a/Kk.+163+12345.private' };
    for (const end of ['', '.key', '.private']) {
      expect(keyPairPaths(`a/Kk.+163+12345${end}`)).toEqual(paths);
    }
    expect(keyPairPaths('a/k.key')).toBeUndefined();
  });
});
