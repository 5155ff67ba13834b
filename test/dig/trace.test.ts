/** `+trace` through a root, a TLD and a domain of their own, all in virtual time. */
import type { TraceStep } from '../../src/dig/trace-step.ts';
import { describe, expect, test } from 'vitest';

import { Rcode } from '../../src/wire/iana.ts';
import { records, Scene, type Reply, type Script } from './scene.ts';

const PORT = 1053;
const RESOLVER = '192.0.2.53';
const ROOT = '198.51.100.1';
const TLD = '198.51.100.2';
const TLD_TOO = '198.51.100.3';
const DOMAIN = '198.51.100.4';
const HOSTER = '198.51.100.5';

const rootServers = records('. 518400 NS a.root.');
const rootGlue = records(`a.root. 518400 A ${ROOT}`);
const tldReferral: Reply = {
  authorities: records('example. 172800 NS a.nic.example.', 'example. 172800 NS b.nic.example.'),
  additionals: records(`a.nic.example. 172800 A ${TLD}`, `b.nic.example. 172800 A ${TLD_TOO}`),
};
const domainReferral: Reply = {
  authorities: records('shop.example. 3600 NS ns.shop.example.'),
  additionals: records(`ns.shop.example. 3600 A ${DOMAIN}`),
};
const answer: Reply = { aa: true, answers: records('www.shop.example. 300 A 192.0.2.10') };

/** What each server says; the defaults make a walk without a hitch. */
interface Scripts {
  readonly resolver?: Script;
  readonly root?: Script;
  readonly tld?: Script;
  readonly tldToo?: Script;
  readonly domain?: Script;
  readonly hoster?: Script;
}

const resolver: Script = (asked) => {
  if (asked === '. NS') return { ra: true, answers: rootServers, additionals: rootGlue };
  if (asked === 'ns.hoster.test. A') {
    return { ra: true, answers: records(`ns.hoster.test. 60 A ${HOSTER}`) };
  }
  return { ra: true };
};

async function internet(scripts: Scripts = {}): Promise<Scene> {
  const scene = new Scene();
  await scene.serve(RESOLVER, scripts.resolver ?? resolver, PORT);
  await scene.serve(ROOT, scripts.root ?? (() => tldReferral), PORT);
  await scene.serve(TLD, scripts.tld ?? (() => domainReferral), PORT);
  await scene.serve(TLD_TOO, scripts.tldToo ?? scripts.tld ?? (() => domainReferral), PORT);
  await scene.serve(DOMAIN, scripts.domain ?? (() => answer), PORT);
  await scene.serve(HOSTER, scripts.hoster ?? (() => answer), PORT);
  return scene;
}

const LINE = `@${RESOLVER} -p ${PORT} www.shop.example +trace`;

/** Addresses of the servers, in the order in which they were asked. */
function path({ asked }: Scene): readonly string[] {
  return asked.map((line) => line.split(' ')[0]!);
}

