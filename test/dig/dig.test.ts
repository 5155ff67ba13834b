import { describe, expect, test } from 'vitest';

import { EdnsOption, Rcode } from '../../src/wire/iana.ts';
import { plainEdns } from '../../src/wire/edns.ts';
import { records, Scene, type Script } from './scene.ts';

const SERVER = '192.0.2.53';
const answers = records('www.example. 300 A 192.0.2.10', 'www.example. 300 A 192.0.2.11');
const www: Script = () => ({ ra: true, answers, edns: plainEdns() });

async function sceneWith(script: Script): Promise<Scene> {
  const scene = new Scene();
  await scene.serve(SERVER, script);
  return scene;
}

describe('a reply', () => {
  test('in dig’s layout', async () => {
    const scene = await sceneWith(www);
    const { status, out, err } = await scene.dig(`@${SERVER} www.example`);
    expect(out.replace(/id: \d+/, 'id: 1')).toBe(`
; <<>> ts-dig 1.2.3 <<>> @192.0.2.53 www.example
; (1 server found)
;; global options: +cmd
;; Got answer:
;; ->>HEADER<<- opcode: QUERY, status: NOERROR, id: 1
;; flags: qr rd ra; QUERY: 1, ANSWER: 2, AUTHORITY: 0, ADDITIONAL: 1

;; OPT PSEUDOSECTION:
; EDNS: version: 0, flags:; udp: 1232
;; QUESTION SECTION:
;www.example.			IN	A

;; ANSWER SECTION:
www.example.		300	IN	A	192.0.2.10
www.example.		300	IN	A	192.0.2.11

;; Query time: 10 msec
;; SERVER: 192.0.2.53#53(192.0.2.53) (UDP)
;; WHEN: Sat Jan 01 00:00:00 UTC 2000
;; MSG SIZE  rcvd: 72

`);
    expect([status, err]).toEqual([0, '']);
  });

  test('+short prints data only', async () => {
    const scene = await sceneWith(www);
    const { out } = await scene.dig('www.example +short');
    expect(out).toBe('192.0.2.10\n192.0.2.11\n');
  });

  test('+short +identify says who and how long', async () => {
    const scene = await sceneWith(www);
    const { out } = await scene.dig('+short +identify www.example');
    expect(out.split('\n')[0]).toBe('192.0.2.10 from server 192.0.2.53 in 10 ms.');
  });

  test('+json is one line of JSON in dns-packet’s shape', async () => {
    const scene = await sceneWith(www);
    const { out } = await scene.dig('www.example +json');
    expect(out.endsWith('}\n')).toBe(true);
    expect(JSON.parse(out)).toMatchObject({
      type: 'response',
      rcode: 'NOERROR',
      questions: [{ name: 'www.example', type: 'A' }],
      answers: [{ data: '192.0.2.10', ttl: 300 }, { data: '192.0.2.11' }],
      server: { address: SERVER, port: 53 },
      transport: 'udp',
      rttMs: 10,
      size: 72,
    });
  });

  test('+json escapes what a terminal could act upon', async () => {
    const evil = records('www.example. 1 HINFO "\\194\\155" "\\226\\128\\174\\127"');
    const scene = await sceneWith(() => ({ answers: evil }));
    const { out } = await scene.dig('www.example hinfo +json');
    expect(out).toMatch(/^[\x20-\x7e]*\n$/);
    expect(JSON.parse(out)).toMatchObject({
      answers: [{ data: { cpu: '\u009b', os: '\u202e\u007f' } }],
    });
  });

  test.each([Rcode.NXDOMAIN, Rcode.SERVFAIL, Rcode.REFUSED, Rcode.FORMERR])(
    'of rcode %i is a reply: exit status 0, asked once',
    async (rcode) => {
      const scene = await sceneWith(() => ({ rcode }));
      const { status, out } = await scene.dig('www.example');
      expect(status).toBe(0);
      expect(out).toContain(';; WARNING: recursion requested but not available\n');
      expect(scene.asked).toHaveLength(1);
    },
  );

  test('several lookups share one banner', async () => {
    const scene = await sceneWith(www);
    const { out } = await scene.dig('www.example +nostats mx other.example');
    expect(out.match(/<<>>/g)).toHaveLength(2);
    expect(scene.asked).toEqual([
      '192.0.2.53 udp www.example. MX',
      '192.0.2.53 udp other.example. A',
    ]);
  });
});

