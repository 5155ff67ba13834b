/** Types that are seldom seen: other spellings that are read, and texts and octets that are refused. */
import { describe, expect, test } from 'vitest';
import { parseType } from '../../../src/wire/iana.ts';
import { nameOf } from '../../../src/wire/name-text.ts';
import { parseBase32Hex, printBase32Hex } from '../../../src/wire/rdata/base32.ts';
import { isWellFormed, parseRdata, printRdata } from '../../../src/wire/rdata/rdata.ts';
import { splitTokens } from '../../../src/wire/rdata/tokens.ts';
import { hex } from '../support.ts';

/** The printed form of what is read; names are relative to 'example.'. */
function printed(type: string, text: string): string {
  const result = parseRdata(parseType(type)!, splitTokens(text), nameOf('example.'));
  return result.ok
    ? printRdata(parseType(type)!, result.value)
    : `refused: ${result.error.message}`;
}

test.each([
  ['WKS', '10.0.0.1 tcp ( smtp', 'refused'],
  ['WKS', '10.0.0.1 TCP smtp telnet FTP 65535', '10.0.0.1 6 21 23 25 65535'],
  ['WKS', '10.0.0.1 6 4 3 2 3', '10.0.0.1 6 2 3 4'],
  ['WKS', '10.0.0.1 icmpv7', 'refused'],
  ['WKS', '10.0.0.1 6 65536', 'refused'],
  ['X25', '123', 'refused'],
  ['X25', '12a4', 'refused'],
  ['ISDN', 'a b c', 'refused'],
  ['NSAP', '0X47.0005.80.00AA', '0x4700058000aa'],
  ['NSAP', '47', 'refused'],
  ['NSAP', '0x4', 'refused'],
  ['NSAP', '0x..', 'refused'],
  ['NSAP-PTR', 'foo', 'foo.example.'],
  ['KEY', 'HOST|FLAG4 DNSSEC RSAMD5 AQMF', '2560 3 1 AQMF'],
  ['KEY', 'NOKEY ALL 0', '49152 255 0'],
  ['KEY', '0xC000 3 5', '49152 3 5'],
  ['KEY', '256 3 5', 'refused'],
  ['KEY', 'NOSUCHFLAG 3 5 AQMF', 'refused'],
  ['DNSKEY', 'ZONE 3 5 AQMF', '256 3 5 AQMF'],
  ['LOC', '60 9 N 24 39 E 10 20 2000 20', '60 9 0.000 N 24 39 0.000 E 10.00m 20m 2000m 20m'],
  ['LOC', '42 N 71 W -24.5', '42 0 0.000 N 71 0 0.000 W -24.50m 1m 10000m 10m'],
  [
    'LOC',
    '0042 0001 059.500 N 00180 000 W -000000000024.5m 000000000001m',
    '42 1 59.500 N 180 0 0.000 W -24.50m 1m 10000m 10m',
  ],
  ['LOC', '42 1 59.5 S 180 E 0 .', 'refused'],
  ['LOC', '00142 N 71 W 0', 'refused'],
  ['LOC', '42 0060 N 71 W 0', 'refused'],
  ['LOC', '1 2 3.04 N 5 W 42849672.95 1.55m', '1 2 3.040 N 5 0 0.000 W 42849672.95m 1m 10000m 10m'],
  ['LOC', '42 N 71 W -100000.01', 'refused'],
  ['LOC', '42 N 71 W 42849672.96', 'refused'],
  ['LOC', '91 N 71 W 0', 'refused'],
  ['LOC', '90 0 1 N 71 W 0', 'refused'],
  ['LOC', '42 N 180 0 0.001 W 0', 'refused'],
  ['LOC', '42 60 N 71 W 0', 'refused'],
  ['LOC', '42 1 60 N 71 W 0', 'refused'],
  ['LOC', '42 1 59.9999 N 71 W 0', 'refused'],
  ['LOC', '42 E 71 W 0', 'refused'],
  ['LOC', 'N 71 W 0', 'refused'],
  ['LOC', '42 N 71 W', 'refused'],
  ['LOC', '42 N 71 W 0 -1m', 'refused'],
  ['LOC', '42 N 71 W 0 90000000.01', 'refused'],
  ['LOC', '42 N 71 W 0 1 2 3 4', 'refused'],
  ['NXT', 'a A 2 type6', 'a.example. A NS SOA'],
  ['NXT', 'a TYPE128', 'refused'],
  ['NXT', 'a TYPE0', 'refused'],
  ['EID', '813f 4b7c', '813F4B7C'],
  ['EID', '8', 'refused'],
  ['ATMA', '39.24.6F', '39246f'],
  ['ATMA', '+1.908.555.1212', '+19085551212'],
  ['ATMA', '+1a', 'refused'],
  ['ATMA', '39..24', 'refused'],
  ['ATMA', '+', 'refused'],
  ['ATMA', '396', 'refused'],
  ['CERT', '1 1 8 AAAA', 'PKIX 1 RSASHA256 AAAA'],
  ['CERT', 'pkix 1 rsasha256 AAAA', 'PKIX 1 RSASHA256 AAAA'],
  ['CERT', 'NOSUCH 1 8 AAAA', 'refused'],
  ['A6', '64 2001:db8::ffff:0:0:1 foo.', '64 ::ffff:0:0:1 foo.'],
  ['A6', '0 ::1 a', 'refused'],
  ['A6', '128 ::1 a', 'refused'],
  ['A6', '129 a', 'refused'],
  ['A6', '64 ::1', 'refused'],
  ['SINK', '64 1 TkxuZXRMYWJzLm5s', '64 1 78 TG5ldExhYnMubmw='],
  ['SINK', '64 1', 'refused'],
  ['APL', '1:10.0.0.1/8 2:FF00:0:0:0:0:0:0:0/8', '1:10.0.0.1/8 2:ff00::/8'],
  ['APL', '1:10.0.0.0', 'refused'],
  ['APL', '3:10/2', 'refused'],
  ['APL', '1:10.0.0.0/33', 'refused'],
  ['APL', '1:::/0', 'refused'],
  ['IPSECKEY', '10 3 2 gw AQID BAUG', '10 3 2 gw.example. AQIDBAUG'],
  ['IPSECKEY', '10 0 2 . ', 'refused'],
  ['IPSECKEY', '10 0 2 a. AQID', 'refused'],
  ['IPSECKEY', '10 1 2 ::1 AQID', 'refused'],
  ['IPSECKEY', '10 4 2 . AQID', 'refused'],
  [
    'NSEC3',
    '1 1 12 aabb 2t7b4g4vsa5smi47k61mv5bv1a22bojr',
    '1 1 12 AABB 2T7B4G4VSA5SMI47K61MV5BV1A22BOJR',
  ],
  ['NSEC3', '1 1 12 "" 2t7b', 'refused'],
  ['NSEC3', '1 1 12 - 2w', 'refused'],
  ['NSEC3', '1 1 12 - 2', 'refused'],
  ['NSEC3PARAM', '1 0 0 aab', 'refused'],
  ['HIP', '2 20 AwEA rvs', '2 20 AwEA rvs.example.'],
  ['HIP', '2 "" AwEA', 'refused'],
  ['HIP', '2 20', 'refused'],
  ['CDS', '0 0 0 00', '0 0 0 00'],
  ['CDS', '1 8 2 0', 'refused'],
  ['CDNSKEY', '0 3 0 AA==', '0 3 0 AA=='],
  ['CDNSKEY', '257 3 13 0', 'refused'],
  ['DSYNC', 'cds notify 1 a', 'CDS NOTIFY 1 a.example.'],
  ['DSYNC', 'CDS 1 1 a', 'CDS NOTIFY 1 a.example.'],
  ['DSYNC', 'CDS 256 1 a', 'refused'],
  ['NID', '10 0014:04ff:FF20:0000', '10 14:4ff:ff20:0'],
  ['L64', '10 2001:db8:1140', 'refused'],
  ['L64', '10 ::1', 'refused'],
  ['L64', '10 2001:db8:1140:12345', 'refused'],
  ['EUI48', '00-00-5E-00-53-2A', '00-00-5e-00-53-2a'],
  ['EUI48', '00:00:5e:00:53:2a', 'refused'],
  ['EUI48', '00-00-5e-00-53', 'refused'],
  ['EUI64', '00-00-5e-ef-10-00-00-2g', 'refused'],
  ['DOA', '1 2 3 text/plain AAAA', '1 2 3 "text/plain" AAAA'],
  ['DOA', '1 2 3 text/plain', 'refused'],
  ['AMTRELAY', '10 1 3 relay', '10 1 3 relay.example.'],
  ['AMTRELAY', '10 2 0 .', 'refused'],
  ['AMTRELAY', '10 0 4 .', 'refused'],
  ['AMTRELAY', '10 0 0 a', 'refused'],
  ['IPN', '100.100', '429496729700'],
  ['IPN', '18446744073709551616', 'refused'],
  ['IPN', '1.4294967296', 'refused'],
  ['IPN', '1.2.3', 'refused'],
  ['WALLET', '', 'refused'],
])('%s %s is %s', (type, text, expected) => {
  if (expected === 'refused') expect(printed(type, text)).toMatch(/^refused: expected /);
  else expect(printed(type, text)).toBe(expected);
});

