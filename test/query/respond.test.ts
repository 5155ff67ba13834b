import { expect, it, vi } from 'vitest';
import { silentLogger } from '../../src/net/logger.ts';
import { emptyAnswer, type Answer, type Answerer } from '../../src/query/query.ts';
import { createResponder, type Responder } from '../../src/query/respond.ts';
import type { Source } from '../../src/query/source.ts';
import { World } from '../../src/sim/world.ts';
import { decodeMessage } from '../../src/wire/decode.ts';
import { DEFAULT_UDP_PAYLOAD_SIZE, plainEdns } from '../../src/wire/edns.ts';
import { encodeMessage } from '../../src/wire/encode.ts';
import { DnsClass, EdnsOption, Rcode, RRType } from '../../src/wire/iana.ts';
import { createMessage, type Message } from '../../src/wire/message.ts';
import { nameOf } from '../../src/wire/name-text.ts';

const host = new World({ seed: 1 }).host({ addresses: ['192.0.2.1'] });
const question = { name: nameOf('wWw.ExAmPlE.cOm.'), type: RRType.TXT, class: DnsClass.IN };
const query = createMessage({ id: 0xbeef, rd: true, cd: true, questions: [question] });

function textAnswer(strings: number): Answer {
  const rdatas = Array.from({ length: strings }, (_, i) => Uint8Array.of(2, i >> 8, i & 0xff));
  const name = nameOf('www.example.com.');
  const rrset = { name, type: RRType.TXT, class: DnsClass.IN, ttl: 300, rdatas };
  return { ...emptyAnswer(Rcode.NOERROR), authoritative: true, answers: [rrset] };
}

function responderOf(answerer: Answerer, logger = silentLogger): Responder {
  const { clock } = host.runtime;
  return createResponder({ answerer, clock, logger, recursionAvailable: true });
}

/** The reply that comes at once or later, decoded. */
async function ask(
  responder: Responder,
  message: Message,
  transport: 'udp' | 'tcp' = 'udp',
): Promise<Message> {
  const out = new Uint8Array(65535);
  const octets = await new Promise<Uint8Array>((resolve, reject) => {
    const client = { address: '198.51.100.1', port: 5353 };
    const dropped = (): void => reject(new Error('dropped'));
    const clientOctets = Uint8Array.of(198, 51, 100, 1);
    const source: Source = {
      ...{ transport, client, clientPort: client.port, clientOctets },
      ...{ sendLater: resolve, dropped },
    };
    // A Buffer, as sockets give: its `slice` is a view, and shows who took it for a copy.
    const request = Buffer.from(encodeMessage(message));
    const length = responder.respond(request, source, out);
    // The socket's buffer is used again at once: nobody may still be reading it.
    request.fill(0xff);
    if (length > 0) resolve(out.subarray(0, length));
  });
  const reply = decodeMessage(octets);
  if (!reply.ok) throw new Error(reply.error.reason);
  return reply.value;
}

it('a reply echoes id, RD and the letter case of the question', async () => {
  const reply = await ask(
    responderOf(() => textAnswer(1)),
    query,
  );
  expect(reply).toMatchObject({ id: 0xbeef, qr: true, aa: true, rd: true, ra: true });
  expect(reply.questions[0]!.name.toString()).toBe('wWw.ExAmPlE.cOm.');
  expect(reply.answers[0]!.name.toString()).toBe('wWw.ExAmPlE.cOm.');
});

it('CD is echoed only where somebody could have validated (RFC 4035 §3.1.6)', async () => {
  expect(
    await ask(
      responderOf(() => textAnswer(1)),
      query,
    ),
  ).toMatchObject({ cd: false });
  const recursive = responderOf(() => ({ ...textAnswer(1), authoritative: false }));
  expect(await ask(recursive, query)).toMatchObject({ cd: true });
});

