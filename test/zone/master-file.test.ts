import { describe, expect, test } from 'vitest';
import { typeText } from '../../src/wire/iana.ts';
import { nameOf } from '../../src/wire/name-text.ts';
import { printRdata } from '../../src/wire/rdata/rdata.ts';
import { parseMasterFile } from '../../src/zone/master-file.ts';
import { formatProblem } from '../../src/zone/problem.ts';

const ORIGIN = nameOf('example.');

function parse(text: string | Uint8Array): ReturnType<typeof parseMasterFile> {
  const octets = typeof text === 'string' ? new TextEncoder().encode(text) : text;
  return parseMasterFile(octets, { file: 'a.zone', origin: ORIGIN });
}

/** Records as 'owner ttl TYPE rdata'; fails on problems. */
function recordsOf(text: string | Uint8Array): readonly string[] {
  const { records, problems } = parse(text);
  expect(problems.map(formatProblem)).toEqual([]);
  return records.map(
    ({ name, ttl, type, rdata }) =>
      `${name.toString()} ${ttl} ${typeText(type)} ${printRdata(type, rdata)}`,
  );
}

/** Problems as 'line:column message'. */
function problemsOf(text: string | Uint8Array): readonly string[] {
  return parse(text).problems.map(({ line, column, message }) => `${line}:${column} ${message}`);
}