describe('a walk', () => {
  test('shows the delegation at each step and ends at the answer', async () => {
    const scene = await internet();
    // Of the two servers of the TLD, which are asked in random order, one is silent.
    scene.world.install((packet) =>
      packet.to.address === TLD_TOO ? { kind: 'drop' } : { kind: 'pass' },
    );
    const { out, status } = await scene.dig(`${LINE} +tries=1 +time=1`);
    const steps = out.replace(/;; communications error.*\n/, '');
    expect(steps).toBe(`
; <<>> ts-dig 1.2.3 <<>> ${LINE} +tries=1 +time=1
; (1 server found)
;; global options: +cmd
.			518400	IN	NS	a.root.
;; Received 52 bytes from 192.0.2.53#1053(192.0.2.53) in 10 ms

example.		172800	IN	NS	a.nic.example.
example.		172800	IN	NS	b.nic.example.
;; Received 102 bytes from 198.51.100.1#1053(a.root) in 10 ms

shop.example.		3600	IN	NS	ns.shop.example.
;; Received 67 bytes from 198.51.100.2#1053(a.nic.example) in 10 ms

www.shop.example.	300	IN	A	192.0.2.10
;; Received 50 bytes from 198.51.100.4#1053(ns.shop.example) in 10 ms

`);
    expect(status).toBe(0);
  });

  test('asks for the name itself at each step, without RD, with DO', async () => {
    const scene = await internet();
    await scene.dig(LINE);
    expect(path(scene)).toHaveLength(4);
    const [first, ...rest] = scene.queries;
    expect(first!.rd).toBe(true);
    for (const { rd, edns, questions } of rest) {
      expect([rd, edns?.dnssecOk]).toEqual([false, true]);
      expect(questions[0]!.name.toString()).toBe('www.shop.example.');
    }
  });

  test('ends at a name that does not exist', async () => {
    const soa = records('shop.example. 300 SOA ns.shop.example. x. 1 2 3 4 300');
    const scene = await internet({
      domain: () => ({ aa: true, rcode: Rcode.NXDOMAIN, authorities: soa }),
    });
    const { out, status } = await scene.dig(LINE);
    expect(out).toContain('shop.example.\t\t300\tIN\tSOA\tns.shop.example. x. 1 2 3 4 300\n');
    expect(status).toBe(0);
  });

  test('+short shows answers only, with their servers', async () => {
    const scene = await internet();
    const { out } = await scene.dig(`${LINE} +short`);
    expect(out.split('\n').slice(-2)).toEqual([
      'A 192.0.2.10 from server 198.51.100.4 in 10 ms.',
      '',
    ]);
  });

  test('+json prints one object, with the answer and all steps', async () => {
    const scene = await internet();
    const { out } = await scene.dig(`${LINE} +json`);
    const { answers, trace } = JSON.parse(out) as { answers: unknown; trace: TraceStep[] };
    expect(answers).toMatchObject([{ data: '192.0.2.10' }]);
    expect(trace.map(({ kind, zone }) => `${kind} ${zone}`)).toEqual([
      'start .',
      'referral .',
      'referral example.',
      'answer shop.example.',
    ]);
    expect(trace[2]!.delegation?.nameServers[0]?.glue).toHaveLength(1);
    expect(trace[1]!.rttMs).toBeGreaterThan(0);
  });

  test('+trace=steps says what each step came to', async () => {
    const scene = await internet();
    const { out } = await scene.dig(LINE.replace('+trace', '+trace=steps'));
    expect(out.match(/^;; [0-9]\. /gm)).toHaveLength(4);
    expect(out).toMatch(/^;;    delegates shop\.example\. for \d+ s, not signed$/m);
    expect(out).toContain('192.0.2.10');
  });

  test('+trace=dot draws a graph and nothing else', async () => {
    const scene = await internet();
    const { out } = await scene.dig(LINE.replace('+trace', '+trace=dot'));
    expect(out).toMatch(/^digraph "www\.shop\.example\. A" \{\n(?:  .*\n)+\}\n$/);
    expect(out.match(/ -> /g)).toHaveLength(3);
  });

  test('+trace=dot stays a graph when the walk leads nowhere', async () => {
    const scene = await internet({ tld: () => ({ rcode: Rcode.REFUSED }) });
    const { out, err, status } = await scene.dig(LINE.replace('+trace', '+trace=dot'));
    expect(out).toMatch(/^digraph "www\.shop\.example\. A" \{\n(?:  .*\n)+\}\n$/);
    expect(err).toContain(';; no servers could be reached\n');
    expect(status).toBe(9);
  });

  test('any other value of +trace means nothing, as to dig', async () => {
    const steps = async (word: string) => {
      const { out } = await (await internet()).dig(LINE.replace('+trace', word));
      return out.match(/^;; Received .* from \S+/gm);
    };
    expect(await steps('+trace=1')).toEqual(await steps('+trace'));
  });

  test('without glue looks the name server up', async () => {
    const scene = await internet({
      tld: () => ({ authorities: records('shop.example. 3600 NS ns.hoster.test.') }),
    });
    const { out, status } = await scene.dig(LINE);
    expect(out).toContain('from 198.51.100.5#1053(ns.hoster.test) in');
    expect(scene.asked).toContain('192.0.2.53 udp ns.hoster.test. A');
    expect(status).toBe(0);
  });

  test('the same seed walks the same way', async () => {
    const hashes: string[] = [];
    for (let run = 0; run < 2; run++) {
      const scene = await internet();
      await scene.dig(LINE);
      hashes.push(scene.world.traceHash);
    }
    expect(hashes[0]).toBe(hashes[1]);
  });
});

