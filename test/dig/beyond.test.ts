/** What ts-dig shows beyond dig: comparisons, changes, TTLs as bars, colours, steps of a walk. */
import { describe, expect, test } from 'vitest';
import { colour } from '../../src/dig/colours.ts';
import { compareAnswers, type Compared } from '../../src/dig/compare.ts';
import { printTraceGraph, printTraceStep } from '../../src/dig/print-trace.ts';
import { answerLines, differenceOf } from '../../src/dig/record-lines.ts';
import type { TraceStep } from '../../src/dig/trace-step.ts';
import { TtlBars } from '../../src/dig/ttl-bars.ts';
import { plainEdns } from '../../src/wire/edns.ts';
import { EdnsOption, Rcode } from '../../src/wire/iana.ts';
import { createMessage, type Message } from '../../src/wire/message.ts';
import { records, Scene } from './scene.ts';

const answer = (...lines: readonly string[]): Message =>
  createMessage({ answers: records(...lines) });
const A = 'www.example. 300 A 192.0.2.10';
const B = 'www.example. 300 A 192.0.2.11';

describe('the difference of two answers', () => {
  test('is in the status and the records, whatever their order and TTL', () => {
    const before = answerLines(answer(A, B));
    expect(differenceOf(before, answerLines(answer(B.replace('300', '299'), A)))).toBeUndefined();
    expect(differenceOf(before, answerLines(answer(A)))).toEqual({
      added: [],
      removed: ['www.example. A 192.0.2.11'],
    });
    const gone = answerLines(createMessage({ rcode: Rcode.NXDOMAIN }));
    expect(differenceOf(answerLines(answer()), gone)).toEqual({
      added: ['status NXDOMAIN'],
      removed: ['status NOERROR'],
    });
  });
});

describe('a comparison', () => {
  const said = (message: Message | undefined): Compared =>
    ({ reply: message && { message } }) as unknown as Compared;

  test('marks what not all servers say', () => {
    const lines = compareAnswers([said(answer(A, B)), said(answer(A))]);
    expect(lines).toEqual([
      { line: 'status NOERROR', saidBy: [true, true], isSame: true },
      { line: 'www.example. A 192.0.2.10', saidBy: [true, true], isSame: true },
      { line: 'www.example. A 192.0.2.11', saidBy: [true, false], isSame: false },
    ]);
  });

  test('with a silent server is one of differences', () => {
    expect(compareAnswers([said(answer()), said(undefined)])).toEqual([
      { line: 'status NOERROR', saidBy: [true, false], isSame: false },
    ]);
  });
});

test('bars are full for the longest TTL that was seen', () => {
  const bars = new TtlBars();
  expect(bars.print(answer(A, 'mail.example. 150 MX 1 a.'))).toBe(`\
;; TTL BARS:
;; www.example. A   [####################] 300 s
;; mail.example. MX [##########..........] 150 s

`);
  expect(bars.print(answer(A.replace('300', '75')))).toContain('[#####...............] 75 s');
  expect(bars.print(answer(A.replace('300', '0')))).toContain('[....................] 0 s');
  expect(bars.print(answer())).toBe('');
});

test('colours add nothing else', () => {
  const text = `
;; ->>HEADER<<- opcode: QUERY, status: SERVFAIL, id: 1
; EDE: 22 (No Reachable Authority)
;; WARNING: recursion requested but not available
www.example. 300 A 192.0.2.10
! x - a.
- a
+ b
`;
  const coloured = colour(text);
  const escape = String.fromCharCode(27);
  expect(coloured).toContain(`${escape}[31mSERVFAIL${escape}[0m`);
  expect(coloured).toContain('\nwww.example. 300 A 192.0.2.10\n');
  expect(coloured.split(escape).length).toBeGreaterThan(12);
  expect(coloured.replaceAll(new RegExp(`${escape}\\[\\d+m`, 'g'), '')).toBe(text);
});

describe('the steps of a walk', () => {
  const server = { name: 'a.root.example', address: '192.0.2.1', port: 53 };
  const base = { zone: '.', server, transport: 'udp', rttMs: 12.345, size: 100 };
  const referral: TraceStep = {
    ...base,
    kind: 'referral',
    delegation: {
      zone: 'example.',
      ttlSeconds: 172_800,
      isSigned: true,
      nameServers: [
        { name: 'ns.example.', glue: [{ address: '192.0.2.2', ttlSeconds: 3600 }] },
        { name: 'ns.other.', glue: [] },
      ],
    },
    ttlSeconds: undefined,
    reason: undefined,
  };
  const end: TraceStep = {
    ...base,
    kind: 'answer',
    delegation: undefined,
    ttlSeconds: 60,
    reason: undefined,
  };
  const lame: TraceStep = { ...end, kind: 'lame', ttlSeconds: undefined, reason: 'BAD REFERRAL' };

  test('tell delegation, glue, round trip and TTL', () => {
    expect(printTraceStep(referral, 2)).toBe(`\
;; 2. . at 192.0.2.1#53(a.root.example): 12.3 ms, 100 bytes over UDP
;;    delegates example. for 172800 s, signed
;;      ns.example. 192.0.2.2 (3600 s)
;;      ns.other. without glue
`);
    expect(printTraceStep(end, 3)).toContain('answers for 60 s');
    expect(printTraceStep(lame, 3)).toContain('BAD REFERRAL');
  });

  test('make a graph', () => {
    const graph = printTraceGraph('www.example. A', [
      { ...referral, kind: 'start' },
      referral,
      lame,
      end,
    ]);
    expect(graph).toContain('digraph "www.example. A" {');
    expect(graph).toContain('"zone ." -> "zone example."');
    expect(graph).toContain('TTL 172800 s');
    expect(graph).toContain('color=red');
    expect(graph.match(/->/g)).toHaveLength(3);
  });

  test('of a graph hold no quotes that end a text', () => {
    const hostile = { ...end, zone: 'a\\"b\\092.' };
    expect(printTraceGraph('x', [hostile])).toContain('label="a\\\\\\"b\\\\092."');
  });
});

