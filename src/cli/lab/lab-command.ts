/** `ts-dns lab`: the grammar of the laboratory's commands. */

import type { Command } from 'commander';
import { allowClosedPipe } from '../output.ts';
import type { CheckOptions } from './check.ts';
import type { FuzzOptions } from './fuzz.ts';
import { addNtp } from './ntp-command.ts';
import type { ReplayScenarioOptions } from './replay.ts';
import type { RunCommandOptions } from './run.ts';
import type { ShrinkOptions } from './shrink.ts';
import type { CompareOptions } from './compare.ts';
import type { SweepOptions } from './sweep.ts';
import { addTtl } from './ttl/ttl-command.ts';
import { addWire } from './wire-command.ts';

export function addLab(program: Command, outcome: { status: number }): void {
  const lab = program
    .command('lab')
    .description('experiments on distributed systems, in virtual time')
    .hook('preAction', allowClosedPipe);
  lab
    .command('list')
    .description('every experiment, a line each')
    .action(async () => {
      const { listExperiments } = await import('./list.ts');
      outcome.status = listExperiments();
    });
  lab
    .command('explain')
    .description('an experiment: the sentence, the question, the protocol, the parameters')
    .argument('<ID>')
    .action(async (id: string) => {
      const { explainExperiment } = await import('./list.ts');
      outcome.status = explainExperiment(id);
    });
  addRun(lab, outcome);
  lab
    .command('check')
    .description('measure and check a stored trace once more, and compare its hash')
    .argument('<FILE>', 'what lab run --trace wrote')
    .option('--history <FILE>', 'write what clients asked for, .edn or .json')
    .action(async (file: string, options: CheckOptions) => {
      const { checkTrace } = await import('./check.ts');
      outcome.status = checkTrace(file, options);
    });
  lab
    .command('view')
    .description('a stored trace as a page to step through')
    .argument('<FILE>', 'what lab run --trace wrote')
    .requiredOption('-o, --output <PAGE>', 'the HTML file to write')
    .action(async (file: string, { output }: { readonly output: string }) => {
      const { viewTrace } = await import('./view.ts');
      outcome.status = await viewTrace(file, output);
    });
  addTtl(lab, outcome);
  addFuzzing(lab, outcome);
  addWire(lab, outcome);
  addNtp(lab, outcome);
  addMaelstrom(lab, outcome);
}

function addRun(lab: Command, outcome: { status: number }): void {
  lab
    .command('run')
    .description('play an experiment and compare what is measured with what is predicted')
    .argument('<ID>')
    .argument('[PARAMETERS...]', '--NAME VALUE, as `lab explain ID` lists them')
    .option('--seed <N>', 'another seed, another fate of every datagram', '1')
    .option('--mutant <NAME>', 'break the protocol on purpose')
    .option('--json', 'one JSON object')
    .option('--sim', 'in virtual time, as without --real')
    .option('--real', 'on UDP sockets of this machine and its clocks, over the same links')
    .option('--check-determinism', 'play twice at once, and name the first event that differs')
    .option('--quiet', 'print nothing: the exit status tells')
    .option('--trace <FILE>', 'write what happened, an event a line, for lab check and lab view')
    .option('--svg <FILE>', 'draw the space-time diagram, or the plots where there is none')
    .option('--plots <FILE>', 'draw the plots of this run, as SVG')
    .option('--html <FILE>', 'write a page to step through, which needs no network')
    .option(
      '--history <FILE>',
      'write what clients asked for: .edn for Knossos, .json for Porcupine',
    )
    .option('--from <TIME>', 'where the diagram begins, as 20ms')
    .option('--to <TIME>', 'where it ends (default: when something of everything was seen)')
    .allowUnknownOption()
    .action(async (id: string, parameters: string[], options: RunCommandOptions) => {
      const { runExperiment } = await import('./run.ts');
      outcome.status = await runExperiment(id, parameters, options);
    });
}

function addMaelstrom(lab: Command, outcome: { status: number }): void {
  lab
    .command('maelstrom-node')
    .description('our Raft as a node of Maelstrom (lin-kv), on standard input and output')
    .action(async () => {
      const { maelstromNode } = await import('./maelstrom-node.ts');
      outcome.status = await maelstromNode();
    });
}

function addFuzzing(lab: Command, outcome: { status: number }): void {
  lab
    .command('fuzz')
    .description('play many seeds, each with values and faults of its own, and look for violations')
    .argument('<ID>')
    .argument('[PARAMETERS...]', '--NAME VALUE: these keep their value')
    .option('--seeds <RANGE>', 'as 1..10000', '1..1000')
    .option('--mutant <NAME>', 'break the protocol on purpose')
    .option('--stop-on-violation', 'at the first one')
    .allowUnknownOption()
    .action(async (id: string, parameters: string[], options: FuzzOptions) => {
      const { fuzzExperiment } = await import('./fuzz.ts');
      outcome.status = await fuzzExperiment(id, parameters, options);
    });
  lab
    .command('shrink')
    .description('the smallest scenario in which a seed of fuzz still violates the same property')
    .argument('<ID>')
    .argument('[PARAMETERS...]', '--NAME VALUE, as they were given to fuzz')
    .requiredOption('--seed <N>', 'which lab fuzz has found')
    .option('--mutant <NAME>', 'the same as there')
    .option('-o, --output <FILE>', 'write the scenario there, for lab replay')
    .option('--svg <FILE>', 'draw it')
    .allowUnknownOption()
    .action(async (id: string, parameters: string[], options: ShrinkOptions) => {
      const { shrinkSeed } = await import('./shrink.ts');
      outcome.status = shrinkSeed(id, parameters, options);
    });
  lab
    .command('replay')
    .description('play a scenario file, as lab shrink writes them')
    .argument('<FILE>', 'YAML')
    .option('--log', 'print every event')
    .option('--step', 'through the events by keys: n next, p previous, / find, i nodes, q quit')
    .option('--svg <FILE>', 'draw the space-time diagram')
    .option('--html <FILE>', 'write a page to step through, which needs no network')
    .action(async (file: string, options: ReplayScenarioOptions) => {
      const { replayScenario } = await import('./replay.ts');
      outcome.status = await replayScenario(file, options);
    });
  lab
    .command('sweep')
    .description('play every combination of values, each with many seeds')
    .argument('<ID>')
    .argument('[PARAMETERS...]', '--NAME VALUE,VALUE,…: --loss 0,1,10%')
    .option('--seeds <RANGE>', 'as 1..50', '1..10')
    .option('--json <FILE>', 'write each run as a line of JSON; - for standard output')
    .option('--svg <FILE>', 'draw measured points and predicted lines')
    .option('--html <FILE>', 'write a page with these pictures, which needs no network')
    .option('--yes', 'however many runs these are')
    .allowUnknownOption()
    .action(async (id: string, parameters: string[], options: SweepOptions) => {
      const { sweepExperiment } = await import('./sweep.ts');
      outcome.status = await sweepExperiment(id, parameters, options);
    });
  lab
    .command('compare')
    .description('several experiments with the same values and the same fates, side by side')
    .argument('<IDS...>', 'then --NAME VALUE for all that have it')
    .option('--seed <N>', 'the fates', '1')
    .option('--same-fate', 'what is always so: the same datagram meets the same fate')
    .option('--plots <FILE>', 'draw what each sends, and how long its messages take')
    .allowUnknownOption()
    .action(async (words: string[], options: CompareOptions) => {
      const { compareExperiments } = await import('./compare.ts');
      outcome.status = await compareExperiments(words, options);
    });
}
