/**
 * Bytes and connections that no client of good will would send, against a running server: it lives,
 * and the next honest question is answered.
 */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { type Socket, connect } from 'node:net';

import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { parseAnswer } from './support/answers.ts';
import { Lab, type Program, findFreePort } from './support/lab.ts';
import { findObstacle, titleOf } from './support/requirements.ts';
import { startTsDns, zonesFolder } from './support/ts-dns.ts';

const HOST = '127.0.0.1';
const RANDOM_DATAGRAMS = 2000;
const MAX_RANDOM_BYTES = 600;
const RESET_CONNECTIONS = 100;

/** "www.example.com A" as a DNS message. */
const question = Buffer.concat([
  Buffer.from('123401000001000000000000', 'hex'),
  Buffer.from('\x03www\x07example\x03com\x00\x00\x01\x00\x01', 'latin1'),
]);

/** A UDP header written by hand; the kernel of the receiver passes port 0 on like any other. */
const fromPortZero = `
import socket, struct, sys
port, payload = int(sys.argv[1]), bytes.fromhex(sys.argv[2])
raw = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_UDP)
raw.sendto(struct.pack('!HHHH', 0, port, 8 + len(payload), 0) + payload, ('${HOST}', 0))
`;

const obstacle = findObstacle(['program dig']);

describe.skipIf(obstacle !== undefined)(titleOf('hostile bytes', obstacle), () => {
  const lab = new Lab();
  let server: Program;
  let port = 0;

  beforeAll(async () => {
    port = await findFreePort();
    const zone = `${zonesFolder}/example.com.zone`;
    const listen = `${HOST}:${port}`;
    server = await startTsDns(lab, 'serve', '--no-recursion', '--listen', listen, '--zone', zone);
  });
  afterAll(() => lab.close());

  function expectService(): void {
    expect(server.hasEnded, server.output).toBe(false);
    for (const transport of ['+notcp', '+tcp']) {
      const args = [
        `@${HOST}`,
        '-p',
        String(port),
        transport,
        '+time=1',
        '+tries=5',
        'www.example.com',
        'A',
      ];
      expect(parseAnswer(lab.must('dig', ...args)).answer).toEqual([
        'www.example.com. 300 IN A 192.0.2.80',
      ]);
    }
  }

  async function sendDatagrams(datagrams: readonly Uint8Array[]): Promise<void> {
    const socket = createSocket('udp4');
    socket.on('error', () => undefined);
    socket.connect(port, HOST);
    await once(socket, 'connect');
    for (const datagram of datagrams) {
      await new Promise((resolve) => socket.send(datagram, resolve));
    }
    socket.close();
  }

  async function open(): Promise<Socket> {
    const socket = connect(port, HOST);
    socket.on('error', () => undefined);
    await once(socket, 'connect');
    return socket;
  }

  test('datagrams of length zero', async () => {
    await sendDatagrams(Array.from({ length: 50 }, () => new Uint8Array(0)));
    expectService();
  });

  test('every prefix of a question', async () => {
    await sendDatagrams(Array.from(question, (_, length) => question.subarray(0, length)));
    expectService();
  });

  test('random bytes', async () => {
    await sendDatagrams(randomDatagrams());
    expectService();
  });

  test('a response is not answered: two servers must not talk for ever', async () => {
    const response = Buffer.from(question);
    response[2] = 0x81;
    const socket = createSocket('udp4');
    const received: number[] = [];
    socket.on('message', (bytes) => received.push(bytes.readUInt16BE(0)));
    socket.connect(port, HOST);
    await once(socket, 'connect');
    socket.send(response);
    // The honest question comes after it on the same socket; its answer ends the wait.
    const honest = Buffer.from(question);
    honest.writeUInt16BE(0x4321, 0);
    socket.send(honest);
    while (!received.includes(0x4321)) await once(socket, 'message');
    socket.close();
    expect(received).toEqual([0x4321]);
  });

  const rawObstacle = findObstacle(['root', 'program python3']);
  test.skipIf(rawObstacle !== undefined)(titleOf('source port 0', rawObstacle), () => {
    for (const payload of [question, Buffer.alloc(0), Buffer.from('ff'.repeat(40), 'hex')]) {
      lab.must('python3', '-c', fromPortZero, String(port), payload.toString('hex'));
    }
    expectService();
  });

  test('half a frame, then the end of the stream', async () => {
    for (const bytes of [[0x00], [0x00, 0x21], [0x00, 0x21, ...question.subarray(0, 9)]]) {
      const socket = await open();
      socket.end(Uint8Array.from(bytes));
      socket.resume();
      await closed(socket);
    }
    expectService();
  });

  test('frames of length zero and of random bytes', async () => {
    const socket = await open();
    socket.resume();
    socket.write(Uint8Array.of(0, 0, 0, 0, 0, 0));
    for (const datagram of randomDatagrams().slice(0, 200)) {
      socket.write(Uint8Array.of(datagram.length >> 8, datagram.length & 0xff));
      socket.write(datagram);
    }
    socket.end();
    await closed(socket);
    expectService();
  });

  test('connections reset in the middle of a question and of an answer', async () => {
    const frame = Buffer.concat([Uint8Array.of(0, question.length), question]);
    for (let count = 0; count < RESET_CONNECTIONS; count += 1) {
      const socket = await open();
      socket.write(count % 2 === 0 ? frame : frame.subarray(0, 11));
      if (count % 4 === 0) socket.write(Buffer.concat(Array.from({ length: 40 }, () => frame)));
      socket.resetAndDestroy();
    }
    expectService();
  });

  test('SIGTERM still ends it with exit code 0', async () => {
    server.signal('SIGTERM');
    expect(await server.exit()).toBe(0);
  });
});

/** Also when the server has had enough and resets the connection, which is its right. */
function closed(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    if (socket.closed) resolve();
    else socket.once('close', () => resolve());
  });
}

/** The same bytes on every run: a small linear congruential generator (Numerical Recipes). */
function randomDatagrams(): Uint8Array[] {
  let state = 20_260_101;
  const next = (bound: number): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * bound);
  };
  return Array.from({ length: RANDOM_DATAGRAMS }, (_, index) => {
    const bytes = Uint8Array.from({ length: next(MAX_RANDOM_BYTES) }, () => next(256));
    // Every other one starts like a question, so that it passes the first checks.
    if (index % 2 === 0) bytes.set(question.subarray(0, Math.min(12, bytes.length)));
    return bytes;
  });
}