describe('the query', () => {
  const queryOf = async (line: string): Promise<Scene['queries'][number]> => {
    const scene = await sceneWith(www);
    await scene.dig(line);
    return scene.queries[0]!;
  };

  test('has RD, AD and EDNS of 1232 octets unless told otherwise', async () => {
    const { rd, ad, cd, edns } = await queryOf('www.example');
    expect({ rd, ad, cd }).toEqual({ rd: true, ad: true, cd: false });
    // Eight octets of ours, as dig (RFC 7873 §4.1).
    const data = expect.objectContaining({ length: 8 }) as Uint8Array;
    const options = [{ code: EdnsOption.COOKIE, data }];
    expect(edns).toEqual({ ...plainEdns(), options });
  });

  test('has the flags and the EDNS that were asked for', async () => {
    const line = 'www.example +norec +noad +cd +dnssec +bufsize=4096 +edns=1 +nsid';
    const { rd, ad, cd, edns } = await queryOf(line);
    expect({ rd, ad, cd }).toEqual({ rd: false, ad: false, cd: true });
    expect(edns).toMatchObject({ version: 1, udpPayloadSize: 4096, dnssecOk: true });
    expect(edns?.options.map(({ code }) => code)).toEqual([EdnsOption.NSID, EdnsOption.COOKIE]);
  });

  test('+noedns leaves it out', async () => {
    expect((await queryOf('www.example +noedns')).edns).toBeUndefined();
  });

  test('for ANY goes over TCP unless UDP is asked for', async () => {
    const scene = await sceneWith(www);
    await scene.dig('www.example any');
    await scene.dig('www.example any +notcp');
    expect(scene.asked.map((line) => line.split(' ')[1])).toEqual(['tcp', 'udp']);
  });
});

describe('truncation', () => {
  const cut: Script = (_asked, _query, transport) =>
    transport === 'udp' ? { tc: true } : { ra: true, answers };

  test('is followed by TCP, and told', async () => {
    const scene = await sceneWith(cut);
    const { out } = await scene.dig('www.example');
    expect(out.startsWith(';; Truncated, retrying in TCP mode.\n\n; <<>>')).toBe(true);
    expect(out).toContain(';; SERVER: 192.0.2.53#53(192.0.2.53) (TCP)\n');
  });

  test('+short follows it silently', async () => {
    const scene = await sceneWith(cut);
    expect((await scene.dig('www.example +short')).out).toBe('192.0.2.10\n192.0.2.11\n');
  });

  test('+ignore shows it', async () => {
    const scene = await sceneWith(cut);
    const { out } = await scene.dig('www.example +ignore');
    expect(out).toContain(';; flags: qr tc rd; QUERY: 1, ANSWER: 0');
    expect(scene.asked).toHaveLength(1);
  });
});

describe('a server that has a lower version of EDNS', () => {
  const badVersion: Script = (_asked, { edns }) =>
    edns?.version === 0
      ? { ra: true, answers, edns: plainEdns() }
      : { rcode: Rcode.BADVERS, edns: plainEdns() };

  const versions = ({ queries }: Scene): readonly unknown[] =>
    queries.map(({ edns }) => edns?.version);

  test('is asked again with that, and it is told', async () => {
    const scene = await sceneWith(badVersion);
    const { status, out } = await scene.dig('www.example +edns=1');
    expect(out.startsWith(';; BADVERS, retrying with EDNS version 0.\n\n; <<>>')).toBe(true);
    expect(out).toContain('status: NOERROR');
    expect([status, versions(scene)]).toEqual([0, [1, 0]]);
  });

  test('+short does so silently', async () => {
    const scene = await sceneWith(badVersion);
    const { out } = await scene.dig('www.example +edns=200 +short');
    expect(out).toBe('192.0.2.10\n192.0.2.11\n');
  });

  test('+noednsnegotiation shows BADVERS', async () => {
    const scene = await sceneWith(badVersion);
    const { out } = await scene.dig('www.example +edns=1 +noednsnegotiation');
    expect(out).toContain('status: BADVERS');
    expect(versions(scene)).toEqual([1]);
  });

  test.each([0, 1, 2])('but not when its version %i is no lower than 0', async (version) => {
    const edns = { ...plainEdns(), version };
    const scene = await sceneWith(() => ({ rcode: Rcode.BADVERS, edns }));
    expect((await scene.dig('www.example')).out).toContain('status: BADVERS');
    expect(versions(scene)).toEqual([0]);
  });
});

