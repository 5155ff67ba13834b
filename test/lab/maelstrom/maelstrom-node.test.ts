/** Three nodes as Maelstrom runs them: processes that talk by lines, through a router in the test. */

import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, test } from 'vitest';

const BIN = fileURLToPath(new URL('../../../bin/ts-dns', import.meta.url));
const NAMES = ['n1', 'n2', 'n3'] as const;

interface Message {
  readonly src: string;
  readonly dest: string;
  readonly body: Readonly<Record<string, unknown>> & { readonly in_reply_to?: number };
}

/** Hands on what nodes send each other, and gives clients their replies. */
class Router {
  readonly errors: string[] = [];
  /** Nobody reaches them, nor they anybody. */
  readonly cut = new Set<string>();
  readonly #nodes = new Map<string, ChildProcess>();
  readonly #waiting = new Map<number, (body: Message['body']) => void>();
  #count = 0;

  constructor() {
    for (const name of NAMES) {
      const child = spawn(process.execPath, [BIN, 'lab', 'maelstrom-node'], { stdio: 'pipe' });
      this.#nodes.set(name, child);
      createInterface({ input: child.stdout }).on('line', (line) => this.#route(line));
      createInterface({ input: child.stderr }).on('line', (line) => this.errors.push(line));
    }
  }

  async start(): Promise<void> {
    for (const name of NAMES) {
      const body = { type: 'init', node_id: name, node_ids: NAMES };
      expect(await this.ask(name, body)).toMatchObject({ type: 'init_ok' });
    }
  }

  ask(dest: string, body: Readonly<Record<string, unknown>>): Promise<Message['body']> {
    this.#count += 1;
    const id = this.#count;
    return new Promise((resolve) => {
      this.#waiting.set(id, resolve);
      this.line(dest, JSON.stringify({ src: 'c1', dest, body: { ...body, msg_id: id } }));
    });
  }

  line(dest: string, line: string): void {
    const input = this.#nodes.get(dest)?.stdin;
    // Nodes go on talking to one whose input has ended.
    if (input?.writableEnded === false) input.write(`${line}\n`);
  }

  /** Ends their input; their exit statuses. */
  async stop(): Promise<readonly unknown[]> {
    return Promise.all(
      [...this.#nodes.values()].map((child) => {
        return new Promise((resolve) => {
          if (child.exitCode !== null) resolve(child.exitCode);
          child.on('exit', resolve);
          child.stdin?.end();
        });
      }),
    );
  }

  #route(line: string): void {
    const { src, dest, body } = JSON.parse(line) as Message;
    if (dest.startsWith('c')) this.#waiting.get(body.in_reply_to ?? 0)?.(body);
    else if (!this.cut.has(src) && !this.cut.has(dest)) this.line(dest, line);
  }
}

let router: Router | undefined;
afterEach(async () => {
  await router?.stop();
});

describe('ts-dns lab maelstrom-node', { timeout: 60_000 }, () => {
  test('three nodes keep registers, also when one of them is cut off', async () => {
    router = new Router();
    await router.start();
    const ask = router.ask.bind(router);
    expect(await ask('n1', { type: 'echo', echo: 'hello' })).toMatchObject({ echo: 'hello' });
    expect(await ask('n1', { type: 'read', key: 0 })).toMatchObject({ type: 'error', code: 20 });
    expect(await ask('n1', { type: 'write', key: 0, value: 3 })).toMatchObject({
      type: 'write_ok',
    });
    expect(await ask('n2', { type: 'read', key: 0 })).toMatchObject({ type: 'read_ok', value: 3 });
    const cas = { type: 'cas', key: 0, from: 3, to: [4] };
    expect(await ask('n3', cas)).toMatchObject({ type: 'cas_ok' });
    expect(await ask('n1', cas)).toMatchObject({ type: 'error', code: 22 });
    router.cut.add('n3');
    expect(await ask('n1', { type: 'write', key: 0, value: 5 })).toMatchObject({
      type: 'write_ok',
    });
    const late = ask('n3', { type: 'read', key: 0 });
    expect(await ask('n2', { type: 'read', key: 0 })).toMatchObject({ value: 5 });
    router.cut.clear();
    expect(await late).toMatchObject({ value: 5 });
  });

  test('what it does not know, and what is no message, is told, and nobody dies of it', async () => {
    router = new Router();
    router.line('n1', '{"src":"c1","dest":"n1","body":{"type":"read","key":1,"msg_id":7}}');
    await router.start();
    expect(await router.ask('n1', { type: 'topology' })).toMatchObject({ type: 'error', code: 10 });
    expect(await router.ask('n1', { type: 'write', key: 1 })).toMatchObject({ code: 12 });
    router.line('n1', '{"src":');
    router.line('n1', '[]');
    router.line('n1', '{"src":"n9","dest":"n1","body":{"type":"raft","data":"AAAA"}}');
    expect(await router.ask('n1', { type: 'echo', echo: 1 })).toMatchObject({ type: 'echo_ok' });
    const [first, ...others] = await router.stop();
    expect({ first, others }).toEqual({ first: 1, others: [0, 0] });
    expect(router.errors.map((line) => line.replace(/JSON: .*/, 'JSON'))).toEqual([
      'ts-dns: standard input, line 1: the first message must be init',
      'ts-dns: standard input, line 5: no JSON',
      'ts-dns: standard input, line 6: a message has src and dest, which are strings',
      'ts-dns: standard input, line 7: raft: from n9',
    ]);
  });
});
