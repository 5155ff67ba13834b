/**
 * Three etcd beside our Raft (D2) and our AP register (D4), each on real sockets, each cut in 1|2
 * for ten seconds: who gets an answer within a second, on which side.
 *
 *     nice node bench/lab-etcd.mjs          as root, with Debian's etcd-server; 3 minutes
 *
 * Writes docs/lab/beside-etcd.md and docs/lab/beside-etcd.svg. etcd runs in network namespaces that
 * are made and removed here (bench/lab-etcd/cluster.mjs); ours on loopback, their datagrams cut by
 * the laboratory. Everybody's clock is that of this machine; times are from the start of the cut.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, release, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

import { drawPlots } from '../dist/cli/lab/plot/draw-plots.js';
import { Cluster } from './lab-etcd/cluster.mjs';

const [BEFORE_MS, CUT_MS, AFTER_MS] = [5000, 10_000, 10_000];
const PERIOD_MS = 200;
const PATIENCE_MS = 1000;
const ROUNDS = (BEFORE_MS + CUT_MS + AFTER_MS) / PERIOD_MS;
const NS_PER_MS = 1e6;
const PAGE = 'docs/lab/beside-etcd.md';
const PICTURE = 'docs/lab/beside-etcd.svg';
/** Node 0 alone, where the first leader of Raft is. */
const cutFrom = (ms) => `--delay 1ms --cut ${ms}ms --outage ${CUT_MS}ms --sides halves`;
/** Six timeouts, in which Raft elects a leader before anybody asks for anything. */
const WARM_UP_MS = 6000;
/** The timers of etcd: 100 ms between heartbeats, 1 s to 2 s of silence. */
const RAFT =
  `lab run D2 --real --nodes 3 --senders 3 --messages ${ROUNDS} --interval ${PERIOD_MS}ms ` +
  `--heartbeat 100ms --timeout 1s --stagger 1s ${cutFrom(WARM_UP_MS + BEFORE_MS)}`;
const REGISTER =
  `lab run D4 --real --nodes 3 --writers 3 --rounds ${ROUNDS} --interval ${PERIOD_MS}ms ` +
  cutFrom(BEFORE_MS);

const etcd = await playEtcd();
const raft = playOurs(RAFT);
const register = playOurs(REGISTER);
const systems = [
  { name: 'etcd', short: 'etcd', attempts: etcd },
  { name: 'our Raft, D2', short: 'Raft', attempts: raft.attempts },
  { name: 'our AP register, D4', short: 'AP', attempts: register.attempts },
];
writeFileSync(PICTURE, await drawPlots([plot()]));
writeFileSync(PAGE, page());
spawnSync('npx', ['prettier', '--write', PAGE]);
console.log(table());

/** The leader is cut off, as it is with our Raft, so that the others have to elect one. */
async function playEtcd() {
  const cluster = new Cluster();
  try {
    await cluster.start();
    const alone = await cluster.leader();
    const asking = cluster.ask(PERIOD_MS, BEFORE_MS + CUT_MS + AFTER_MS + 1000);
    await pause(BEFORE_MS + 1000);
    const cutAtMs = performance.timeOrigin + performance.now();
    cluster.cut(alone);
    await pause(CUT_MS);
    cluster.heal(alone);
    const seen = await asking;
    return seen.flatMap((lines, node) =>
      lines.map(({ operation, atMs, endMs, isDone }) => ({
        side: node === alone ? 'alone' : 'two of three',
        operation,
        atMs: atMs - cutAtMs,
        endMs: endMs - cutAtMs,
        isDone,
      })),
    );
  } finally {
    await cluster.close();
  }
}

