import { expect, it } from 'vitest';
import type { Config } from '../../src/cli/config/config.ts';
import { parseConfig } from '../../src/cli/config/parse.ts';
import { CommandError } from '../../src/cli/failure.ts';
import { LiveConfig } from '../../src/cli/live-config.ts';
import { silentLogger, type LogFields, type Logger } from '../../src/net/logger.ts';

function configOf(text: string): Config {
  const parsed = parseConfig('c.yaml', new TextEncoder().encode(text));
  if (!parsed.ok) throw new CommandError('wrong');
  return parsed.value;
}

/** Reloads from one text to another; what was logged, and what was put to work. */
async function reload(before: string, after: string): Promise<[LogFields[], Config[]]> {
  const logged: LogFields[] = [];
  const note = (fields: LogFields, message: string): number => logged.push({ message, ...fields });
  const logger: Logger = { ...silentLogger, info: note, warn: note, error: note };
  const applied: Config[] = [];
  const read = (): Promise<Config> => Promise.resolve().then(() => configOf(after));
  const apply = (config: Config): number => applied.push(config);
  await new LiveConfig(configOf(before), { read, apply, logger }).reload();
  return [logged, applied];
}

it('what can change while the server runs does so, and what cannot is named', async () => {
  const before =
    'listen: 127.0.0.1:1\naccess: {recursion: 10.0.0.0/8}\nresolver: {prefetch: true, stubs: {zone: a, addresses: 192.0.2.1}}\n';
  const after =
    'listen: 127.0.0.1:2\naccess: {recursion: 10.0.0.0/9}\nresolver: {stubs: {zone: b, addresses: 192.0.2.1}}\n';
  const [logged, applied] = await reload(before, after);
  expect(logged).toEqual([
    { message: 'configuration reloaded', changed: ['access.recursion', 'resolver.stubs'] },
    {
      message: 'changed, but only a restart puts it to work',
      keys: ['listen', 'resolver.prefetch'],
    },
  ]);
  expect(applied).toEqual([configOf(after)]);
});

it('a file that says the same changes nothing', async () => {
  const text =
    'zones: {file: a.zone, origin: a.example}\nclients: {cookie-secrets: "00112233445566778899aabbccddeeff"}\n';
  const [logged] = await reload(text, `# again\n${text}`);
  expect(logged).toEqual([{ message: 'configuration reloaded', changed: [] }]);
});

it('a file that is wrong changes nothing, and says so', async () => {
  const [logged, applied] = await reload('log-level: info\n', 'log-level: loud\n');
  expect(applied).toEqual([]);
  expect(logged).toEqual([
    { message: 'configuration not reloaded: the one loaded before stays', problem: 'wrong' },
  ]);
});
