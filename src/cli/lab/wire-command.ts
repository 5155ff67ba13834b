/** The grammar of `ts-dns lab wire`: the options of a link, once for each way. */

import { type Command, InvalidArgumentError } from 'commander';
import { LINK_PARAMETERS } from '../../lab/wire/link-parameters.ts';
import { parseEndpoint } from '../../net/address.ts';
import type { Endpoint } from '../../net/ports.ts';
import type { WireOptions } from './wire.ts';

interface OwnOptions extends Pick<WireOptions, 'listen' | 'to' | 'seed' | 'both' | 'json'> {
  readonly [word: string]: unknown;
}

export function addWire(lab: Command, outcome: { status: number }): void {
  const command = lab
    .command('wire')
    .description('a relay in front of any UDP program that loses, delays and changes by a seed')
    .requiredOption('--listen <ADDR:PORT>', 'where clients ask', endpoint)
    .requiredOption('--to <ADDR:PORT>', 'the program', endpoint)
    .option('--seed <N>', 'another seed, another fate of every datagram', '1')
    .option('--both', 'the way back is like the way there, but for --reverse- options')
    .option('--json', 'statistics as one JSON object (at the end, and at SIGHUP)');
  for (const prefix of ['', 'reverse-']) addLink(command, prefix);
  command.action(async (options: OwnOptions) => {
    const { wire } = await import('./wire.ts');
    const words = Object.fromEntries(
      command.options
        .filter(({ long }) => long !== undefined)
        .map((option) => [option.name(), options[option.attributeName()] as string | undefined]),
    );
    outcome.status = await wire({ ...options, words });
  });
}

/** Values are read by `wire`, which knows what each means. */
function addLink(command: Command, prefix: string): void {
  for (const [name, parameter] of Object.entries(LINK_PARAMETERS)) {
    const value = parameter.kind === 'flag' ? '' : ` <${parameter.kind}>`;
    command.option(`--${prefix}${name}${value}`, prefix === '' ? parameter.help : 'the way back');
  }
  command.option(`--${prefix}drop <N,N…>`, prefix === '' ? 'drop these, the first is 1' : 'also');
}

function endpoint(text: string): Endpoint {
  const parsed = parseEndpoint(text, 0);
  if (!('port' in parsed)) throw new InvalidArgumentError(parsed.problem);
  return parsed;
}
