/** `ts-dns lab wire` as a process of its own. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const PROGRAM = fileURLToPath(new URL('../../bin/ts-dns', import.meta.url));

/** @param {import('./line.mjs').Line} line */
export async function openRelay(line, targetPort) {
  const { rttMs, loss, bitsPerSecond, queueOctets, seed } = line;
  const words = ['--listen', '127.0.0.1:0', '--to', `127.0.0.1:${targetPort}`];
  const link = ['--delay', `${rttMs / 2}ms`, '--loss', String(loss)];
  const rate = ['--rate', String(bitsPerSecond), '--queue', String(queueOctets)];
  const all = ['lab', 'wire', ...words, ...link, ...rate, '--both', '--json', '--seed', seed];
  const child = spawn(process.execPath, [PROGRAM, ...all], { stdio: ['ignore', 'pipe', 'pipe'] });
  const [ready] = await once(createInterface(child.stderr), 'line');
  const port = Number(/^ready: [\d.]+:(\d+)/.exec(ready)?.[1]);
  if (!port) throw new Error(`the relay said: ${ready}`);
  const output = [];
  child.stdout.on('data', (data) => output.push(data));
  return {
    port,
    /** Returns the statistics of `lab wire`. */
    async close() {
      child.kill('SIGINT');
      await once(child, 'close');
      return JSON.parse(Buffer.concat(output).toString());
    },
  };
}
