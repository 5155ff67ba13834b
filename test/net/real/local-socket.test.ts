import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { ByteStream } from '../../../src/net/ports.ts';
import { connectLocal, listenLocal } from '../../../src/net/real/local-socket.ts';

let folder: string;
let path: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ts-dns-'));
  path = join(folder, 'control');
});

afterEach(() => rmSync(folder, { recursive: true }));

const onBug = (error: unknown): void => {
  throw error;
};

/** Sends back whatever comes. */
function echo(connection: ByteStream): void {
  connection.start({
    onData: (bytes) => connection.write(bytes),
    onEnd: () => connection.end(),
    onDrain: () => {},
    onClose: () => {},
  });
}

function say(connection: ByteStream, text: string): Promise<string> {
  return new Promise((resolve) => {
    let heard = '';
    connection.start({
      onData: (bytes) => (heard += new TextDecoder().decode(bytes)),
      onEnd: () => resolve(heard),
      onDrain: () => {},
      onClose: () => resolve(heard),
    });
    connection.write(new TextEncoder().encode(text));
    connection.end();
  });
}

describe.skipIf(process.platform === 'win32')('a Unix socket', () => {
  test('belongs to its owner alone, carries octets, and leaves no name behind', async () => {
    const umask = process.umask(0);
    const listener = await listenLocal(path, echo, onBug);
    process.umask(umask);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(await say(await connectLocal(path, onBug), 'hello')).toBe('hello');
    await listener.close();
    expect(existsSync(path)).toBe(false);
    await expect(connectLocal(path, onBug)).rejects.toThrow(/no server at .*control: no such file/);
  });

  test('takes over the name of a server that was killed', async () => {
    const program = `require('net').createServer().listen(${JSON.stringify(path)},
      () => process.kill(process.pid, 'SIGKILL'))`;
    spawnSync(process.execPath, ['-e', program]);
    expect(statSync(path).isSocket()).toBe(true);
    const listener = await listenLocal(path, echo, onBug);
    expect(await say(await connectLocal(path, onBug), 'hello')).toBe('hello');
    await listener.close();
  });

  test('leaves alone the name of a server that lives', async () => {
    const listener = await listenLocal(path, echo, onBug);
    await expect(listenLocal(path, echo, onBug)).rejects.toThrow(/another server listens there/);
    expect(await say(await connectLocal(path, onBug), 'hello')).toBe('hello');
    await listener.close();
  });

  test('leaves alone a file that is no socket', async () => {
    writeFileSync(path, 'precious');
    await expect(listenLocal(path, echo, onBug)).rejects.toThrow(/a file that is no socket/);
    expect(readFileSync(path, 'utf8')).toBe('precious');
  });

  test('says why it cannot be', async () => {
    const missing = join(folder, 'missing', 'control');
    await expect(listenLocal(missing, echo, onBug)).rejects.toThrow(/no such file or folder/);
    const long = join(folder, 'x'.repeat(200));
    await expect(listenLocal(long, echo, onBug)).rejects.toThrow(/the path is too long/);
  });
});