/** What each node's application submitted, and when it had its answer: node 0 is alone. */
function playOurs(command) {
  const folder = mkdtempSync(join(tmpdir(), 'ts-dns-beside-'));
  const trace = join(folder, 'run.jsonl');
  try {
    const args = ['bin/ts-dns', ...command.split(' '), '--quiet', '--trace', trace];
    spawnSync(process.execPath, args, { stdio: ['ignore', 'ignore', 'inherit'] });
    const lines = readFileSync(trace, 'utf8').trim().split('\n');
    return attemptsOf(lines.map((line) => JSON.parse(line)));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function attemptsOf(events) {
  const cutNs = events.find(({ kind, text }) => kind === 'fault' && /partition/.test(text))?.atNs;
  if (cutNs === undefined) throw new Error('the run was not cut');
  const ends = new Map();
  for (const { kind, node, message, atNs } of events) {
    if (kind === 'deliver' && !ends.has(`${node} ${message}`)) ends.set(`${node} ${message}`, atNs);
  }
  const attempts = events
    .filter(({ kind }) => kind === 'submit')
    .map(({ node, message, text = '', atNs }) => {
      const doneNs = ends.get(`${node} ${message}`) ?? Infinity;
      return {
        side: node === 0 ? 'alone' : 'two of three',
        operation: text.startsWith('read') ? 'local read' : 'write',
        atMs: (atNs - cutNs) / NS_PER_MS,
        endMs: (doneNs - cutNs) / NS_PER_MS,
        isDone: doneNs - atNs <= PATIENCE_MS * NS_PER_MS,
      };
    });
  const leads = events.filter(({ text, atNs }) => text?.startsWith('leads term') && atNs <= cutNs);
  return { attempts, isLeaderAlone: leads.at(-1)?.node === 0 };
}

function lanes() {
  return systems.flatMap(({ name, short, attempts }) =>
    ['two of three', 'alone'].flatMap((side) =>
      ['write', 'read', 'local read'].flatMap((operation) => {
        const own = attempts.filter((one) => one.side === side && one.operation === operation);
        return own.length === 0 ? [] : [{ name, short, side, operation, attempts: own }];
      }),
    ),
  );
}

function plot() {
  const toNs = (ms) => ms * NS_PER_MS;
  const bars = lanes().flatMap(({ short, side, operation, attempts }) => {
    const made = [];
    const inOrder = attempts.toSorted((one, other) => one.atMs - other.atMs);
    for (const { atMs, isDone } of inOrder) {
      const series = isDone ? 'within a second' : 'not';
      const last = made.at(-1);
      if (last) last.to = toNs(atMs);
      if (last?.series === series) continue;
      const lane = `${short} ${side === 'alone' ? '1/3' : '2/3'} ${operation}`;
      made.push({ lane, from: toNs(atMs), to: toNs(atMs), series });
    }
    return made;
  });
  return {
    title: 'etcd, Raft and an AP register, cut in 1|2',
    caption:
      'A client beside each server tries every 200 ms. Shaded: the server that leads, where one ' +
      'does, does not reach the other two. 2/3: of those two; 1/3: of that one.',
    x: { label: 'from the start of the cut', unit: 'ns' },
    y: { label: '' },
    legend: 'answered',
    layers: [
      { mark: 'spans', spans: [{ from: 0, to: toNs(CUT_MS), label: 'cut' }] },
      { mark: 'bars', bars },
    ],
  };
}

/** Of those that began then, how many were answered within a second. */
function share(attempts, fromMs, toMs) {
  const own = attempts.filter(({ atMs }) => atMs >= fromMs && atMs < toMs);
  return `${Math.round((100 * own.filter(({ isDone }) => isDone).length) / own.length)} %`;
}

/** To the first answer of what was asked from then on. */
function firstAfter(attempts, fromMs, toMs) {
  const done = attempts.filter(
    ({ atMs, endMs, isDone }) => isDone && atMs >= fromMs && endMs < toMs,
  );
  const firstMs = Math.min(...done.map(({ endMs }) => endMs)) - fromMs;
  return firstMs === Infinity ? 'never' : `${(firstMs / 1000).toFixed(2)} s`;
}

function table() {
  const rows = lanes().map(({ name, side, operation, attempts }) => {
    const shares = [
      share(attempts, -BEFORE_MS, -PATIENCE_MS),
      share(attempts, 0, CUT_MS - PATIENCE_MS),
      share(attempts, CUT_MS + 2 * PATIENCE_MS, CUT_MS + AFTER_MS),
    ];
    const first = [firstAfter(attempts, 0, CUT_MS), firstAfter(attempts, CUT_MS, Infinity)];
    return `| ${[name, side, operation, ...shares, ...first].join(' | ')} |`;
  });
  return [
    '| system | side | operation | before | in the cut | after | first in the cut | first after it |',
    '| --- | --- | --- | ---: | ---: | ---: | ---: | ---: |',
    ...rows,
  ].join('\n');
}

function page() {
  const version = spawnSync('etcd', ['--version'], { encoding: 'utf8' }).stdout.split('\n')[0];
  const ours = raft.isLeaderAlone ? 'the leader' : 'a follower';
  return `# Beside etcd

The same division, 1|2 for ten seconds, of three etcd, of our Raft ([D2](11-raft.md)) and of our AP
register ([D4](13-ap-register.md)), all on real sockets of one machine. Beside each server a client tries every 200 ms to
change the date and to read it, and counts what is answered within a second. This page is written by
\`node bench/lab-etcd.mjs\` (after \`npm run build\`, as root, with Debian’s etcd-server).

![who was answered when](beside-etcd.svg)

${table()}

Shares are of what was tried in that time, but for the last second before the cut and of it, and two
seconds after it; the first answer is of what was asked from then on. The server that was alone was the
leader of etcd, and ${ours} of our Raft.

- **CP**: with etcd and with Raft nobody writes who is alone. The two others elect a leader after one to two
  seconds of silence, if theirs is gone, and go on. etcd’s reads ask the leader, too, whether he still
  is one; its local reads (\`serializable\`) do not, and are answered, perhaps with an old date.
- **AP**: the register answers everybody at once, out of what he has. What both sides wrote meanwhile
  was in conflict: of each pair of writes one is lost when the last writer wins
  (\`ts-dns lab run D4\` counts them).

**Look for** the server that was alone, after the cut. Ours has missed datagrams, and hears the next one.
etcd’s connections are TCP, which waits longer and longer before it tries again.

## How it was measured

${version}, ${cpus().length} processors (${cpus()[0].model}), Linux ${release()}, Node ${process.version}.
The machine had other work, so single seconds are its own. etcd (100 ms between heartbeats, elections after
1 s to 2 s): a network namespace each, joined by a bridge; the cut is a link that is down. Ours:

\`\`\`
ts-dns ${RAFT.replace(' --heartbeat', ' \\\n  --heartbeat')}
ts-dns ${REGISTER.replace(' --delay', ' \\\n  --delay')}
\`\`\`
`;
}
