/**
 * How many entries five servers of Raft commit a second of the processor, in virtual time: all of
 * their work and that of the stage, the network between them and their disks included.
 *
 *     node bench/lab-raft.mjs [ENTRIES]
 *
 * Server 0 leads; its clients give it a burst of commands of 100 octets every millisecond, which
 * take a hop of a millisecond to the others. Nobody watches, as when many seeds are played.
 */
import { Raft } from '../dist/lab/agreement/raft/raft.js';
import { makePayload } from '../dist/lab/process/payload.js';
import { Cast } from '../dist/lab/run/cast.js';
import { SimStage } from '../dist/lab/run/sim-stage.js';

const ENTRIES = Number(process.argv[2] ?? 1_000_000);
const SERVERS = 5;
const BURST = 500;
const MS = 1_000_000;
const PAYLOADS = Array.from({ length: BURST }, (_, number) => makePayload(number, 100));
const OPTIONS = {
  ...{ heartbeatNs: 50 * MS, timeoutNs: [150 * MS, 300 * MS], hasPreVote: false },
  ...{ batch: 1000, window: 8, compactAfter: 10_000, standsAtOnce: 0 },
};

const applied = new Array(SERVERS).fill(0);
const machineOf = (node) => ({
  apply: () => (applied[node] += 1),
  snapshot: () => new Uint8Array(0),
  restore: () => {},
});
const stage = new SimStage({ seed: '1', link: { delayMs: 1 } });
const factory = (context) => new Raft(context, OPTIONS, machineOf(context.self));
const cast = new Cast({ stage, factories: new Array(SERVERS).fill(factory) });
stage.at(0, () => cast.start());

function burst(atNs, left) {
  stage.at(atNs, () => {
    for (const payload of PAYLOADS) cast.command(0, payload);
    if (left > BURST) burst(atNs + MS, left - BURST);
  });
}
burst(100 * MS, ENTRIES);

const start = process.cpuUsage();
stage.run(100 * MS + (ENTRIES / BURST) * MS + 1000 * MS, Infinity);
const { user, system } = process.cpuUsage(start);
const seconds = (user + system) / 1e6;
const least = Math.min(...applied);
console.log(`${least.toLocaleString('en')} entries committed and applied by all ${SERVERS}`);
console.log(
  `${seconds.toFixed(1)} s of the processor: ${Math.round(least / seconds).toLocaleString('en')} a second`,
);
if (least < ENTRIES) process.exitCode = 1;
