import { describe, expect, test } from 'vitest';

import { CommandLine, type Read } from '../../src/dig/command-line.ts';
import { beginSearch } from '../../src/dig/name-search.ts';
import { PLUS_OPTIONS } from '../../src/dig/plus-options.ts';
import { systemConfigurationOf } from '../../src/dig/resolv-conf.ts';
import { defaultGlobals, type Globals, type Settings } from '../../src/dig/settings.ts';
import { usageText } from '../../src/dig/usage.ts';
import { classText, typeText } from '../../src/wire/iana.ts';

interface Parsed extends Read {
  readonly globals: Globals;
  readonly warnings: readonly string[];
}

function read(line: string, digrc?: string): Parsed {
  const system = systemConfigurationOf(undefined);
  const context = { system, allowsIdn: false, readDigrc: () => digrc };
  const commandLine = new CommandLine(line === '' ? [] : line.split(' '), context);
  const result = commandLine.read();
  const warnings = result.remarks.map(({ text }) => text);
  return { ...result, warnings, globals: commandLine.globals };
}

function parse(line: string, digrc?: string): Parsed {
  const result = read(line, digrc);
  if (result.ending) throw new Error(result.warnings.join(''));
  return result;
}

function settings(line: string, digrc?: string): Settings {
  return parse(line, digrc).lookups[0]!.settings;
}

/** What is said before the run ends, and its exit status. */
function ending(line: string): readonly [status: unknown, text: string] {
  const { ending: how, warnings } = read(line);
  return [typeof how === 'object' ? how.status : how, warnings.join('').split('Usage:')[0]!];
}

/** 'name class type', one lookup a line. */
function questions(line: string): readonly string[] {
  return parse(line).lookups.map(({ name, settings: { class: dnsClass, type } }) => {
    const rules = { usesSearchList: false, domains: [], ndots: 1 };
    const step = beginSearch(name, rules).name;
    if (!step.ok) throw new Error(step.error.text);
    return `${step.value.toString()} ${classText(dnsClass)} ${typeText(type)}`;
  });
}

describe('what is asked', () => {
  test.each([
    ['', ['. IN NS']],
    ['mx', ['. IN NS']],
    ['ch', ['. CH NS']],
    ['example.com', ['example.com. IN A']],
    ['example.com.', ['example.com. IN A']],
    ['example.com mx', ['example.com. IN MX']],
    ['mx example.com', ['example.com. IN MX']],
    ['in mx example.com', ['example.com. IN MX']],
    ['example.com MX IN', ['example.com. IN MX']],
    ['version.bind ch txt', ['version.bind. CH TXT']],
    ['-t mx example.com', ['example.com. IN MX']],
    ['-tmx example.com', ['example.com. IN MX']],
    ['example.com type65280 class7', ['example.com. CLASS7 TYPE65280']],
    ['-q mx', ['mx. IN A']],
    ['-t a mx', ['mx. IN A']],
    ['-c ch -t txt any', ['any. CH TXT']],
    ['-x 192.0.2.1', ['1.2.0.192.in-addr.arpa. IN PTR']],
    ['-x 10.1', ['1.10.in-addr.arpa. IN PTR']],
    [
      '-x 2001:db8::1',
      ['1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa. IN PTR'],
    ],
    ['-x 192.0.2.1 ns', ['1.2.0.192.in-addr.arpa. IN NS']],
    ['a.example mx b.example', ['a.example. IN MX', 'b.example. IN A']],
    ['mx a.example b.example txt', ['a.example. IN MX', 'b.example. IN TXT']],
    ['a.example -x 192.0.2.1', ['a.example. IN A', '1.2.0.192.in-addr.arpa. IN PTR']],
    ['a\\.b.example', ['a\\.b.example. IN A']],
  ])("'%s'", (line, expected) => {
    expect(questions(line)).toEqual(expected);
  });

  test('a second type wins with a warning', () => {
    expect(questions('-t a -t mx example.com')).toEqual(['example.com. IN MX']);
    expect(parse('-t a -t mx example.com').warnings).toEqual([';; Warning, extra type option\n']);
    expect(parse('in ch example.com').warnings).toEqual([';; Warning, extra class option\n']);
  });
});

describe('a type or class that nobody knows', () => {
  test.each([
    ['-t foo x', ['x. IN A'], 'ignoring invalid type foo'],
    ['-t www.example.com', ['. IN NS'], 'ignoring invalid type www.example.com'],
    ['-t foo mx', ['mx. IN A'], 'ignoring invalid type foo'],
    ['-c FOO x', ['x. IN A'], 'ignoring invalid class FOO'],
    ['-cfoo -tmx x', ['x. IN MX'], 'ignoring invalid class foo'],
  ])("'%s' is a warning", (line, expected, warning) => {
    expect(questions(line)).toEqual(expected);
    expect(parse(line).warnings).toEqual([`;; Warning, ${warning}\n`]);
  });
});