it('an unknown opcode gets NOTIMP without any flag but QR (RFC 8906 §3.1.4)', async () => {
  const reply = await ask(
    responderOf(() => textAnswer(1)),
    { ...query, opcode: 15, ad: true },
  );
  const flags = { qr: true, aa: false, tc: false, rd: false, ra: false, z: false, ad: false };
  expect(reply).toMatchObject({ ...flags, cd: false, opcode: 15, rcode: Rcode.NOTIMP });
});

it('an answer that comes later is sent later, though the datagram is gone', async () => {
  const responder = responderOf(() => Promise.resolve(textAnswer(1)));
  const reply = await ask(responder, query);
  expect(reply.answers).toHaveLength(1);
  expect(responder.pending).toBe(0);
});

it('an answerer that throws, or rejects, is SERVFAIL and one error line', async () => {
  const error = vi.fn();
  const logger = { ...silentLogger, error };
  const throwing = responderOf(() => {
    throw new Error('a bug');
  }, logger);
  const rejecting = responderOf(() => Promise.reject(new Error('a bug')), logger);
  expect(await ask(throwing, query)).toMatchObject({ rcode: Rcode.SERVFAIL });
  expect(await ask(rejecting, query)).toMatchObject({ rcode: Rcode.SERVFAIL });
  expect(error).toHaveBeenCalledTimes(2);
});

it('a reply without EDNS has at most 512 octets, and TC (RFC 1035 §4.2.1)', async () => {
  const reply = await ask(
    responderOf(() => textAnswer(200)),
    query,
  );
  expect(reply).toMatchObject({ tc: true, answers: [] });
  expect(reply.edns).toBeUndefined();
});

it('a reply with EDNS never exceeds 1232 octets, whatever the client offers', async () => {
  const edns = { ...plainEdns(), udpPayloadSize: 65535 };
  const large = responderOf(() => textAnswer(200));
  expect(await ask(large, { ...query, edns })).toMatchObject({ tc: true });
  const fitting = await ask(
    responderOf(() => textAnswer(70)),
    { ...query, edns },
  );
  expect(fitting).toMatchObject({ tc: false, edns: { udpPayloadSize: DEFAULT_UDP_PAYLOAD_SIZE } });
  expect(encodeMessage(fitting).length).toBeGreaterThan(512);
});

it('an EDNS size below 512 counts as 512 (RFC 6891 §6.2.3)', async () => {
  const edns = { ...plainEdns(), udpPayloadSize: 0 };
  const reply = await ask(
    responderOf(() => textAnswer(20)),
    { ...query, edns },
  );
  expect(reply).toMatchObject({ tc: false });
});

it('over TCP the same answer is whole', async () => {
  const reply = await ask(
    responderOf(() => textAnswer(200)),
    query,
    'tcp',
  );
  expect(reply).toMatchObject({ tc: false });
  expect(reply.answers).toHaveLength(200);
});

it('an extended error travels only to clients with EDNS (RFC 8914 §2)', async () => {
  const failing = responderOf(() => emptyAnswer(Rcode.SERVFAIL, [{ code: 22, text: 'nobody' }]));
  expect((await ask(failing, query)).edns).toBeUndefined();
  const reply = await ask(failing, { ...query, edns: plainEdns(true) });
  expect(reply.edns).toMatchObject({ dnssecOk: true, options: [{ code: EdnsOption.EDE }] });
  expect([...reply.edns!.options[0]!.data]).toEqual([0, 22, ...new TextEncoder().encode('nobody')]);
});

it('EDNS version 1 gets BADVERS with our version and no answer (RFC 6891 §6.1.3)', async () => {
  const edns = { ...plainEdns(), version: 1 };
  const reply = await ask(
    responderOf(() => textAnswer(1)),
    { ...query, edns },
  );
  expect(reply).toMatchObject({ rcode: Rcode.BADVERS, answers: [], edns: { version: 0 } });
});

it('a responder that has stopped drops what comes', async () => {
  const responder = responderOf(() => textAnswer(1));
  responder.stop();
  await expect(ask(responder, query)).rejects.toThrow('dropped');
});
