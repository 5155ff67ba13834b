/** Files of command lines: what is under way at once, and what comes in the order of the file. */
import { describe, expect, test } from 'vitest';

import type { Message } from '../../src/wire/message.ts';
import { records, Scene } from './scene.ts';

const SERVER = '192.0.2.53';

/** Answers at once, but `slow.example` at the second attempt only, and `mute.example` never. */
async function sceneOf(...lines: readonly string[]): Promise<Scene> {
  const scene = new Scene();
  const seen = new Set<string>();
  await scene.serve(SERVER, (asked): Partial<Message> | undefined => {
    const [name = '', type = ''] = asked.split(' ');
    const isLate = name.startsWith('slow') && !seen.has(asked);
    seen.add(asked);
    if (isLate || name.startsWith('mute')) return undefined;
    const soa = `${name} 60 SOA . . 1 2 3 4 5`;
    return { answers: records(...(type === 'AXFR' ? [soa, soa] : [`${name} 60 TXT "${name}"`])) };
  });
  scene.files.set('names', lines.join('\n'));
  return scene;
}

const DIG = `@${SERVER} +short +time=1 -t txt`;

describe('lines of a batch', () => {
  test('are asked together and printed in the order of the file', async () => {
    const scene = await sceneOf('slow.example', 'b.example', 'c.example');
    const { out, tookMs } = await scene.dig(`${DIG} -f names`);
    expect(out.match(/".*"/g)).toEqual(['"slow.example."', '"b.example."', '"c.example."']);
    expect(scene.asked.at(-1)).toContain('slow.example.');
    expect(tookMs).toBeLessThan(1100);
  });

  test('are asked one after the other with +parallel=1, or from a port of the user’s', async () => {
    for (const words of ['+parallel=1', '-b 0.0.0.0#1234']) {
      const scene = await sceneOf('slow.example', 'b.example');
      await scene.dig(`${DIG} ${words} -f names`);
      expect(scene.asked.at(-1)).toContain('b.example.');
    }
  });

  test('give the exit status of the last one, whichever ends last', async () => {
    const wellInTheEnd = await sceneOf('mute.example', 'b.example');
    expect((await wellInTheEnd.dig(`${DIG} -f names`)).status).toBe(0);
    const badInTheEnd = await sceneOf('slow.example', 'mute.example +tries=1');
    expect((await badInTheEnd.dig(`${DIG} -f names`)).status).toBe(9);
  });

  test('wait for a transfer, whose records are not kept, and it for them', async () => {
    const scene = await sceneOf('slow.example', 'zone.example axfr', 'c.example');
    await scene.dig(`${DIG} -f names`);
    const names = scene.asked.map((asked) => asked.split(' ').slice(1).join(' '));
    expect(names.slice(-3)).toEqual([
      'udp slow.example. TXT',
      'tcp zone.example. AXFR',
      'udp c.example. TXT',
    ]);
  });
});

describe('a server that is not there', () => {
  test('costs one line of a batch', async () => {
    const scene = await sceneOf('a.example', '@no.such.server. b.example', 'c.example');
    scene.hosts = '192.0.2.53 resolver # the one of ours\n2001:db8::53 resolver6';
    const { out, err, status } = await scene.dig(`${DIG} -f names`);
    expect(out).toBe('"a.example."\n"c.example."\n');
    expect(err).toBe("couldn't get address for 'no.such.server.': not found: skipping lookup\n");
    expect(status).toBe(0);
  });

  test('for all lines ends the batch before it begins', async () => {
    const scene = await sceneOf('a.example');
    const { err, status } = await scene.dig('@no.such.server. -f names');
    expect(err).toBe("ts-dig: couldn't get address for 'no.such.server.': not found\n");
    expect(status).toBe(1);
  });
});

test('a server may be named as in /etc/hosts, and is looked up once for a whole batch', async () => {
  const scene = await sceneOf('a.example', 'b.example');
  scene.hosts = `# ours\n${SERVER}\tresolver\tdns # and a comment\nnonsense resolver\n`;
  const { out } = await scene.dig('@DNS +short -t txt -f names');
  expect(out).toBe('"a.example."\n"b.example."\n');
  expect(scene.asked).toHaveLength(2);
});
