import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseType, RRType } from '../../../src/wire/iana.ts';
import { nameOf } from '../../../src/wire/name-text.ts';
import { descriptionOf } from '../../../src/wire/rdata/descriptions.ts';
import { isWellFormed, namesIn, parseRdata, printRdata } from '../../../src/wire/rdata/rdata.ts';
import { splitTokens } from '../../../src/wire/rdata/tokens.ts';
import { FUZZ_RUNS, hex, join, rdataOf } from '../support.ts';
import { EXAMPLES } from './examples.ts';

/** The error's text, or undefined when `text` is read. */
function errorOf(type: string, text: string): string | undefined {
  const result = parseRdata(parseType(type)!, splitTokens(text), nameOf('example.'));
  return result.ok ? undefined : result.error.message;
}

describe('every described type', () => {
  test('has an example', () => {
    const shown = new Set(EXAMPLES.map(([type]) => type));
    const described = Object.entries(RRType).filter(([, type]) => descriptionOf(type));
    expect(described.map(([name]) => name).filter((name) => !shown.has(name))).toEqual([]);
  });

  test.each(EXAMPLES)('%s %s: text, octets, text', (type, text) => {
    const rdata = rdataOf(type, text);
    expect(isWellFormed(parseType(type)!, rdata)).toBe(true);
    expect(printRdata(parseType(type)!, rdata)).toBe(text);
    expect(rdataOf(type, printRdata(parseType(type)!, rdata))).toEqual(rdata);
  });

  test.each(EXAMPLES)('%s %s: as RFC 3597 writes unknown types', (type, text) => {
    const rdata = rdataOf(type, text);
    const digits = Buffer.from(rdata).toString('hex');
    expect(rdataOf(type, `\\# ${rdata.length} ${digits}`)).toEqual(rdata);
    expect(printRdata(65280, rdata)).toBe(`\\# ${rdata.length} ${digits.toUpperCase()}`.trimEnd());
  });

  test.each(EXAMPLES)(
    '%s %s: cut at any octet or longer, it prints and reads back',
    (type, text) => {
      const number = parseType(type)!;
      const rdata = rdataOf(type, text);
      const variants: Uint8Array[] = [];
      // The form of long data is decided near their start; of those, a sample will do.
      for (let length = 0; length < rdata.length; length += length < 512 ? 1 : 61) {
        variants.push(rdata.slice(0, length));
      }
      for (const extra of [1, 2, 3]) variants.push(join(rdata, new Uint8Array(extra)));
      for (const variant of variants) {
        const printed = printRdata(number, variant);
        if (isWellFormed(number, variant)) expect(rdataOf(type, printed)).toEqual(variant);
        else {
          expect(printed.startsWith('\\# ')).toBe(true);
          expect(errorOf(type, printed)).toContain('the form of the type');
        }
      }
    },
  );

  test('whatever octets have the form of their type, their text reads back to them', () => {
    const shown = EXAMPLES.map(([type, text]) => [type, rdataOf(type, text)] as const);
    const change = fc.tuple(fc.nat(), fc.nat(255), fc.constantFrom('set', 'cut', 'insert'));
    const changed = fc.tuple(fc.constantFrom(...shown), fc.array(change, { maxLength: 3 }));
    const property = fc.property(changed, ([[type, example], changes]) => {
      const octets = [...example];
      for (const [place, octet, how] of changes) {
        const at = place % (octets.length + 1);
        octets.splice(at, how === 'insert' ? 0 : 1, ...(how === 'cut' ? [] : [octet]));
      }
      const rdata = Uint8Array.from(octets);
      const printed = printRdata(parseType(type)!, rdata);
      if (isWellFormed(parseType(type)!, rdata)) expect(rdataOf(type, printed)).toEqual(rdata);
      else expect(printed).toMatch(/^\\# [0-9]+/);
    });
    fc.assert(property, { numRuns: FUZZ_RUNS });
  }, 600_000);

  test('whatever text is read, its octets have the form of their type and print to be read', () => {
    const character = fc.constantFrom(...' 0129abcfAZ.-:/+=!,"\\'.split(''));
    const change = fc.tuple(fc.nat(), character, fc.nat(2));
    const changed = fc.tuple(fc.constantFrom(...EXAMPLES), fc.array(change, { maxLength: 3 }));
    const property = fc.property(changed, ([[type, example], changes]) => {
      const characters = example.split('');
      for (const [place, inserted, removed] of changes) {
        characters.splice(place % (characters.length + 1), removed, inserted);
      }
      const number = parseType(type)!;
      const result = parseRdata(number, splitTokens(characters.join('')), nameOf('.'));
      if (!result.ok) return;
      expect(isWellFormed(number, result.value)).toBe(true);
      expect(rdataOf(type, printRdata(number, result.value))).toEqual(result.value);
    });
    fc.assert(property, { numRuns: FUZZ_RUNS });
  }, 600_000);

  test('fixed forms take exactly their octets', () => {
    const fixed = ['A', 'AAAA', 'NS', 'CNAME', 'MX', 'SOA', 'SRV', 'PTR', 'RP', 'HINFO', 'NAPTR'];
    for (const [type, text] of EXAMPLES.filter(([name]) => fixed.includes(name))) {
      const rdata = rdataOf(type, text);
      for (let length = 0; length <= rdata.length + 3; length++) {
        const variant = join(rdata, new Uint8Array(3)).slice(0, length);
        expect(isWellFormed(parseType(type)!, variant)).toBe(length === rdata.length);
      }
    }
  });
});

describe('presentation form', () => {
  test.each([
    ['SOA', '@ root 1 1h 15m 1w 1d', 'example. root.example. 1 3600 900 604800 86400'],
    ['MX', '010 mail', '10 mail.example.'],
    ['DNSKEY', '257 3 ECDSAP256SHA256 AQID BAUG', '257 3 13 AQIDBAUG'],
    ['DS', `1 RSASHA256 2 ${'00ff '.repeat(16)}`, `1 8 2 ${'00FF'.repeat(16)}`],
    ['DS', '1 8 99 00ff 00 FF', '1 8 99 00FF00FF'],
    ['TXT', 'bare "in quotes"', '"bare" "in quotes"'],
    ['NSEC', 'b.example. TYPE1 nsec A', 'b.example. A NSEC'],
    [
      'RRSIG',
      'A 8 2 1h 1893456000 0 1 . AA==',
      'A 8 2 3600 20300101000000 19700101000000 1 . AA==',
    ],
    ['SSHFP', '1 1 0A 0B', '1 1 0A0B'],
    ['AAAA', '2001:DB8:0:0:1:0:0:0', '2001:db8:0:0:1::'],
  ])('%s %s', (type, text, printed) => {
    const result = parseRdata(parseType(type)!, splitTokens(text), nameOf('example.'));
    expect(result.ok && printRdata(parseType(type)!, result.value)).toBe(printed);
  });

  test.each([
    ['A', '192.0.2', 'IPv4'],
    ['A', '192.0.2.01', 'IPv4'],
    ['A', '192.0.2.1 x', 'the end of the record'],
    ['A', '', 'the record ends here'],
    ['AAAA', '1::2::3', 'IPv6'],
    ['MX', '65536 a', '0 to 65535'],
    ['MX', '-1 a', '0 to 65535'],
    ['MX', '10', 'a domain name, but the record ends here'],
    ['A', '192.0.2."1"', 'IPv4'],
    ['MX', '10 mail"x"', 'the end of the record'],
    ['SVCB', '1 . al"pn=h2"', 'a service parameter'],
    ['SVCB', '1 . alpn"=h2"', 'expected alpn with'],
    ['CAA', '0 issue ab"x"', 'the end of the record'],
    ['HINFO', 'x"y" z', 'the end of the record'],
    ['X25', '12"34"', 'a PSDN address'],
    ['TXT', `"${'x'.repeat(256)}"`, 'at most 255'],
    ['HINFO', '"PC"', 'operating system'],
    ['DS', '1 8 2 0F0', 'hexadecimal'],
    ['DS', '1 8 2', 'a digest'],
    ['DS', `1 8 1 ${'00'.repeat(19)}`, 'a digest of 20 octets in hexadecimal, not 19'],
    ['DS', `1 8 2 ${'00'.repeat(33)}`, 'a digest of 32 octets in hexadecimal, not 33'],
    ['DS', `1 8 4 ${'00'.repeat(47)}`, 'a digest of 48 octets in hexadecimal, not 47'],
    ['DS', `\\# 23 00010801${'00'.repeat(19)}`, 'the form of the type'],
    ['DNSKEY', '257 3 13 AQI', 'base64'],
    ['DNSKEY', '257 3 13 A===', 'base64'],
    ['SSHFP', 'DSA 1 00', 'algorithm'],
    ['CAA', '0 is-sue "x"', 'letters and digits'],
    ['CAA', '0 "" "x"', 'letters and digits'],
    ['NSEC', 'a. NOSUCHTYPE', 'record type'],
    ['SOA', 'a. b. 1 1h1h 1 1 1', 'refresh'],
    ['TYPE65280', 'abc', '\\#'],
    ['TYPE65280', '\\# 3 0102', 'not 2'],
    ['TYPE65280', '\\# 65536 00', '0 to 65535'],
    ['TYPE65280', '\\# 1 0g', 'hexadecimal'],
    ['TYPE65280', '\\#', 'a length'],
    ['A', '\\# 3 C00002', 'the form of the type'],
    ['NS', '\\# 2 C00C', 'the form of the type'],
  ])('%s %s is refused', (type, text, why) => {
    expect(errorOf(type, text)).toContain(why);
  });

  test.each([
    ['TXT', 'a"b"c', '"a" "b" "c"'],
    ['TXT', 'a="b c"', '"a=" "b c"'],
    ['TXT', '"a""b"c', '"a" "b" "c"'],
    ['HINFO', 'x"y"', '"x" "y"'],
    ['CAA', '0 issue"x"', '0 issue "x"'],
    ['SVCB', '1 . alpn="h2,h3" port="443"', '1 . alpn="h2,h3" port=443'],
  ])('%s %s: quotes begin another string, or the value of a parameter', (type, text, printed) => {
    expect(printRdata(parseType(type)!, rdataOf(type, text))).toBe(printed);
  });

  test.each([
    ['MX', '10"x"'],
    ['SSHFP', '1 1 00"00"'],
    ['DNSKEY', '256 3 8 AA"AA"'],
    ['TYPE65280', '\\# 1 0"0"'],
    ['SVCB', '1 f"oo" port=443'],
    ['SVCB', '1 . alpn=h"2"'],
    ['SVCB', '1 . alpn="h2"x'],
    ['SVCB', '1 . alpn="h2"port=443'],
    ['SVCB', '1 . alpn="h2""h3"'],
    ['SVCB', '1 . key65333=a" b"'],
    ['SVCB', '1 . key65333=a="b"'],
  ])('%s %s: quotes inside of a field are refused', (type, text) => {
    expect(errorOf(type, text)).toMatch(/^expected a blank (before|behind) the quotes, found /);
  });

  test('quoted, \\# is a string', () => {
    expect(printRdata(RRType.TXT, rdataOf('TXT', '"\\\\#" "1"'))).toBe('"\\\\#" "1"');
  });
});

describe('signature times, RFC 4034 §3.2', () => {
  const seconds = (time: string): number | string => {
    const error = errorOf('RRSIG', `A 8 2 1 ${time} 0 1 . AA==`);
    if (error !== undefined) return 'refused';
    return Buffer.from(rdataOf('RRSIG', `A 8 2 1 ${time} 0 1 . AA==`)).readUInt32BE(8);
  };

  test.each([
    ['19700101000000', 0],
    ['20000229120000', Date.UTC(2000, 1, 29, 12) / 1000],
    ['20240229000000', Date.UTC(2024, 1, 29) / 1000],
    ['20241231235959', Date.UTC(2024, 11, 31, 23, 59, 59) / 1000],
    ['20380119031408', 2 ** 31],
    ['21000301000000', Date.UTC(2100, 2, 1) / 1000],
    ['21060207062815', 2 ** 32 - 1],
    ['21060207062816', 0],
    ['4294967295', 2 ** 32 - 1],
    ['4294967296', 'refused'],
    ['20230229000000', 'refused'],
    ['21000229000000', 'refused'],
    ['20240431000000', 'refused'],
    ['20241301000000', 'refused'],
    ['20240100000000', 'refused'],
    ['20240101240000', 'refused'],
    ['20240101006000', 'refused'],
    ['19691231235959', 'refused'],
    ['2024010100000x', 'refused'],
  ])('%s is %s', (time, expected) => {
    expect(seconds(time)).toBe(expected);
  });

  test('every day until 2106 is printed as JavaScript has it', () => {
    for (let time = 43_200; time < 2 ** 32; time += 86_400) {
      const rdata = hex(
        `0001 08 02 00000001 ${time.toString(16).padStart(8, '0')} 00000000 0001 00 00`,
      );
      const expected = new Date(time * 1000).toISOString().replaceAll(/[-:T]|\..*$/g, '');
      if (printRdata(RRType.RRSIG, rdata).split(' ')[4] !== expected) expect(time).toBe(expected);
    }
  });
});

describe('type bitmaps, RFC 4034 §4.1.2', () => {
  test('the example of RFC 4034 §4.3', () => {
    const rdata = rdataOf('NSEC', 'host.example.com. A MX RRSIG NSEC TYPE1234');
    const expected =
      '0006 400100000003 041b 000000000000000000000000000000000000000000000000000020';
    expect(rdata.slice(18)).toEqual(hex(expected));
  });

  test.each([
    ['windows that repeat', '00 000140 000140'],
    ['windows that descend', '00 010140 000140'],
    ['a window of no octets', '00 0000'],
    ['a window of 33 octets', `00 0021${'01'.repeat(33)}`],
    ['a window cut short', '00 0002 40'],
    ['half a window header', '00 00'],
    ['trailing zero octets', '00 00024000'],
  ])('%s: malformed', (_, rdata) => {
    expect(isWellFormed(RRType.NSEC, hex(rdata))).toBe(false);
  });

  test('every type can stand in one', () => {
    for (let type = 0; type < 65536; type += 7) {
      const rdata = rdataOf('NSEC', `. TYPE${type}`);
      expect(isWellFormed(RRType.NSEC, rdata)).toBe(true);
      expect(rdataOf('NSEC', printRdata(RRType.NSEC, rdata))).toEqual(rdata);
    }
  });
});

test('names in rdata are found with their octets', () => {
  const names = (type: string, text: string): string[] =>
    namesIn(parseType(type)!, rdataOf(type, text)).map(String);
  expect(names('SOA', 'a. b.c. 1 2 3 4 5')).toEqual(['a.', 'b.c.']);
  expect(names('SRV', '1 2 3 Target.')).toEqual(['Target.']);
  expect(names('TXT', '"a."')).toEqual([]);
  expect(namesIn(RRType.MX, hex('0001 c00c'))).toEqual([]);
});
