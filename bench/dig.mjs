/**
 * `ts-dig` beside dig, in turns on this machine: the questions a second of `-f` against an NSD on
 * the loopback, and the time from start to answer beside that of an empty Node program. Elapsed
 * and processor time of each, medians and the median of the ratios within a round. Linux only.
 *
 *   node bench/dig.mjs [--names N] [--rounds N] [--starts N] [--parallel N]
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

import { nsdCommand } from './contestants.mjs';
import { eventually, findFreePort, run, runLoad, startServer } from './process.mjs';
import { ORIGIN, writeZone } from './tasks.mjs';

const HOST = '127.0.0.1';
const ZONE_NAMES = 20_000;
const tsDig = fileURLToPath(new URL('../bin/ts-dig', import.meta.url));

const { values: options } = parseArgs({
  options: {
    names: { type: 'string', default: '100000' },
    rounds: { type: 'string', default: '5' },
    starts: { type: 'string', default: '40' },
    parallel: { type: 'string', default: '64' },
  },
});

/** @typedef {{ ms: number, cpuMs: number }} Taken */
/** @typedef {Readonly<Record<string, readonly string[]>>} Commands */

const folder = mkdtempSync(join(tmpdir(), 'ts-dns-dig-'));
const port = await findFreePort();
const zones = [[ORIGIN, writeZone(folder, ZONE_NAMES, HOST)]];
const server = startServer(nsdCommand({ folder, host: HOST, port, zones, rootHints: '' }), 0);
try {
  await main();
} finally {
  await server.stop();
  rmSync(folder, { recursive: true, force: true });
}

async function main() {
  const at = [`@${HOST}`, '-p', String(port)];
  const question = [...at, `h7.${ORIGIN}`, 'A'];
  await eventually('NSD answers', () => run(['dig', '+short', ...question]).startsWith('10.'));
  process.stdout.write(`${cpus()[0]?.model.trim()}, ${cpus().length} CPUs, Node ${process.version}\n`); // prettier-ignore

  const node = process.execPath;
  const starts = inTurns(Number(options.starts), {
    'node -e 0': [node, '-e', '0'],
    dig: ['dig', ...question],
    'ts-dig': [node, tsDig, ...question],
  });
  process.stdout.write(`\nstart to answer, ${options.starts} in turns, load ${load()}\n`);
  for (const [name, taken] of Object.entries(starts)) {
    const above = median(taken.map(({ ms }, i) => ms - (starts['node -e 0']?.[i]?.ms ?? 0)));
    const more = name === 'ts-dig' ? `, ${above.toFixed(1)} ms above node -e 0` : '';
    process.stdout.write(`  ${name.padEnd(24)} ${words(taken)}${more}\n`);
  }

  const names = Number(options.names);
  const file = join(folder, 'batch');
  writeFileSync(
    file,
    lines(names, (i) => `h${(i * 7919) % ZONE_NAMES}.${ORIGIN} A`),
  );
  const batch = [...at, '-f', file];
  const parallel = `+parallel=${options.parallel}`;
  const batches = inTurns(Number(options.rounds), {
    dig: ['dig', ...batch],
    'ts-dig': [node, tsDig, ...batch],
    [`ts-dig ${parallel}`]: [node, tsDig, parallel, ...batch],
  }, names); // prettier-ignore
  process.stdout.write(`\n-f with ${names} names, ${options.rounds} in turns, load ${load()}\n`);
  for (const [name, taken] of Object.entries(batches)) {
    const rate = median(taken.map(({ ms }) => (names * 1000) / ms));
    const speed = median(taken.map(({ ms }, i) => (batches['dig']?.[i]?.ms ?? 0) / ms));
    const speeds = `${rate.toFixed(0)} a second, ${speed.toFixed(2)} × dig`;
    process.stdout.write(`  ${name.padEnd(24)} ${words(taken)}, ${speeds}\n`);
  }
}

/**
 * Each command once a round, one after the other. With `answers`, each must print so many.
 *
 * @param {number} rounds
 * @param {Commands} commands
 * @param {number} [answers]
 */
function inTurns(rounds, commands, answers) {
  /** @type {Record<string, Taken[]>} */
  const taken = Object.fromEntries(Object.keys(commands).map((name) => [name, []]));
  for (let round = 0; round < rounds; round += 1) {
    for (const [name, command] of Object.entries(commands)) {
      const output = join(folder, 'output');
      taken[name]?.push(time(command, output));
      if (answers === undefined) continue;
      const found = readFileSync(output, 'latin1').split('status: NOERROR').length - 1;
      if (found !== answers) throw new Error(`${name} printed ${found} of ${answers} answers`);
    }
  }
  return taken;
}

/** On the CPU that the server is not on. @param {readonly string[]} command @param {string} output */
function time(command, output) {
  const script = `TIMEFORMAT='%R %U %S'; exec 3>&2; time "$@" >${output} 2>/dev/null`;
  const text = runLoad(['bash', '-c', script, 'bash', ...command]);
  const [real = 0, user = 0, system = 0] = text.trim().split(' ').map(Number);
  return { ms: real * 1000, cpuMs: (user + system) * 1000 };
}

/** @param {readonly Taken[]} taken */
function words(taken) {
  const ms = median(taken.map((one) => one.ms));
  const cpuMs = median(taken.map((one) => one.cpuMs));
  return `${ms.toFixed(0).padStart(6)} ms, processor ${cpuMs.toFixed(0).padStart(6)} ms`;
}

function load() {
  return loadavg()[0]?.toFixed(1);
}

/** @param {number} count @param {(index: number) => string} line */
function lines(count, line) {
  return `${Array.from({ length: count }, (_, i) => line(i)).join('\n')}\n`;
}

/** @param {readonly number[]} values */
function median(values) {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}