describe('octets without the form of their type', () => {
  test.each([
    ['WKS that ends in a zero octet', 'WKS', '0a000001 06 0100'],
    ['a PSDN address of letters', 'X25', '04 41424344'],
    ['LOC of version 1', 'LOC', '01161316 89172dd070be15f000988d20'],
    ['LOC with a digit over 9', 'LOC', '00a61316 89172dd070be15f000988d20'],
    ['LOC with an exponent over 9', 'LOC', '001a1316 89172dd070be15f000988d20'],
    ['LOC with a digit 0 and an exponent', 'LOC', '00061316 89172dd070be15f000988d20'],
    ['LOC beyond the pole', 'LOC', '00161316 9350c40170be15f000988d20'],
    ['NXT of another form', 'NXT', '00 80'],
    ['NXT of 17 octets', 'NXT', `00 ${'01'.repeat(17)}`],
    ['an ATM address of an unknown format', 'ATMA', '02 31'],
    ['E.164 of no digits', 'ATMA', '01 41'],
    ['A6 beyond 128 bits', 'A6', '81 00'],
    ['A6 with bits inside the prefix', 'A6', '3c ff04ffffffffffffff 00'],
    ['APL of an unknown family', 'APL', '0003 08 01 0a'],
    ['APL that ends in a zero octet', 'APL', '0001 10 02 0a00'],
    ['APL of 33 bits', 'APL', '0001 21 01 0a'],
    ['a gateway of an unknown type', 'IPSECKEY', '0a 04 02 00 01'],
    ['a gateway without a key', 'IPSECKEY', '0a 01 02 c0000201'],
    ['HIP without a tag', 'HIP', '00 02 0001 01'],
    ['HIP without a key', 'HIP', '01 02 0000 01'],
    ['HIP with a compressed server', 'HIP', '01 02 0001 01 01 c00c'],
    ['a hash of no octets', 'NSEC3', '01 00 0000 00 00'],
    ['a salt that overruns', 'NSEC3PARAM', '01 00 0000 02 00'],
    ['CDS without a digest', 'CDS', '0001 08 02'],
    ['CDNSKEY without a key', 'CDNSKEY', '0101 03 0d'],
    ['KEY without a key', 'KEY', '0100 03 05'],
    ['a relay of an unknown type', 'AMTRELAY', '0a 04'],
    ['no relay, and more', 'AMTRELAY', '0a 00 00'],
  ])('%s: malformed', (_, type, octets) => {
    expect(isWellFormed(parseType(type)!, hex(octets))).toBe(false);
    expect(printRdata(parseType(type)!, hex(octets))).toMatch(/^\\# /);
  });
});

test.each([
  ['', ''],
  ['f', 'CO'],
  ['fo', 'CPNG'],
  ['foo', 'CPNMU'],
  ['foob', 'CPNMUOG'],
  ['fooba', 'CPNMUOJ1'],
  ['foobar', 'CPNMUOJ1E8'],
])('base32hex of %s is %s, RFC 4648 §10', (text, digits) => {
  const octets = Uint8Array.from(Buffer.from(text));
  expect(printBase32Hex(octets)).toBe(digits);
  expect(parseBase32Hex(digits)).toEqual(octets);
  expect(parseBase32Hex(digits.toLowerCase())).toEqual(octets);
});

test.each(['C', 'CPN', 'CPNMUO', 'CP', 'CQ=', 'CW', 'C '])('%s is no base32hex', (text) => {
  expect(parseBase32Hex(text)).toBeUndefined();
});
