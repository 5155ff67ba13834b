/**
 * Our selective repeat (A4) and our variant of QUIC (A9) beside udx-native and TCP, over the same
 * impaired line: how much they carry, and how late what they carry is.
 *
 *     node bench/lab-wire.mjs            all of it, some ten minutes; writes docs/lab/side-by-side.md
 *     node bench/lab-wire.mjs 20 5       one line: RTT in ms, loss in per cent
 *
 * After `npm run build`. udx-native is installed on demand (lab-wire/udx.mjs); TCP needs root
 * (lab-wire/tun.mjs), and is left out, with the reason, where it cannot be.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

import { lineOf, MESSAGE_OCTETS } from './lab-wire/line.mjs';
import { openPacketNumbers, openSelectiveRepeat } from './lab-wire/ours.mjs';
import { openTcp, removeNamespaces, whyNoTun } from './lab-wire/tun.mjs';
import { openUdx, udxName } from './lab-wire/udx.mjs';

const PAGE = 'docs/lab/side-by-side.md';
const RTTS_MS = [20, 100];
const LOSSES = [0, 0.01, 0.05];
/** Goodput is measured after the first second, in which everybody looks for the rate. */
const WARM_UP_MS = 1000;
const MEASURED_MS = 6000;
/** Of the second workload: enough for a p99. */
const PACED = { messages: 1000, intervalMs: 8, octets: 200 };
/** What is still missing then counts as that late. */
const PATIENCE_MS = 10_000;
const POLL_MS = 2;
const TABLE_HEAD = [
  '| RTT, ms | loss | protocol | goodput, Mbit/s | overhead | p50, ms | p99, ms | lag, ms |',
  '| ---: | ---: | --- | ---: | ---: | ---: | ---: | ---: |',
];

const ends = [
  { name: 'A4 selective repeat', open: openSelectiveRepeat },
  { name: 'A9 as QUIC', open: openPacketNumbers },
  { name: udxName, open: openUdx },
];
const reason = await whyNoTun();
if (reason === undefined) {
  const algorithms = readFileSync('/proc/sys/net/ipv4/tcp_available_congestion_control', 'utf8');
  for (const congestion of ['cubic', 'bbr'].filter((name) => algorithms.includes(name))) {
    const open = (line, octets) => openTcp(line, octets, congestion);
    ends.push({ name: `TCP ${congestion}`, open });
  }
} else console.log(`without TCP: ${reason}`);

const given = process.argv.slice(2).map(Number);
const rtts = given.length > 0 ? [given[0]] : RTTS_MS;
const losses = given.length > 1 ? [given[1] / 100] : LOSSES;
const rows = [];
for (const rttMs of rtts) {
  for (const loss of losses) {
    for (const end of ends) {
      const row = await measure(end, rttMs, loss);
      console.log(JSON.stringify(row));
      rows.push(row);
    }
  }
}
removeNamespaces();
if (given.length === 0) writeFileSync(PAGE, page(rows));

async function measure({ name, open }, rttMs, loss) {
  const goodput = await carryMuch(open, lineOf(rttMs, loss, { isBusy: true }));
  const late = await carryLittle(open, lineOf(rttMs, loss, { isBusy: false }));
  return { name, rttMs, loss, ...goodput, ...late };
}

/** As many messages as it takes. */
async function carryMuch(open, line) {
  const end = await open(line, MESSAGE_OCTETS);
  let octets = 0;
  end.onMessage((message) => (octets += message.length));
  const message = new Uint8Array(MESSAGE_OCTETS);
  const pump = setInterval(() => {
    while (end.isReady()) end.write(message);
  }, POLL_MS);
  await sleep(WARM_UP_MS);
  const [before, startMs] = [octets, performance.now()];
  await sleep(MEASURED_MS);
  const mbits = ((octets - before) * 8) / 1000 / (performance.now() - startMs);
  clearInterval(pump);
  const { forth, lag } = await end.close();
  const overhead = forth.octets / octets - 1;
  return { mbits, overhead, lagMs: lag.p99Ns / 1e6 };
}

/** A message now and then, each with its time. */
async function carryLittle(open, line) {
  const { messages, intervalMs, octets } = PACED;
  const end = await open(line, octets);
  const latencies = [];
  end.onMessage((message) => {
    const view = new DataView(message.buffer, message.byteOffset, message.length);
    latencies.push(performance.now() - view.getFloat64(0));
  });
  const startMs = performance.now();
  for (let sent = 0; sent < messages;) {
    // A timer that was late makes up for it, as a clock of an application would.
    while (sent < messages && startMs + sent * intervalMs <= performance.now()) {
      const message = new Uint8Array(octets);
      new DataView(message.buffer).setFloat64(0, performance.now());
      end.write(message);
      sent += 1;
    }
    await sleep(POLL_MS);
  }
  const endMs = performance.now() + PATIENCE_MS;
  while (latencies.length < messages && performance.now() < endMs) await sleep(POLL_MS);
  const missing = messages - latencies.length;
  for (let each = 0; each < missing; each += 1) latencies.push(PATIENCE_MS);
  const sorted = latencies.toSorted((a, b) => a - b);
  const quantile = (share) => sorted[Math.ceil(share * messages) - 1];
  await end.close();
  return { p50Ms: quantile(0.5), p99Ms: quantile(0.99), missing };
}

function page(all) {
  const table = all.map(({ name, rttMs, loss, mbits, overhead, p50Ms, p99Ms, lagMs, missing }) => {
    const numbers = [mbits.toFixed(2), `${(100 * overhead).toFixed(0)} %`, p50Ms.toFixed(0)];
    const late = missing > 0 ? `${p99Ms.toFixed(0)} (${missing} missing)` : p99Ms.toFixed(0);
    const cells = [rttMs, `${100 * loss} %`, name, ...numbers, late, lagMs.toFixed(1)];
    return `| ${cells.join(' | ')} |`;
  });
  const head = readFileSync(new URL('./lab-wire/page.md', import.meta.url), 'utf8');
  return head.replace('<!-- table -->', () => [...TABLE_HEAD, ...table].join('\n'));
}
