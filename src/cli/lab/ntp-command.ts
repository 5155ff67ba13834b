/** The grammar of `ts-dns lab ntp`. */

import { type Command, InvalidArgumentError } from 'commander';
import { ntp } from '../../lab/ntp/constants.ts';
import { parseEndpoint } from '../../net/address.ts';
import type { Endpoint } from '../../net/ports.ts';
import type { NtpQueryWords } from './ntp-query.ts';
import type { NtpServeWords } from './ntp-serve.ts';

export function addNtp(lab: Command, outcome: { status: number }): void {
  const command = lab.command('ntp').description('a server and a client of NTP (RFC 5905)');
  command
    .command('serve')
    .description('tell the time of this machine, or another; sets no clock')
    .option('--listen <ADDR:PORT>', 'where clients ask', endpoint, {
      address: '127.0.0.1',
      port: ntp.port,
    })
    .option('--stratum <1..15>', 'how far from a primary source', '10')
    .option('--source <LETTERS>', 'four letters: whom it has the time from', 'LOCL')
    .option('--unsynchronised', 'say that it knows no time')
    .option('--leap <insert|delete>', 'announce a leap second')
    .option('--offset <TIME>', 'tell a time that is ahead, as 10ms, or behind, as -1s', '0s')
    .option('--time <DATE>', 'begin at that time, as 2036-02-07T06:28:10Z')
    .option('--root-delay <TIME>', 'to the primary source and back', '0s')
    .option('--root-dispersion <TIME>', 'how wrong it may be besides', '0s')
    .option('--rate <N>', 'requests a second of one address, before it is told to slow down', '20')
    .option('--deny <ADDR...>', 'addresses that are told to go away', [])
    .option('--json', 'counts as one JSON object at the end')
    .action(async (words: NtpServeWords) => {
      const { ntpServe } = await import('./ntp-serve.ts');
      outcome.status = await ntpServe(words);
    });
  command
    .command('query')
    .description('how far the clock of a server is ahead; exit status 1 when it does not say')
    .argument('<ADDR:PORT>', 'the server; port 123 when none is given', endpoint)
    .option('--samples <N>', 'how often to ask', '4')
    .option('--interval <TIME>', 'from an answer to the next question', '1s')
    .option('--timeout <TIME>', 'how long to wait for an answer', '1s')
    .option('--json', 'one JSON object')
    .action(async (server: Endpoint, words: NtpQueryWords) => {
      const { ntpQuery } = await import('./ntp-query.ts');
      outcome.status = await ntpQuery(server, words);
    });
}

function endpoint(text: string): Endpoint {
  const parsed = parseEndpoint(text, ntp.port);
  if (!('port' in parsed)) throw new InvalidArgumentError(parsed.problem);
  return parsed;
}