describe('no reply', () => {
  const silent: Script = () => undefined;

  test.each([
    ['', 3, 15_000],
    ['+time=1 +tries=2', 2, 2000],
    ['+time=2 +retry=0', 1, 2000],
  ])("'%s': %i tries, %i ms, exit status 9", async (options, tries, tookMs) => {
    const scene = await sceneWith(silent);
    const outcome = await scene.dig(`www.example ${options}`.trim());
    expect(outcome.status).toBe(9);
    expect(outcome.tookMs).toBeCloseTo(tookMs);
    expect(scene.asked).toHaveLength(tries);
    const remark = ';; communications error to 192.0.2.53#53: timed out\n';
    expect(outcome.out.startsWith(remark.repeat(tries))).toBe(true);
    expect(outcome.out.endsWith(';; no servers could be reached\n')).toBe(true);
  });

  test('over TCP takes as long as +timeout says', async () => {
    const scene = await sceneWith(silent);
    const { tookMs, status } = await scene.dig('www.example +tcp +time=1 +tries=2');
    expect([Math.round(tookMs), status]).toEqual([2000, 9]);
  });

  test('from a port where nobody listens is told at once', async () => {
    const scene = await sceneWith(silent);
    const { out, tookMs, status } = await scene.dig('www.example -p 5353 +tries=1');
    expect(out).toContain(';; communications error to 192.0.2.53#5353: connection refused\n');
    expect([Math.round(tookMs), status]).toEqual([10, 9]);
  });

  test('a refused connection', async () => {
    const scene = await sceneWith(silent);
    const { out, status } = await scene.dig('www.example -p 5353 +tries=1 +tcp');
    expect(out).toBe(
      ';; Connection to 192.0.2.53#5353(192.0.2.53) for www.example failed: ' +
        'connection refused.\n;; no servers could be reached\n',
    );
    expect(status).toBe(9);
  });

  test('the next server is asked, and the last lookup decides the exit status', async () => {
    const scene = await sceneWith(silent);
    await scene.serve('192.0.2.54', www);
    const line = `@${SERVER} @192.0.2.54 www.example +short`;
    expect(await scene.dig(line)).toMatchObject({
      status: 0,
      out: ';; communications error to 192.0.2.53#53: timed out\n192.0.2.10\n192.0.2.11\n',
    });
    const two = await scene.dig('a.example +tries=1 @192.0.2.53 b.example +short @192.0.2.54');
    expect(two.status).toBe(0);
    const three = await scene.dig('b.example +short @192.0.2.54 a.example +tries=1 @192.0.2.53');
    expect(three.status).toBe(9);
  });

  test('+json keeps standard output free of remarks', async () => {
    const scene = await sceneWith(silent);
    const { out, err, status } = await scene.dig('www.example +json +tries=1');
    expect(status).toBe(9);
    // One object a question, also where nobody answered.
    expect(JSON.parse(out)).toEqual({
      error: {
        message: 'no servers could be reached',
        attempts: [`communications error to ${SERVER}#53: timed out`],
      },
      question: { name: 'www.example.', type: 'A', class: 'IN' },
      servers: [{ address: SERVER, port: 53, name: SERVER }],
    });
    expect(err).toContain('timed out');
  });
});