describe('how it is asked and shown', () => {
  const SETTINGS: readonly (readonly [string, Partial<Settings>])[] = [
    ['x', { rd: true, ad: true, cd: false, ednsVersion: 0, udpPayloadSize: undefined, tries: 3 }],
    ['x +norec', { rd: false }],
    ['x +nordflag', { rd: false }],
    ['x +norecurse +rec', { rd: true }],
    ['x +noad +cd', { ad: false, cd: true }],
    ['x +noadflag +cdflag', { ad: false, cd: true }],
    ['x +tcp', { transport: 'tcp' }],
    ['x +vc', { transport: 'tcp' }],
    ['x +notcp', { transport: 'udp' }],
    ['x +do', { dnssecOk: true }],
    ['x +noedns', { ednsVersion: undefined }],
    ['x +noedns +dnssec', { ednsVersion: 0, dnssecOk: true }],
    ['x +edns=1', { ednsVersion: 1, negotiatesEdns: true }],
    ['x +edns=1 +noednsneg', { ednsVersion: 1, negotiatesEdns: false }],
    ['x +noedns=256', { ednsVersion: undefined }],
    ['x +bufsize=4096', { udpPayloadSize: 4096 }],
    ['x +buf=512 +bufsize', { udpPayloadSize: undefined }],
    ['x +tries=1', { tries: 1 }],
    ['x +tries=0', { tries: 1 }],
    ['x +retry=0', { tries: 1 }],
    ['x +ret=4', { tries: 5 }],
    ['x +ig', { ignoresTruncation: true }],
    ['x +nottl +nocl', { showsTtl: false, showsClass: false }],
    ['x +nottlid +noclass +ttl +cl', { showsTtl: true, showsClass: true }],
    ['x +multi', { multiline: true }],
    ['x +stats=3', { showsStats: true }],
    ['x +trace', { trace: true, rd: false, dnssecOk: true, identifies: true, showsStats: false }],
    ['x @192.0.2.1', { servers: ['192.0.2.1'] }],
    ['@192.0.2.1 x @ns.example', { servers: ['192.0.2.1', 'ns.example'] }],
  ];

  test.each(SETTINGS)("'%s'", (line, expected) => {
    expect(settings(line)).toMatchObject(expected);
  });

  const sections = (line: string): string => {
    const shown = settings(line);
    return [
      shown.showsComments ? 'c' : '',
      shown.showsQuestion ? 'q' : '',
      shown.showsAnswer ? 'a' : '',
      shown.showsAuthority ? 'u' : '',
      shown.showsAdditional ? 'd' : '',
      shown.showsStats ? 's' : '',
    ].join('');
  };

  test.each([
    ['x', 'cqauds'],
    ['x +noall', ''],
    ['x +noall +answer', 'a'],
    ['+noall +answer x', 'a'],
    ['x +answer +noall', ''],
    ['x +noall +ans +au +add +qu', 'qaud'],
    ['x +noall +all', 'cqauds'],
    ['x +nocom +nost', 'qaud'],
    ['x +short', 'a'],
  ])("'%s' shows '%s'", (line, expected) => {
    expect(sections(line)).toBe(expected);
  });

  const GLOBALS: readonly (readonly [string, Partial<Globals>])[] = [
    ['x', { port: undefined, timeoutMs: undefined, family: undefined }],
    ['x -p 1053', { port: 1053 }],
    ['x -p1053', { port: 1053 }],
    ['-4 x', { family: 4 }],
    ['-6r x', { family: 6 }],
    ['-b 192.0.2.9 x', { localAddress: '192.0.2.9', family: 4 }],
    ['-b ::1#53 x', { localAddress: '::1', localPort: 53, family: 6 }],
    ['x +keepopen', { keepOpen: true }],
    ['x +parallel=8', { parallel: 8 }],
    ['-k a.key x', { key: { kind: 'file', path: 'a.key' } }],
    ['-y hmac-sha256:k:c2Vj x', { key: { kind: 'text', text: 'hmac-sha256:k:c2Vj' } }],
    ['x +split=9', { splitWidth: 12 }],
    ['x +nosplit', { splitWidth: 0 }],
    ['x +domain=example', { domain: 'example' }],
    ['x +ndots=3 +search', { ndots: 3, usesSearchList: true }],
    ['x +yaml', { yaml: true, showsCommand: false }],
    ['x +time=2', { timeoutMs: 2000 }],
    ['x +timeout=0', { timeoutMs: 1000 }],
    ['x +short', { short: true, showsCommand: false }],
    ['x +json', { json: true }],
    ['x +nocmd', { showsCommand: false }],
  ];

  test.each(GLOBALS)("'%s'", (line, expected) => {
    expect(parse(line).globals).toEqual({ ...defaultGlobals, ...expected });
  });

  test('options behind a name are that lookup’s own, those before the first are for all', () => {
    const { lookups } = parse('+norec a.example +tcp b.example');
    expect(lookups.map(({ settings: { rd, transport } }) => [rd, transport])).toEqual([
      [false, 'tcp'],
      [false, 'udp'],
    ]);
  });

  test('the banner is decided when the first name is read', () => {
    const greetings = (line: string): readonly unknown[] =>
      parse(line).lookups.map(({ greeting }) => greeting);
    expect(greetings('+nocmd x')).toEqual([undefined]);
    expect(greetings('x +nocmd y')).toMatchObject([{ server: undefined }, undefined]);
    expect(greetings('@192.0.2.1 x')).toMatchObject([{ server: '192.0.2.1', isFirst: true }]);
  });
});

