/**
 * What happened, to the bit: on every machine and in every version until an experiment, the link
 * model, the faults of the fuzzer or the trace are changed on purpose. Then the new hashes are in
 * what this test prints, and belong here in the same commit.
 */

import { expect, test } from 'vitest';

import { AGREEMENT_EXPERIMENTS } from '../../../src/lab/agreement/experiments.ts';
import { CLOCK_EXPERIMENTS } from '../../../src/lab/clocks/experiments.ts';
import { defaultsOf } from '../../../src/lab/experiment/parameters.ts';
import { play } from '../../../src/lab/experiment/play.ts';
import { drawTrial } from '../../../src/lab/fuzz/draw-trial.ts';
import { playTrial } from '../../../src/lab/fuzz/trial.ts';
import { GOSSIP_EXPERIMENTS } from '../../../src/lab/gossip/experiments.ts';
import { ORDER_EXPERIMENTS } from '../../../src/lab/order/experiments.ts';
import { TRANSPORT_EXPERIMENTS } from '../../../src/lab/transport/experiments.ts';

/** With the usual values and seed 1; and seed 42 of the fuzzer, on bad lines with faults. */
const GOLDENS: readonly (readonly [id: string, usual: string, fuzzed: string])[] = [
  ['A0', 'b690d2887a1dbcfc', '9347ba92f1398172'],
  ['A1', '4722e83a1cd28c13', '9307603c7e9c9c21'],
  ['A2', '7027c9d2ffcbe01f', 'cb8bcc7a25ab4d27'],
  ['A3', '959f2481a87caa9e', 'dbc874e5d9e65356'],
  ['A4', 'c6704a911c7e2199', '2f6b541ce910bc2d'],
  ['A5', '985286bedb863553', 'c42726dedac595c8'],
  ['A6', 'a717ff85ed0ad53f', 'f9f46176fd40ffd3'],
  ['A7', 'bcce867f93172e89', 'fdc680c24ee541df'],
  ['A8', 'ce72dd4fa5662946', '22ef26d210e1b1a4'],
  ['A9', 'f91ba9fd88ba3b5c', '4b8176d0956dcd2b'],
  ['A10', 'dcff542862b20040', '4190da0ba634ae9b'],
  ['A11', 'e071ee2d46b8e071', '066eeba7476945ce'],
  ['live', '7f0f681ca8857510', '6cbf0635b355af44'],
  ['game', 'b6221ab884468d94', '18bc8eaa38167895'],
  ['email', '3fdcbb40d5c5a747', '62c299c8cf24906c'],
  ['B0', 'd7a5a7d90df84f8a', '1f6cbb23b09defa6'],
  ['B1', '846bae4a4a4bf663', 'ba45ba9c6f0f7f53'],
  ['B2', 'e9256276cd2813cc', 'a1f64bc90257d625'],
  ['B3', '8f8e6a5d587e8245', 'dd529fb405299537'],
  ['B4', 'f3990dad1c12f72b', '08c0bce421f2b954'],
  ['B5', '48e4b76610f0f163', '82efa4e5f5e8312f'],
  ['B6', '438372f220b59e57', '6a9afac4f56f9dcc'],
  ['B6b', 'fbba6d442d786493', '16a143249cf8f518'],
  ['B7', 'f7bcf9d085d7c469', '96a47f6cdd40665f'],
  ['B8', '08d2627c2aa9526f', '96ae02ed39363268'],
  ['B9', 'd5c8a854a6d55457', 'b60549b47aa83d72'],
  ['B10', '2374453e3f724e07', '8c4fb6c885568d08'],
  ['C1', '580f3a2549bc5850', '0ee3568d5990592d'],
  ['C2', '89d6bf5de00640ca', 'e645a93f7e929f85'],
  ['C3', '42b0d89377fbd268', 'e9f852121485af93'],
  ['C4', '72289353b36a2832', '8bb5ba14cd1d447b'],
  ['C5', 'ab0f37a1cf989736', 'cbfa9a63cb32a8c8'],
  ['C6', 'fb8c850e1cef5f2e', '7b8ee8c01cf2fd6f'],
  ['C7', 'd956eb1f47e56b61', '9bfe6fd1a3327a29'],
  ['C8', 'bbcc29f6689215ab', '7d51618c75013eaa'],
  ['C9', '11428f69095350e4', '621c8c192f8e45d1'],
  ['C10', '81eb7f4dac953ba8', '8bc39815d12eed48'],
  ['C11', '30dd6becb7bf169f', 'b2de088210114c6b'],
  ['C12', '7c2423b2b6096b7f', '5ecf4ba5ea023ae7'],
  ['D1', 'ff375ef824e4743e', 'e933434cfecd265f'],
  ['D1b', 'dcff542862b20040', '4190da0ba634ae9b'],
  ['D2', 'c4d7a5b5f566b446', '8d6252fcc26afa51'],
  ['D2b', '558bb7953b9ff941', '1a34989afb83f74d'],
  ['D2c', 'ad6ba7bcf934417d', '8fbc6b18ef10224c'],
  ['D3', '41c3d547e6448aa6', 'a5eff28daf2a5dc0'],
  ['D4', 'd734c92eee39423b', '15977f09bc1795c3'],
  ['D5', '10af82621f4f0bca', '0a2f3a5727da602b'],
];

/** Of what is usually played so often that it takes a minute. */
const SHORTER: Readonly<Record<string, object>> = { D2b: { trials: 20 } };

test('every experiment has the traces that it always had', () => {
  const experiments = [
    ...TRANSPORT_EXPERIMENTS,
    ...ORDER_EXPERIMENTS,
    ...GOSSIP_EXPERIMENTS,
    ...CLOCK_EXPERIMENTS,
    ...AGREEMENT_EXPERIMENTS,
  ];
  const traces = experiments.map((experiment) => {
    const values = { ...defaultsOf(experiment.parameters), ...SHORTER[experiment.id] };
    const usual = play(experiment, values, { seed: '1' });
    const fuzzed = playTrial(drawTrial(experiment, '42'));
    return [experiment.id, usual.traceHash, fuzzed.traceHash];
  });
  expect(traces).toEqual(GOLDENS);
});