describe('what a master file may hold', () => {
  test.each<readonly [phenomenon: string, text: string, records: readonly string[]]>([
    [
      'names are relative to $ORIGIN, which may itself be relative (RFC 1035 §5.1)',
      '$ORIGIN sub\nwww 5 A 192.0.2.1\n@ 5 NS ns\n$ORIGIN org.\nwww 5 A 192.0.2.2',
      [
        'www.sub.example. 5 A 192.0.2.1',
        'sub.example. 5 NS ns.sub.example.',
        'www.org. 5 A 192.0.2.2',
      ],
    ],
    [
      'a new $ORIGIN changes what the same owner text stands for',
      'www 5 A 192.0.2.1\n$ORIGIN org.\nwww 5 A 192.0.2.1',
      ['www.example. 5 A 192.0.2.1', 'www.org. 5 A 192.0.2.1'],
    ],
    [
      'a line that starts with a blank has the owner of the record before (RFC 1035 §5.1)',
      'a 5 A 192.0.2.1\n 5 A 192.0.2.2\n\n; comment\n\t5 A 192.0.2.3',
      ['a.example. 5 A 192.0.2.1', 'a.example. 5 A 192.0.2.2', 'a.example. 5 A 192.0.2.3'],
    ],
    [
      'TTL and class come in either order, or not at all (RFC 1035 §5.1)',
      'a 5 IN A 192.0.2.1\na IN 6 A 192.0.2.2\na in A 192.0.2.3\na 7 A 192.0.2.4\na A 192.0.2.5',
      [
        'a.example. 5 A 192.0.2.1',
        'a.example. 6 A 192.0.2.2',
        'a.example. 6 A 192.0.2.3',
        'a.example. 7 A 192.0.2.4',
        'a.example. 7 A 192.0.2.5',
      ],
    ],
    [
      'in column 1 everything is an owner, even a type or a class',
      'A 5 A 192.0.2.1\nIN 5 IN NS NS\n5 5 A 192.0.2.2',
      ['A.example. 5 A 192.0.2.1', 'IN.example. 5 NS NS.example.', '5.example. 5 A 192.0.2.2'],
    ],
    [
      'TTLs have units',
      'a 1h30m A 192.0.2.1\na 1W A 192.0.2.2',
      ['a.example. 5400 A 192.0.2.1', 'a.example. 604800 A 192.0.2.2'],
    ],
    [
      '$TTL is before the last TTL, and applies from its line on (RFC 2308 §4)',
      'a 5 A 192.0.2.1\n$TTL 1h\na A 192.0.2.2\na 6 A 192.0.2.3\na A 192.0.2.4',
      [
        'a.example. 5 A 192.0.2.1',
        'a.example. 3600 A 192.0.2.2',
        'a.example. 6 A 192.0.2.3',
        'a.example. 3600 A 192.0.2.4',
      ],
    ],
    [
      'without any TTL the minimum of the SOA counts (RFC 1035 §3.3.13)',
      '@ SOA . . 1 2 3 4 300\na A 192.0.2.1',
      ['example. 300 SOA . . 1 2 3 4 300', 'a.example. 300 A 192.0.2.1'],
    ],
    [
      'parentheses join lines, also before the type and with comments (RFC 1035 §5.1)',
      '@ ( 5\n IN ) SOA ns. h. ( 1 ; serial\n 2\n3 4)( 5 ) ; end\n 6 A 192.0.2.1',
      ['example. 5 SOA ns. h. 1 2 3 4 5', 'example. 6 A 192.0.2.1'],
    ],
    [
      'quotes keep blanks, semicolons and parentheses, and set strings apart',
      'a 5 TXT "x ; (y" z";"w "" "a""b"',
      ['a.example. 5 TXT "x ; (y" "z" ";" "w" "" "a" "b"'],
    ],
    [
      'escapes stand for octets in names and strings (RFC 1035 §5.1)',
      'a\\.b\\032\\@ 5 TXT \\;\\" "\\"\\\\\\200"\n\\$x 5 A 192.0.2.1',
      ['a\\.b\\032\\@.example. 5 TXT ";\\"" "\\"\\\\\\200"', '\\$x.example. 5 A 192.0.2.1'],
    ],
    [
      'UTF-8 is kept as octets',
      'bücher 5 TXT "ü"',
      ['b\\195\\188cher.example. 5 TXT "\\195\\188"'],
    ],
    [
      'quotes right behind = hold the value (RFC 9460 §2.1)',
      'a 5 HTTPS 1 . alpn="h2,h3"',
      ['a.example. 5 HTTPS 1 . alpn="h2,h3"'],
    ],
    [
      'any type has a generic form (RFC 3597 §5)',
      'a 5 TYPE1 \\# 4 c0000201\na 5 CLASS1 TYPE65534 \\# 3 ab cd ( ef )\na 5 TYPE65533 \\# 0',
      [
        'a.example. 5 A 192.0.2.1',
        'a.example. 5 TYPE65534 \\# 3 ABCDEF',
        'a.example. 5 TYPE65533 \\# 0',
      ],
    ],
    [
      'lines end in CRLF too',
      'a 5 TXT "x"\r\n 5 TXT y\r\n\r\n',
      ['a.example. 5 TXT "x"', 'a.example. 5 TXT "y"'],
    ],
    ['a byte order mark is skipped', '\ufeffa 5 A 192.0.2.1', ['a.example. 5 A 192.0.2.1']],
    [
      'a signature without TTL has its original TTL (RFC 2308 §4)',
      'a 5 A 192.0.2.1\na RRSIG A 13 2 77 20300101000000 20200101000000 1 example. AAAA',
      [
        'a.example. 5 A 192.0.2.1',
        'a.example. 77 RRSIG A 13 2 77 20300101000000 20200101000000 1 example. AAAA',
      ],
    ],
    ['an empty file has no records', ' \n;\n', []],
    [
      'the largest TTL is 2^31-1 (RFC 2181 §8)',
      'a 2147483647 A 192.0.2.1',
      ['a.example. 2147483647 A 192.0.2.1'],
    ],
  ])('%s', (_phenomenon, text, records) => {
    expect(recordsOf(text)).toEqual(records);
  });
});

