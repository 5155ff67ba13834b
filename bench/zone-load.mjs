/**
 * How long from the start of the process to the first answer over UDP, and how much memory that
 * took, beside NSD, in turns on this machine: one zone of a million addresses, and ten thousand
 * zones of ten records. Then what one record costs in memory, and one look-up in time.
 *
 *   node bench/zone-load.mjs [--rounds N] [--records N] [--zones N] [--tsdns PROGRAM] [--out FILE]
 *
 * NSD runs in the foreground with one server process. Its memory is given twice: VmRSS of its
 * largest process, and the proportional share (PSS) of all, in which shared pages count once.
 * Processor time is that of all processes: where the machine is busy, it is the figure to trust.
 */
import { spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';

import { findFreePort, isInstalled } from './process.mjs';

const HOST = '127.0.0.1';
const ASK_EVERY_MS = 2;
const PATIENCE_MS = 60_000;
const RECORDS_PER_SMALL_ZONE = 10;
const LOOK_UPS = 1_000_000;
/** The unit of /proc/PID/stat. */
const TICK_MS = 10;

/**
 * @typedef {{ ms: number, cpuMs: number, rssMb: number, pssMb: number }} Start
 * @typedef {{ name: string, command: (port: number) => string[] }} Contestant
 * @typedef {{ task: string, question: string, contestants: Contestant[] }} Task
 */

const { values: options } = parseArgs({
  options: {
    rounds: { type: 'string', default: '7' },
    records: { type: 'string', default: '1000000' },
    zones: { type: 'string', default: '10000' },
    tsdns: { type: 'string', default: fileURLToPath(new URL('../bin/ts-dns', import.meta.url)) },
    out: { type: 'string' },
  },
});
const program = resolve(options.tsdns);
const folder = mkdtempSync(join(tmpdir(), 'ts-dns-zones-'));
try {
  await main();
} finally {
  rmSync(folder, { recursive: true, force: true });
}

async function main() {
  const large = writeLargeZone(Number(options.records));
  const small = writeSmallZones(Number(options.zones));
  const results = [];
  for (const task of [largeTask(large), smallTask(small)]) results.push(await measure(task));
  const image = await measureImage(large);
  const machine = { cpu: cpus()[0]?.model.trim(), cpus: cpus().length, node: process.version };
  const result = { date: new Date().toISOString().slice(0, 10), machine, results, image };
  process.stdout.write(`${text(result)}\n`);
  if (options.out) writeFileSync(options.out, `${JSON.stringify(result, null, 2)}\n`);
}

/** @param {Task} task */
async function measure({ task, question, contestants }) {
  /** @type {Map<string, Start[]>} */
  const starts = new Map();
  for (let round = 0; round < Number(options.rounds); round += 1) {
    for (const { name, command } of contestants) {
      const port = await findFreePort();
      starts.set(name, [...(starts.get(name) ?? []), await start(command(port), port, question)]);
    }
    process.stderr.write(`${task}: round ${round + 1}, load ${loadavg()[0]?.toFixed(1)}\n`);
  }
  const servers = [...starts].map(([name, all]) => ({
    name,
    ms: median(all.map(({ ms }) => ms)),
    cpuMs: median(all.map(({ cpuMs }) => cpuMs)),
    rssMb: median(all.map(({ rssMb }) => rssMb)),
    pssMb: median(all.map(({ pssMb }) => pssMb)),
  }));
  return { task, servers };
}

/**
 * From `spawn` to the first good answer.
 * @param {string[]} command @param {number} port @param {string} question @returns {Promise<Start>}
 */
async function start([file = '', ...args], port, question) {
  const socket = createSocket('udp4');
  const query = queryFor(question);
  const beganMs = performance.now();
  const child = spawn(file, args, { stdio: ['ignore', 'ignore', 'pipe'] });
  let complaint = '';
  child.stderr.on('data', (/** @type {Buffer} */ chunk) => (complaint += chunk.toString()));
  const ended = new Promise((done) => child.once('close', done));
  try {
    return await new Promise((done, fail) => {
      const timer = setInterval(() => socket.send(query, port, HOST), ASK_EVERY_MS);
      const giveUp = () => fail(new Error(`${file} does not answer\n${complaint}`));
      const patience = setTimeout(giveUp, PATIENCE_MS);
      socket.on('error', () => {}); // Nobody listens there yet.
      socket.on('message', (reply) => {
        // NOERROR with one answer: refusals while loading do not count.
        if ((reply.readUInt8(3) & 15) !== 0 || reply.readUInt16BE(6) !== 1) return;
        const ms = performance.now() - beganMs;
        clearInterval(timer);
        clearTimeout(patience);
        done({ ms, ...costOf(child.pid ?? -1) });
      });
    });
  } finally {
    socket.close();
    child.kill('SIGTERM');
    await ended;
  }
}

/** Of a process and its descendants. @param {number} root */
function costOf(root) {
  const family = new Set([root]);
  let rssMb = 0;
  let pssMb = 0;
  let cpuMs = 0;
  for (const pid of readdirSync('/proc')
    .map(Number)
    .filter(Boolean)
    .toSorted((a, b) => a - b)) {
    try {
      const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
      const fields = stat
        .slice(stat.lastIndexOf(')') + 2)
        .split(' ')
        .map(Number);
      const parent = fields[1] ?? 0;
      if (!family.has(pid) && !family.has(parent)) continue;
      family.add(pid);
      cpuMs += ((fields[11] ?? 0) + (fields[12] ?? 0)) * TICK_MS;
      const rollup = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8');
      rssMb = Math.max(rssMb, megabytes(rollup, /^Rss:\s+(\d+)/m));
      pssMb += megabytes(rollup, /^Pss:\s+(\d+)/m);
    } catch {
      // It ended while we looked.
    }
  }
  return { cpuMs, rssMb, pssMb };
}

/** @param {string} rollup @param {RegExp} pattern */
function megabytes(rollup, pattern) {
  return Number(pattern.exec(rollup)?.[1] ?? 0) / 1024;
}

/** @param {string} file @returns {Task} */
function largeTask(file) {
  const nsd = (/** @type {number} */ port) => nsdCommand(port, [['example.', file]]);
  const tsDns = (/** @type {number} */ port) => tsDnsCommand(port, ['--zone', file]);
  return taskOf('one zone', 'h7.example', { nsd, tsDns });
}

/** @param {string[]} files @returns {Task} */
function smallTask(files) {
  const zones = files.map((file, i) => /** @type {const} */ ([`z${i}.example.`, file]));
  const nsd = (/** @type {number} */ port) => nsdCommand(port, zones);
  const at = dirname(files[0] ?? '');
  const tsDns = (/** @type {number} */ port) => tsDnsCommand(port, ['--zone-dir', at]);
  return taskOf('many zones', `w7.z${files.length - 1}.example`, { nsd, tsDns });
}

/**
 * @param {string} name @param {string} question
 * @param {{ nsd: Contestant['command'], tsDns: Contestant['command'] }} commands @returns {Task}
 */
function taskOf(name, question, { nsd, tsDns }) {
  const contestants = [{ name: 'ts-dns', command: tsDns }];
  if (isInstalled('nsd')) contestants.push({ name: 'nsd', command: nsd });
  else process.stderr.write('without nsd: not installed\n');
  return { task: name, question, contestants };
}

/** @param {number} port @param {string[]} zones */
function tsDnsCommand(port, zones) {
  const serve = ['serve', '--no-recursion', '--log-level', 'error', '--listen', `${HOST}:${port}`];
  return [process.execPath, program, ...serve, ...zones];
}

/** @param {number} port @param {readonly (readonly [name: string, file: string])[]} zones */
function nsdCommand(port, zones) {
  const config = join(folder, 'nsd.conf');
  const server = [
    'server:',
    `  ip-address: ${HOST}@${port}`,
    '  server-count: 1',
    '  username: ""',
    '  chroot: ""',
    `  zonesdir: "${folder}"`,
    `  pidfile: "${join(folder, 'nsd.pid')}"`,
    '  database: ""',
    `  xfrdfile: "${join(folder, 'xfrd.state')}"`,
    `  zonelistfile: "${join(folder, 'zone.list')}"`,
    `  logfile: "${join(folder, 'nsd.log')}"`,
    `  xfrdir: "${folder}"`,
    'remote-control:',
    '  control-enable: no',
  ];
  const own = zones.map(([name, file]) => `zone:\n  name: "${name}"\n  zonefile: "${file}"`);
  writeFileSync(config, `${[...server, ...own].join('\n')}\n`);
  return ['nsd', '-d', '-c', config];
}

/** @param {number} records */
function writeLargeZone(records) {
  const lines = [
    '$ORIGIN example.',
    '$TTL 300',
    '@ SOA ns h 1 2 3 4 60',
    ' NS ns',
    'ns A 192.0.2.53',
  ];
  for (let i = 0; i < records; i += 1) lines.push(`h${i} A 10.${addressTail(i)}`);
  const file = join(folder, 'large.zone');
  writeFileSync(file, `${lines.join('\n')}\n`);
  return file;
}

/** @param {number} zones */
function writeSmallZones(zones) {
  mkdirSync(join(folder, 'small'));
  return Array.from({ length: zones }, (_, zone) => {
    const lines = ['$TTL 300', '@ SOA ns h 1 2 3 4 60', ' NS ns', 'ns A 192.0.2.53'];
    for (let i = 3; i < RECORDS_PER_SMALL_ZONE; i += 1)
      lines.push(`w${i} A 10.${addressTail(zone)}`);
    const file = join(folder, 'small', `z${zone}.example.zone`);
    writeFileSync(file, `${lines.join('\n')}\n`);
    return file;
  });
}

/** @param {number} i */
function addressTail(i) {
  return `${(i >> 16) & 255}.${(i >> 8) & 255}.${i & 255}`;
}

/** A query for the addresses of a name. @param {string} name */
function queryFor(name) {
  const labels = name.split('.').flatMap((label) => [label.length, ...Buffer.from(label)]);
  return Buffer.from([0, 1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, ...labels, 0, 0, 1, 0, 1]);
}

/** In this process. @param {string} file */
async function measureImage(file) {
  const dist = (/** @type {string} */ path) =>
    import(pathToFileURL(resolve(dirname(program), '../dist', path)).href);
  const { loadZone } = await dist('zone/zone.js');
  const { nameOf } = await dist('wire/name-text.js');
  const { DnsName } = await dist('wire/name.js');
  const octets = readFileSync(file);
  const beforeMb = process.memoryUsage.rss() / 1048576;
  const zone = loadZone(octets, { file }).value;
  const grownMb = process.memoryUsage.rss() / 1048576 - beforeMb;
  const count = Number(options.records);
  const wires = (/** @type {string} */ letter) =>
    Array.from({ length: 4096 }, (_, i) => nameOf(`${letter}${(i * 7919) % count}.example.`).wire);
  const find = (/** @type {Uint8Array[]} */ names) => {
    const began = process.cpuUsage().user;
    for (let i = 0; i < LOOK_UPS; i += 1) zone.find(DnsName.fromWire(names[i & 4095]), 1);
    return ((process.cpuUsage().user - began) * 1000) / LOOK_UPS;
  };
  const [there, missing] = [wires('h'), wires('x')];
  const rounds = Array.from({ length: 5 }, () => [find(there), find(missing)]);
  return {
    octetsPerRecord: (grownMb * 1048576) / zone.recordCount,
    foundNs: median(rounds.map(([found]) => found ?? 0)),
    notFoundNs: median(rounds.map(([, notFound]) => notFound ?? 0)),
  };
}

/** @param {number[]} values */
function median(values) {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}

/** @param {{ results: Awaited<ReturnType<typeof measure>>[], image: Awaited<ReturnType<typeof measureImage>> }} result */
function text({ results, image }) {
  const lines = results.flatMap(({ task: name, servers }) => {
    const nsd = servers.find((server) => server.name === 'nsd');
    return servers.map((server) => {
      const { ms, cpuMs, rssMb, pssMb } = server;
      const figures = `${ms.toFixed(0)} ms, CPU ${cpuMs.toFixed(0)} ms, RSS ${rssMb.toFixed(0)} MB, PSS ${pssMb.toFixed(0)} MB`;
      const ratio = nsd && nsd !== server ? ` (${ratios(server, nsd)} of nsd)` : '';
      return `${name}, ${server.name}: ${figures}${ratio}`;
    });
  });
  const { octetsPerRecord, foundNs, notFoundNs } = image;
  lines.push(`memory per record: ${octetsPerRecord.toFixed(0)} octets`);
  lines.push(`look-up: ${foundNs.toFixed(0)} ns found, ${notFoundNs.toFixed(0)} ns not found`);
  return lines.join('\n');
}

/** @param {Omit<Start, never>} own @param {Omit<Start, never>} other */
function ratios(own, other) {
  const ms = own.ms / other.ms;
  const cpu = own.cpuMs / other.cpuMs;
  const [rss, pss] = [own.rssMb / other.rssMb, own.pssMb / other.pssMb];
  return [ms, cpu, rss, pss].map((ratio) => ratio.toFixed(2)).join(', ');
}
