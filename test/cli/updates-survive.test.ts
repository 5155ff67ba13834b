/**
 * Updates and `kill -9`: whatever was acknowledged is there when the server starts again, and of
 * each update all records or none. A thousand kills in slow mode, a few otherwise.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';

import { transfer } from '../../src/client/transfer.ts';
import type { Endpoint } from '../../src/net/ports.ts';
import { createRealRuntime } from '../../src/net/real/runtime.ts';
import { SeededRandom } from '../../src/sim/random.ts';
import { decodeHeader } from '../../src/wire/decode.ts';
import { encodeMessage } from '../../src/wire/encode.ts';
import { DnsClass, Opcode, Rcode, RRType } from '../../src/wire/iana.ts';
import { createMessage } from '../../src/wire/message.ts';
import { nameOf } from '../../src/wire/name-text.ts';
import { serve } from './serving.ts';

const isSlow = Number(process.env['FUZZ_RUNS']) >= 1_000_000;
const KILLS = Number(process.env['KILLS'] ?? (isSlow ? 1000 : 3));
const SEED = process.env['FUZZ_SEED'] ?? 'kills';
const origin = nameOf('example.');
const runtime = createRealRuntime();

/** Two records that belong together, and the one before the last goes. */
function update(number: number): Uint8Array {
  const record = (name: string, dnsClass: number, rdata: readonly number[]): object => ({
    ...{ name: nameOf(`${name}.example.`), type: RRType.A, class: dnsClass },
    ...{ ttl: dnsClass === DnsClass.IN ? 300 : 0, rdata: Uint8Array.from(rdata) },
  });
  const address = [10, (number >> 16) & 255, (number >> 8) & 255, number & 255];
  const authorities = [
    record(`a${number}`, DnsClass.IN, address),
    record(`b${number}`, DnsClass.IN, address),
    record(`a${number - 500}`, DnsClass.ANY, []),
    record(`b${number - 500}`, DnsClass.ANY, []),
  ] as Parameters<typeof createMessage>[0]['authorities'] & object;
  const questions = [{ name: origin, type: RRType.SOA, class: DnsClass.IN }];
  const message = { id: number & 0xffff, opcode: Opcode.UPDATE, questions, authorities };
  return encodeMessage(createMessage(message));
}

/** Sends updates one after the other, each as soon as the one before is acknowledged. */
async function updateWithoutEnd(
  server: Endpoint,
  from: number,
): Promise<{ last: number; stop(): void }> {
  const state = { last: from, stop: (): void => socket.close() };
  const socket = await runtime.network.connectUdp(server, {
    onDatagram(datagram) {
      const header = decodeHeader(datagram);
      if (header?.rcode !== Rcode.NOERROR || header.id !== ((state.last + 1) & 0xffff)) return;
      state.last++;
      socket.send(update(state.last + 1));
    },
    onError: () => {},
  });
  socket.send(update(from + 1));
  return state;
}

async function numbersIn(server: Endpoint): Promise<{ a: Set<number>; b: Set<number> }> {
  const found = { a: new Set<number>(), b: new Set<number>() };
  const question = { name: origin, type: RRType.AXFR, class: DnsClass.IN };
  const outcome = await transfer(
    runtime,
    { server, question, timeoutMs: 20_000 },
    ({ message }) => {
      for (const { name } of message.answers) {
        const [, kind, number] = /^([ab])([0-9]+)\./.exec(name.toString()) ?? [];
        if (kind !== undefined) found[kind as 'a' | 'b'].add(Number(number));
      }
      return undefined;
    },
  );
  expect(outcome.kind).toBe('done');
  return found;
}

test(
  `${KILLS} kills at any moment lose nothing acknowledged and show nothing partial`,
  async () => {
    const folder = mkdtempSync(join(tmpdir(), 'ts-dns-kills-'));
    const random = new SeededRandom(SEED, 'kills');
    writeFileSync(join(folder, 'z'), '$TTL 300\n@ SOA ns h 1 2 3 4 5\n@ NS ns\n');
    const zone = '{ file: z, origin: example, update: 127.0.0.1, transfer: 127.0.0.1 }';
    const config = join(folder, 'c.yaml');
    writeFileSync(config, `zones: [${zone}]\nlog-level: info\n`);
    let last = 0;
    try {
      for (let kill = 0; kill <= KILLS; kill++) {
        const server = await serve(['--config', config]);
        const { a, b } = await numbersIn(server.endpoint);
        expect(a, `kill ${kill}`).toEqual(b);
        const newest = Math.max(0, ...a);
        // The one that was under way may have happened; none before it is missing.
        expect([last, last + 1]).toContain(newest);
        expect(a.size).toBe(Math.min(newest, 500));
        const updates = await updateWithoutEnd(server.endpoint, newest);
        await new Promise<void>((resolve) => {
          runtime.clock.schedule(5 + random.below(150), resolve);
        });
        server.child.kill('SIGKILL');
        await server.exited;
        updates.stop();
        last = updates.last;
      }
    } finally {
      rmSync(folder, { recursive: true });
    }
    expect(last).toBeGreaterThan(KILLS);
  },
  60_000 + KILLS * 20_000,
);
