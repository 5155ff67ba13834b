import { expect, test } from 'vitest';
import { plainEdns } from '../../src/wire/edns.ts';
import { EXPLAIN_OPTION } from '../../src/wire/explanation.ts';
import { records, Scene, type Script } from './scene.ts';

const SERVER = '192.0.2.53';
const answers = records('www.example. 300 A 192.0.2.10');

function explaining(json: string): Script {
  const data = Buffer.from(`\u0001${json}`, 'latin1');
  return () => ({ answers, edns: { ...plainEdns(), options: [{ code: EXPLAIN_OPTION, data }] } });
}

const TREE = `{"omitted":3,"steps":[
  {"depth":0,"at":0.1,"kind":"lookup","text":"looking up www.example. A"},
  {"depth":1,"at":12.34,"kind":"asked","text":"asked 192.0.2.1","server":"192.0.2.1"}]}`;

async function digTo(script: Script, line: string): Promise<{ out: string; scene: Scene }> {
  const scene = new Scene();
  await scene.serve(SERVER, script);
  return { out: (await scene.dig(line)).out, scene };
}

test('the tree stands behind the answer, and the option is asked for over TCP', async () => {
  const { out, scene } = await digTo(explaining(TREE), 'www.example +explain');
  expect(out).toContain(`192.0.2.10

;; EXPLANATION:
;;     0.1 ms  looking up www.example. A
;;    12.3 ms    asked 192.0.2.1
;; (3 steps left out for want of room)

;; Query time`);
  expect(out).toMatch(/^; EXPLAIN: \(\d+ bytes\)$/m);
  expect(scene.asked).toEqual([`${SERVER} tcp www.example. A`]);
  expect(scene.queries[0]!.edns!.options.at(-1)).toEqual({
    code: EXPLAIN_OPTION,
    data: new Uint8Array(0),
  });
});

test('what is left out is told where it would stand', async () => {
  const tree = TREE.replace('"omitted":3', '"omitted":1,"omittedAfter":1');
  const { out } = await digTo(explaining(tree), 'www.example +explain');
  expect(out).toContain(`looking up www.example. A
;; (one step left out for want of room)
;;    12.3 ms    asked 192.0.2.1
`);
});

test('+notcp asks over UDP all the same', async () => {
  const { scene } = await digTo(explaining(TREE), 'www.example +explain +notcp');
  expect(scene.asked).toEqual([`${SERVER} udp www.example. A`]);
});

test('+short shows data and tree', async () => {
  const { out } = await digTo(explaining(TREE), 'www.example +explain +short');
  expect(out).toMatch(/^192\.0\.2\.10\n;; EXPLANATION:\n/);
});

test('+json has it as an object, and not once more as octets', async () => {
  const { out } = await digTo(explaining(TREE), 'www.example +explain +json');
  expect(JSON.parse(out)).toMatchObject({
    answers: [{ data: '192.0.2.10' }],
    additionals: [{ type: 'OPT', options: [] }],
    explanation: {
      omitted: 3,
      steps: [
        { depth: 0, at: 0.1, kind: 'lookup' },
        { depth: 1, at: 12.34, kind: 'asked', server: '192.0.2.1' },
      ],
    },
  });
});

test('a server that does not explain: ts-dig says so plainly', async () => {
  const plain: Script = () => ({ answers, edns: plainEdns() });
  const { out } = await digTo(plain, 'www.example +explain');
  expect(out).toContain(';; EXPLANATION: none came: the server does not explain');
  const { out: json } = await digTo(plain, 'www.example +explain +json');
  expect(JSON.parse(json)).toMatchObject({
    explanation: { problem: expect.stringContaining('none came') as string },
  });
});

test('nobody hears of the option who is not asked to explain, or is part of a trace', async () => {
  for (const line of ['www.example', 'www.example +explain +noexplain', '+trace +explain .']) {
    const { scene } = await digTo(() => ({ answers, edns: plainEdns() }), line);
    const codes = scene.queries.flatMap(({ edns }) => edns?.options.map(({ code }) => code) ?? []);
    expect(codes).not.toHaveLength(0);
    expect(codes).not.toContain(EXPLAIN_OPTION);
  }
});

test('what a hostile server writes reaches no terminal as it is', async () => {
  const text = String.raw`\u001b[31mred\n;; ANSWER: fake\u202e\u0000é`;
  const json = `{"omitted":0,"steps":[{"depth":9e9,"at":1e300,"kind":"x","text":"${text}"}]}`;
  const { out } = await digTo(explaining(json.replace('é', '')), 'www.example +explain');
  expect(out).toMatch(/^[\x20-\x7e\t\n]*$/);
  expect(out).toContain(String.raw`\u001b[31mred\u000a;; ANSWER: fake\u202e\u0000`);
});

test('an explanation that cannot be read is said to be unusable', async () => {
  const { out } = await digTo(explaining('{'), 'www.example +explain');
  expect(out).toContain(';; EXPLANATION: unusable: it cannot be read\n');
});