describe('transports', () => {
  test.each([
    ['x', 'udp'],
    ['x any', 'tcp'],
    ['x any +notcp', 'udp'],
    ['x ixfr=1', 'tcp'],
    ['x ixfr=1 +notcp', 'udp'],
    ['x axfr', 'tcp'],
    ['x axfr +notcp', 'tcp'],
    ['x +explain', 'tcp'],
    ['x +explain +notcp', 'udp'],
    ['x +tls', 'tls'],
    ['x +tls-ca', 'tls'],
    ['x +tls-hostname=a', 'tls'],
    ['x +https', 'https'],
    ['x +https-get=/q', 'https'],
    ['x +https +tls-ca', 'https'],
    ['x +http-plain', 'http'],
    ['x +notcp +tls', 'udp'],
    ['x +tls +notls', 'udp'],
  ])("'%s' is %s", (line, transport) => {
    expect(settings(line).transport).toBe(transport);
  });

  test('TLS and HTTPS have settings of their own', () => {
    expect(settings('x +tls-ca=a.pem +tls-certfile=b +tls-keyfile=c').tls).toEqual({
      isStrict: true,
      caFile: 'a.pem',
      hostName: undefined,
      certificateFile: 'b',
      keyFile: 'c',
    });
    expect(settings('x +https-get=/q').https).toEqual({ path: '/q', method: 'GET' });
  });
});

describe('the query', () => {
  const bytes = (...octets: readonly number[]): Uint8Array => Uint8Array.from(octets);
  const QUERIES: readonly (readonly [string, Partial<Settings>])[] = [
    ['x +aaflag +tcflag +raflag +zflag', { aa: true, tc: true, ra: true, z: true }],
    ['x +aa +aaonly +noaa', { aa: false }],
    ['x +opcode=notify', { opcode: 4 }],
    ['x +opcode=RESERVED3', { opcode: 3 }],
    ['x +opcode=15 +noopcode', { opcode: 0 }],
    ['x +qid=7', { id: 7 }],
    ['x +header-only', { headerOnly: true }],
    ['x +ednsflags=0x12', { ednsFlags: 0x12 }],
    ['x +noedns +ednsflags=010', { ednsVersion: 0, ednsFlags: 8 }],
    ['x +cookie=0011223344556677', { cookie: bytes(0, 17, 34, 51, 68, 85, 102, 119) }],
    ['x +nocookie', { sendsCookie: false }],
    [
      'x +subnet=192.0.2.9/25',
      { subnet: { family: 1, prefixLength: 25, address: bytes(192, 0, 2, 0) } },
    ],
    ['x +subnet=10/8', { subnet: { family: 1, prefixLength: 8, address: bytes(10) } }],
    ['x +subnet=0', { subnet: { family: 1, prefixLength: 0, address: bytes() } }],
    [
      'x +subnet=2001:db8::/20',
      { subnet: { family: 2, prefixLength: 20, address: bytes(32, 1, 0) } },
    ],
    [
      'x +ednsopt=nsid +ednsopt=65001:abcd',
      {
        ednsOptions: [
          { code: 3, data: bytes() },
          { code: 65001, data: bytes(0xab, 0xcd) },
        ],
      },
    ],
    ['x +ednsopt=3 +noednsopt', { ednsOptions: [] }],
    ['x +padding=128', { padding: 128 }],
    ['x ixfr=2024', { ixfrSerial: 2024, showsComments: false, showsQuestion: false }],
    ['+comments +question x axfr', { showsComments: true, showsQuestion: true }],
  ];

  test.each(QUERIES)("'%s'", (line, expected) => {
    expect(settings(line)).toMatchObject(expected);
  });
});

