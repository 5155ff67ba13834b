/**
 * Passes updates of a zone that comes from elsewhere on to its primary, which decides (RFC 2136
 * §6). Over TCP, so that nothing is sent twice; under an id of ours, and signed with our key for
 * that primary, as the client's signature was for us. Its reply is what the client gets.
 *
 * An update that a primary may have heard is not tried with the next one: it could be carried out
 * twice.
 */

import { exchange } from '../client/exchange.ts';
import { CancellationSource } from '../net/cancellation.ts';
import { ConnectError } from '../net/errors.ts';
import type { Logger } from '../net/logger.ts';
import type { Runtime } from '../net/ports.ts';
import { Opcode, rcodeText } from '../wire/iana.ts';
import type { Message } from '../wire/message.ts';
import { notNow, type Outcome } from './outcome.ts';
import type { Primary } from './transfer-in.ts';

const forwarderLimits = {
  /** At once, of all clients: each is a connection to somebody else's server. */
  updates: 20,
  /** As long as clients wait, and a little more. */
  answerMs: 5000,
} as const;

interface ForwarderContext {
  readonly runtime: Runtime;
  readonly logger: Logger;
}

export class UpdateForwarder {
  readonly #context: ForwarderContext;
  readonly #end = new CancellationSource();
  #underWay = 0;

  constructor(context: ForwarderContext) {
    this.#context = context;
  }

  /** Does not reject. */
  async forward(message: Message, primaries: readonly Primary[]): Promise<Outcome> {
    if (this.#underWay >= forwarderLimits.updates) {
      return notNow('too many updates are on their way to primaries: try again later');
    }
    this.#underWay++;
    try {
      return await this.#tryAll(message, primaries);
    } finally {
      this.#underWay--;
    }
  }

  close(): void {
    this.#end.abort();
  }

  async #tryAll(message: Message, primaries: readonly Primary[]): Promise<Outcome> {
    const zone = message.questions[0]!.name.toString();
    for (const primary of primaries) {
      const { address, port } = primary.server;
      const outcome = await this.#send(message, primary);
      const fields = { zone, primary: `${address}#${port}` };
      if (outcome.kind === 'reply') {
        const isSigned = !primary.key || outcome.signature?.kind === 'valid';
        const { rcode } = outcome.message;
        this.#context.logger.info(
          { ...fields, rcode: rcodeText(rcode), isSigned },
          'update passed on',
        );
        return isSigned ? { rcode } : notNow('the reply of the primary is not signed by the key');
      }
      this.#context.logger.warn({ ...fields, outcome: outcome.kind }, 'update not passed on');
      // A connection that was never made has carried nothing.
      if (outcome.kind !== 'unreachable' || !(outcome.error instanceof ConnectError)) break;
    }
    return notNow('no primary has answered: the update may have been carried out, or not');
  }

  #send(
    { questions, answers, authorities }: Message,
    { server, key }: Primary,
  ): ReturnType<typeof exchange> {
    return exchange(this.#context.runtime, {
      ...{ server, question: questions[0]!, answers, authorities, tcp: true, edns: false },
      flags: { opcode: Opcode.UPDATE },
      timeoutMs: forwarderLimits.answerMs,
      signal: this.#end,
      ...(key && { key }),
    });
  }
}
