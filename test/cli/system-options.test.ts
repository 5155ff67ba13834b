/** What a configuration makes of a system. */
import { networkInterfaces } from 'node:os';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { systemOptions } from '../../src/cli/system-options.ts';

const addresses = Object.values(networkInterfaces()).flatMap((all = []) => all);
const ofFamily = (wanted: string): readonly string[] =>
  addresses.filter(({ family }) => family === wanted).map(({ address }) => address);

async function notAsked(address: string, port = 53): Promise<readonly string[]> {
  const { recursion } = await systemOptions({ recursion: true, listen: [{ address, port }] });
  return recursion?.doNotQuery ?? [];
}

test('who listens on every address asks none of this machine, lest it asks itself', async () => {
  expect(await notAsked('0.0.0.0')).toEqual(ofFamily('IPv4'));
  expect(await notAsked('::')).toEqual(ofFamily('IPv6'));
  expect(await notAsked('192.0.2.1')).toEqual(['192.0.2.1']);
});

test('on another port than servers are asked it cannot ask itself', async () => {
  expect(await notAsked('0.0.0.0', 5353)).toEqual([]);
});

test('a root of one’s own is asked for test, and for no other special-use name (RFC 6761 §6.2)', async () => {
  const hints = fileURLToPath(new URL('../../zones/root.hints', import.meta.url));
  const taken = async (resolver: object): Promise<readonly [boolean | undefined, string[]]> => {
    const { recursion } = await systemOptions({ recursion: true, resolver });
    const { specialUse, localZones = [] } = recursion!;
    return [specialUse, localZones.map(({ name, kind }) => `${name.toString()} ${kind}`)];
  };
  expect(await taken({})).toEqual([true, []]);
  expect(await taken({ rootHints: hints })).toEqual([true, ['test. nodefault']]);
  expect(await taken({ rootHints: hints, specialUse: true })).toEqual([true, []]);
  expect(await taken({ rootHints: hints, specialUse: false })).toEqual([false, []]);
});
