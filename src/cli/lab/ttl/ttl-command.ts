/** The grammar of `ts-dns lab ttl` and `ts-dns lab plan`. */

import { type Command, Option } from 'commander';
import type { PlanCommandOptions } from './plan.ts';
import type { WhatIfOptions } from './what-if.ts';
import type { TtlCommandOptions } from './ttl.ts';

export function addTtl(lab: Command, outcome: { status: number }): void {
  lab
    .command('ttl')
    .description('what a TTL costs: a scenario on zone files (docs/lab/scenarios.md), or one name')
    .argument('[FILE]', 'the scenario; without one: --zone, --name and --rate')
    .option('--zone <FILE>', 'a zone file')
    .option('--name <NAME>', 'a name in it, or "NAME TYPE"')
    .option('--rate <N/s>', 'how often clients ask for it, as 5/s or 100/day')
    .option('--change <N/day>', 'how often its address changes')
    .option('--ttl <LIST>', 'seconds, as 60,300,3600 or 5..86400 (default: 5..86400)')
    .option('--costs <QUERY:STALE>', 'of a question to the authority and of a stale answer, 1:10')
    .option('--duration <TIME>', 'of virtual time (default: 1d)')
    .option('--out <DIR>', 'where the scenario is written (default: ttl-scenario)')
    .option('--set <NAME=VALUE>', 'a variable of the scenario, repeatable', collect)
    .option('--seed <N>', 'instead of the one that the scenario names')
    .option('--once', 'without the sweep')
    .option('--real', 'on real sockets of network namespaces, without the sweep')
    .option('--resolver <NAMES>', 'with --real: in the middle (default: ts-dns,unbound,bind)')
    .option('--scale <N>', 'with --real: N times shorter, with rates N times as high')
    .addOption(new Option('--inside').hideHelp())
    .option('--html <FILE>', 'write a page with figures and pictures, which needs no network')
    .option('--svg <FILE>', 'draw the pictures alone')
    .option('--json', 'an object a run')
    .action(async (file: string | undefined, options: TtlCommandOptions) => {
      const { runTtlCommand } = await import('./ttl.ts');
      outcome.status = await runTtlCommand(file, options);
    });
  addPlan(lab, outcome);
  addWhatIf(lab, outcome);
}

function addWhatIf(lab: Command, outcome: { status: number }): void {
  lab
    .command('what-if')
    .description('the answers that clients would get, and why: of a scenario, or a recorded cache')
    .argument('[FILE]', 'a scenario; without one: --dump')
    .option('--dump <FILE>', 'a cache that `ts-dns ctl dump` has recorded')
    .option('--zone <FILE>', 'beside --dump: the zone that its name servers answer from')
    .option('--at <TIME>', 'when clients ask, as T+3h (default: at the end, or as it was dumped)')
    .option(
      '--dead <NODE[@TIME]>',
      'a server that is off then, or since a time; repeatable',
      collect,
    )
    .option('--ttl <SECONDS>', 'of what is asked, instead of its own')
    .option('--set <NAME=VALUE>', 'a variable of the scenario, repeatable', collect)
    .option('--ask <NAME>', '"NAME TYPE", repeatable (default: what clients ask)', collect)
    .option('--json', 'one JSON object')
    .action(async (file: string | undefined, options: WhatIfOptions) => {
      const { runWhatIf } = await import('./what-if.ts');
      outcome.status = await runWhatIf(file, options);
    });
}

function addPlan(lab: Command, outcome: { status: number }): void {
  lab
    .command('plan')
    .description('the timetable of a safe change between two versions of a zone, and its proof')
    .requiredOption('--old <FILE>', 'the zone as it is')
    .requiredOption('--new <FILE>', 'the zone as it shall be')
    .option('--parent <FILE>', "the parent's zone, whose TTL rules where name servers move")
    .option('--low-ttl <SECONDS>', 'during the change', '60')
    .option('--json', 'one JSON object')
    .action(async (options: PlanCommandOptions) => {
      const { runPlanCommand } = await import('./plan.ts');
      outcome.status = await runPlanCommand(options);
    });
}

function collect(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, value];
}