describe('a server of no use', () => {
  const useless: readonly (readonly [string, Script, string])[] = [
    ['refuses', () => ({ rcode: Rcode.REFUSED }), ';; lame server: REFUSED from'],
    ['fails', () => ({ rcode: Rcode.SERVFAIL }), ';; lame server: SERVFAIL from'],
    ['refers to itself', () => tldReferral, ';; BAD (HORIZONTAL) REFERRAL from'],
    [
      'refers upwards',
      () => ({ authorities: rootServers, additionals: rootGlue }),
      ';; BAD REFERRAL from',
    ],
    [
      'refers elsewhere',
      () => ({ authorities: records('other.example. 60 NS a.root.') }),
      ';; BAD REFERRAL from',
    ],
    ['is silent', () => undefined, ';; communications error to'],
  ];

  test.each(useless)('%s, and the next one is asked', async (_, script, remark) => {
    // Which of the two is asked first is random: so each is the useless one in turn.
    const outputs: string[] = [];
    for (const at of ['tld', 'tldToo'] as const) {
      const scene = await internet({
        tld: () => domainReferral,
        tldToo: () => domainReferral,
        [at]: script,
      });
      const { out, status } = await scene.dig(`${LINE} +tries=1`);
      expect(status).toBe(0);
      expect(out).toContain('www.shop.example.\t300\tIN\tA\t192.0.2.10\n');
      outputs.push(out);
    }
    const remarks = outputs.filter((out) => out.includes(remark));
    expect(remarks).toHaveLength(1);
  });

  test('and no other: exit status 9', async () => {
    const scene = await internet({ tld: () => ({ rcode: Rcode.REFUSED }) });
    const { out, status } = await scene.dig(LINE);
    expect(out.match(/;; lame server: REFUSED/g)).toHaveLength(2);
    expect(out.endsWith(';; no servers could be reached\n')).toBe(true);
    expect(status).toBe(9);
  });

  test('a resolver that does not know the root', async () => {
    const scene = await internet({ resolver: () => ({ rcode: Rcode.REFUSED }) });
    const { out, status } = await scene.dig(LINE);
    expect(out).toContain(';; 192.0.2.53#1053 does not know the servers of the root\n');
    expect(status).toBe(9);
  });

  test('a name server without an address', async () => {
    const scene = await internet({
      tld: () => ({ authorities: records('shop.example. 60 NS ns.nowhere.test.') }),
    });
    const { out, status } = await scene.dig(LINE);
    expect(out).toContain(";; couldn't get address for 'ns.nowhere.test': not found\n");
    expect(status).toBe(9);
  });
});

test('a chain of delegations ends where the name ends', async () => {
  const name = `${'l.'.repeat(80)}example`;
  let depth = 0;
  // Each server refers one label further down, to itself.
  const deeper: Script = (_asked, query) => {
    const full = query.questions[0]!.name;
    depth += 1;
    const zone = full.ancestor(Math.min(depth, full.labelCount)).toString();
    return {
      authorities: records(`${zone} 60 NS ns.${zone}`),
      additionals: records(`ns.${zone} 60 A ${ROOT}`),
    };
  };
  const scene = await internet({ root: deeper });
  const { status } = await scene.dig(`@${RESOLVER} -p ${PORT} ${name} +trace`);
  expect(status).toBe(9);
  expect(scene.asked.length).toBeLessThan(200);
});
