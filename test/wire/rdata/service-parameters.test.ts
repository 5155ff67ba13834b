import { describe, expect, test } from 'vitest';
import { parseType, RRType } from '../../../src/wire/iana.ts';
import { nameOf } from '../../../src/wire/name-text.ts';
import { isWellFormed, parseRdata, printRdata } from '../../../src/wire/rdata/rdata.ts';
import { splitTokens, type Token } from '../../../src/wire/rdata/tokens.ts';
import { hex, join, rdataOf } from '../support.ts';

const tokensOf = (...texts: readonly string[]): Token[] =>
  texts.map((text, i) => ({ text, quoted: false, line: 1, column: i + 1 }));

describe('the test vectors of RFC 9460 §D', () => {
  test.each([
    ['0 foo.example.com.', '0000 03666f6f076578616d706c6503636f6d00'],
    ['1 .', '0001 00'],
    ['16 foo.example.com. port=53', '0010 03666f6f076578616d706c6503636f6d00 0003 0002 0035'],
    [
      '1 foo.example.com. key667=hello',
      '0001 03666f6f076578616d706c6503636f6d00 029b 0005 68656c6c6f',
    ],
    [
      '1 foo.example.com. key667="hello\\210qoo"',
      '0001 03666f6f076578616d706c6503636f6d00 029b 0009 68656c6c6fd2716f6f',
    ],
    [
      '1 foo.example.com. ipv6hint="2001:db8::1,2001:db8::53:1"',
      '0001 03666f6f076578616d706c6503636f6d00 0006 0020 20010db8000000000000000000000001 20010db8000000000000000000530001',
    ],
    [
      '1 example.com. ipv6hint="2001:db8:122:344::192.0.2.33"',
      '0001 076578616d706c6503636f6d00 0006 0010 20010db8012203440000 0000c0000221',
    ],
    [
      '16 foo.example.org. alpn=h2,h3-19 mandatory=ipv4hint,alpn ipv4hint=192.0.2.1',
      '0010 03666f6f076578616d706c65036f726700 0000 0004 0001 0004 0001 0009 026832 0568332d3139 0004 0004 c0000201',
    ],
    [
      '16 foo.example.org. alpn="f\\\\\\\\oo\\\\,bar,h2"',
      '0010 03666f6f076578616d706c65036f726700 0001 000c 08665c6f6f2c626172 026832',
    ],
    [
      '16 foo.example.org. alpn=f\\\\\\092oo\\092,bar,h2',
      '0010 03666f6f076578616d706c65036f726700 0001 000c 08665c6f6f2c626172 026832',
    ],
  ])('%s', (text, octets) => {
    const rdata = rdataOf('SVCB', text);
    expect(rdata).toEqual(hex(octets));
    expect(rdataOf('SVCB', printRdata(RRType.SVCB, rdata))).toEqual(rdata);
    expect(rdataOf('HTTPS', text)).toEqual(rdata);
  });

  test.each([
    ['a key that repeats', 'key123=abc key123=def'],
    ['mandatory without a value', 'mandatory'],
    ['alpn without a value', 'alpn'],
    ['port without a value', 'port'],
    ['ipv4hint without a value', 'ipv4hint'],
    ['ipv6hint without a value', 'ipv6hint'],
    ['no-default-alpn with a value', 'no-default-alpn=abc'],
    ['a mandatory key that is not there', 'mandatory=key123'],
    ['mandatory in its own list', 'mandatory=mandatory'],
    ['a mandatory key that repeats', 'mandatory=key123,key123 key123=abc'],
    ['no-default-alpn without alpn', 'no-default-alpn'],
    ['an empty protocol id', 'alpn="h2,,h3"'],
    ['a port beyond 65535', 'port=65536'],
    ['a key beyond 65535', 'key65536=a'],
    ['a key with a leading zero', 'key0667=a'],
    ['a key of no known form', 'nosuchkey=a'],
    ['ech that is no base64', 'ech=A'],
    ['a dohpath without the dns variable', 'dohpath=/q{?name}'],
  ])('%s is refused', (_, params) => {
    const tokens = splitTokens(`1 foo.example.com. ${params}`);
    const result = parseRdata(parseType('SVCB')!, tokens, nameOf('.'));
    expect(result.ok).toBe(false);
  });
});

describe('on the wire', () => {
  test.each([
    ['keys that descend', '0003 0002 0035 0001 0003 026832'],
    ['a key that repeats', '0003 0002 0035 0003 0002 0035'],
    ['a value that overruns', '0003 0003 0035'],
    ['half a parameter', '0003 00'],
    ['a port of three octets', '0003 0003 003500'],
    ['a protocol id that overruns', '0001 0003 036832'],
    ['an empty list of protocol ids', '0001 0000'],
    ['an IPv4 hint of five octets', '0004 0005 c000020101'],
    ['mandatory keys that descend', '0000 0004 0003 0001 0001 0003 026832 0003 0002 0035'],
  ])('%s: malformed', (_, params) => {
    expect(isWellFormed(RRType.SVCB, join(hex('0001 00'), hex(params)))).toBe(false);
  });

  test.each(['/dns-query{?dns}', '/q{?a,dns}', '/{dns*}', '/{dns:3}/x', '/{x}{&dns}'])(
    'dohpath %s has the variable, RFC 9461 §5',
    (path) => {
      expect(rdataOf('SVCB', `1 . dohpath=${path}`).length).toBe(7 + path.length);
    },
  );

  test.each(['/dns', '/{?adns}', '/{dns', '}dns{', '/{?dns.x}', '/{?DNS}'])(
    'dohpath %s has not',
    (path) => {
      const result = parseRdata(RRType.SVCB, tokensOf('1', '.', `dohpath=${path}`));
      expect(result.ok).toBe(false);
    },
  );

  test('a dohpath of 65000 braces takes no time', () => {
    for (const part of ['{', '{dns', '{,', '{}']) {
      const path = Buffer.from(part.repeat(Math.floor(65000 / part.length)));
      const length = Buffer.from([path.length >> 8, path.length & 0xff]);
      const rdata = join(hex('0001 00 0007'), length, path);
      const before = performance.now();
      expect(isWellFormed(RRType.SVCB, rdata)).toBe(false);
      expect(performance.now() - before).toBeLessThan(2000);
    }
  });
});
