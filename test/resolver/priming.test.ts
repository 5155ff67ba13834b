/** The hints and what the root itself says about its servers (RFC 8109). */
import { expect, test } from 'vitest';

import {
  COM,
  COM_ZONE,
  EXAMPLE,
  EXAMPLE_ZONE,
  Internet,
  reply,
  records,
  ROOT,
  zone,
  type Responder,
} from './fixture.ts';

const SECOND = '198.51.100.9';
const DAY_MS = 86_400_000;

function rootZone(ttl: number): string {
  return `
    .       86400  SOA  a.root. hostmaster. 1 1800 900 604800 86400
    .       ${ttl} NS   b.root.
    b.root. ${ttl} A    ${SECOND}
    com.    60     NS   ns.com.
    ns.com. 60     A    ${COM}
  `;
}

/** The zone's answers with the addresses of its servers beside them. */
function withGlue(text: string): Responder {
  const honest = zone('.', text);
  return (query, via) => {
    const { type, name } = query.questions[0]!;
    if (type !== 2 || !name.isRoot) return honest(query, via);
    const all = records(text);
    return reply(query, {
      aa: true,
      answers: all.filter((one) => one.name.isRoot && one.type === 2),
      additionals: all.filter((one) => one.name.toString() === 'b.root.'),
    });
  };
}

async function internetOf(root: Responder): Promise<Internet> {
  const internet = new Internet();
  await internet.serve(ROOT, root);
  await internet.serve(SECOND, root);
  await internet.serve(COM, zone('com.', COM_ZONE.replaceAll('3600', '60')));
  await internet.serve(EXAMPLE, zone('example.com.', EXAMPLE_ZONE));
  return internet;
}

/** Questions of a day, so far apart that every one needs the root. */
async function live(internet: Internet, days: number): Promise<readonly string[]> {
  const resolver = internet.resolver({ priming: true });
  for (let hour = 0; hour < days * 24; hour += 3) {
    expect(await internet.ask(resolver, 'www.example.com.')).toMatch(/^NOERROR/);
    await internet.world.advance(3 * 3_600_000);
  }
  return internet.takeAsked();
}

test('the hints are asked who serves the root, over TCP, and from then on those are asked', async () => {
  const internet = await internetOf(withGlue(rootZone(518_400)));
  const asked = await live(internet, 1);
  expect(asked.filter((line) => line.includes(' . NS'))).toEqual([`${ROOT} . NS tcp`]);
  const toHints = asked.filter((line) => line.startsWith(`${ROOT} com.`));
  expect(toHints.length).toBeLessThanOrEqual(1);
  expect(asked.filter((line) => line.startsWith(`${SECOND} com.`)).length).toBeGreaterThan(5);
});

test('a healthy root is asked at most twice a day, whatever its TTL', async () => {
  for (const ttl of [1, 40_000, 518_400]) {
    const internet = await internetOf(withGlue(rootZone(ttl)));
    const asked = await live(internet, 3);
    const primings = asked.filter((line) => line.includes(' . NS'));
    expect(primings.length).toBeLessThanOrEqual(6);
    expect(primings.length).toBeGreaterThanOrEqual(3);
  }
});

const USELESS: Readonly<Record<string, Responder>> = {
  'without authority': (query) =>
    reply(query, {
      answers: records('. 9 NS b.root.'),
      additionals: records(`b.root. 9 A ${SECOND}`),
    }),
  'without addresses': (query) => reply(query, { aa: true, answers: records('. 9 NS b.root.') }),
  'with addresses that may not be asked': (query) =>
    reply(query, {
      aa: true,
      answers: records('. 9 NS b.root.'),
      additionals: records('b.root. 9 A 127.0.0.1\nb.root. 9 A 0.0.0.0'),
    }),
  'with addresses of others': (query) =>
    reply(query, {
      aa: true,
      answers: records('. 9 NS b.root.'),
      additionals: records(`c.root. 9 A ${SECOND}`),
    }),
  'with an error': (query) => reply(query, { rcode: 2 }),
  'with nothing': () => [],
};

for (const [what, respond] of Object.entries(USELESS)) {
  test(`a root that answers ${what} leaves the hints as they are`, async () => {
    const honest = zone('.', rootZone(3600));
    const internet = await internetOf((query, via) =>
      query.questions[0]!.name.isRoot ? respond(query, via) : honest(query, via),
    );
    const asked = await live(internet, 1);
    expect(asked.filter((line) => line.startsWith(SECOND))).toEqual([]);
    await internet.world.advance(DAY_MS);
    expect(internet.leftOpen).toBe(0);
  });
}

test('only who was asked as a root can say who serves it', async () => {
  // example.com. claims to know the root.
  const claim = records(`. 9 NS b.root.`);
  const internet = new Internet();
  await internet.serve(ROOT, zone('.', rootZone(3600)));
  await internet.serve(SECOND, zone('.', rootZone(3600)));
  await internet.serve(COM, zone('com.', COM_ZONE));
  await internet.serve(EXAMPLE, (query) =>
    reply(query, { aa: true, answers: claim, additionals: records(`b.root. 9 A ${SECOND}`) }),
  );
  const resolver = internet.resolver({ priming: false });
  await internet.ask(resolver, 'www.example.com.');
  await internet.ask(resolver, 'www.org.');
  expect(internet.takeAsked().filter((line) => line.startsWith(SECOND))).toEqual([]);
});
