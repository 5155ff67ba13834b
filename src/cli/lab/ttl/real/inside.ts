/**
 * What `ts-dns lab ttl --real` does in each network namespace: gives the loopback the addresses of
 * the scenario, starts one resolver, plays the scenario around it, and tells what was measured.
 */

import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { exchange } from '../../../../client/exchange.ts';
import { longestTtl } from '../../../../lab/ttl/scenario-bounds.ts';
import { playReal, type RealMetrics } from '../../../../lab/ttl/real-play.ts';
import type { TtlScenario } from '../../../../lab/ttl/scenario.ts';
import type { Runtime } from '../../../../net/ports.ts';
import { createRealRuntime } from '../../../../net/real/runtime.ts';
import { DnsClass, Rcode, RRType } from '../../../../wire/iana.ts';
import { nameOf } from '../../../../wire/name-text.ts';
import { CommandError, failureReason } from '../../../failure.ts';
import { type ResolverProgram, type RunningProgram, startProgram } from './resolver-programs.ts';

const START_PATIENCE_MS = 20_000;
const TRY_MS = 250;
/** More sockets would not be more Poisson. */
const MAX_CLIENTS = 20;
/** After so many TTLs a cache is as full as it gets. */
const WARM_UP_TTLS = 2;

/** How long a scenario is watched only: caches are filled. */
export function warmUpMs(scenario: TtlScenario): number {
  return WARM_UP_TTLS * longestTtl(scenario) * 1000;
}

export async function playInside(
  scenario: TtlScenario,
  program: ResolverProgram,
  seed: string,
): Promise<RealMetrics> {
  const count = scenario.populations.reduce((sum, one) => sum + one.count, 0);
  const clientAddresses = Array.from(
    { length: Math.min(MAX_CLIENTS, count) },
    (_, index) => `10.200.0.${index + 1}`,
  );
  const address = scenario.resolvers[0]!.address;
  addAddresses([...scenario.servers.map((one) => one.address), address, ...clientAddresses]);
  const folder = mkdtempSync(join(tmpdir(), 'ts-dns-lab-'));
  const runtime = createRealRuntime();
  let running: RunningProgram | undefined;
  try {
    const rootHints = join(folder, 'root.hints');
    writeFileSync(rootHints, hintsOf(scenario));
    return await playReal(scenario, {
      ...{ runtime, seed, clientAddresses, warmUpMs: warmUpMs(scenario) },
      startResolver: async () => {
        running = startProgram(program, { address, folder, rootHints });
        await untilItAnswers(runtime, address, running);
      },
    });
  } finally {
    running?.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A namespace has a loopback, which is down. */
function addAddresses(addresses: readonly string[]): void {
  ip('link', 'set', 'lo', 'up');
  for (const address of new Set(addresses)) ip('addr', 'add', address, 'dev', 'lo');
}

function ip(...args: readonly string[]): void {
  const { status, stderr, error } = spawnSync('ip', args, { encoding: 'utf8' });
  if (status === 0) return;
  const reason = error ? failureReason(error) : stderr.trim();
  throw new CommandError(`ip ${args.join(' ')}: ${reason}`);
}

function hintsOf({ servers }: TtlScenario): string {
  const root = servers.find(({ zones }) => zones.some(({ origin }) => origin.isRoot));
  const name = 'a.root-servers.net.';
  return `. 3600000 NS ${name}\n${name} 3600000 A ${root?.address ?? ''}\n`;
}

/** Throws `CommandError` when it has ended, or never answers. */
async function untilItAnswers(
  runtime: Runtime,
  address: string,
  running: RunningProgram,
): Promise<void> {
  const deadlineMs = runtime.clock.monotonic() + START_PATIENCE_MS;
  const question = { name: nameOf('.'), type: RRType.NS, class: DnsClass.IN };
  while (runtime.clock.monotonic() < deadlineMs) {
    running.mustRun();
    const outcome = await exchange(runtime, {
      ...{ server: { address, port: 53 }, question, timeoutMs: TRY_MS, flags: { rd: true } },
    });
    if (outcome.kind === 'reply' && outcome.message.rcode === Rcode.NOERROR) return;
    await new Promise<void>((resolve) => void runtime.clock.schedule(TRY_MS, resolve));
  }
  throw new CommandError(`the resolver at ${address} does not answer`);
}
