import { describe, expect, test } from 'vitest';
import { nameOf } from '../../src/wire/name-text.ts';
import { printRdata } from '../../src/wire/rdata/rdata.ts';
import { typeText } from '../../src/wire/iana.ts';
import { parseMasterFile, type MasterFile } from '../../src/zone/master-file.ts';

function parse(text: string): MasterFile {
  const octets = new TextEncoder().encode(text);
  return parseMasterFile(octets, { file: 'a.zone', origin: nameOf('e.') });
}

function linesOf(text: string): readonly string[] {
  const { records, problems } = parse(`$TTL 60\n${text}`);
  expect(problems).toEqual([]);
  return records.map(
    ({ name, ttl, type, rdata }) =>
      `${name.toString()} ${ttl} ${typeText(type)} ${printRdata(type, rdata)}`,
  );
}

function problemsOf(text: string): readonly string[] {
  return parse(`$TTL 60\n${text}`).problems.map(
    ({ line, column, code, message }) => `${line}:${column} ${code} ${message}`,
  );
}

// What named-checkzone of BIND 9.18 makes of the same lines.
describe('$GENERATE makes what it makes in BIND', () => {
  test.each<readonly [directive: string, records: readonly string[]]>([
    ['$GENERATE 1-2 a$ A 192.0.2.$', ['a1.e. 60 A 192.0.2.1', 'a2.e. 60 A 192.0.2.2']],
    ['$GENERATE 1-2 @ 300 MX "10 m$"', ['e. 300 MX 10 m1.e.', 'e. 300 MX 10 m2.e.']],
    ['$GENERATE 1-1 @ SVCB $ a$ alpn="h2,h3"', ['e. 60 SVCB 1 a1.e. alpn="h2,h3"']],
    ['$GENERATE 1-2 @ 300 MX 10 m$', ['e. 300 MX 10 m1.e.', 'e. 300 MX 10 m2.e.']],
    [
      '$GENERATE 10-12/2 f${-3,3,d} A 192.0.2.$',
      ['f007.e. 60 A 192.0.2.10', 'f009.e. 60 A 192.0.2.12'],
    ],
    ['$GENERATE 10-10 h${0,4,o} 300 IN CNAME a$', ['h0012.e. 300 CNAME a10.e.']],
    ['$GENERATE 10-10 h${0,4,o} IN 300 CNAME a$', ['h0012.e. 300 CNAME a10.e.']],
    ['$GENERATE 0-1 a${0,2,n} A 192.0.2.1', ['a0. 60 A 192.0.2.1', 'a1. 60 A 192.0.2.1']],
    ['$GENERATE 16-16 b${0,4,n} A 192.0.2.1', ['b0.1. 60 A 192.0.2.1']],
    ['$GENERATE 171-171 c${0,0,N} A 192.0.2.1', ['cB.A.e. 60 A 192.0.2.1']],
    ['$GENERATE 171-171 d${0,1,n} A 192.0.2.1', ['db.a.e. 60 A 192.0.2.1']],
    ['$GENERATE 171-171 e${0,3,n} A 192.0.2.1', ['eb.a.e. 60 A 192.0.2.1']],
    ['$GENERATE 1-1 h${-20} CNAME a${-20,4}', ['h-19.e. 60 CNAME a-019.e.']],
    ['$GENERATE 1-1 h$$ CNAME a', ['h\\$.e. 60 CNAME a.e.']],
    ['$GENERATE 1-1 $$TTL CNAME a', ['\\$TTL.e. 60 CNAME a.e.']],
    [
      '$GENERATE 10-10 g${5} TXT "x $ \\$ $$ ${0,3,X} ${0,3,x}"',
      ['g15.e. 60 TXT "x" "10" "$" "$" "00A" "00a"'],
    ],
  ])('%s', (directive, records) => {
    expect(linesOf(directive)).toEqual(records);
  });

  test('the owner of the record before stays, and the lines stay right', () => {
    const text = 'a A 192.0.2.1\n$GENERATE 1-2 b$ A 192.0.2.2\n A 192.0.2.3\n';
    expect(linesOf(text).at(-1)).toBe('a.e. 60 A 192.0.2.3');
    expect(parse(`$TTL 1\n${text}`).records.map(({ line }) => line)).toEqual([2, 3, 3, 4]);
  });
});

describe('$GENERATE that cannot be', () => {
  test.each<readonly [directive: string, problem: string]>([
    ['$GENERATE', "2:10 bad-directive expected a range such as '1-254', but the line ends here"],
    ['$GENERATE 1-2', '2:14 bad-directive expected an owner name, but the line ends here'],
    ['$GENERATE 1-2 a$ A', '2:19 bad-directive expected record data, but the line ends here'],
    ...['2-1', '1-', '1-2/0', 'x', '1-2-3'].map((range): [string, string] => [
      `$GENERATE ${range} a$ A 192.0.2.$`,
      `2:11 generate-range expected a range such as '1-254' or '0-255/8', from the smaller to the greater number, found '${range}'`,
    ]),
    ...['${', '${0', '${0,2,z}', '${0,300}', '${}', '${99999999999}'].map(
      (owner): [string, string] => [
        `$GENERATE 1-2 h${owner} A 192.0.2.$`,
        `2:15 generate-template expected '\${offset}', '\${offset,width}' or '\${offset,width,base}' with a width up to 255 and a base of d, o, x, X, n, N, found 'h${owner}'`,
      ],
    ),
    [
      '$GENERATE 254-300 a$ A 192.0.2.$',
      "2:1 bad-rdata expected an IPv4 address such as '192.0.2.1', found '192.0.2.256', in the generated record 'a256 A 192.0.2.256'",
    ],
    [
      '$GENERATE 0-4294967295 a$ A 192.0.2.1',
      "2:11 generate-range expected at most 65536 records of one $GENERATE, not 4294967296, found '0-4294967295'",
    ],
    [
      '$GENERATE 1-1 ${0,64} A 192.0.2.1',
      `2:1 bad-owner expected an owner name (a label has 64 octets, 63 are allowed), found '${'1'.padStart(64, '0')}', in the generated record '${'1'.padStart(64, '0')} A 192.0.2.1'`,
    ],
  ])('%s', (directive, problem) => {
    expect(problemsOf(directive)).toEqual([problem]);
  });

  test('all directives of a zone together are bounded', () => {
    const { records, problems } = parse(
      '$TTL 5\n' + '$GENERATE 0-65535 a A 192.0.2.1\n'.repeat(1000),
    );
    expect(records).toHaveLength(15 * 65_536);
    expect(problems[0]).toMatchObject({ line: 17, code: 'generate-limit' });
  }, 60_000);

  test('so is the text that they make', () => {
    const { records, problems } = parse(`$GENERATE 0-65535 a 5 TXT "${'x '.repeat(4000)}"\n`);
    expect(records).toEqual([]);
    expect(problems[0]).toMatchObject({ line: 1, code: 'generate-limit' });
  });
});
