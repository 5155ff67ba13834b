/** What a configuration makes of a system. */
import { networkInterfaces } from 'node:os';
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
