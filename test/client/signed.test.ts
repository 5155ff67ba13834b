/** Signed questions (RFC 8945): the reply comes with the verdict on its signature. */
import { expect, test } from 'vitest';
import { exchange } from '../../src/client/exchange.ts';
import type { TsigKey } from '../../src/tsig/key.ts';
import { ReplySigner } from '../../src/tsig/sign.ts';
import { verifyRequest } from '../../src/tsig/verify.ts';
import { decodeMessage } from '../../src/wire/decode.ts';
import { encodeMessage } from '../../src/wire/encode.ts';
import { RRType } from '../../src/wire/iana.ts';
import { createMessage } from '../../src/wire/message.ts';
import { World } from '../../src/sim/world.ts';
import { keyFrom, SECRET } from '../tsig/vectors.ts';
import { questionOf } from '../resolver/fixture.ts';

const key = keyFrom(`key.example:${SECRET}`);
const address = '192.0.2.53';

/** Asks a server that believes `theirs` and signs with it. */
async function ask(theirs: TsigKey | undefined): Promise<unknown> {
  const world = new World({ seed: 1, link: { delayMs: 5 } });
  const server = world.host({ addresses: [address] });
  const client = world.host({ addresses: ['192.0.2.1'] });
  const { network, clock } = server.runtime;
  await network.bindUdp({ address, port: 53 }, (datagram, _peer, out) => {
    const query = decodeMessage(datagram.slice());
    if (!query.ok) throw new Error(query.error.reason);
    const { id, questions, additionals } = query.value;
    expect(additionals.map(({ type }) => type)).toEqual([RRType.TSIG]);
    const now = Math.floor(clock.wall() / 1000);
    const verdict = verifyRequest(datagram.slice(), () => key, now);
    if (verdict.kind !== 'valid') throw new Error(verdict.kind);
    const bare = encodeMessage(createMessage({ id, qr: true, questions }));
    const reply = theirs ? new ReplySigner(theirs, verdict.mac).sign(bare, now) : bare;
    out.set(reply);
    return reply.length;
  });
  const outcome = await world.run(
    exchange(client.runtime, {
      server: { address, port: 53 },
      question: questionOf('www.example.com.'),
      timeoutMs: 500,
      randomCase: true,
      key,
    }),
  );
  if (outcome.kind !== 'reply') throw new Error(outcome.kind);
  return outcome.signature;
}

test('a reply under the same key is valid', async () => {
  expect(await ask(key)).toEqual({ kind: 'valid' });
});

test('a reply under another secret is not', async () => {
  const other = keyFrom(`key.example:${Buffer.from('other').toString('base64')}`);
  expect(await ask(other)).toEqual({ kind: 'failed', why: 'bad signature' });
});

test('a reply without a signature is not', async () => {
  expect(await ask(undefined)).toEqual({ kind: 'failed', why: 'unsigned' });
});
