/**
 * How long queries wait while a large zone is loaded again: a server of one zone, asked at a steady
 * pace, reloads it on SIGHUP, several times. Says how long answers took, with and without a reload
 * under way; how long the server's event loop stood still at most; and the most processor time that
 * its thread took at one stretch (Linux), which tells on a busy machine what was its own doing.
 *
 *   node bench/reload.mjs [--records N] [--reloads N] [--rate QPS]
 *
 * With `--rate` the server has that to answer beside it, from `load.mjs`.
 */
import { spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';

import { findFreePort } from './process.mjs';

const HOST = '127.0.0.1';
/** Milliseconds between queries. */
const PACE_MS = 1;
const REST_MS = 1500;

const { values: options } = parseArgs({
  options: {
    records: { type: 'string', default: '1000000' },
    reloads: { type: 'string', default: '5' },
    rate: { type: 'string' },
  },
});

const folder = mkdtempSync(join(tmpdir(), 'ts-dns-reload-'));
try {
  await main();
} finally {
  rmSync(folder, { recursive: true, force: true });
}

async function main() {
  const file = writeZone(Number(options.records));
  const port = await findFreePort();
  const server = startServer(file, port);
  try {
    await server.lineWith('ready');
    const asking = askSteadily(port);
    const load = options.rate === undefined ? undefined : startLoad(port, options.rate);
    // Code that answers is compiled first.
    await rest();
    asking.take();
    await server.longestPause();
    await rest();
    const quiet = asking.take();
    /** @type {{ quiet: Pause, reload: Pause[] }} */
    const pauses = { quiet: await server.longestPause(), reload: [] };
    /** @type {number[]} */
    const during = [];
    for (let reload = 0; reload < Number(options.reloads); reload += 1) {
      await rest();
      asking.take();
      await server.longestPause();
      server.child.kill('SIGHUP');
      await server.lineWith('zone reloaded');
      during.push(...asking.take());
      pauses.reload.push(await server.longestPause());
    }
    asking.stop();
    load?.kill('SIGTERM');
    report({ quiet, during, pauses });
  } finally {
    server.child.kill('SIGTERM');
  }
}

/**
 * Milliseconds by the clock, and of the processor.
 * @typedef {{ wall: number, cpu: number }} Pause
 * @param {{ quiet: number[], during: number[], pauses: { quiet: Pause, reload: Pause[] } }} found
 */
function report({ quiet, during, pauses }) {
  const ms = (/** @type {number} */ value) => `${value.toFixed(1)} ms`;
  const line = (/** @type {string} */ name, /** @type {number[]} */ waits) => {
    const sorted = waits.toSorted((a, b) => a - b);
    const at = (/** @type {number} */ share) =>
      sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
    return `${name}: ${waits.length} answers, median ${ms(at(0.5))}, 99 % ${ms(at(0.99))}, longest ${ms(at(1))}`;
  };
  const machine = `${cpus()[0]?.model.trim()}, ${cpus().length} CPUs, Node ${process.version}`;
  process.stdout.write(
    [
      `${options.records} records, ${options.reloads} reloads; ${machine}`,
      line('quiet', quiet),
      line('during reloads', during),
      .../** @type {const} */ (['wall', 'cpu']).map((kind) => {
        const reloads = pauses.reload.map((pause) => ms(pause[kind])).join(', ');
        return `longest pause, ${kind}: quiet ${ms(pauses.quiet[kind])}, reloads ${reloads}`;
      }),
      '',
    ].join('\n'),
  );
}

/**
 * The server as it is, watched from inside by a histogram of its event loop.
 * @param {string} file @param {number} port
 */
function startServer(file, port) {
  const program = fileURLToPath(new URL('../bin/ts-dns', import.meta.url));
  const watcher = join(folder, 'watcher.mjs');
  writeFileSync(
    watcher,
    `import { readFileSync } from 'node:fs';
     import { isMainThread } from 'node:worker_threads';
     import { monitorEventLoopDelay } from 'node:perf_hooks';
     if (isMainThread) {
       const delays = monitorEventLoopDelay({ resolution: 1 });
       delays.enable();
       const cpuMs = () => {
         try {
           const stat = readFileSync('/proc/self/task/' + process.pid + '/schedstat', 'latin1');
           return Number(stat.split(' ')[0]) / 1e6;
         } catch {
           return 0;
         }
       };
       let last = cpuMs();
       let most = 0;
       const look = () => {
         const now = cpuMs();
         most = Math.max(most, now - last);
         last = now;
       };
       setInterval(look, 1).unref();
       process.on('message', () => {
         process.send({ wall: delays.max / 1e6, cpu: most });
         delays.reset();
         most = 0;
       });
       process.channel.unref();
     }`,
  );
  const args = ['--import', pathToFileURL(watcher).href, program, 'serve', '--no-recursion'];
  const child = spawn(
    process.execPath,
    [...args, '--listen', `${HOST}:${port}`, '--zone', `example.=${file}`],
    { stdio: ['ignore', 'ignore', 'pipe', 'ipc'] },
  );
  const lines = createInterface({
    input: child.stderr,
  });
  return {
    child,
    /** @param {string} text @returns {Promise<void>} */
    lineWith: (text) =>
      new Promise((done) => {
        const onLine = (/** @type {string} */ line) => {
          if (!line.includes(text)) return;
          lines.off('line', onLine);
          done();
        };
        lines.on('line', onLine);
      }),
    /** Since the last question. @returns {Promise<Pause>} */
    longestPause: () =>
      new Promise((done) => {
        child.once('message', (pause) => done(/** @type {Pause} */ (pause)));
        child.send('pause');
      }),
  };
}

/** Until it is ended. */
/** @param {number} port @param {string} rate */
function startLoad(port, rate) {
  const questions = join(folder, 'questions');
  const names = Array.from({ length: 20_000 }, (_, i) => `h${i}.example. A`);
  writeFileSync(questions, `${names.join('\n')}\n`);
  const load = fileURLToPath(new URL('load.mjs', import.meta.url));
  const how = ['--rate', rate, '--pace', '1', '--seconds', '600'];
  const args = [load, '--to', `${HOST}:${port}`, '--questions', questions, ...how];
  return spawn(process.execPath, args, { stdio: 'ignore' });
}

/** @param {number} port */
function askSteadily(port) {
  const socket = createSocket('udp4');
  /** @type {Map<number, number>} */
  const asked = new Map();
  /** @type {number[]} */
  let waits = [];
  let id = 0;
  socket.on('message', (reply) => {
    const began = asked.get(reply.readUInt16BE(0));
    if (began !== undefined) waits.push(performance.now() - began);
  });
  const timer = setInterval(() => {
    id = (id + 1) & 0xffff;
    asked.set(id, performance.now());
    socket.send(queryFor(`h${id}.example`, id), port, HOST);
  }, PACE_MS);
  return {
    take: () => {
      const taken = waits;
      waits = [];
      return taken;
    },
    stop: () => {
      clearInterval(timer);
      socket.close();
    },
  };
}

/** @param {string} name @param {number} id */
function queryFor(name, id) {
  const labels = name.split('.').flatMap((label) => [label.length, ...Buffer.from(label)]);
  const header = [id >> 8, id & 255, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0];
  return Buffer.from([...header, ...labels, 0, 0, 1, 0, 1]);
}

/** @param {number} records */
function writeZone(records) {
  const lines = ['$TTL 300', '@ SOA ns h 1 2 3 4 60', ' NS ns', 'ns A 192.0.2.53'];
  for (let i = 0; i < records; i += 1) {
    lines.push(`h${i} A 10.${(i >> 16) & 255}.${(i >> 8) & 255}.${i & 255}`);
  }
  const file = join(folder, 'large.zone');
  writeFileSync(file, `${lines.join('\n')}\n`);
  return file;
}

/** @returns {Promise<void>} */
function rest() {
  return new Promise((done) => setTimeout(done, REST_MS));
}
