import { expect, test } from 'vitest';
import {
  decodeExplanation,
  encodeExplanation,
  EXPLAIN_OPTION,
  type ExplainedStep,
} from '../../src/wire/explanation.ts';

const step = (at: number, text = `step ${at}`): ExplainedStep => ({
  depth: Math.floor(at) % 3,
  at,
  kind: 'asked',
  text,
  facts: { server: '192.0.2.1', port: 53, isStale: true },
});

const octetsOf = (text: string): Uint8Array => new TextEncoder().encode(text);

test('what is encoded is read back', () => {
  const explanation = { omitted: 2, steps: [step(0), step(1.25), step(2, 'ö "quoted" \\000')] };
  const option = encodeExplanation(explanation, 65_535)!;
  expect(option.code).toBe(EXPLAIN_OPTION);
  expect(option.data[0]).toBe(1);
  expect(decodeExplanation(option.data)).toEqual({ ok: true, value: explanation });
});

test('whatever the room, the option keeps within it, and tells how many steps are missing', () => {
  const steps = Array.from({ length: 200 }, (_, i) => step(i, 'é'.repeat(i % 50)));
  for (let room = 0; room < 30_000; room = room < 300 ? room + 1 : room + 997) {
    const option = encodeExplanation({ omitted: 5, steps }, room);
    if (!option) {
      expect(room).toBeLessThan(65);
      continue;
    }
    expect(option.data.length + 4).toBeLessThanOrEqual(room);
    const decoded = decodeExplanation(option.data);
    if (!decoded.ok) throw new Error(decoded.error);
    expect(decoded.value.omitted + decoded.value.steps.length).toBe(205);
  }
});

test('when there is too little room, the beginning and the end are kept', () => {
  const steps = Array.from({ length: 100 }, (_, i) => step(i));
  const option = encodeExplanation({ omitted: 0, steps }, 1000)!;
  const decoded = decodeExplanation(option.data);
  const times = decoded.ok ? decoded.value.steps.map(({ at }) => at) : [];
  expect(times.length).toBeGreaterThan(5);
  expect(times[0]).toBe(0);
  expect(times.at(-1)).toBe(99);
});

test('facts give way before words do, those of the last steps first', () => {
  const steps = Array.from({ length: 10 }, (_, i) => step(i));
  const whole = encodeExplanation({ omitted: 0, steps }, 65_535)!.data.length;
  const decoded = decodeExplanation(encodeExplanation({ omitted: 0, steps }, whole - 100)!.data);
  if (!decoded.ok) throw new Error(decoded.error);
  expect(decoded.value.omitted).toBe(0);
  const hasFacts = decoded.value.steps.map(({ facts }) => Object.keys(facts).length > 0);
  expect(hasFacts).toEqual(hasFacts.toSorted((a, b) => Number(b) - Number(a)));
  expect(hasFacts.filter(Boolean).length).toBeGreaterThan(5);
  expect(decoded.value.steps.map(({ text }) => text)).toEqual(steps.map(({ text }) => text));
});

test('one long step in the way does not keep the room behind it empty', () => {
  const steps = Array.from({ length: 30 }, (_, i) => step(i, i === 2 ? 'x'.repeat(900) : 'brief'));
  const { data } = encodeExplanation({ omitted: 0, steps }, 1000)!;
  expect(data.length).toBeGreaterThan(900);
});

test('where steps are missing is told', () => {
  const steps = Array.from({ length: 100 }, (_, i) => step(i));
  const decoded = decodeExplanation(encodeExplanation({ omitted: 0, steps }, 1000)!.data);
  if (!decoded.ok) throw new Error(decoded.error);
  const { omitted, omittedAfter } = decoded.value;
  const times = decoded.value.steps.map(({ at }) => at);
  expect(times[omittedAfter!]! - times[omittedAfter! - 1]! - 1).toBe(omitted);
});

test.each(['7', '-1', '"1"', '1.5'])('a place of %s for what is missing is none', (place) => {
  const json = `{"omitted":2,"omittedAfter":${place},"steps":[]}`;
  const decoded = decodeExplanation(octetsOf(`\u0001${json}`));
  expect(decoded).toEqual({ ok: true, value: { omitted: 2, steps: [] } });
});

test('never more than half a message, however much room there is', () => {
  const steps = Array.from({ length: 1000 }, (_, i) => step(i, 'x'.repeat(200)));
  const { data } = encodeExplanation({ omitted: 0, steps }, 65_535)!;
  expect(data.length).toBeLessThanOrEqual(32_768);
});

test.each([
  ['', 'it is empty'],
  ['\u0002{}', 'it is of version 2, not 1'],
  ['\u0001', 'it cannot be read'],
  ['\u0001nonsense', 'it cannot be read'],
  ['\u0001null', 'it cannot be read'],
  ['\u0001[]', 'it cannot be read'],
  ['\u0001{"steps":{}}', 'it cannot be read'],
  ['\u0001{"steps":[null]}', 'it holds what is no step'],
  ['\u0001{"steps":[{"depth":-1,"at":0,"kind":"a","text":"b"}]}', 'it holds what is no step'],
  ['\u0001{"steps":[{"depth":0,"at":"0","kind":"a","text":"b"}]}', 'it holds what is no step'],
  ['\u0001{"steps":[{"depth":0,"at":0,"kind":"a","text":7}]}', 'it holds what is no step'],
])('octets %j are refused: %s', (text, error) => {
  expect(decodeExplanation(octetsOf(text))).toEqual({ ok: false, error });
});

test('octets that are no UTF-8 are refused', () => {
  expect(decodeExplanation(Uint8Array.of(1, 0x22, 0xff, 0x22)).ok).toBe(false);
});

test('kinds and facts of other versions are taken as they come, objects among them left out', () => {
  const json = '{"omitted":"x","steps":[{"depth":0,"at":0,"kind":"new","text":"t","a":1,"b":{}}]}';
  expect(decodeExplanation(octetsOf(`\u0001${json}`))).toEqual({
    ok: true,
    value: { omitted: 0, steps: [{ depth: 0, at: 0, kind: 'new', text: 't', facts: { a: 1 } }] },
  });
});

test('a list without end is read up to a limit', () => {
  const one = '{"depth":0,"at":0,"kind":"a","text":""}';
  const json = `{"omitted":0,"steps":[${Array.from({ length: 1500 }, () => one).join(',')}]}`;
  const decoded = decodeExplanation(octetsOf(`\u0001${json}`));
  expect(decoded.ok && [decoded.value.steps.length, decoded.value.omitted]).toEqual([1000, 500]);
});
