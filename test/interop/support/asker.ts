/** Asks many questions of one server over UDP, a few at a time, through one socket. */
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { connect } from 'node:net';

import { decodeMessage } from '../../../src/wire/decode.ts';
import { plainEdns } from '../../../src/wire/edns.ts';
import { encodeMessage } from '../../../src/wire/encode.ts';
import { DnsClass } from '../../../src/wire/iana.ts';
import { createMessage, type Message } from '../../../src/wire/message.ts';
import type { DnsName } from '../../../src/wire/name.ts';

export interface AskedQuestion {
  readonly name: DnsName;
  readonly type: number;
  readonly edns: 'none' | 'plain' | 'do';
}

export interface Server {
  readonly address: string;
  readonly port: number;
}

export interface Patience {
  /** How long one attempt may take, and how many there are. */
  readonly patienceMs: number;
  readonly attempts: number;
}

/** So many are on their way at once: less than a socket's buffer holds. */
const WINDOW = 32;
/** A resolver waits for others most of the time. */
const STUB_WINDOW = 16;
const AUTHORITY_PATIENCE: Patience = { patienceMs: 2000, attempts: 3 };

/** The replies in the order of the questions; there must be one to each. */
export async function askAll(
  server: Server,
  questions: readonly AskedQuestion[],
): Promise<readonly Message[]> {
  const replies: Message[] = [];
  await askEach({ server, questions, patience: AUTHORITY_PATIENCE }, (index, reply) => {
    if (reply) replies[index] = reply;
    else throw new Error(`no reply to ${questions[index]!.name.toString()}`);
  });
  return replies;
}

export interface Inquiry {
  readonly server: Server;
  readonly questions: readonly AskedQuestion[];
  readonly patience: Patience;
  /** As a stub asks a resolver: with RD, and again over TCP where the reply was cut. */
  readonly isStub?: boolean;
}

/** Hands over each reply when it comes, and undefined where none did. */
export async function askEach(
  { server, questions, patience, isStub = false }: Inquiry,
  onReply: (index: number, reply: Message | undefined) => void,
): Promise<void> {
  const socket = createSocket('udp4');
  socket.connect(server.port, server.address);
  await once(socket, 'connect');
  const waiting = new Map<number, (reply: Message) => void>();
  socket.on('message', (octets) => {
    const reply = decodeMessage(octets);
    if (reply.ok) waiting.get(reply.value.id)?.(reply.value);
  });
  /** Asked over TCP in the end, one by one: a client may not have many connections. */
  const cut: { readonly index: number; readonly query: Uint8Array }[] = [];
  let next = 0;
  const work = async (): Promise<void> => {
    while (next < questions.length) {
      const index = next++;
      const id = index & 0xffff;
      const query = queryOf(id, questions[index]!, isStub);
      const reply = await askOne({ socket, waiting, patience }, id, query);
      if (reply?.tc === true && isStub) cut.push({ index, query });
      else onReply(index, reply);
    }
  };
  try {
    await Promise.all(Array.from({ length: isStub ? STUB_WINDOW : WINDOW }, work));
  } finally {
    socket.close();
  }
  for (const { index, query } of cut) onReply(index, await askOverTcp(server, query));
}

interface Channel {
  readonly socket: Socket;
  readonly waiting: Map<number, (reply: Message) => void>;
  readonly patience: Patience;
}

async function askOne(
  { socket, waiting, patience }: Channel,
  id: number,
  query: Uint8Array,
): Promise<Message | undefined> {
  for (let attempt = 0; attempt < patience.attempts; attempt++) {
    const reply = await new Promise<Message | undefined>((resolve) => {
      const timer = setTimeout(() => resolve(undefined), patience.patienceMs);
      waiting.set(id, (message) => {
        clearTimeout(timer);
        resolve(message);
      });
      socket.send(query);
    });
    waiting.delete(id);
    if (reply) return reply;
  }
  return undefined;
}

async function askOverTcp(server: Server, query: Uint8Array): Promise<Message | undefined> {
  const socket = connect(server.port, server.address);
  socket.write(Buffer.concat([Buffer.from([query.length >> 8, query.length & 0xff]), query]));
  let received = Buffer.alloc(0);
  for await (const chunk of socket as AsyncIterable<Buffer>) {
    received = Buffer.concat([received, chunk]);
    if (received.length >= 2 && received.length >= received.readUInt16BE(0) + 2) break;
  }
  const reply = decodeMessage(received.subarray(2));
  return reply.ok ? reply.value : undefined;
}

function queryOf(id: number, { name, type, edns }: AskedQuestion, rd: boolean): Uint8Array {
  return encodeMessage(
    createMessage({
      id,
      rd,
      questions: [{ name, type, class: DnsClass.IN }],
      ...(edns !== 'none' && { edns: plainEdns(edns === 'do') }),
    }),
  );
}
