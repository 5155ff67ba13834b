/** Asks many questions of one server over UDP, a few at a time, through one socket. */
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';

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

/** So many are on their way at once: less than a socket's buffer holds. */
const WINDOW = 32;
const PATIENCE_MS = 2000;
const ATTEMPTS = 3;

/** The replies in the order of the questions. */
export async function askAll(
  server: Server,
  questions: readonly AskedQuestion[],
): Promise<readonly Message[]> {
  const socket = createSocket('udp4');
  socket.connect(server.port, server.address);
  await once(socket, 'connect');
  const waiting = new Map<number, (reply: Message) => void>();
  socket.on('message', (octets) => {
    const reply = decodeMessage(octets);
    if (reply.ok) waiting.get(reply.value.id)?.(reply.value);
  });
  const replies: Message[] = [];
  let next = 0;
  const work = async (): Promise<void> => {
    while (next < questions.length) {
      const index = next++;
      replies[index] = await askOne({ socket, waiting }, index & 0xffff, questions[index]!);
    }
  };
  try {
    await Promise.all(Array.from({ length: WINDOW }, work));
  } finally {
    socket.close();
  }
  return replies;
}

async function askOne(
  { socket, waiting }: { socket: Socket; waiting: Map<number, (reply: Message) => void> },
  id: number,
  question: AskedQuestion,
): Promise<Message> {
  const { name, type, edns } = question;
  const query = encodeMessage(
    createMessage({
      id,
      questions: [{ name, type, class: DnsClass.IN }],
      ...(edns !== 'none' && { edns: plainEdns(edns === 'do') }),
    }),
  );
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const reply = await new Promise<Message | undefined>((resolve) => {
      const timer = setTimeout(() => resolve(undefined), PATIENCE_MS);
      waiting.set(id, (message) => {
        clearTimeout(timer);
        resolve(message);
      });
      socket.send(query);
    });
    waiting.delete(id);
    if (reply) return reply;
  }
  throw new Error(`no reply to ${name.toString()} ${type}`);
}
