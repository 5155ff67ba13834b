import { describe, expect, test } from 'vitest';

import { parseCommandLine, type Invocation } from '../../src/dig/command-line.ts';
import { PLUS_OPTIONS } from '../../src/dig/plus-options.ts';
import { defaultGlobals, type Globals, type Settings } from '../../src/dig/settings.ts';
import { usageText } from '../../src/dig/usage.ts';
import { classText, typeText } from '../../src/wire/iana.ts';

type Lookups = Extract<Invocation, { kind: 'lookups' }>;

function parse(line: string): Lookups {
  const parsed = parseCommandLine(words(line));
  if (!parsed.ok) throw new Error(parsed.error.problem);
  if (parsed.value.kind !== 'lookups') throw new Error(parsed.value.kind);
  return parsed.value;
}

function settings(line: string): Settings {
  return parse(line).lookups[0]!.settings;
}

function problem(line: string): string {
  const parsed = parseCommandLine(words(line));
  return parsed.ok ? 'no problem' : parsed.error.problem;
}

function words(line: string): readonly string[] {
  return line === '' ? [] : line.split(' ');
}

/** 'name class type', one lookup a line. */
function questions(line: string): readonly string[] {
  return parse(line).lookups.map(({ name, settings: { class: dnsClass, type } }) => {
    return `${name.toString()} ${classText(dnsClass)} ${typeText(type)}`;
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
    expect(parse('-t a -t mx example.com').warnings).toEqual(['extra type option']);
    expect(parse('in ch example.com').warnings).toEqual(['extra class option']);
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
    expect(parse(line).warnings).toEqual([warning]);
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
    ['x', { port: undefined, timeoutMs: 5000, family: undefined }],
    ['x -p 1053', { port: 1053 }],
    ['x -p1053', { port: 1053 }],
    ['-4 x', { family: 4 }],
    ['-6r x', { family: 6 }],
    ['-b 192.0.2.9 x', { localAddress: '192.0.2.9' }],
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
    expect(parse('+nocmd x').greeting.isShown).toBe(false);
    expect(parse('x +nocmd').greeting.isShown).toBe(true);
    expect(parse('@192.0.2.1 x').greeting.server).toBe('192.0.2.1');
    expect(parse('x @192.0.2.1').greeting.server).toBeUndefined();
  });
});

describe('what is refused', () => {
  const LABEL = 'a'.repeat(64);
  const LONG = `${'abcdefg.'.repeat(32)}com`;

  test.each([
    ['+foo', 'Invalid option: +foo'],
    ['+nofoo', 'Invalid option: +nofoo'],
    ['+', 'Invalid option: +'],
    ['+no', 'Invalid option: +no'],
    ['+c', 'Invalid option: +c'],
    ['+tc x', 'Invalid option: +tc'],
    ['+REC', 'Invalid option: +REC'],
    ['+time', 'Invalid option: +time'],
    ['+time=', 'Invalid option: +time='],
    ['+notime=3', 'Invalid option: +notime=3'],
    ['+time=abc', "invalid timeout 'abc': not a valid number"],
    ['+time=-1', "invalid timeout '-1': not a valid number"],
    ['+time=65536', "invalid timeout '65536': out of range (0 to 65535)"],
    ['+tries=1.5', "invalid tries '1.5': not a valid number"],
    ['+bufsize=70000', "invalid buffer size '70000': out of range (0 to 65535)"],
    ['+edns=300', "invalid edns '300': out of range (0 to 255)"],
    ['+nottl=1 +ttlunits', '+ttlunits is not supported by this version'],
    ['+crypto', '+crypto is not supported by this version'],
    ['+cookie', '+cookie is not supported by this version'],
    ['-Z', 'Invalid option: -Z'],
    ['-p', 'Invalid option: -p'],
    ['-f names', '-f is not supported by this version'],
    ['-p 99999 x', "invalid port number '99999': not a number from 1 to 65535"],
    ['-p 0 x', "invalid port number '0': not a number from 1 to 65535"],
    ['-p abc x', "invalid port number 'abc': not a number from 1 to 65535"],
    ['- x', 'Invalid option: -'],
    ['-b here x', 'invalid address here'],
    ['-4 -6 x', 'only one of -4 and -6 allowed'],
    ['-x 2001:::1', 'Invalid IP address 2001:::1'],
    ['-x 1..2', 'Invalid IP address 1..2'],
    ['@ x', "'@' without a server"],
    ['a..b', "'a..b' is not a legal name"],
    [`${LABEL}.com`, `'${LABEL}.com' is not a legal name (a label has 64 octets`],
    [LONG, `'${LONG}' is not a legal name (the name is longer than 255 octets`],
    ['x axfr', 'zone transfers are not supported by this version'],
    ['x ixfr=3', 'zone transfers are not supported by this version'],
  ])("'%s'", (line, expected) => {
    expect(problem(line)).toContain(expected);
  });

  test('what ts-dig does not do anyway may be switched off', () => {
    expect(problem('x +nocookie +nottlunits +nosearch')).toBe('no problem');
  });
});

test('the usage names every option of the table', () => {
  for (const { name } of PLUS_OPTIONS) expect(usageText()).toContain(name);
});

test('-h and -v win over what follows', () => {
  expect(parseCommandLine(['x', '-h', '+foo'])).toEqual({ ok: true, value: { kind: 'help' } });
  expect(parseCommandLine(['-v', '+foo'])).toEqual({ ok: true, value: { kind: 'version' } });
});
