/** `dig` of the library, over real sockets on loopback. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { dig, DigError } from '../../src/cli/dig-function.ts';
import type { Endpoint, UdpSocket } from '../../src/net/ports.ts';
import { createRealRuntime } from '../../src/net/real/runtime.ts';
import { decodeMessage } from '../../src/wire/decode.ts';
import { encodeMessage } from '../../src/wire/encode.ts';
import { Rcode } from '../../src/wire/iana.ts';
import { createMessage } from '../../src/wire/message.ts';
import { records } from '../dig/scene.ts';

const answers = records('www.example. 300 A 192.0.2.10');
let socket: UdpSocket;
let server: Endpoint;

beforeAll(async () => {
  const { network } = createRealRuntime({ udp: { io: 'dgram' } });
  socket = await network.bindUdp({ address: '127.0.0.1', port: 0 }, (datagram, _peer, out) => {
    const query = decodeMessage(new Uint8Array(datagram));
    if (!query.ok) throw new Error(query.error.reason);
    const { id, questions } = query.value;
    const isKnown = questions[0]?.name.toString() === 'www.example.';
    const found = isKnown ? { answers } : { rcode: Rcode.NXDOMAIN };
    const reply = encodeMessage(createMessage({ id, qr: true, questions, ...found }));
    out.set(reply);
    return reply.length;
  });
  server = socket.local;
});
afterAll(() => socket.close());

const at = (): readonly string[] => ['@127.0.0.1', '-p', String(server.port), '+tries=1'];

async function failureOf(...words: readonly string[]): Promise<DigError> {
  try {
    await dig(...words);
  } catch (error) {
    if (error instanceof DigError) return error;
    throw error;
  }
  throw new Error('there was a reply');
}

describe('a question', () => {
  test('is answered by the object that +json prints', async () => {
    const reply = await dig(...at(), 'www.example');
    expect(reply).toMatchObject({
      rcode: 'NOERROR',
      answers: [{ name: 'www.example', type: 'A', data: '192.0.2.10' }],
      server: { address: '127.0.0.1', port: server.port, name: '127.0.0.1' },
      transport: 'udp',
      extendedErrors: [],
    });
    expect(reply.rttMs).toBeGreaterThan(0);
  });

  test('for what does not exist has a reply, too', async () => {
    expect((await dig(...at(), 'none.example', 'AAAA')).rcode).toBe('NXDOMAIN');
  });

  test('that nobody answers is an error with dig’s exit status', async () => {
    const error = await failureOf('@127.0.0.1', '-p', '1', '+tries=1', 'www.example');
    expect(error.exitStatus).toBe(9);
    expect(error.message).toBe('no servers could be reached');
    expect(error.problems[0]).toBe('communications error to 127.0.0.1#1: connection refused');
  });

  test('may not be several, nor be none', async () => {
    const several = await failureOf(...at(), 'www.example', 'www.example');
    expect(several.message).toBe('one question at a time');
    expect((await failureOf('+nonsense')).exitStatus).toBe(1);
  });

  test('that goes on for ever ends after its first reply', async () => {
    const error = await failureOf(...at(), 'www.example', '+watch');
    expect(error.message).toContain('no single reply');
  });
});
