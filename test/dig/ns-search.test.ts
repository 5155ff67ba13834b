/** `+nssearch`: what each name server of a zone has for its SOA. */
import { describe, expect, test } from 'vitest';

import { Rcode } from '../../src/wire/iana.ts';
import { records, Scene, type Script } from './scene.ts';

const RESOLVER = '192.0.2.53';
const SOA = 'example. 60 SOA ns.example. h.example.';

const resolver: Script = (asked) => {
  switch (asked) {
    case 'example. NS':
      return { answers: records('example. 60 NS one.example.', 'example. 60 NS two.example.') };
    case 'one.example. A':
      return { answers: records('one.example. 60 A 192.0.2.11') };
    case 'two.example. A':
      return { answers: records('two.example. 60 A 192.0.2.12') };
    case 'lost.example. NS':
      return { answers: records('lost.example. 60 NS nobody.example.') };
    case 'www.example. NS':
      return { authorities: records('example. 60 NS one.example.') };
    default:
      return { rcode: Rcode.NXDOMAIN, authorities: records(`${SOA} 1 2 3 4 5`) };
  }
};

async function sceneOf(serials: Readonly<Record<string, number>>): Promise<Scene> {
  const scene = new Scene();
  await scene.serve(RESOLVER, resolver);
  for (const [address, serial] of Object.entries(serials)) {
    await scene.serve(address, (_asked, { rd }) => {
      expect(rd).toBe(false);
      return { answers: records(`${SOA} ${serial} 2 3 4 5`) };
    });
  }
  return scene;
}

describe('+nssearch', () => {
  test('shows the SOA of each name server of the zone', async () => {
    const scene = await sceneOf({ '192.0.2.11': 7, '192.0.2.12': 8 });
    const { out, status } = await scene.dig('example +nssearch');
    expect(out.split('\n').toSorted()).toEqual([
      '',
      'SOA ns.example. h.example. 7 2 3 4 5 from server 192.0.2.11 in 10 ms.',
      'SOA ns.example. h.example. 8 2 3 4 5 from server 192.0.2.12 in 10 ms.',
    ]);
    expect(status).toBe(0);
  });

  test('asks all at the same time, so that a silent one holds up nobody', async () => {
    const scene = await sceneOf({ '192.0.2.12': 8 });
    const { out, status } = await scene.dig('example +nssearch +time=1 +tries=1');
    expect(out).toMatch(
      /^SOA .* from server 192.0.2.12 .*\n;; communications error to 192.0.2.11#53/,
    );
    expect(status).toBe(0);
  });

  test('says when none of them answers', async () => {
    const { out, status } = await (await sceneOf({})).dig('example +nssearch +time=1 +tries=1');
    expect(out).toMatch(/;; NS servers could not be reached\n$/);
    expect(status).toBe(9);
  });

  test('says when none of them has an address', async () => {
    const { out, err, status } = await (await sceneOf({})).dig('lost.example +nssearch');
    expect(out).toBe("couldn't get address for 'nobody.example': not found\n");
    expect(err).toBe("ts-dig: couldn't get address for 'nobody.example': no more\n");
    expect(status).toBe(1);
  });

  test('finds the zone above in a referral, and nobody where there is none', async () => {
    const scene = await sceneOf({ '192.0.2.11': 7 });
    expect((await scene.dig('www.example +nssearch')).out).toContain('from server 192.0.2.11');
    expect(await scene.dig('no.example +nssearch')).toMatchObject({ out: '', status: 0 });
  });
});
