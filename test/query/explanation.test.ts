import { expect, test } from 'vitest';
import { endpointOctets } from '../../src/net/address.ts';
import { silentLogger } from '../../src/net/logger.ts';
import { LOOPBACK_PREFIXES } from '../../src/query/address-prefix.ts';
import { explainAnswers, KeptStory, wantsExplanation } from '../../src/query/explanation.ts';
import { emptyAnswer, type Answerer } from '../../src/query/query.ts';
import { createResponder } from '../../src/query/respond.ts';
import { compose } from '../../src/query/steps.ts';
import { World } from '../../src/sim/world.ts';
import { decodeMessage } from '../../src/wire/decode.ts';
import { plainEdns, type Edns } from '../../src/wire/edns.ts';
import { encodeMessage } from '../../src/wire/encode.ts';
import { decodeExplanation, EXPLAIN_OPTION } from '../../src/wire/explanation.ts';
import { DnsClass, Rcode, RRType } from '../../src/wire/iana.ts';
import { createMessage, type Message } from '../../src/wire/message.ts';
import { nameOf } from '../../src/wire/name-text.ts';

const { clock } = new World({ seed: 1 }).host({ addresses: ['192.0.2.1'] }).runtime;
const name = nameOf('www.example.');
const question = { name, type: RRType.TXT, class: DnsClass.IN };
const asking: Edns = {
  ...plainEdns(),
  options: [{ code: EXPLAIN_OPTION, data: new Uint8Array(0) }],
};

/** Answers with so many octets of text, and tells so many steps. */
function answererOf(octets: number, steps: number): Answerer {
  const rdatas = Array.from({ length: Math.ceil(octets / 200) }, (_, i) =>
    Uint8Array.of(199, i, ...new Uint8Array(198)),
  );
  return ({ story }) => {
    for (let i = 0; i < steps; i++) story?.tell({ kind: 'limit', what: `number ${i}` });
    return { ...emptyAnswer(Rcode.NOERROR), answers: [{ ...question, ttl: 1, rdatas }] };
  };
}

interface Asked {
  readonly client?: string;
  readonly edns?: Edns;
  readonly transport?: 'udp' | 'tcp';
  readonly questions?: Message['questions'];
}

function ask(answerer: Answerer, asked: Asked = {}): Message {
  const responder = createResponder({
    answerer: compose([explainAnswers(LOOPBACK_PREFIXES, clock)], answerer),
    clock,
    logger: silentLogger,
    recursionAvailable: true,
    explainAllow: LOOPBACK_PREFIXES,
  });
  const { client = '127.0.0.1', edns = asking, transport = 'udp', questions = [question] } = asked;
  const out = new Uint8Array(65_535);
  const length = responder.respond(
    encodeMessage(createMessage({ questions, edns })),
    {
      transport,
      client: { address: client, port: 5353 },
      clientPort: 5353,
      clientOctets: endpointOctets(client),
      sendLater: () => expect.unreachable(),
      dropped: () => expect.unreachable(),
    },
    out,
  );
  const reply = decodeMessage(out.slice(0, length));
  if (!reply.ok) throw new Error(reply.error.reason);
  return reply.value;
}

function explanationIn({ edns }: Message): { shown: number; omitted: number } | undefined {
  const option = edns!.options.find(({ code }) => code === EXPLAIN_OPTION);
  if (!option) return undefined;
  const decoded = decodeExplanation(option.data);
  if (!decoded.ok) throw new Error(decoded.error);
  return { shown: decoded.value.steps.length, omitted: decoded.value.omitted };
}

test('this machine gets the steps with the answer', () => {
  const reply = ask(answererOf(200, 3));
  expect(reply.answers).toHaveLength(1);
  expect(explanationIn(reply)).toEqual({ shown: 3, omitted: 0 });
  expect(explanationIn(ask(answererOf(200, 3), { client: '::1' }))?.shown).toBe(3);
});

test('a stranger gets the answer alone, and nothing is told on the way', () => {
  const told: unknown[] = [];
  const answerer: Answerer = ({ story }) => {
    told.push(story);
    return emptyAnswer(Rcode.NOERROR);
  };
  const reply = ask(answerer, { client: '192.0.2.7' });
  expect(reply.edns?.options).toEqual([]);
  expect(told).toEqual([undefined]);
});

test('who does not ask gets none', () => {
  expect(explanationIn(ask(answererOf(200, 3), { edns: plainEdns() }))).toBeUndefined();
  expect(wantsExplanation(createMessage({ edns: plainEdns() }))).toBe(false);
  expect(wantsExplanation(createMessage({}))).toBe(false);
  expect(wantsExplanation(createMessage({ edns: asking }))).toBe(true);
});

test.each([0, 200, 600, 1000, 1150, 1190, 1200, 1400, 3000])(
  'an answer of %i octets is the same with an explanation as without, which gives way',
  (octets) => {
    const bare = ask(answererOf(octets, 40), { edns: plainEdns() });
    const explained = ask(answererOf(octets, 40));
    expect(explained.answers.map(({ rdata }) => rdata)).toEqual(
      bare.answers.map(({ rdata }) => rdata),
    );
    expect(explained.tc).toBe(bare.tc);
    const { shown = 0, omitted = 40 } = explanationIn(explained) ?? {};
    expect(shown + omitted).toBe(40);
  },
);

test('over TCP there is room for all steps of a long answer', () => {
  const reply = ask(answererOf(20_000, 200), { transport: 'tcp' });
  expect(reply.answers).toHaveLength(100);
  expect(explanationIn(reply)).toEqual({ shown: 200, omitted: 0 });
});

test('a story without end is kept up to a limit, and the rest is counted', () => {
  const story = new KeptStory(clock, clock.monotonic());
  let place = story.root;
  for (let i = 0; i < 1000; i++) place = place.tell({ kind: 'limit', what: String(i) });
  const { steps, omitted } = story.explanation;
  expect([steps.length, omitted]).toEqual([250, 750]);
  expect(steps.at(-1)?.depth).toBe(249);
});

test('a step that is not over is told as it stands', () => {
  const story = new KeptStory(clock, clock.monotonic());
  const step = { kind: 'server address', name: 'ns.example.', zone: 'example.' } as const;
  const open = story.root.begin(step);
  expect(story.explanation.steps[0]!.facts).not.toHaveProperty('outcome');
  open.end({ ...step, outcome: '192.0.2.1' });
  expect(story.explanation.steps).toMatchObject([{ facts: { outcome: '192.0.2.1' } }]);
});

test.each([
  ['two questions', { questions: [question, question] }, 'it has 2 questions'],
  ['no question', { questions: [] }, 'it has 0 questions'],
  ['OPT', { questions: [{ ...question, type: RRType.OPT }] }, 'OPT is no type of data'],
  ['a later EDNS', { edns: { ...asking, version: 1 } }, 'EDNS version 1 is not known here'],
])('a message that is rejected is told why: %s', (_what, asked, why) => {
  const told = ({ edns }: Message): unknown => {
    const option = edns!.options.find(({ code }) => code === EXPLAIN_OPTION);
    const decoded = option && decodeExplanation(option.data);
    return decoded?.ok === true ? decoded.value.steps : undefined;
  };
  const never: Answerer = () => expect.unreachable();
  const steps = told(ask(never, asked));
  expect(steps).toMatchObject([{ kind: 'refused', facts: { why }, text: `refused: ${why}` }]);
  expect(told(ask(never, { ...asked, client: '192.0.2.1' }))).toBeUndefined();
});