describe('in a lookup', () => {
  const SERVER = '192.0.2.53';
  const OTHER = '192.0.2.54';

  test('+compare asks all servers at the same time, and marks where they differ', async () => {
    const scene = new Scene();
    await scene.serve(SERVER, () => ({ answers: records(A, B) }));
    await scene.serve(OTHER, () => ({ answers: records(A) }));
    const { out, status, tookMs } = await scene.dig(`@${SERVER} @${OTHER} www.example +compare`);
    expect(out.slice(out.indexOf(';; COMPARING'))).toBe(`\
;; COMPARING www.example. A
;; 1 = 192.0.2.53#53(192.0.2.53): NOERROR, 10 ms
;; 2 = 192.0.2.54#53(192.0.2.54): NOERROR, 10 ms
   1 2
   x x status NOERROR
   x x www.example. A 192.0.2.10
!  x - www.example. A 192.0.2.11
;; DIFFERENT: 1 line

`);
    expect(status).toBe(0);
    expect(tookMs).toBeLessThan(20);
    const { out: json } = await scene.dig(`@${SERVER} @${OTHER} www.example +compare +json`);
    expect(JSON.parse(json)).toMatchObject({
      servers: [{ rcode: 'NOERROR' }, { rcode: 'NOERROR' }],
      comparison: [{ isSame: true }, { isSame: true }, { isSame: false, saidBy: [true, false] }],
    });
  });

  test('+watch shows the TTL run down, and what changes', async () => {
    const scene = new Scene();
    let asked = 0;
    await scene.serve(SERVER, () => {
      asked++;
      return { answers: records(`www.example. ${300 - asked} A 192.0.2.${asked < 3 ? 10 : 11}`) };
    });
    const line = `@${SERVER} www.example +watch=2 +ttlbar`;
    const { out, status } = await scene.dig(line, undefined, 5000);
    expect(status).toBe(0);
    expect(out.match(/;; Got answer/g)).toHaveLength(1);
    const at = ';; Sat Jan 01 00:00:00 UTC 2000';
    expect(out).toContain(`${at} TTL 298 s, unchanged\n`);
    expect(out).toContain(
      `${at} TTL 297 s, changed:\n- www.example. A 192.0.2.10\n+ www.example. A 192.0.2.11\n`,
    );
    expect(out.match(/TTL BARS/g)).toHaveLength(3);
    expect(asked).toBe(3);
  });

  test('+ttlbar stands below a reply', async () => {
    const scene = new Scene();
    await scene.serve(SERVER, () => ({ answers: records(A) }));
    const { out } = await scene.dig(`@${SERVER} www.example +ttlbar`);
    expect(out).toContain(';; www.example. A [####################] 300 s\n');
  });

  test('colours are for people: never in what programs read', async () => {
    const scene = new Scene();
    await scene.serve(SERVER, () => ({ answers: records(A) }));
    scene.usesColours = true;
    const escape = String.fromCharCode(27);
    expect((await scene.dig(`@${SERVER} www.example`)).out).toContain(escape);
    for (const form of ['+json', '+short', '+yaml']) {
      expect((await scene.dig(`@${SERVER} www.example ${form}`)).out).not.toContain(escape);
    }
  });

  test('extended errors are told in words, as JSON too', async () => {
    const scene = new Scene();
    const data = Uint8Array.of(0, 15, ...Buffer.from('by \u001b[2J policy'));
    const edns = { ...plainEdns(), options: [{ code: EdnsOption.EDE, data }] };
    await scene.serve(SERVER, () => ({ rcode: Rcode.NXDOMAIN, edns }));
    const { out } = await scene.dig(`@${SERVER} www.example +json`);
    expect(out).not.toContain(String.fromCharCode(27));
    expect(JSON.parse(out)).toMatchObject({
      extendedErrors: [{ code: 15, meaning: 'Blocked', text: 'by \u001b[2J policy' }],
      edns: { version: 0, udpPayloadSize: 1232, options: [{ code: 15 }] },
      transport: 'udp',
      rttMs: 10,
    });
  });

  test('a batch tells how far it is, and stops where nobody reads', async () => {
    const scene = new Scene();
    await scene.serve(SERVER, () => ({ answers: records(A) }));
    scene.files.set('names', 'a.example\nb.example\nc.example');
    await scene.dig(`@${SERVER} -f names +short`);
    expect(scene.progress).toEqual([0, 1, 2, undefined]);
    scene.isHeard = false;
    const { out } = await scene.dig(`@${SERVER} -f names +short`);
    expect(out).toBe('');
  });
});
