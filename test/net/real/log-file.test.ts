import { spawnSync } from 'node:child_process';
import {
  closeSync,
  constants,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';

import { createLogFile } from '../../../src/net/real/log-file.ts';

const folder = mkdtempSync(join(tmpdir(), 'ts-dns-log-file-'));
afterAll(() => rmSync(folder, { recursive: true }));

const BUILT = new URL('../../../dist/net/real/log-file.js', import.meta.url).href;
const octets = (text: string): Uint8Array => new TextEncoder().encode(text);

describe('a file that grows', () => {
  test('is made for its owner and group, and goes on where it was', async () => {
    const path = join(folder, 'grows');
    for (const line of ['one\n', 'two\n']) {
      const file = createLogFile(path);
      expect(await file.reopen()).toEqual({});
      expect(await file.append(octets(line))).toEqual({ octets: 4 });
      await file.close();
    }
    expect(readFileSync(path, 'utf8')).toBe('one\ntwo\n');
    expect(statSync(path).mode & 0o137).toBe(0);
  });

  test('that was moved away is written to until it is opened anew', async () => {
    const path = join(folder, 'moved');
    const file = createLogFile(path);
    await file.append(octets('one\n'));
    renameSync(path, `${path}.1`);
    await file.append(octets('two\n'));
    await file.reopen();
    await file.append(octets('three\n'));
    await file.close();
    expect(readFileSync(`${path}.1`, 'utf8')).toBe('one\ntwo\n');
    expect(readFileSync(path, 'utf8')).toBe('three\n');
  });

  test('of several writers has the blocks of each whole', async () => {
    const path = join(folder, 'several');
    const files = ['a', 'b', 'c'].map((letter) => {
      return { file: createLogFile(path), block: octets(`${letter.repeat(99)}\n`.repeat(1000)) };
    });
    await Promise.all(
      files.map(async ({ file, block }) => {
        for (let i = 0; i < 10; i++) await file.append(block);
        await file.close();
      }),
    );
    const blocks = readFileSync(path, 'utf8').match(/(?:(.)\1{98}\n){1000}/g);
    expect(blocks).toHaveLength(30);
  });
});

describe.skipIf(process.platform !== 'linux')(
  'what is wrong with it is said with its place',
  () => {
    test.each([
      ['no folder', 'none/log', 'there is no such folder (ENOENT)'],
      ['a folder in its place', 'folder', 'it is a folder (EISDIR)'],
      ['a file in place of a folder', 'file/log', 'a part of the path is not a folder (ENOTDIR)'],
      ['a FIFO that nobody reads', 'fifo', 'nobody reads from it (ENXIO)'],
    ])('%s', async (_what, name, reason) => {
      mkdirSync(join(folder, 'folder'), { recursive: true });
      closeSync(openSync(join(folder, 'file'), 'a'));
      if (!existsSync(join(folder, 'fifo'))) spawnSync('mkfifo', [join(folder, 'fifo')]);
      const path = join(folder, name);
      const file = createLogFile(path);
      expect(await file.reopen()).toEqual({ problem: `cannot open ${path}: ${reason}` });
      const problem = `cannot write to ${path}: ${reason}`;
      expect(await file.append(octets('one\n'))).toEqual({ octets: 0, problem });
      await file.close();
    });

    test('a full disk', async () => {
      const file = createLogFile('/dev/full');
      const problem = 'cannot write to /dev/full: the disk is full (ENOSPC)';
      expect(await file.append(octets('one\n'))).toEqual({ octets: 0, problem });
      await file.close();
    });

    test('a disk that gets full within a line, which is ended when there is room again', () => {
      const path = join(folder, 'torn');
      const program = `
        import { truncateSync } from 'node:fs';
        import { createLogFile } from ${JSON.stringify(BUILT)};
        const file = createLogFile(${JSON.stringify(path)});
        const lines = (letter, count) => new TextEncoder().encode((letter.repeat(99) + '\\n').repeat(count));
        const said = [await file.append(lines('a', 20)), await file.append(lines('b', 1))];
        // Whoever makes room takes whole lines and half of one.
        truncateSync(${JSON.stringify(path)}, 350);
        said.push(await file.append(lines('c', 2)), await file.append(lines('d', 1)));
        await file.close();
        console.log(JSON.stringify(said));
      `;
      // No file of this process may be larger than 1024 octets.
      const command = 'ulimit -f 1; exec "$0" --input-type=module --eval "$1"';
      const { stdout } = spawnSync('bash', ['-c', command, process.execPath, program]);
      const problem = `cannot write to ${path}: it is as large as a file may be (EFBIG)`;
      expect(JSON.parse(stdout.toString())).toEqual([
        { octets: 1024, problem },
        { octets: 0, problem },
        { octets: 200 },
        { octets: 100 },
      ]);
      const [a, c, d] = ['a', 'c', 'd'].map((letter) => letter.repeat(99));
      const half = 'a'.repeat(50);
      expect(readFileSync(path, 'utf8').split('\n')).toEqual([a, a, a, half, c, c, d, '']);
    });

    test('one that cannot be opened anew leaves that of before', async () => {
      const path = join(folder, 'left', 'log');
      mkdirSync(join(folder, 'left'));
      const file = createLogFile(path);
      await file.append(octets('one\n'));
      renameSync(join(folder, 'left'), join(folder, 'right'));
      expect((await file.reopen()).problem).toContain('there is no such folder');
      await file.append(octets('two\n'));
      await file.close();
      expect(readFileSync(join(folder, 'right', 'log'), 'utf8')).toBe('one\ntwo\n');
    });

    test('a reader that is too slow, who gets whole lines all the same', async () => {
      const path = join(folder, 'slow');
      spawnSync('mkfifo', [path]);
      const reader = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
      const file = createLogFile(path);
      const line = `${'x'.repeat(999)}\n`;
      const appended = await file.append(octets(line.repeat(300)));
      expect(appended.problem).toBe(`cannot write to ${path}: its reader is too slow (EAGAIN)`);
      expect(appended.octets).toBeGreaterThan(0);
      expect(appended.octets % line.length).toBe(0);
      const buffer = Buffer.alloc(1_000_000);
      expect(readSync(reader, buffer)).toBe(appended.octets);
      expect(await file.append(octets(line))).toEqual({ octets: line.length });
      closeSync(reader);
      const problem = `cannot write to ${path}: nobody reads from it any more (EPIPE)`;
      expect(await file.append(octets(line))).toEqual({ octets: 0, problem });
      await file.close();
    });
  },
);
