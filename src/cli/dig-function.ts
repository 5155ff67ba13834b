/**
 * `dig` of the library: the command line of ts-dig as arguments, its `+json` object as the result.
 * Reads no `~/.digrc`, so that a program does the same for everybody.
 */

import { dig as runDig } from '../dig/dig.ts';
import { replyJson, type DigReply } from '../dig/json.ts';
import { ExitStatus } from '../dig/reading.ts';
import { DnsError } from '../net/errors.ts';
import { toPacket } from '../wire/packet.ts';
import { machineContext } from './ts-dig.ts';

/** A question that came to no reply, or words that are no question. */
export class DigError extends DnsError {
  readonly code = 'TSDNS_DIG';
  /** What ts-dig would have ended with: 9 is that nobody answered. */
  readonly exitStatus: number;
  /** What went wrong, line by line. */
  readonly problems: readonly string[];

  constructor(exitStatus: number, problems: readonly string[]) {
    // Behind wrong words stands how it is done right.
    super(problems.at(exitStatus === ExitStatus.usage ? 0 : -1) ?? 'there was no reply');
    this.exitStatus = exitStatus;
    this.problems = problems;
  }
}

/**
 * Asks one question: `await dig('@192.0.2.53', 'www.example', 'AAAA', '+dnssec')`. A reply is a
 * reply, whatever it says: look at its `rcode`. Rejects with `DigError` when nobody answered.
 */
export async function dig(...words: readonly string[]): Promise<DigReply> {
  const replies: DigReply[] = [];
  let errors = '';
  const exitStatus = await runDig(
    {
      ...machineContext(),
      readDigrc: () => undefined,
      openBatch: () => ({ problem: 'no files of questions here' }),
      allowsIdn: false,
      usesColours: false,
      // Of what goes on without an end only the beginning is taken.
      interruption: AbortSignal.abort(),
      write: () => true,
      writeError: (text) => {
        errors += text;
      },
      onReply: (reply, settings, steps) => {
        replies.push(replyJson(reply, settings, { toPacket, ...(steps && { steps }) }));
      },
    },
    [...words, '+json'],
  );
  const [reply, ...others] = replies;
  if (others.length > 0) throw new DigError(exitStatus, ['one question at a time']);
  if (reply) return reply;
  const problems = errors.split('\n').filter((line) => line !== '');
  const remarks = problems.map((line) => line.replace(/^(;; |ts-dig: )/, ''));
  throw new DigError(exitStatus, remarks.length > 0 ? remarks : [NO_SINGLE_REPLY]);
}

const NO_SINGLE_REPLY = 'that has no single reply: transfers are for transfer()';