describe('the server', () => {
  const names: Script = (asked) => ({
    answers: asked === 'ns.example. A' ? records('ns.example. 60 A 192.0.2.54') : [],
  });

  test('by name is resolved through the system’s servers', async () => {
    const scene = await sceneWith(names);
    await scene.serve('192.0.2.54', www, 1053);
    const { out } = await scene.dig('@ns.example -p 1053 www.example');
    expect(out).toContain('; (1 server found)\n');
    expect(out).toContain(';; SERVER: 192.0.2.54#1053(ns.example) (UDP)\n');
  });

  test('without an address is an error that names it', async () => {
    const scene = await sceneWith(names);
    expect(await scene.dig('@no.example www.example')).toMatchObject({
      status: 1,
      out: '',
      err: "ts-dig: couldn't get address for 'no.example': not found\n",
    });
  });

  test('of the wrong family is an error', async () => {
    const scene = new Scene();
    const family = 'address family not supported\n';
    expect((await scene.dig('-4 @::1 x')).err).toBe(
      `ts-dig: couldn't get address for '::1': ${family}`,
    );
    expect((await scene.dig('-6 x')).status).toBe(1);
  });

  test('of IPv4 is skipped with -6, which alone is no failure', async () => {
    const scene = new Scene();
    const skipped = ";; Skipping mapped address '::ffff:192.0.2.53'\n";
    expect(await scene.dig(`@${SERVER} x -6`)).toMatchObject({
      status: 0,
      out: `${skipped};; No acceptable nameservers\n`,
      err: '',
    });
    await scene.serve('2001:db8::53', www);
    expect(await scene.dig(`-6 @${SERVER} @2001:db8::53 www.example +short`)).toMatchObject({
      status: 0,
      out: `${skipped}192.0.2.10\n192.0.2.11\n`,
    });
    expect(scene.asked).toEqual(['2001:db8::53 udp www.example. A']);
  });

  test('is the first of resolv.conf, over IPv6 too', async () => {
    const scene = new Scene();
    await scene.serve('2001:db8::53', www);
    const { out } = await scene.dig('www.example', 'nameserver 2001:db8::53\n');
    expect(out).toContain(';; SERVER: 2001:db8::53#53(2001:db8::53) (UDP)\n');
    expect(out).not.toContain('found');
  });
});

describe('a wrong command line', () => {
  test('is one line, exit status 1, and nothing is asked', async () => {
    const scene = await sceneWith(www);
    expect(await scene.dig('-b foo www.example')).toMatchObject({
      status: 1,
      out: '',
      err: 'ts-dig: invalid address foo\n',
    });
    expect(scene.asked).toEqual([]);
  });

  test.each([
    ['a..b', "'a..b' is not a legal name"],
    [`${'a'.repeat(64)}.example`, 'is not a legal name (label too long)'],
    ['-x 1..2', "'2..1.in-addr.arpa.' is not a legal name (empty label)"],
    ['x +ednsopt', 'ednsopt no code point specified'],
  ])("'%s' has a bad value: one line, exit status 10", async (line, problem) => {
    const scene = await sceneWith(www);
    const { status, out, err } = await scene.dig(line);
    expect([status, out]).toEqual([10, '']);
    expect(err).toContain(problem);
    expect(err).toMatch(/^ts-dig: [^\n]*\n$/);
    expect(scene.asked).toEqual([]);
  });

  test.each(['- x', '-Z x', '+foo', '+time= x', '-t', '-p abc x', '-4 -6 x', '+fuzztime x', '@'])(
    "'%s' is exit status 1",
    async (line) => {
      expect((await new Scene().dig(line)).status).toBe(1);
    },
  );

  test('an unknown type or class is told, and the question asked', async () => {
    const scene = await sceneWith(www);
    expect(await scene.dig('-c FOO -t BAR www.example +short')).toEqual({
      status: 0,
      out: '192.0.2.10\n192.0.2.11\n',
      err: ';; Warning, ignoring invalid class FOO\n;; Warning, ignoring invalid type BAR\n',
      tookMs: 10,
    });
  });

  test('with an unknown option comes with a hint', async () => {
    const { status, err } = await new Scene().dig('+foo');
    expect(status).toBe(1);
    expect(err).toMatch(/^Invalid option: \+foo\nUsage: {2}ts-dig .*\n[^]*"ts-dig -h"/);
  });
});

test('-h and -v ask nothing', async () => {
  const scene = new Scene();
  expect(await scene.dig('-v')).toMatchObject({ status: 0, err: 'ts-dig 1.2.3\n' });
  expect((await scene.dig('-h')).out).toContain('+[no]recurse');
});

test('nothing stays open behind an invocation', async () => {
  const scene = await sceneWith(() => undefined);
  const before = scene.world.pending;
  await scene.dig('www.example +tries=1');
  await scene.dig('www.example +tries=1 +tcp');
  await scene.world.settle();
  expect(scene.world.pending).toEqual(before);
});