describe('what is wrong is said at its place', () => {
  test.each<readonly [phenomenon: string, text: string, problems: readonly string[]]>([
    [
      'bad address',
      'a 5 A 1.2.3',
      ["1:7 expected an IPv4 address such as '192.0.2.1', found '1.2.3'"],
    ],
    [
      'quotes inside of a field',
      'a 5 MX 10"x"\na 5 DNSKEY 256 3 8 "AA"AA\na"b" 5 A 192.0.2.1',
      [
        "1:10 expected a blank before the quotes, found 'x'",
        "2:24 expected a blank behind the quotes, found 'AA'",
        '3:2 expected a TTL, a class or a record type, found \'"b"\'',
      ],
    ],
    ['missing rdata', 'a 5 A', ['1:6 expected an IPv4 address, but the record ends here']],
    ['missing type', 'a 5 IN', ['1:7 expected a record type, but the record ends here']],
    ['too much rdata', 'a 5 A 192.0.2.1 x', ["1:17 expected the end of the record, found 'x'"]],
    ['unknown type', 'a 5 IN AAAB ::1', ["1:8 expected a record type, found 'AAAB'"]],
    [
      'owner behind a blank',
      'a 5 A 192.0.2.1\n www 5 A 192.0.2.1',
      [
        "2:2 expected a TTL, a class or a record type, found 'www'; an owner name starts in column 1",
      ],
    ],
    [
      'other class',
      'a 5 CH A 192.0.2.1',
      ["1:5 expected class IN, found 'CH'; CH is not supported"],
    ],
    ['two TTLs', 'a 5 6 A 192.0.2.1', ["1:5 expected a class or a record type, found '6'"]],
    [
      'TTL over 2^31-1 (RFC 2181 §8)',
      'a 4294967296 A 192.0.2.1',
      [
        "1:3 expected a TTL from 0 to 2147483647 seconds such as '3600' or '1h30m', found '4294967296'",
      ],
    ],
    [
      'no TTL anywhere, said once',
      'a A 192.0.2.1\na A 192.0.2.2',
      ['1:1 expected a TTL: the record has none, and neither $TTL nor a TTL precedes it'],
    ],
    [
      'no owner yet',
      ' 5 A 192.0.2.1',
      ['1:2 expected an owner name: this is the first record, and no other precedes it'],
    ],
    [
      'empty label',
      'a..b 5 A 192.0.2.1',
      [
        "1:1 expected an owner name (the name has an empty label (two dots, or a dot in front)), found 'a..b'",
      ],
    ],
    [
      'quoted owner',
      '"a" 5 A 192.0.2.1',
      ['1:1 expected an owner name without quotes, found \'"a"\''],
    ],
    ['quoted type', 'a 5 "A" 192.0.2.1', ['1:5 expected a class or a record type, found \'"A"\'']],
    ['$INCLUDE', '$INCLUDE x', ['1:10 $INCLUDE is not available here: no file may be read']],
    ['$GENERATE', '$generate 1-2 a A', ['1:18 expected record data, but the line ends here']],
    [
      'unknown directive',
      '$FOO',
      [
        "1:1 expected $ORIGIN, $TTL, $INCLUDE, $GENERATE or a record, found '$FOO', which is no known directive",
      ],
    ],
    ['$TTL without value', '$TTL ; x', ['1:5 expected a TTL, but the line ends here']],
    ['$ORIGIN with two', '$ORIGIN a. b.', ["1:12 expected the end of the line, found 'b.'"]],
    [
      'a quote never closed is reported where it opened, and the next line goes on',
      'a 5 TXT "x\nb 5 A 1',
      [
        '1:9 expected a closing quote on this line, but this one is never closed',
        "2:7 expected an IPv4 address such as '192.0.2.1', found '1'",
      ],
    ],
    [
      'a parenthesis never closed is reported where it opened, and the next owner goes on',
      '@ 5 SOA a. b. (\n 1\n 2\nb 5 A 1',
      [
        '1:15 expected a closing parenthesis, but this one is never closed',
        "4:7 expected an IPv4 address such as '192.0.2.1', found '1'",
      ],
    ],
    [
      'parentheses do not nest',
      'a 5 TXT ( x ( y )\n )\nb 5 A 1',
      [
        "1:13 expected ')', found '(' inside the parenthesis opened at line 1, column 9",
        "3:7 expected an IPv4 address such as '192.0.2.1', found '1'",
      ],
    ],
    [
      'a closing parenthesis alone',
      'a 5 A 192.0.2.1 )',
      ["1:17 expected '(' before, found a closing parenthesis without it"],
    ],
    [
      'NUL',
      'a 5 A 192.0.2.1\nb \0',
      ['2:3 expected text in ASCII or UTF-8, found a NUL octet (a binary file, or UTF-16)'],
    ],
    [
      'a carriage return alone',
      'a 5 \rA 192.0.2.1',
      ['1:5 expected a line feed behind the carriage return'],
    ],
    [
      'columns count characters, not octets',
      'bücher 5 A x',
      ["1:12 expected an IPv4 address such as '192.0.2.1', found 'x'"],
    ],
    [
      'owner and rdata of one record',
      'a..b 5 A x\n 5 A y',
      [
        "1:1 expected an owner name (the name has an empty label (two dots, or a dot in front)), found 'a..b'",
        "1:10 expected an IPv4 address such as '192.0.2.1', found 'x'",
        "2:6 expected an IPv4 address such as '192.0.2.1', found 'y'",
      ],
    ],
  ])('%s', (_phenomenon, text, problems) => {
    expect(problemsOf(text)).toEqual(problems);
  });

  test('all problems at once, at most 100, then the number of the rest', () => {
    const problems = problemsOf('a 5 A x\n'.repeat(1000));
    expect(problems).toHaveLength(101);
    expect(problems[100]).toBe('100:7 900 more errors in this file');
  });

  test('records without problems are still there', () => {
    expect(parse('a 5 A x\nb 5 A 192.0.2.1\n').records.map(({ line }) => line)).toEqual([2]);
  });
});

