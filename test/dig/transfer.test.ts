/** Transfers as a user sees them: printed as they come, with dig's words at the end. */
import { describe, expect, test } from 'vitest';
import { Rcode } from '../../src/wire/iana.ts';
import { records, Scene, type Script } from './scene.ts';

const SERVER = '192.0.2.53';
const soa = (serial: number): string => `example. 300 SOA ns.example. h.example. ${serial} 1 2 3 4`;
const A = 'a.example. 300 A 192.0.2.10';

async function dig(line: string, script: Script): Promise<{ out: string; status: number }> {
  const scene = new Scene();
  await scene.serve(SERVER, script);
  const { out, status } = await scene.dig(`@${SERVER} ${line}`);
  return {
    out: out.replace(/^\n(; <<>>|; \(|;; global).*\n(; \(|;; global).*\n(;; global.*\n)?/, ''),
    status,
  };
}

const answer =
  (...lines: readonly string[]): Script =>
  () => ({ answers: records(...lines) });

test('records stand alone, the size behind them', async () => {
  const { out, status } = await dig('example axfr', answer(soa(1), A, soa(1)));
  expect(out.replace(/bytes \d+/, 'bytes N')).toBe(`\
example.		300	IN	SOA	ns.example. h.example. 1 1 2 3 4
a.example.		300	IN	A	192.0.2.10
example.		300	IN	SOA	ns.example. h.example. 1 1 2 3 4
;; Query time: 10 msec
;; SERVER: 192.0.2.53#53(192.0.2.53) (TCP)
;; WHEN: Sat Jan 01 00:00:00 UTC 2000
;; XFR size: 3 records (messages 1, bytes N)

`);
  expect(status).toBe(0);
});

test('+onesoa leaves the SOA at the end out, not out of the size', async () => {
  const { out } = await dig('example axfr +onesoa', answer(soa(1), A, soa(1)));
  expect(out.match(/SOA/g)).toHaveLength(1);
  expect(out).toContain('XFR size: 3 records');
});

test('IXFR tells the serial that the client has', async () => {
  const scene = new Scene();
  await scene.serve(SERVER, answer(soa(3), soa(1), A, soa(3), soa(3)));
  const { out } = await scene.dig(`@${SERVER} example ixfr=1 +tcp`);
  expect(scene.asked).toEqual([`${SERVER} tcp example. IXFR`]);
  const [known] = scene.queries[0]!.authorities;
  expect(known?.name.toString()).toBe('example.');
  expect([...known!.rdata.subarray(2, 6)]).toEqual([0, 0, 0, 1]);
  expect(out).toContain('XFR size: 5 records');
});

describe('a failure', () => {
  test.each<[string, Script, string]>([
    ['an error', () => ({ rcode: Rcode.REFUSED }), '; Transfer failed.\n'],
    ['no records', () => ({}), '; Transfer failed.\n'],
    [
      'no SOA',
      answer(A),
      "a.example.\t\t300\tIN\tA\t192.0.2.10\n; Transfer failed.  Didn't start with SOA answer.\n",
    ],
  ])('%s', async (_, script, expected) => {
    expect(await dig('example axfr', script)).toEqual({ out: expected, status: 0 });
  });

  test('half a transfer and silence: no reply', async () => {
    const { out, status } = await dig('example axfr +tries=1', answer(soa(1)));
    expect(out).toContain(';; communications error to 192.0.2.53#53: timed out\n');
    expect(out).toContain(';; no servers could be reached\n');
    expect(status).toBe(9);
  });
});
