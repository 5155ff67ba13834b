import { describe, expect, test } from 'vitest';
import { parseType, RRType } from '../../../src/wire/iana.ts';
import { nameOf } from '../../../src/wire/name-text.ts';
import { isWellFormed, parseRdata, printRdata } from '../../../src/wire/rdata/rdata.ts';
import { splitTokens, type Token } from '../../../src/wire/rdata/tokens.ts';
import { hex, join, rdataOf } from '../support.ts';

const tokensOf = (...texts: readonly string[]): Token[] =>
  texts.map((text, i) => ({ text, quoted: false, glued: false, line: 1, column: i + 1 }));

describe('the test vectors of RFC 9460 §D, and other keys', () => {
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
    ['1 . key1=\\002h2 key3=\\000\\053', '0001 00 0001 0003 026832 0003 0002 0035'],
    ['1 . key8 mandatory=key8', '0001 00 0000 0002 0008 0008 0000'],
    ['1 . docpath=n,s', '0001 00 000a 0004 016e 0173'],
    ['1 . docpath', '0001 00 000a 0000'],
    ['1 . oots=do53:100,dot:0', '0001 00 000c 000b 04646f353364 03646f7400'],
    ['1 . tls-supported-groups=29,23', '0001 00 0009 0004 001d 0017'],
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
    ['a protocol id that ends in an escape of nothing', 'alpn=h2\\\\'],
    ['an octet that is no port, by number', 'key3=5'],
    ['pvd with a value', 'pvd=1'],
    ['tls-supported-groups without a value', 'tls-supported-groups'],
    ['a group that repeats', 'tls-supported-groups=29,23,29'],
    ['a group beyond 65535', 'tls-supported-groups=65536'],
    ['an empty path segment', 'docpath=a,,b'],
    ['oots without a value', 'oots'],
    ['a transport without a share', 'oots="do53:100,dot"'],
    ['a share without a transport', 'oots="do53:100,:25"'],
    ['a share beyond 100', 'oots=dot:101'],
    ['a share with a sign', 'oots=dot:25%'],
    ['a transport that repeats', 'oots="dot:25,dot:10"'],
    ['a dohpath that is no UTF-8', 'dohpath=/{\\195?dns}'],
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
    ['a group of one octet', '0009 0003 001d00'],
    ['a group that repeats', '0009 0004 001d 001d'],
    ['a share beyond 100', '000c 0005 03646f7465'],
    ['a transport cut short', '000c 0004 03646f74'],
    ['a transport of other octets', '000c 0003 012c01'],
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
