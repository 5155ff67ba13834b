import { describe, expect, test } from 'vitest';
import { nameOf } from '../../src/wire/name-text.ts';
import { parseMasterFile, type MasterFile } from '../../src/zone/master-file.ts';
import { formatProblem } from '../../src/zone/problem.ts';
import { loadZone } from '../../src/zone/zone.ts';

type Files = Readonly<Record<string, string>>;

function parse(files: Files, file = 'zones/main'): MasterFile {
  return parseMasterFile(octetsOf(files[file]!), {
    file,
    origin: nameOf('example.'),
    readInclude: (path) => (path in files ? octetsOf(files[path]!) : 'no such file'),
  });
}

function octetsOf(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

function recordsOf(files: Files): readonly string[] {
  const { records, problems } = parse(files);
  expect(problems).toEqual([]);
  return records.map(({ name, ttl, rdata }) => `${name.toString()} ${ttl} ${rdata.join('.')}`);
}

function problemsOf(files: Files): readonly string[] {
  return parse(files).problems.map(formatProblem);
}

describe('$INCLUDE (RFC 1035 §5.1)', () => {
  test.each<readonly [phenomenon: string, files: Files, records: readonly string[]]>([
    [
      'a path is relative to the file that names it',
      {
        'zones/main': '$TTL 5\n$INCLUDE parts/a\nz A 192.0.2.9',
        'zones/parts/a': 'a A 192.0.2.1\n$INCLUDE b\n$INCLUDE ../c\n$INCLUDE /abs',
        'zones/parts/b': 'b A 192.0.2.2',
        'zones/c': 'c A 192.0.2.3',
        '/abs': 'd A 192.0.2.4',
      },
      [
        'a.example. 5 192.0.2.1',
        'b.example. 5 192.0.2.2',
        'c.example. 5 192.0.2.3',
        'd.example. 5 192.0.2.4',
        'z.example. 5 192.0.2.9',
      ],
    ],
    [
      'the origin is that of the directive, or the one around; both end with the file',
      {
        'zones/main': '$TTL 5\n$INCLUDE a sub\nx A 192.0.2.1\n$include a\n A 192.0.2.3',
        'zones/a': 'a A 192.0.2.2\n$ORIGIN other.\no A 192.0.2.2',
      },
      [
        'a.sub.example. 5 192.0.2.2',
        'o.other. 5 192.0.2.2',
        'x.example. 5 192.0.2.1',
        'a.example. 5 192.0.2.2',
        'o.other. 5 192.0.2.2',
        'x.example. 5 192.0.2.3',
      ],
    ],
    [
      'a TTL outlives the file, as in BIND',
      { 'zones/main': '$INCLUDE ttl\na A 192.0.2.1', 'zones/ttl': '$TTL 7\n' },
      ['a.example. 7 192.0.2.1'],
    ],
    [
      'a name may have blanks, quotes, escapes and UTF-8',
      { 'zones/main': '$TTL 5\n$INCLUDE "ü b.zone" ; comment', 'zones/ü b.zone': 'a A 192.0.2.1' },
      ['a.example. 5 192.0.2.1'],
    ],
  ])('%s', (_phenomenon, files, records) => {
    expect(recordsOf(files)).toEqual(records);
  });

  test.each<readonly [phenomenon: string, files: Files, problems: readonly string[]]>([
    [
      'an error in an included file has its place there, and those of the directives',
      {
        'zones/main': '$TTL 5\n  \n$INCLUDE a',
        'zones/a': '; nothing\n$INCLUDE b',
        'zones/b': '\nx A y',
      },
      [
        "zones/b:2:5: error: expected an IPv4 address such as '192.0.2.1', found 'y'\nx A y\n    ^\n" +
          '  included from zones/a:2:10\n  included from zones/main:3:10',
      ],
    ],
    [
      'the first record of a file needs an owner of its own',
      { 'zones/main': 'm 5 A 192.0.2.1\n$INCLUDE a', 'zones/a': ' 5 A 192.0.2.1' },
      [
        'zones/a:1:2: error: expected an owner name: this is the first record, and no other precedes it\n 5 A 192.0.2.1\n ^\n' +
          '  included from zones/main:2:10',
      ],
    ],
    [
      'a file that is not there',
      { 'zones/main': '$INCLUDE gone' },
      [
        "zones/main:1:10: error: cannot include 'zones/gone': no such file\n$INCLUDE gone\n         ^~~~",
      ],
    ],
    [
      'a loop is named',
      { 'zones/main': '$INCLUDE a', 'zones/a': '$INCLUDE ../zones/./main' },
      [
        'zones/a:1:10: error: the file would include itself (zones/main, zones/a, zones/main)\n$INCLUDE ../zones/./main\n         ^~~~~~~~~~~~~~~\n' +
          '  included from zones/main:1:10',
      ],
    ],
    [
      'no name, too many words, a bad origin',
      { 'zones/main': '$INCLUDE\n$INCLUDE a b c\n$INCLUDE a b..c' },
      [
        'zones/main:1:9: error: expected a file name, but the line ends here\n$INCLUDE\n        ^',
        "zones/main:2:14: error: expected the end of the line, found 'c'\n$INCLUDE a b c\n             ^",
        "zones/main:3:12: error: expected a domain name (the name has an empty label (two dots, or a dot in front)), found 'b..c'\n$INCLUDE a b..c\n           ^~~~",
      ],
    ],
  ])('%s', (_phenomenon, files, problems) => {
    expect(problemsOf(files)).toEqual(problems);
  });

  test('a record of an included file that cannot stand there is reported in that file', () => {
    const main = '$TTL 5\n@ SOA . . 1 2 3 4 5\n@ NS .\n$INCLUDE a\nc CNAME .\nc A 192.0.2.1\n';
    const files: Files = { a: '; 1\n; 2\nb CNAME .\nb A 192.0.2.1\n' };
    const loaded = loadZone(octetsOf(main), {
      file: 'main',
      origin: nameOf('example.'),
      readInclude: (path) => octetsOf(files[path]!),
    });
    const places = loaded.ok
      ? []
      : loaded.error.map(({ file, line, code }) => `${file}:${line} ${code}`);
    expect(places.toSorted()).toEqual(['a:4 cname-and-other-data', 'main:6 cname-and-other-data']);
  });
});

describe('inclusion is bounded', () => {
  test('files inside one another', () => {
    const { problems } = parseMasterFile(octetsOf('$INCLUDE 1'), {
      file: '0',
      readInclude: (path) => octetsOf(`$INCLUDE ${Number(path) + 1}`),
    });
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatchObject({ file: '10', code: 'include-depth' });
    expect(problems[0]?.message).toMatch(
      /^expected at most 10 files inside one another \(0, 1, 2,/,
    );
    expect(problems[0]?.includedFrom).toHaveLength(10);
  });

  test('a million $INCLUDE of one file, which includes itself or not', () => {
    for (const body of ['', '$INCLUDE x\n']) {
      const { problems } = parseMasterFile(octetsOf('$INCLUDE x\n'.repeat(1_000_000)), {
        file: 'main',
        readInclude: () => octetsOf(body),
      });
      expect(problems).toHaveLength(101);
      expect(problems[0]?.message).toMatch(/at most 10000 included files|include itself/);
    }
  }, 60_000);

  test('octets of all files together', () => {
    const large = new Uint8Array(300_000_000).fill(0x3b);
    const { problems } = parseMasterFile(octetsOf('$INCLUDE x\n'.repeat(5)), {
      file: 'main',
      readInclude: () => large,
    });
    expect(problems.map(({ line, code }) => `${line} ${code}`)).toEqual([
      '4 include-limit',
      '5 include-limit',
    ]);
  }, 60_000);
});
