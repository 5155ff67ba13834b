/** `ts-dns serve` as a process of its own, as it was built, and questions to it. */
import { spawn, type ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { exchange } from '../../src/client/exchange.ts';
import { parseEndpoint } from '../../src/net/address.ts';
import type { Endpoint } from '../../src/net/ports.ts';
import { createRealRuntime } from '../../src/net/real/runtime.ts';
import { DnsClass, RRType } from '../../src/wire/iana.ts';
import type { Message } from '../../src/wire/message.ts';
import { nameOf } from '../../src/wire/name-text.ts';

export const PROGRAM: string = fileURLToPath(new URL('../../bin/ts-dns', import.meta.url));

export interface Serving {
  readonly child: ChildProcess;
  readonly endpoint: Endpoint;
  readonly exited: Promise<number | null>;
  readonly log: readonly Readonly<Record<string, unknown>>[];
}

/** Rejects when it ends before it is ready. */
export async function serve(options: readonly string[]): Promise<Serving> {
  const child = spawn(process.execPath, [PROGRAM, 'serve', '--listen', '127.0.0.1:0', ...options], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const exited = new Promise<number | null>((resolve) => child.on('exit', resolve));
  const log: Readonly<Record<string, unknown>>[] = [];
  const listening = await new Promise<string>((resolve, reject) => {
    createInterface({ input: child.stderr }).on('line', (line) => {
      const fields = JSON.parse(line) as Record<string, unknown>;
      log.push(fields);
      if (fields['msg'] === 'ready') resolve((fields['listening'] as readonly string[])[0]!);
    });
    child.on('exit', () => reject(new Error('the server ended before it was ready')));
  });
  return { child, endpoint: parseEndpoint(listening, 53) as Endpoint, exited, log };
}

export async function query(server: Endpoint, name: string): Promise<Message> {
  const outcome = await exchange(createRealRuntime(), {
    server,
    question: { name: nameOf(name), type: RRType.A, class: DnsClass.IN },
    timeoutMs: 5000,
    flags: { rd: true },
  });
  if (outcome.kind !== 'reply') throw new Error(outcome.kind);
  return outcome.message;
}