describe('~/.digrc', () => {
  test('holds defaults', () => {
    expect(settings('x', '+norec\n+bufsize=512 -t mx\n')).toMatchObject({
      rd: false,
      udpPayloadSize: 512,
      type: 15,
    });
  });

  test('is not read with -r, names nobody, and cannot ask for TCP', () => {
    expect(settings('-r x', '+norec')).toMatchObject({ rd: true });
    expect(parse('x', 'y z\n+tcp').lookups).toHaveLength(1);
    expect(settings('x', '+tcp').transport).toBe('udp');
  });
});

describe('what is refused', () => {
  const USAGE = (option: string): readonly unknown[] => [1, `Invalid option: ${option}\n`];

  test.each([
    ['+foo', ...USAGE('+foo')],
    ['+nofoo', ...USAGE('+nofoo')],
    ['+foo=bar', ...USAGE('+foo')],
    ['+no', ...USAGE('+no')],
    ['+REC', ...USAGE('+REC')],
    ['+c', ...USAGE('+c')],
    ['+tc x', ...USAGE('+tc')],
    ['+time', ...USAGE('+time')],
    ['+time=', ...USAGE('+time')],
    ['+notime=3', ...USAGE('+notime')],
    ['-Z', ...USAGE('-Z')],
    ['-p', ...USAGE('-p')],
    ['- x', ...USAGE('-')],
    ['+tls-hostname', 1, ';; TLS hostname is not specified\nInvalid option: +tls-hostname\n'],
    [
      '+time=abc',
      10,
      "invalid timeout 'abc': not a valid number\nts-dig: Couldn't parse timeout\n",
    ],
    ['+time=65536', 10, "invalid timeout '65536': out of range\nts-dig: Couldn't parse timeout\n"],
    ['+edns=300', 10, "invalid edns '300': out of range\nts-dig: Couldn't parse edns\n"],
    [
      '-p abc x',
      1,
      "invalid port number 'abc': not a valid number\nts-dig: Couldn't parse port number\n",
    ],
    ['-b here x', 1, 'ts-dig: invalid address here\n'],
    ['-4 -6 x', 1, 'ts-dig: only one of -4 and -6 allowed\n'],
    ['-m x', 1, 'ts-dig: -m is not supported by this version\n'],
    ['+fuzztime x', 1, 'ts-dig: +fuzztime is not supported by this version\n'],
    ['+subnet=here x', 1, "ts-dig: invalid address 'here'\n"],
    ['+ednsopt x', 10, 'ts-dig: ednsopt no code point specified\n'],
    ['+cookie=xyz x', 1, 'ts-dig: isc_hex_decodestring: bad hex encoding\n'],
    ['-y k x', 1, ''],
  ])("'%s' ends with %i", (line, status, text) => {
    expect(ending(line)).toEqual([status, text]);
  });

  test.each([
    ['+recURSE', { rd: true }],
    ['+NOrec', { rd: false }],
    ['+mapped', {}],
  ])("'%s' is not", (line, expected) => {
    expect(settings(`x ${line}`)).toMatchObject(expected);
  });
});

test('every abbreviation means one option only', () => {
  for (const { name, least, aliases = [] } of PLUS_OPTIONS) {
    for (const spelling of [{ name, least }, ...aliases]) {
      for (let length = spelling.least; length <= spelling.name.length; length++) {
        const word = spelling.name.slice(0, length);
        const fitting = PLUS_OPTIONS.filter((option) =>
          [option, ...(option.aliases ?? [])].some(
            (other) => word.length >= other.least && other.name.startsWith(word),
          ),
        );
        expect(`${word}: ${fitting[0]!.name}`).toBe(
          // dig takes the shortest of these for any of them.
          `${word}: ${fitting.length > 1 ? fitting[0]!.name : name}`,
        );
      }
    }
  }
});

test('the usage names every option that is not hidden', () => {
  for (const { name, isHidden } of PLUS_OPTIONS) {
    if (isHidden !== true) expect(usageText()).toContain(name);
  }
});

test('-h and -v win over what follows', () => {
  expect(read('x -h +foo').ending).toBe('help');
  expect(read('-v +foo').ending).toBe('version');
});