describe('no input takes long or throws', () => {
  const MEGABYTES = 10 * 1024 * 1024;
  test.each<readonly [string, string, number]>([
    ['a token of 10 MB', 'a 5 TXT ' + 'x'.repeat(MEGABYTES), 1],
    ['a string of 10 MB', `a 5 TXT "${'x'.repeat(MEGABYTES)}"`, 1],
    ['an escape of 10 MB', `a 5 TXT ${'\\'.repeat(MEGABYTES)}`, 1],
    ['a million fields', 'a 5 TXT ' + 'x '.repeat(1_000_000), 1],
    ['a million parentheses, closed', 'a 5 TXT x ' + '()'.repeat(1_000_000), 0],
    ['a million parentheses, nested', 'a 5 TXT x ' + '('.repeat(1_000_000), 1],
    ['a million lines that open one', 'a 5 TXT (\n'.repeat(1_000_000), 101],
    ['a million lines in one that is open', 'a 5 A (\n' + ' 5 A\n'.repeat(1_000_000), 1],
    ['a million quotes', 'a 5 TXT "\n'.repeat(1_000_000), 101],
    ['a million closing parentheses', ')'.repeat(1_000_000), 101],
  ])('%s', (_what, text, problems) => {
    expect(parse(text).problems).toHaveLength(problems);
  });

  test('a long line is shown in part', () => {
    const [problem] = parse(`a 5 A ${' '.repeat(5000)}x${' '.repeat(5000)}`).problems;
    expect(problem?.column).toBe(5007);
    expect(problem?.lineText.length).toBeLessThan(300);
    expect(problem?.lineText[problem.caret.at]).toBe('x');
  });
});

describe('problems for people', () => {
  test.each([
    [
      'a caret under the place',
      'a 5 A 1.2.3 ; no',
      "a.zone:1:7: error: expected an IPv4 address such as '192.0.2.1', found '1.2.3'\na 5 A 1.2.3 ; no\n      ^~~~~",
    ],
    [
      'tabs before the caret stay tabs',
      'a\t5\tA\tx',
      "a.zone:1:7: error: expected an IPv4 address such as '192.0.2.1', found 'x'\na\t5\tA\tx\n \t \t \t^",
    ],
    [
      'UTF-8 is shown',
      'ü 5 A é',
      "a.zone:1:7: error: expected an IPv4 address such as '192.0.2.1', found 'é'\nü 5 A é\n      ^",
    ],
    [
      'what a terminal could act upon is escaped, and the caret still fits',
      'a\x1b\u202e 5 A x',
      "a.zone:1:9: error: expected an IPv4 address such as '192.0.2.1', found 'x'\na\\u{1b}\\u{202e} 5 A x\n                    ^",
    ],
  ])('%s', (_phenomenon, text, output) => {
    expect(parse(text).problems.map(formatProblem)).toEqual([output]);
  });
});
